"""Several statements in one round trip, and rows by column."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.forms.models import model_to_dict
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.models import Customer
from scheduling.models import Appointment, Bay, Reservation
from scheduling.statements import Statement, insert, next_key, read, select, send, stored, update
from scheduling.tests.cast import NOW, at, book

LOCK = "select pg_advisory_xact_lock(424242)"
CUSTOMERS = "select count(*) from crm_customer"
words = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=60)


@pytest.mark.django_db(transaction=True)
def test_what_follows_a_lock_sees_what_its_last_holder_committed() -> None:
    held, asked = Event(), Event()

    def hold_and_write() -> None:
        try:
            with transaction.atomic():
                send(Statement(LOCK))
                held.set()
                asked.wait(10)
                while not _somebody_waits():
                    pass
                Customer.objects.create(first_name="Ana", last_name="Held", created_at=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        writer = threads.submit(hold_and_write)
        held.wait(10)
        with transaction.atomic():
            counted = Statement(CUSTOMERS)
            asked.set()
            send(Statement(LOCK), counted)
        writer.result()
    assert counted.rows == [(1,)]


def _somebody_waits() -> bool:
    waiting = Statement(
        "select count(*) from pg_locks where locktype = 'advisory' and objid = 424242 and not granted"
    )
    send(waiting)
    return bool(waiting.rows[0][0])


@pytest.mark.django_db
def test_each_statement_has_its_own_answer_and_sees_what_went_before() -> None:
    made = Statement("create temporary table seen (n int) on commit drop")
    kept = Statement("insert into seen values (%(n)s), (%(n)s + 1)", {"n": 41})
    found, none = (
        Statement("select n from seen order by n"),
        Statement("select n from seen where n < 0"),
    )
    send(made, kept, found, none)
    assert (made.rows, kept.rows, found.rows, none.rows) == ([], [], [(41,), (42,)], [])


@pytest.mark.django_db
@settings(max_examples=60)
@given(text=words)
def test_a_value_is_never_read_as_sql(text: str) -> None:
    said = Statement("select %(text)s::text, '%%' || %(text)s", {"text": text})
    again = Statement("select %s::text", [text])
    send(said, again)
    assert said.rows == [(text, "%" + text)]
    assert again.rows == [(text,)]


@pytest.mark.django_db(transaction=True)
def test_an_error_is_djangos_and_leaves_nothing_behind() -> None:
    bay = Bay(name="Bay 9", lanes=["X"])
    with pytest.raises(IntegrityError), transaction.atomic():
        send(insert(bay), insert(bay), Statement("select 1"))
    assert not Bay.objects.exists()


@pytest.mark.django_db
def test_a_row_that_is_written_and_read_by_column_is_the_orms(crv) -> None:
    visit = book(crv, at("10:00"), concern="100 % of the time; it's a 'rattle' \\ \"bang\"")
    found = select(Appointment, "id = %(visit)s", {"visit": visit.pk})
    send(found)
    same = read(Appointment, found)
    assert same is not None
    assert model_to_dict(same) == model_to_dict(Appointment.objects.get(pk=visit.pk))
    assert not same.get_deferred_fields()
    same.concern = "a squeak"
    same.save()
    assert Appointment.objects.get(pk=visit.pk).concern == "a squeak"


@pytest.mark.django_db
def test_only_the_named_fields_of_a_row_are_written(crv) -> None:
    visit = book(crv, at("10:00"))
    visit.concern, visit.triage = "a squeak", "urgent"
    send(update(visit, "concern"))
    fresh = Appointment.objects.get(pk=visit.pk)
    assert (fresh.concern, fresh.triage) == ("a squeak", "")


@pytest.mark.django_db
def test_nothing_found_is_no_row() -> None:
    found = select(Reservation, "id = %(id)s", {"id": 0})
    send(found)
    assert read(Reservation, found) is None


@pytest.mark.django_db
def test_a_key_that_was_drawn_is_nobody_elses(shop: None) -> None:
    drawn = next_key(Bay)
    send(drawn)
    early = Bay(pk=drawn.rows[0][0], name="Bay 8", lanes=["X"])
    send(insert(early))
    late = Bay.objects.create(name="Bay 9", lanes=["X"])
    assert late.pk > early.pk
    stored(early).refresh_from_db()
    assert connection.alias == early._state.db
