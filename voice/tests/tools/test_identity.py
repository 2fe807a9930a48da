"""Levels, by what was proven: names, factors, the carrier's word, and calls that we make."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from calls.models import Call, ToolInvocation
from crm import consent
from crm.models import ConsentEvent, Customer, Vehicle
from scheduling import booking
from scheduling.models import Appointment
from voice.context import CallContext, drop_identity
from voice.gate import Flow, Level
from voice.tests.tools.conftest import DANA, NOW, STRANGER, Open
from voice.tools import ToolOutcome, run

NAME, DOB, VIN, ADDRESS = (
    ("name", "Dana Ruiz"),
    ("dob", "1981-04-02"),
    ("vin_last6", "004352"),
    ("address", "1245 78701"),
)
WRONG_DOB, WRONG_VIN = ("dob", "1980-01-01"), ("vin_last6", "999999")
Factor = tuple[str, str]


def by_code(context: CallContext, tool: str, **arguments: Any) -> ToolOutcome:
    text = orjson.dumps({"key": context.code_key, **arguments}).decode()
    return run(context, tool, text, (), NOW)


def by_model(context: CallContext, tool: str, **arguments: Any) -> ToolOutcome:
    return run(context, tool, orjson.dumps(arguments).decode(), (), NOW)


def prove(context: CallContext, factors: Iterable[Factor]) -> CallContext:
    for factor, value in factors:
        context = by_code(context, "verify", factor=factor, value=value).context
    return context


@pytest.fixture
def known(dana: Customer) -> Customer:
    """Dana, her car's VIN in the books."""
    Vehicle.objects.update(vin="1HGCM82633A004352", vin_last6="004352")
    return dana


@pytest.fixture
def visit(known: Customer) -> Appointment:
    start = (NOW + timedelta(days=1)).replace(hour=15, minute=0)
    return booking.book(
        customer_id=known.pk, vehicle_id=Vehicle.objects.get().pk, op_codes=["ROT"], start=start,
        source="staff", idempotency_key="v", now=NOW,
    )  # fmt: skip


# ---- domain section 5.2, line by line ----------------------------------------------------
@pytest.mark.parametrize(
    ("number", "attestation", "factors", "level"),
    [
        (DANA, "A", [], "L0"),  # a number that is known proves nothing
        (DANA, "A", [WRONG_DOB], "L0"),
        (STRANGER, "A", [DOB, VIN], "L0"),  # nor do factors without a name
        (DANA, "A", [DOB, VIN], "L1"),  # a name that was misheard may book, and hears nothing
        (DANA, "A", [("name", "Quentin Nobody"), DOB, VIN, ADDRESS], "L1"),
        (DANA, "A", [NAME], "L1"),
        (DANA, "B", [NAME], "L1"),
        (DANA, "C", [NAME], "L0"),
        (DANA, "failed", [NAME], "L0"),
        (STRANGER, "A", [NAME], "L0"),
        (DANA, "A", [NAME, DOB], "L2"),
        (DANA, "B", [NAME, DOB], "L1"),
        (DANA, "", [NAME, DOB], "L1"),
        (DANA, "failed", [NAME, DOB], "L1"),
        (STRANGER, "A", [NAME, DOB], "L1"),
        (DANA, "B", [NAME, DOB, VIN], "L2"),
        (DANA, "failed", [NAME, VIN, ADDRESS], "L2"),
        (STRANGER, "A", [NAME, DOB, ADDRESS], "L2"),
        (None, "A", [NAME, VIN, DOB], "L2"),
        (DANA, "A", [NAME, WRONG_DOB], "L1"),
        (STRANGER, "A", [NAME, WRONG_DOB, VIN], "L1"),
        (STRANGER, "A", [NAME, DOB, DOB], "L1"),  # the same factor twice is one
    ],
)
def test_a_level_is_reached_by_what_was_proven(
    known: Customer, open_call: Open, number: str | None, attestation: str, factors: list[Factor], level: str
) -> None:  # fmt: skip
    held = prove(open_call(number=number, attestation=attestation), factors)
    assert held.level == level
    assert (held.cars != ()) is (level == "L2")
    assert Call.objects.get().verification_level == level


