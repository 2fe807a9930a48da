"""Who may use which tool: the one table that opens or keeps shut every door of a call.

Rules: pure. A level is held by the call, never claimed by its words; only
`verify` (run by code, never by a model) raises it. A row lists the levels that
may use a tool and the kinds of call it belongs to; what is not listed is denied.
`book_appointment` and `create_vehicle` have two rows, because making something
for a new record needs no proof of identity and touching an existing one does.
L1-out is not "more than L1": it opens exactly the one visit we rang about.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Level(StrEnum):
    """How sure the call is of who is speaking."""

    UNKNOWN = "L0"
    RECOGNISED = "L1"
    DIALLED = "L1-out"
    VERIFIED = "L2"
    STEPPED_UP = "L3"


class Flow(StrEnum):
    """What kind of call this is, as far as is known."""

    INQUIRY = "inquiry"
    NEW_CUSTOMER = "new_customer"
    EXISTING_CUSTOMER = "existing_customer"
    CHANGE_VISIT = "change_visit"
    REMINDER = "reminder"
    FOLLOW_UP = "follow_up"


class Trust(Protocol):
    """What the gate looks at: a call's level and flow."""

    @property
    def level(self) -> Level: ...

    @property
    def flow(self) -> Flow: ...


@dataclass(frozen=True, slots=True)
class Allowed:
    """The tool may run."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The tool may not run. `code`: unknown_tool, not_in_this_call, needs_verification."""

    code: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `by_code`: no model may name this tool."""

    levels: frozenset[Level]
    flows: frozenset[Flow]
    by_code: bool = False


_EVERYONE = frozenset(Level)
_KNOWN = frozenset({Level.RECOGNISED, Level.VERIFIED, Level.STEPPED_UP})
_PROVEN = frozenset({Level.VERIFIED, Level.STEPPED_UP})
_STEPPED_UP = frozenset({Level.STEPPED_UP})
_VISIT = frozenset({Level.DIALLED, Level.VERIFIED, Level.STEPPED_UP})

_INBOUND = frozenset({Flow.INQUIRY, Flow.NEW_CUSTOMER, Flow.EXISTING_CUSTOMER, Flow.CHANGE_VISIT})
_BOOKED = _INBOUND | {Flow.REMINDER}
_ALL = frozenset(Flow)

TABLE: dict[str, Row] = {
    # open to everyone: public facts, and what a stranger may ask of the shop
    "lookup_customer": Row(_EVERYONE, _ALL),
    "service_menu": Row(_EVERYONE, _INBOUND),
    "quote_price": Row(_EVERYONE, _INBOUND),
    "shop_info": Row(_EVERYONE, _ALL),
    "get_available_slots": Row(_EVERYONE, _BOOKED),
    "take_message": Row(_EVERYONE, _ALL),
    "hand_over": Row(_EVERYONE, _ALL),
    "end_call": Row(_EVERYONE, _ALL),
    "opt_out": Row(_EVERYONE, _ALL),
    # new records
    "create_customer": Row(_EVERYONE, _INBOUND),
    "create_vehicle": Row(_EVERYONE, _INBOUND),
    "book_appointment": Row(_EVERYONE, _INBOUND),
    "join_waitlist": Row(_EVERYONE, _INBOUND),
    # an existing customer's record
    "book_appointment:existing": Row(_KNOWN, _INBOUND),
    "create_vehicle:existing": Row(_PROVEN, _INBOUND),
    "get_vehicle_info": Row(_PROVEN, _INBOUND),
    "get_service_history": Row(_PROVEN, _INBOUND),
    "service_status": Row(_PROVEN, _INBOUND),
    "reschedule_appointment": Row(_PROVEN, _BOOKED),
    "cancel_appointment": Row(_PROVEN, _BOOKED),
    "confirm_appointment": Row(_VISIT, _BOOKED),
    # what a stolen account would be used for: only after a code by text
    "change_phone": Row(_STEPPED_UP, _INBOUND),
    "add_contact": Row(_STEPPED_UP, _INBOUND),
    "text_history": Row(_STEPPED_UP, _INBOUND),
    # run by code only
    "verify": Row(_EVERYONE, _ALL, by_code=True),
    "capture_profile": Row(_EVERYONE, _INBOUND, by_code=True),
    "record_consent": Row(_EVERYONE, _INBOUND, by_code=True),
    "send_code": Row(_PROVEN, _INBOUND, by_code=True),
    "check_code": Row(_PROVEN, _INBOUND, by_code=True),
    "note_falsehood": Row(_EVERYONE, _ALL, by_code=True),
    "record_feedback": Row(_EVERYONE, frozenset({Flow.FOLLOW_UP}), by_code=True),
    "right_party": Row(_EVERYONE, frozenset({Flow.REMINDER, Flow.FOLLOW_UP}), by_code=True),
}


def authorise(row_name: str, trust: Trust) -> Allowed | Denied:
    """Decide whether the call may use the tool now."""
    row = TABLE.get(row_name)
    if row is None:
        return Denied("unknown_tool")
    if trust.flow not in row.flows:
        return Denied("not_in_this_call")
    if trust.level not in row.levels:
        return Denied("needs_verification")
    return Allowed()


def lowest_level(row_name: str) -> Level:
    """The least that opens this row, for the record of tool calls."""
    row = TABLE.get(row_name)
    levels = row.levels if row else _PROVEN
    return min(levels, key=list(Level).index)


def tools_of(flow: Flow) -> tuple[str, ...]:
    """The tools a model may be shown in this kind of call, in the table's order."""
    return tuple(
        name
        for name, row in TABLE.items()
        if flow in row.flows and not row.by_code and ":" not in name
    )
