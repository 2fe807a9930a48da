"""Whole calls by text with a model behind OpenAI's wire: the simulator, the real SDK, real tools.

The clock is the call's own, so nothing here depends on how fast a machine is; the model's
deadlines are an hour, except where it is meant to fail.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest

from calls import log
from crm import lookup, records
from crm.models import ConsentEvent, Customer
from scheduling.models import Appointment
from simulators.openai import Fault, OpenAISimulator, receptionist
from voice import tools
from voice.context import open_context
from voice.dialogue.responder import Responder
from voice.gate import Flow
from voice.providers.openai import OpenAIChatModel
from voice.providers.openai.model import Patience
from voice.rehearsal.text_call import TextCall
from voice.tests import shipped
from voice.tools.identity import recognise
from voice.tools.shop import load_knowledge

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
CALLER = "+12025550147"
LONG = Patience(3600.0, 3600.0, 3600.0)


@pytest.fixture
def shop(transactional_db: None) -> None:
    shipped.open_shop()


@pytest.fixture
def ana(shop: None) -> Customer:
    """A customer with one car, on the number that calls."""
    customer = records.create_customer(
        first_name="Ana", last_name="Silva", phone=CALLER, dob=date(1985, 3, 12), origin="staff", now=NOW
    )  # fmt: skip
    records.add_vehicle(customer_id=customer.pk, year=2019, make="Honda", model="Civic", now=NOW)
    return customer


@contextmanager
def ringing(
    attestation: str = "A", faults: Fault | list[Fault] = Fault.NONE
) -> Iterator[tuple[TextCall, OpenAISimulator]]:
    """A call that was answered, its model reached over HTTP."""
    loop = asyncio.new_event_loop()
    simulator = OpenAISimulator(receptionist, faults=faults)
    loop.run_until_complete(simulator.__aenter__())

    async def connect() -> OpenAIChatModel:
        return OpenAIChatModel(api_key="key", base_url=simulator.url, patience=LONG)

    model = loop.run_until_complete(connect())
    row = log.start_call(
        sid=f"CA{0:032d}", direction="inbound", from_number=CALLER, to_number="+15555550100",
        purpose="inbound", attestation=attestation, now=NOW,
    )  # fmt: skip
    context = open_context(
        call_sid=row.sid, call_id=row.pk, caller_number=CALLER, attestation=attestation
    )
    context = recognise(context, lookup.find_customers(CALLER))
    calls: list[TextCall] = []

    def clock() -> datetime:
        return NOW + timedelta(seconds=calls[0].now if calls else 0)

    mind = Responder(context, load_knowledge(NOW), clock=clock, model=model, specs=tools.specs_for)
    calls.append(TextCall(mind, tools.run, started=NOW, loop=loop))
    calls[0].answer()
    try:
        yield calls[0], simulator
    finally:
        loop.run_until_complete(model.close())
        loop.run_until_complete(simulator.__aexit__(None, None, None))
        loop.close()


def talk(call: TextCall, *lines: str) -> str:
    """Say these in turn; all that was heard."""
    for line in lines:
        call.say(line)
    return call.spoken


def test_a_known_customer_books_by_a_model(ana: Customer) -> None:
    with ringing() as (call, openai):
        heard = talk(
            call, "I'd like to book an oil change, please.", "Ana Silva.",
            "March twelfth, nineteen eighty five.", "Next Wednesday at ten in the morning.",
            "The first one.", "I'll drop it off.", "Yes, that's right.",
        )  # fmt: skip
    assert "reference" in heard
    assert Appointment.objects.get().customer_id == ana.pk
    assert "1985" not in str(openai.requests)
    assert not openai.refused


def test_a_new_customer_books_by_a_model_and_is_asked_for_consent_by_code(shop: None) -> None:
    with ringing() as (call, openai):
        heard = talk(
            call, "Hi, I need a tire rotation.", "Next Wednesday at ten in the morning.",
            "The first one.", "It's a twenty nineteen Honda Civic.", "Dana Ruiz.",
            "I'll drop it off.", "Yes, that's right.", "Yes, that's fine.", "I'd rather not.",
            "No, thank you.",
        )  # fmt: skip
    visit = Appointment.objects.select_related("customer", "vehicle").get()
    assert visit.customer.full_name == "Dana Ruiz"
    assert visit.vehicle.spoken_name == "2019 Honda Civic"
    assert set(ConsentEvent.objects.values_list("channel", flat=True)) == {"voice_ai", "sms"}
    assert call.closed == "hang_up"
    assert "reference" in heard
    assert not openai.refused


def test_who_cannot_name_a_vin_still_books_and_hears_nothing_of_the_record(ana: Customer) -> None:
    with ringing(attestation="") as (call, _):
        heard = talk(
            call, "I'd like to book an oil change, please.", "Ana Silva.",
            "March twelfth, nineteen eighty five.", "I don't have it with me.",
            "Next Wednesday at ten in the morning.", "The first one.",
            "A 2019 Honda Civic.", "I'll drop it off.", "Yes, that's right.",
        )  # fmt: skip
    assert "street number" not in heard
    assert Appointment.objects.get().needs_link


def test_a_model_that_dies_in_mid_call_is_replaced_without_starting_anew(ana: Customer) -> None:
    lasts = [Fault.NONE] * 4
    with ringing(faults=[*lasts, Fault.UNAUTHORISED]) as (call, _):
        heard = talk(
            call, "I'd like to book an oil change, please.", "Ana Silva.",
            "March twelfth, nineteen eighty five.", "Next Wednesday at ten in the morning.",
            "The first one.",
        )  # fmt: skip
        assert "didn't get that" not in heard
        heard = talk(call, "Synthetic.", "Yes.", "I'll drop it off.", "Yes, that's right.")
    assert "reference" in heard
    assert Appointment.objects.get().customer_id == ana.pk


def test_the_prompt_follows_what_the_call_is_about(ana: Customer) -> None:
    with ringing() as (call, _):
        talk(call, "I need to cancel my appointment.")
        assert call.responder.context.flow is Flow.CHANGE_VISIT