def test_a_reference_stands_for_one_factor(visit: Appointment, open_call: Open) -> None:
    held = prove(open_call(number=STRANGER), [NAME, DOB, ("reference", visit.ref)])
    assert held.level is Level.VERIFIED
    wrong = prove(open_call(number=STRANGER, sid="CA2"), [NAME, DOB, ("reference", "AAAAAA")])
    assert wrong.level is Level.RECOGNISED


def test_the_answer_is_the_same_for_a_wrong_value_and_for_nobody(
    known: Customer, open_call: Open
) -> None:
    real = prove(open_call(number=STRANGER), [NAME])
    nobody = prove(open_call(number=STRANGER, sid="CA2"), [("name", "Quentin Nobody")])
    answers = [
        by_code(context, "verify", factor="dob", value="1980-01-01").result_json
        for context in (real, nobody)
    ]
    assert answers[0] == answers[1]


def test_three_wrong_factors_close_the_call_for_good(known: Customer, open_call: Open) -> None:
    held = prove(open_call(number=DANA), [NAME, WRONG_DOB, WRONG_VIN, ("address", "1 11111")])
    assert held.verification_closed
    late = by_code(held, "verify", factor="dob", value="1981-04-02")
    assert late.error == "verification_closed"
    assert late.context.level is Level.RECOGNISED


def test_no_model_verifies_whatever_key_it_sends(known: Customer, open_call: Open) -> None:
    context = open_call(number=DANA)
    for key in ("", "0" * 16, "code_key"):
        outcome = by_model(context, "verify", key=key, factor="name", value="Dana Ruiz")
        assert outcome.error == "unknown_tool"
        assert outcome.context.level is Level.UNKNOWN


def test_factors_are_in_no_record_of_the_tools(known: Customer, open_call: Open) -> None:
    prove(open_call(number=DANA), [NAME, DOB, VIN])
    kept = str(list(ToolInvocation.objects.values_list("arguments", flat=True)))
    assert "private" in kept
    assert not any(value in kept for _, value in (NAME, DOB, VIN))


# ---- what is told of a lookup ---------------------------------------------------------------
def test_a_lookup_tells_only_whether_there_is_a_match_before_the_caller_is_proven(
    visit: Appointment, open_call: Open
) -> None:
    for factors in ([], [NAME]):
        held = prove(open_call(number=DANA, sid=f"CA{len(factors)}"), factors)
        found = orjson.loads(by_model(held, "lookup_customer").result_json)
        assert found == {"ok": True, "match": "one", "verified": False}
    assert orjson.loads(by_model(open_call(sid="CA9"), "lookup_customer").result_json)["match"] == "none"  # fmt: skip


def test_a_proven_caller_has_cars_and_visits_by_handle_and_no_private_value(
    visit: Appointment, open_call: Open
) -> None:
    held = prove(open_call(number=DANA), [NAME, DOB])
    outcome = by_model(held, "lookup_customer")
    found = orjson.loads(outcome.result_json)
    assert [car["name"] for car in found["cars"]] == ["2019 Honda CR-V"]
    assert [told["time"] for told in found["visits"]] == ["10:00"]
    assert not any(value in outcome.result_json for value in ("1981", "004352", "1245", DANA[-4:]))


def test_who_hands_the_phone_on_takes_their_level_along(
    visit: Appointment, open_call: Open
) -> None:
    held = drop_identity(prove(open_call(number=DANA), [NAME, DOB]))
    assert (held.level, held.cars, held.visits) == (Level.UNKNOWN, (), ())
    assert by_model(held, "cancel_appointment", visit="visit1", reason=None).error == "needs_verification"  # fmt: skip


# ---- calls that we make -------------------------------------------------------------------------
@pytest.fixture
def rung(visit: Appointment, known: Customer, open_call: Open) -> CallContext:
    """We rang Dana about this visit; she has another one."""
    booking.book(
        customer_id=known.pk, vehicle_id=visit.vehicle_id, op_codes=["ROT"], source="staff",
        start=visit.start + timedelta(days=7), idempotency_key="w", now=NOW,
    )  # fmt: skip
    return replace(
        open_call(number=DANA), direction="outbound", purpose="reminder", flow=Flow.REMINDER,
        party_name="Dana Ruiz", greet_name="", dialled_appointment_id=visit.pk,
    )  # fmt: skip


