"""Writes: what they store, what they refuse, what they drop from the cache."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from crm import lookup, records
from crm.errors import AlreadyThere, BadValue, NotFound, Refusal
from crm.models import Customer, CustomerPhone, Origin, ServiceRecord, Vehicle
from crm.records import LineFacts
from crm.tests.conftest import ANA_VIN, CY_NUMBER, HOUSEHOLD

pytestmark = pytest.mark.usefixtures("empty_redis")


def car_of(customer: Customer) -> Vehicle:
    return Vehicle.objects.get(owner=customer)


def test_a_new_customer_has_a_primary_number_and_a_sealed_birth_date(ana: Customer) -> None:
    stored = Customer.objects.get(pk=ana.pk)
    assert stored.phones.get().is_primary
    assert stored.dob == dt.date(1980, 2, 3)
    assert "1980" not in stored.dob_sealed
    assert stored.name_key == "ruiz ana"


def test_a_customer_without_a_number_can_be_kept(db: None, now: dt.datetime) -> None:
    customer = records.create_customer(
        first_name="Ida", last_name="", phone=None, origin=Origin.STAFF, now=now
    )
    assert not customer.phones.exists()


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"first_name": ""}, "first_name", "empty"),
        ({"first_name": "   "}, "first_name", "empty"),
        ({"first_name": "x" * 61}, "first_name", "too_long"),
        ({"last_name": "x" * 10_000_000}, "last_name", "too_long"),
        ({"first_name": "A\x00na"}, "first_name", "not_printable"),
        ({"phone": "555"}, "phone", "not_a_number"),
        ({"phone": "5" * 10_000}, "phone", "not_a_number"),
        ({"email": "nobody"}, "email", "no_such_form"),
        ({"email": "a" * 300 + "@example.com"}, "email", "too_long"),
        ({"dob": dt.date(2026, 11, 23)}, "dob", "not_past"),
        ({"dob": dt.date(1880, 1, 1)}, "dob", "too_long_ago"),
        ({"language": "x" * 9}, "language", "too_long"),
    ],
)
def test_a_bad_value_is_refused_and_nothing_is_written(
    db: None, now: dt.datetime, change: dict[str, object], field: str, reason: str
) -> None:
    facts: dict[str, object] = {"first_name": "Ana", "last_name": "Ruiz", "phone": CY_NUMBER}
    with pytest.raises(BadValue) as refused:
        records.create_customer(**(facts | change), origin=Origin.PHONE, now=now)  # type: ignore[arg-type]
    assert refused.value.facts == {"field": field, "reason": reason}
    assert not Customer.objects.exists()
    assert not CustomerPhone.objects.exists()


def test_a_refusal_shows_its_code_and_nothing_it_was_told() -> None:
    refusal = Refusal("bad_value", said="1980-02-03")
    assert repr(refusal) == "Refusal('bad_value')"
    assert str(refusal) == "bad_value"
    assert NotFound(what="customer").code == "not_found"


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        ({"vin": "1HGCM82623A004352"}, "vin", "check_digit"),
        ({"vin": "IIIIIIIIIIIIIIIII"}, "vin", "character"),
        ({"vin": "1HGCM8"}, "vin", "length"),
        ({"vin": "x" * 1_000_000}, "vin", "length"),
        ({"vin": ANA_VIN, "year": 2004}, "vin", "other_year"),
        ({"year": 1899}, "year", "impossible"),
        ({"year": 2028}, "year", "impossible"),
        ({"make": ""}, "make", "empty"),
        ({"model": "m" * 61}, "model", "too_long"),
        ({"odometer": -1}, "odometer", "impossible"),
        ({"odometer": 2_000_000}, "odometer", "impossible"),
        ({"powertrain": "steam"}, "powertrain", "unknown"),
    ],
)
def test_an_impossible_car_is_refused(
    cy: Customer, now: dt.datetime, change: dict[str, object], field: str, reason: str
) -> None:
    facts: dict[str, object] = {"year": 2003, "make": "Honda", "model": "Accord"}
    with pytest.raises(BadValue) as refused:
        records.add_vehicle(customer_id=cy.pk, **(facts | change), now=now)  # type: ignore[arg-type]
    assert refused.value.facts == {"field": field, "reason": reason}
    assert not Vehicle.objects.exists()


def test_a_car_from_elsewhere_may_have_another_year_in_its_vin(
    cy: Customer, now: dt.datetime
) -> None:
    car = records.add_vehicle(
        customer_id=cy.pk, year=2005, make="VW", model="Golf", vin="WVWZZZ1JZ3W386752", now=now
    )
    assert car.vin_last6 == "386752"


def test_the_same_car_again_is_the_same_row(ana: Customer, now: dt.datetime) -> None:
    car = car_of(ana)
    records.retire_vehicle(customer_id=ana.pk, vehicle_id=car.pk)
    again = records.add_vehicle(
        customer_id=ana.pk, year=2003, make="Honda", model="Accord", vin=ANA_VIN.lower(),
        odometer=95_000, now=now,
    )  # fmt: skip
    assert (again.pk, again.active, again.odometer) == (car.pk, True, 95_000)


def test_somebody_elses_vin_is_refused(ana: Customer, cy: Customer, now: dt.datetime) -> None:
    with pytest.raises(AlreadyThere):
        records.add_vehicle(
            customer_id=cy.pk, year=2003, make="Honda", model="Accord", vin=ANA_VIN, now=now
        )
    assert car_of(ana).owner_id == ana.pk


def test_nobody_gets_a_car_of_a_customer_that_is_not_there(db: None, now: dt.datetime) -> None:
    with pytest.raises(NotFound):
        records.add_vehicle(customer_id=4711, year=2003, make="Honda", model="Accord", now=now)


def test_a_lookup_shows_every_write_at_once(transactional_db: None, now: dt.datetime) -> None:
    person = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, origin=Origin.PHONE, now=now
    )
    assert lookup.find_customers(HOUSEHOLD)[0].vehicles == ()
    car = records.add_vehicle(
        customer_id=person.pk, year=2003, make="Honda", model="Accord", now=now
    )
    assert lookup.find_customers(HOUSEHOLD)[0].vehicles[0].odometer is None
    records.note_odometer(customer_id=person.pk, vehicle_id=car.pk, odometer=5)
    assert lookup.find_customers(HOUSEHOLD)[0].vehicles[0].odometer == 5
    records.change_contact(customer_id=person.pk, language="es")
    assert lookup.find_customers(HOUSEHOLD)[0].language == "es"
    records.retire_vehicle(customer_id=person.pk, vehicle_id=car.pk)
    assert lookup.find_customers(HOUSEHOLD)[0].vehicles == ()
    assert lookup.find_customers(CY_NUMBER) == ()
    records.add_phone(customer_id=person.pk, phone=CY_NUMBER, primary=True)
    assert lookup.find_customers(CY_NUMBER)[0].customer_id == person.pk


def test_one_number_is_primary(ana: Customer) -> None:
    records.add_phone(customer_id=ana.pk, phone=CY_NUMBER, kind="work", primary=True)
    records.add_phone(customer_id=ana.pk, phone=CY_NUMBER, kind="home", primary=True)
    assert [p.e164 for p in ana.phones.filter(is_primary=True)] == [CY_NUMBER]
    assert ana.phones.count() == 2


def test_an_odometer_never_goes_back(ana: Customer) -> None:
    car = car_of(ana)
    with pytest.raises(BadValue):
        records.note_odometer(customer_id=ana.pk, vehicle_id=car.pk, odometer=89_999)
    assert (
        records.note_odometer(customer_id=ana.pk, vehicle_id=car.pk, odometer=90_001).odometer
        == 90_001
    )


def test_somebody_elses_car_can_not_be_touched(ana: Customer, cy: Customer) -> None:
    with pytest.raises(NotFound):
        records.note_odometer(customer_id=cy.pk, vehicle_id=car_of(ana).pk, odometer=100_000)
    with pytest.raises(NotFound):
        records.retire_vehicle(customer_id=cy.pk, vehicle_id=car_of(ana).pk)


def test_a_birth_date_is_set_once(ana: Customer, now: dt.datetime) -> None:
    with pytest.raises(AlreadyThere):
        records.set_dob(customer_id=ana.pk, dob=dt.date(1990, 1, 1), now=now)
    ana.dob = None
    ana.save()
    records.set_dob(customer_id=ana.pk, dob=dt.date(1990, 1, 1), now=now)
    assert Customer.objects.get(pk=ana.pk).dob == dt.date(1990, 1, 1)


def test_contact_facts_change_one_by_one(ana: Customer) -> None:
    records.change_contact(customer_id=ana.pk, email="ana@example.com")
    changed = records.change_contact(customer_id=ana.pk, contact_preference="text")
    assert (changed.email, changed.contact_preference) == ("ana@example.com", "text")
    with pytest.raises(BadValue):
        records.change_contact(customer_id=ana.pk, contact_preference="pigeon")


def test_an_address_replaces_the_one_before(ana: Customer) -> None:
    address = {"street": "Elm", "city": "Austin", "state": "tx", "zip_code": "78702-1234"}
    records.change_address(customer_id=ana.pk, street_number="7", **address)
    assert [(row.street_number, row.state) for row in ana.addresses.all()] == [("7", "TX")]
    with pytest.raises(BadValue):
        records.change_address(
            customer_id=ana.pk, street_number="7", **(address | {"zip_code": "1"})
        )


def test_somebody_may_speak_for_a_customer(ana: Customer) -> None:
    contact = records.authorise_contact(
        customer_id=ana.pk, name="Ben Ruiz", number=HOUSEHOLD, may_manage=True
    )
    assert ana.authorized_contacts.get() == contact


def record(car: Vehicle, day: int, odometer: int, number: str) -> ServiceRecord:
    opened = dt.datetime(2026, 5, day, 14, tzinfo=dt.UTC)
    return records.record_service(
        vehicle_id=car.pk, ro_number=number, opened_at=opened,
        closed_at=opened + dt.timedelta(hours=1), odometer=odometer,
        lines=[LineFacts("LOF-S", "Oil change", price_cents=8995), LineFacts("ROT", "Rotation", performed=False)],
    )  # fmt: skip


def test_a_history_never_falls(ana: Customer) -> None:
    car = car_of(ana)
    record(car, 10, 91_000, "R1")
    record(car, 20, 92_000, "R2")
    with pytest.raises(BadValue):
        record(car, 15, 92_001, "R3")
    with pytest.raises(BadValue):
        record(car, 15, 90_999, "R3")
    record(car, 15, 91_500, "R3")
    with pytest.raises(AlreadyThere):
        record(car, 21, 93_000, "R3")
    assert car_of(ana).odometer == 92_000
    with pytest.raises(NotFound):
        record(Vehicle(pk=4711), 1, 1, "R9")


@pytest.mark.parametrize(
    "broken",
    [
        lambda c: CustomerPhone.objects.create(customer=c, e164="512-555-0147"),
        lambda c: Vehicle.objects.create(owner=c, year=2020, make="x", model="y", vin="short"),
        lambda c: Vehicle.objects.create(owner=c, year=1492, make="x", model="y"),
        lambda c: Vehicle.objects.create(
            owner=c, year=2003, make="x", model="y", vin="1HGCM82633A004353", vin_last6="000000"
        ),
        lambda c: Customer.objects.filter(pk=c.pk).update(first_name=""),
        lambda c: Customer.objects.filter(pk=c.pk).update(dob_hmac=""),
    ],
)
def test_the_database_refuses_what_code_forgot(ana: Customer, broken: object) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        broken(ana)  # type: ignore[operator]
