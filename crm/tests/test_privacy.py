"""Seen on request, forgotten on request, and never shown otherwise."""

import datetime as dt

import pytest
from django.db import models

from crm import consent, privacy, records
from crm.errors import NotFound
from crm.models import (
    Address,
    ConsentEvent,
    Customer,
    CustomerPhone,
    DoNotCall,
    FactorTry,
    ServiceLine,
    Vehicle,
)
from crm.records import LineFacts
from crm.tests.conftest import ANA_VIN, HOUSEHOLD, NOW

pytestmark = pytest.mark.usefixtures("empty_redis")


def with_history(ana: Customer) -> Vehicle:
    car = Vehicle.objects.get(owner=ana)
    records.record_service(
        vehicle_id=car.pk, ro_number="R1", opened_at=NOW, closed_at=NOW, odometer=95_000,
        lines=[LineFacts("LOF-S", "Oil change")],
    )  # fmt: skip
    consent.record_consent(
        number=HOUSEHOLD, channel="sms", purpose="service_info", granted=True, wording="ok", now=NOW
    )
    consent.opt_out(number=HOUSEHOLD, call_sid="CA1", wording="stop", now=NOW)
    return car


def test_an_export_holds_everything_and_the_birth_date(ana: Customer) -> None:
    with_history(ana)
    found = privacy.export_customer(ana.pk)
    assert found["crm_customer"][0]["date_of_birth"] == "1980-02-03"
    assert "dob_sealed" not in found["crm_customer"][0]
    assert found["crm_vehicle"][0]["vin"] == ANA_VIN
    tables = {table: len(rows) for table, rows in found.items()}
    assert tables == {
        "crm_customer": 1, "crm_customerphone": 1, "crm_address": 1, "crm_vehicle": 1,
        "crm_servicerecord": 1, "crm_serviceline": 1, "crm_consentevent": 5, "crm_donotcall": 1,
    }  # fmt: skip


def test_nobody_can_be_exported_or_forgotten(db: None) -> None:
    with pytest.raises(NotFound):
        privacy.export_customer(4711)
    with pytest.raises(NotFound):
        privacy.forget_customer(customer_id=4711, now=NOW)


def test_forgetting_leaves_only_what_is_bound_to_a_number(ana: Customer, cy: Customer) -> None:
    with_history(ana)
    assert privacy.forget_customer(customer_id=ana.pk, now=NOW) == 6
    assert list(Customer.objects.all()) == [cy]
    for model in (Vehicle, ServiceLine, Address):
        assert not model._default_manager.exists()
    assert consent.is_do_not_call(HOUSEHOLD)
    assert ConsentEvent.objects.count() == 5


def secrets_of(customer: Customer) -> tuple[str, ...]:
    return ("1980", "02-03", ANA_VIN, "004352", "1234", "Oak Street", HOUSEHOLD[1:8], "Ruiz")


def test_no_repr_of_a_row_shows_what_must_not_be_logged(ana: Customer) -> None:
    car = with_history(ana)
    FactorTry.objects.create(call_sid="CA1", ani=HOUSEHOLD, factor="dob", ok=True, at=NOW)
    rows: list[models.Model] = [ana, car, *ana.phones.all(), *ana.addresses.all()]
    for model in (ConsentEvent, DoNotCall, FactorTry, ServiceLine, CustomerPhone):
        rows += list(model._default_manager.all())
    for row in rows:
        for secret in secrets_of(ana):
            assert secret not in repr(row)
        if not isinstance(row, Customer):
            assert not any(secret in str(row) for secret in secrets_of(ana))


def test_the_sealed_birth_date_is_nowhere_in_the_row(ana: Customer) -> None:
    row = Customer.objects.filter(pk=ana.pk).values().get()
    text = repr({name: value for name, value in row.items() if not isinstance(value, dt.datetime)})
    assert "1980" not in text