def test_the_right_person_and_a_light_check_open_the_one_visit_we_rang_about(
    rung: CallContext, visit: Appointment
) -> None:
    yes = by_code(rung, "right_party", answer="yes").context
    assert yes.level is Level.UNKNOWN
    held = prove(yes, [("zip", "78701")])
    assert held.level is Level.DIALLED
    assert [seen.appointment_id for seen in held.visits] == [visit.pk]
    assert held.cars == ()
    handle = held.visits[0].handle
    assert by_model(held, "cancel_appointment", visit=handle, reason=None).error == "needs_verification"  # fmt: skip
    assert orjson.loads(by_model(held, "confirm_appointment", visit=handle).result_json)["read_back"]  # fmt: skip
    assert len(prove(held, [DOB]).visits) == 2


def test_a_light_check_opens_nothing_where_nobody_said_who_they_are(rung: CallContext) -> None:
    assert prove(rung, [("zip", "78701")]).level is Level.UNKNOWN
    yes = by_code(rung, "right_party", answer="yes").context
    assert prove(yes, [("zip", "99999")]).level is Level.UNKNOWN
    assert prove(yes, [DOB]).level is Level.UNKNOWN


def test_a_wrong_person_is_never_rung_again_and_hears_nothing(rung: CallContext) -> None:
    wrong = by_code(rung, "right_party", answer="wrong_person")
    assert (wrong.then, wrong.context.outcome) == ("hang_up", "wrong_person")
    assert "Dana" not in str(wrong.say)
    assert consent.is_do_not_call(DANA)


def test_who_is_busy_is_told_how_to_reach_us(rung: CallContext) -> None:
    later = by_code(rung, "right_party", answer="later")
    assert (later.then, later.context.outcome) == ("hang_up", "asked_later")
    assert not consent.is_do_not_call(DANA)


# ---- what a caller leaves about themselves ---------------------------------------------------------
def test_consent_is_kept_for_both_channels_or_refused_for_both(open_call: Open) -> None:
    by_code(open_call(), "record_consent", granted=False)
    kept = ConsentEvent.objects.values_list("channel", "granted")
    assert set(kept) == {("voice_ai", False), ("sms", False)}
    assert not consent.may_contact(STRANGER, "sms", "service_info")
    by_code(open_call(sid="CA2"), "record_consent", granted=True)
    assert consent.may_contact(STRANGER, "voice_ai", "service_info")
    assert by_code(open_call(number=None, sid="CA3"), "record_consent", granted=True).error == "no_number"  # fmt: skip


def test_a_birthday_is_noted_for_the_one_whom_this_call_took_in(
    known: Customer, open_call: Open
) -> None:
    assert by_code(open_call(), "capture_profile", dob="1990-01-02").error == "no_new_customer"
    proven = prove(open_call(number=DANA, sid="CA2"), [NAME, DOB])
    assert by_code(proven, "capture_profile", dob="1990-01-02").error == "no_new_customer"
    new = by_model(open_call(sid="CA3"), "create_customer", first_name="Ella", last_name="Novak")
    assert by_code(new.context, "capture_profile", dob="1990-01-02").ok
    made = Customer.objects.get(first_name="Ella")
    assert prove(open_call(sid="CA4"), [("name", "Ella Novak"), ("dob", "1990-01-02")]).customer_id == made.pk  # fmt: skip


@pytest.mark.parametrize("level", list(Level))
def test_opting_out_is_open_at_every_level_and_leaves_visits_alone(
    visit: Appointment, open_call: Open, level: Level
) -> None:
    done = by_model(replace(open_call(number=DANA), level=level), "opt_out")
    assert done.ok
    assert consent.is_do_not_call(DANA)
    assert Appointment.objects.get().status == "booked"
    assert [receipt.kind for receipt in done.context.receipts] == ["opted_out"]
