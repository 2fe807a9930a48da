"""The gate, line by line: every tool, every level, every kind of call."""

from dataclasses import dataclass

import pytest

from voice.gate import TABLE, Allowed, Denied, Flow, Level, authorise, lowest_level, tools_of
from voice.tools.arguments import CodeArguments
from voice.tools.table import TOOLS

INBOUND = "inquiry new_customer existing_customer change_visit"
BOOKED = f"{INBOUND} reminder"
ALL = f"{BOOKED} follow_up"
ANY = "L0 L1 L1-out L2 L3"
KNOWN = "L1 L2 L3"
PROVEN = "L2 L3"

# What domain section 5.3 says, written out: tool, levels that may use it, calls it belongs to.
EXPECTED = {
    "lookup_customer": (ANY, ALL),
    "service_menu": (ANY, INBOUND),
    "quote_price": (ANY, INBOUND),
    "shop_info": (ANY, ALL),
    "get_available_slots": (ANY, BOOKED),
    "take_message": (ANY, ALL),
    "hand_over": (ANY, ALL),
    "end_call": (ANY, ALL),
    "opt_out": (ANY, ALL),
    "create_customer": (ANY, INBOUND),
    "create_vehicle": (ANY, INBOUND),
    "book_appointment": (ANY, INBOUND),
    "join_waitlist": (ANY, INBOUND),
    "book_appointment:existing": (KNOWN, INBOUND),
    "create_vehicle:existing": (PROVEN, INBOUND),
    "get_vehicle_info": (PROVEN, INBOUND),
    "get_service_history": (PROVEN, INBOUND),
    "service_status": (PROVEN, INBOUND),
    "reschedule_appointment": (PROVEN, BOOKED),
    "cancel_appointment": (PROVEN, BOOKED),
    "confirm_appointment": ("L1-out L2 L3", BOOKED),
    "change_phone": ("L3", INBOUND),
    "add_contact": ("L3", INBOUND),
    "text_history": ("L3", INBOUND),
    "send_code": (PROVEN, INBOUND),
    "check_code": (PROVEN, INBOUND),
    "verify": (ANY, ALL),
    "capture_profile": (ANY, INBOUND),
    "record_consent": (ANY, INBOUND),
    "note_falsehood": (ANY, ALL),
    "record_feedback": (ANY, "follow_up"),
    "right_party": (ANY, "reminder follow_up"),
}


@dataclass(frozen=True)
class Held:
    level: Level
    flow: Flow


@pytest.mark.parametrize("flow", list(Flow))
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("row", sorted(EXPECTED))
def test_a_tool_opens_at_its_levels_in_its_calls_and_nowhere_else(
    row: str, level: Level, flow: Flow
) -> None:
    levels, flows = EXPECTED[row]
    allowed = level.value in levels.split() and flow.value in flows.split()
    assert (authorise(row, Held(level, flow)) == Allowed()) is allowed


def test_the_table_has_exactly_the_expected_rows() -> None:
    assert TABLE.keys() == EXPECTED.keys()


def test_every_tool_has_a_row_and_every_row_a_tool() -> None:
    assert {row.split(":")[0] for row in TABLE} == TOOLS.keys()


def test_an_unknown_tool_is_denied() -> None:
    assert authorise("drop_table", Held(Level.STEPPED_UP, Flow.INQUIRY)) == Denied("unknown_tool")


def test_a_denial_says_whether_proof_or_the_kind_of_call_is_wanting() -> None:
    assert authorise("cancel_appointment", Held(Level.UNKNOWN, Flow.INQUIRY)) == Denied(
        "needs_verification"
    )
    assert authorise("quote_price", Held(Level.VERIFIED, Flow.FOLLOW_UP)) == Denied(
        "not_in_this_call"
    )


def test_no_model_is_shown_a_tool_of_code() -> None:
    shown = {name for flow in Flow for name in tools_of(flow)}
    of_code = {name for name, tool in TOOLS.items() if issubclass(tool.arguments, CodeArguments)}
    assert of_code == {name for name, row in TABLE.items() if row.by_code}
    assert not shown & of_code


def test_outbound_calls_have_nothing_to_sell() -> None:
    for flow in (Flow.REMINDER, Flow.FOLLOW_UP):
        assert not {"quote_price", "service_menu", "book_appointment"} & set(tools_of(flow))


def test_the_lowest_level_of_a_row_is_told_for_the_record() -> None:
    assert lowest_level("cancel_appointment") is Level.VERIFIED
    assert lowest_level("shop_info") is Level.UNKNOWN
    assert lowest_level("no_such_tool") is Level.VERIFIED
