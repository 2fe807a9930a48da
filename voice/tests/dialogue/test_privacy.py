"""After calls full of private values: none of them is anywhere but in its own column."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone
from django_redis import get_redis_connection

from calls.models import CallbackTask, Utterance
from crm import cache
from crm.models import Customer
from voice import store
from voice.context import CallContext
from voice.rehearsal.privacy import log_kept, places, private_values
from voice.rehearsal.run import call_of, run_task, write_down
from voice.rehearsal.tasks import Expect, Task
from voice.tests import shipped

DANA = {
    "name": "Dana Ruiz",
    "dob": "1981-04-02",
    "address": "1245 78701",
    "cars": [{"car": "2019 Honda CR-V", "vin6": "004352"}],
}


def task(**facts: Any) -> Task:
    values = {
        "name": "Dana Ruiz", "dob": "April second nineteen eighty one", "when": "Wednesday",
        "vin": "zero zero four three five two", "address": "twelve forty five oak street, seven eight seven oh one",
        "birth_optional": "04/02/1981",
    }  # fmt: skip
    opening = facts.pop("opening", "I need a synthetic oil change. My card is 4111 1111 1111 1111.")
    then = facts.pop("then", ())
    return Task(
        "privacy", "existing_customer", opening, {**values, **facts}, {}, then, "plain",
        {"customers": [DANA]}, {"attestation": "B"}, Expect(),
    )  # fmt: skip


@pytest.fixture
def shop(transactional_db: None) -> None:
    shipped.open_shop()


LEAK = "born 04/02/1981 at 1245 Oak Street"


def leaks_of(context: CallContext, lines: Sequence[str] = ()) -> list[str]:
    return places(private_values({"customers": [DANA]}), context, "\n".join(lines))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"opening": "I'm Dana Ruiz, born April second nineteen eighty one, I need an oil change, synthetic."},
        {"opening": "I need a synthetic oil change, the VIN is 1HGCM82633A004352, I live at 1245 Oak Street."},
        {"offer": ["My card number is four one one one one one one one one one one one one one one one.", "The first one."]},
        {"then": ("Leave a message: I was born 04/02/1981 and live at 1245 Oak Street.",), "message": "Born April second nineteen eighty one, card 4111 1111 1111 1111."},
    ],
)  # fmt: skip
def test_no_private_value_is_kept_outside_its_own_column(shop: None, said: dict[str, Any]) -> None:
    """Every table, the live session, the cached customer, queues and the log are searched."""
    judged = run_task(task(**said))
    assert judged.seconds > 20
    assert [reason for reason in judged.reasons if "private" in reason] == []


@pytest.fixture
def told(shop: None) -> CallContext:
    """A call that is over and has left nothing private."""
    with log_kept() as lines:
        call = call_of(task())
        write_down(call)
    assert leaks_of(call.responder.context, lines) == []
    return call.responder.context


def test_a_value_in_any_table_is_found(told: CallContext) -> None:
    CallbackTask.objects.create(
        call_id=told.call_id,
        number="+15125550100",
        note=LEAK,
        due_at=timezone.now(),
        created_at=timezone.now(),
    )
    Utterance.objects.filter(call_id=told.call_id, n=2).update(text=f"I was {LEAK}")
    Customer.objects.update(notes="VIN ends zero zero four three five two")
    assert set(leaks_of(told)) == {
        "calls_callbacktask.note", "calls_utterance.text", "crm_customer.notes",
    }  # fmt: skip


def test_a_value_in_redis_is_found(told: CallContext) -> None:
    client = get_redis_connection("default")
    client.set(store.key(told.call_sid), f'{{"history": "{LEAK}"}}')
    client.hset(cache.key(told.caller_number or ""), "customers", "004352")
    client.rpush("celery", LEAK)
    assert set(leaks_of(told)) == {"session", "the cached customer", "celery"}


def test_a_value_in_a_log_line_or_in_what_was_added_to_it_is_found(told: CallContext) -> None:
    with log_kept() as lines:
        logging.getLogger("voice").info("heard", extra={"words": LEAK})
    assert leaks_of(told, lines) == ["log"]


def test_a_plain_log_line_is_no_leak(told: CallContext) -> None:
    with log_kept() as lines:
        logging.getLogger("voice").warning("model_failed", extra={"provider": "openai"})
    assert len(lines) == 1
    assert leaks_of(told, lines) == []


def test_times_of_turns_are_no_house_numbers(told: CallContext) -> None:
    client = get_redis_connection("default")
    client.set(store.key(told.call_sid), '{"started_ms": 1245, "stages_ms": {"first_audio": 1245}}')
    assert leaks_of(told) == []


def test_the_number_of_a_row_is_no_year_of_birth(told: CallContext) -> None:
    ids = '{"customer_id": 1981, "candidate_ids": [7, 1981], "call_id":1981, "said": "1982"}'
    session = store.key(told.call_sid)
    get_redis_connection("default").set(session, ids)
    assert leaks_of(told, ["booked {'appointment_id': 1981}"]) == []
    get_redis_connection("default").set(session, '{"customer_id": 5, "said": "born 1981"}')
    assert leaks_of(told) == ["session"]


def test_a_key_of_the_calls_own_is_no_card_even_if_it_has_only_digits(told: CallContext) -> None:
    session = store.key(told.call_sid)
    get_redis_connection("default").set(session, '{"code_key": "4012888888881881"}')
    assert leaks_of(told) == []
    get_redis_connection("default").set(session, '{"said": "4012888888881881"}')
    assert leaks_of(told) == ["session"]
