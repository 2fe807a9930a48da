"""The cast: Ana and Ben share a number, Cy is a stranger with one of his own."""

import datetime as dt

import pytest

from crm import records
from crm.models import Customer, Origin

NOW = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.UTC)
HOUSEHOLD = "+15125550147"
CY_NUMBER = "+15125550148"
ANA_VIN = "1HGCM82633A004352"


@pytest.fixture
def now() -> dt.datetime:
    """A Monday morning."""
    return NOW


@pytest.fixture
def ana(db: None) -> Customer:
    """Has a car, an address and a birth date."""
    customer = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, dob=dt.date(1980, 2, 3),
        origin=Origin.STAFF, now=NOW,
    )  # fmt: skip
    records.add_vehicle(
        customer_id=customer.pk, year=2003, make="Honda", model="Accord", vin=ANA_VIN,
        odometer=90_000, now=NOW,
    )  # fmt: skip
    records.change_address(
        customer_id=customer.pk, street_number="1234", street="Oak Street", city="Austin",
        state="TX", zip_code="78701",
    )  # fmt: skip
    return customer


@pytest.fixture
def ben(ana: Customer) -> Customer:
    """Shares Ana's number."""
    return records.create_customer(
        first_name="Benjamin", last_name="Ruiz", phone=HOUSEHOLD, dob=dt.date(1978, 7, 9),
        origin=Origin.STAFF, now=NOW,
    )  # fmt: skip


@pytest.fixture
def cy(db: None) -> Customer:
    """Knows nobody here."""
    return records.create_customer(
        first_name="Cy", last_name="Okafor", phone=CY_NUMBER, dob=dt.date(1990, 1, 1),
        origin=Origin.PHONE, now=NOW,
    )  # fmt: skip
