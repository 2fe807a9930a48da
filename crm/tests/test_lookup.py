"""Finding callers."""

import datetime as dt

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import async_sql, cache, lookup, records
from crm.models import Customer
from crm.tests.conftest import CY_NUMBER, HOUSEHOLD

pytestmark = pytest.mark.usefixtures("empty_redis")


def test_a_household_is_found_by_its_number(ana: Customer, ben: Customer, cy: Customer) -> None:
    found = lookup.find_customers("(512) 555-0147")
    assert [(card.first_name, len(card.vehicles)) for card in found] == [
        ("Ana", 1),
        ("Benjamin", 0),
    ]
    car = found[0].vehicles[0]
    assert (car.spoken_name, car.odometer) == ("2003 Honda Accord", 90_000)
    assert "004352" not in str(cache._client().hgetall(cache.key("+15125550147")))


def test_nobody_and_nonsense_give_nobody(ana: Customer) -> None:
    assert lookup.find_customers("+15125559999") == ()
    assert lookup.find_customers("anonymous") == ()


def test_a_lookup_is_one_statement_and_then_none(ana: Customer, ben: Customer) -> None:
    with CaptureQueriesContext(
        connection,
    ) as first:
        lookup.find_customers(HOUSEHOLD)
    with CaptureQueriesContext(connection) as second:
        lookup.find_customers(HOUSEHOLD)
    assert (len(first), len(second)) == (1, 0)


def test_a_car_that_is_gone_is_not_shown(ana: Customer) -> None:
    car = lookup.find_customers(HOUSEHOLD)[0].vehicles[0]
    records.retire_vehicle(customer_id=ana.pk, vehicle_id=car.vehicle_id)
    assert lookup.load_cards([ana.pk])[0].vehicles == ()


def test_names_narrow_a_household_down(ana: Customer, ben: Customer) -> None:
    found = lookup.find_named("this is ben ruiz", phone_e164=HOUSEHOLD)
    assert [card.customer_id for card in found] == [ben.pk]


@pytest.mark.parametrize(("first", "last"), [("Ana", "Ruiz"), ("Anna", "Ruis")])
def test_a_name_finds_its_customer_without_a_number(
    ana: Customer, cy: Customer, first: str, last: str
) -> None:
    assert [card.customer_id for card in lookup.find_by_name(first, last)] == [ana.pk]


def test_an_empty_name_finds_nobody(ana: Customer) -> None:
    assert lookup.find_by_name("", "") == ()
    assert lookup.find_by_name("Zzyzx", "Qwerty") == ()


def test_the_end_of_a_vin_finds_its_owner(ana: Customer, cy: Customer) -> None:
    assert [card.customer_id for card in lookup.find_by_vin_last6("004352")] == [ana.pk]
    assert lookup.find_by_vin_last6("4352") == ()


def test_a_card_shows_nothing_personal(ana: Customer) -> None:
    shown = repr(lookup.find_customers(HOUSEHOLD))
    for secret in ("Ana", "Ruiz", "004352", "Honda", "0147"):
        assert secret not in shown


@pytest.mark.django_db(transaction=True)
async def test_a_live_call_finds_its_caller_and_a_write_is_seen_at_once() -> None:
    now = dt.datetime(2026, 11, 23, 15, tzinfo=dt.UTC)

    def create(first: str) -> Customer:
        return records.create_customer(
            first_name=first, last_name="Lee", phone=CY_NUMBER, origin="phone", now=now
        )

    assert await lookup.afind_customers("nonsense") == ()
    assert await lookup.afind_customers(CY_NUMBER) == ()
    await database_sync_to_async(create)("Lou")
    assert [card.first_name for card in await lookup.afind_customers(CY_NUMBER)] == ["Lou"]
    await database_sync_to_async(create)("Mia")
    assert [card.first_name for card in await lookup.afind_customers(CY_NUMBER)] == ["Lou", "Mia"]
    await async_sql.close()


def test_cards_of_who_is_calling_come_from_the_cache(ana: Customer, cy: Customer) -> None:
    lookup.find_customers(HOUSEHOLD)
    with CaptureQueriesContext(connection) as queries:
        found = lookup.load_cards([ana.pk], phone_e164=HOUSEHOLD)
    assert ([card.customer_id for card in found], len(queries)) == ([ana.pk], 0)
    others = lookup.load_cards([cy.pk], phone_e164=HOUSEHOLD)
    assert [card.customer_id for card in others] == [cy.pk]
    assert lookup.load_cards([4711], phone_e164=HOUSEHOLD) == ()


def test_a_number_that_rings_is_looked_up_ahead(ana: Customer) -> None:
    lookup.warm("withheld")
    lookup.warm("512 555 0147")
    with CaptureQueriesContext(connection) as queries:
        assert len(lookup.find_customers(HOUSEHOLD)) == 1
    assert len(queries) == 0
