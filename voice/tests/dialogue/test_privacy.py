"""After calls full of private values: none of them is anywhere but in its own column."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django_redis import get_redis_connection

from calls import log
from voice import store
from voice.core.history import AgentTurn, CallerTurn
from voice.rehearsal.run import call_of
from voice.rehearsal.tasks import Expect, Task
from voice.tools import shop as shop_tools

DANA = {
    "name": "Dana Ruiz",
    "dob": "1981-04-02",
    "address": "1245 78701",
    "cars": [{"car": "2019 Honda CR-V", "vin6": "004352"}],
}
PRIVATE = re.compile(
    r"1981|nineteen eighty|april second|april 2|04/02|4111|four one one one|1245 oak|twelve forty|78701"
    r"|seven eight seven|oak street|zero zero four three five two|1HGCM82633A004352",
    re.IGNORECASE,
)
OWN_COLUMNS = {
    ("crm_address", "street"), ("crm_address", "street_number"), ("crm_address", "zip"),
    ("crm_vehicle", "vin"), ("crm_vehicle", "vin_last6"),
}  # fmt: skip


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
    call_command("load_shop", verbosity=0)
    shop_tools._kept.clear()


def everything_stored() -> dict[tuple[str, str], str]:
    """All text of all tables, by table and column."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_name, column_name from information_schema.columns where table_schema = 'public'"
            " and data_type in ('text', 'character varying', 'jsonb', 'json', 'ARRAY')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'select coalesce(string_agg("{column}"::text, chr(10)), \'\') from "{table}"'  # noqa: S608 - names from the catalogue
            )
            row = cursor.fetchone()
            found[table, column] = str(row[0]) if row else ""
    return found


def write_down(call: Any) -> str:
    """What the edge writes of a call: its transcript and its live session."""
    context = call.responder.context
    turns = [item for item in call.history if isinstance(item, CallerTurn | AgentTurn)]
    for n, item in enumerate(turns, start=1):
        log.record_utterance(
            call_id=context.call_id, n=n, role="agent" if isinstance(item, AgentTurn) else "caller",
            text=item.text, heard_text=item.heard if isinstance(item, AgentTurn) else item.text,
            interrupted=False, t0_ms=0, t1_ms=0, stages={},
        )  # fmt: skip
    packed = store.pack(store.LiveSession(call.history, context.to_json(), "listening", 0))
    return packed.decode()


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
def test_no_private_value_is_kept_outside_its_own_column(
    shop: None, said: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    call = call_of(task(**said))
    session = write_down(call)
    leaks = [place for place, text in everything_stored().items() if PRIVATE.search(text)]
    assert [place for place in leaks if place not in OWN_COLUMNS] == []
    assert not PRIVATE.search(session)
    assert not PRIVATE.search(caplog.text)
    keys = get_redis_connection("default").keys("session:*privacy*")
    assert not keys
