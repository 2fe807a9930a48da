"""The customer file in the admin: found, shown, escaped, changed through the right doors."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm import consent, lookup, records, search
from crm.models import Customer, CustomerPhone, DoNotCall, FactorTry, Vehicle
from crm.records import LineFacts
from crm.tests.conftest import ANA_VIN, CY_NUMBER, HOUSEHOLD, NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]
LIST = "/admin/crm/customer/"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create(username="dee", is_staff=True, is_superuser=True))
    return client


def page(staff: Client, address: str) -> str:
    answer = staff.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(customer: Customer, **changes: str) -> dict[str, str]:
    """What the browser would post for an unchanged page."""
    posted = {
        "first_name": customer.first_name, "last_name": customer.last_name, "email": "",
        "language": "en", "contact_preference": "call", "notes": "", "new_dob": "",
    }  # fmt: skip
    phones = list(customer.phones.order_by("pk"))
    cars = list(customer.vehicles.order_by("pk"))
    for prefix, count in (
        ("phones", len(phones)), ("vehicles", len(cars)), ("addresses", 0), ("authorized_contacts", 0),
    ):  # fmt: skip
        posted |= {f"{prefix}-TOTAL_FORMS": str(count), f"{prefix}-INITIAL_FORMS": str(count)}
    for n, phone in enumerate(phones):
        posted |= {
            f"phones-{n}-id": str(phone.pk), f"phones-{n}-customer": str(customer.pk),
            f"phones-{n}-e164": phone.e164, f"phones-{n}-kind": phone.kind,
            f"phones-{n}-is_primary": "on" if phone.is_primary else "",
        }  # fmt: skip
    for n, car in enumerate(cars):
        posted |= {
            f"vehicles-{n}-id": str(car.pk), f"vehicles-{n}-owner": str(customer.pk),
            f"vehicles-{n}-year": str(car.year), f"vehicles-{n}-make": car.make,
            f"vehicles-{n}-model": car.model, f"vehicles-{n}-trim": "",
            f"vehicles-{n}-vin": car.vin or "", f"vehicles-{n}-plate": "",
            f"vehicles-{n}-odometer": str(car.odometer or ""),
            f"vehicles-{n}-powertrain": car.powertrain, f"vehicles-{n}-active": "on",
        }  # fmt: skip
    return posted | changes


def save(staff: Client, customer: Customer, **changes: str) -> Any:
    return staff.post(f"{LIST}{customer.pk}/change/", form_of(customer, **changes))


@pytest.mark.parametrize(
    "typed",
    [
        "ruiz",
        "Ruiz, Ana",
        "ana ruiz",
        HOUSEHOLD,
        "512-555-0147",
        "0147",
        "555 0147",
        ANA_VIN,
        "004352",
    ],
)
def test_a_customer_is_found_by_what_staff_know(
    staff: Client, ana: Customer, cy: Customer, typed: str
) -> None:
    shown = page(staff, f"{LIST}?q={typed.replace('+', '%2B')}")
    assert f"{LIST}{ana.pk}/change/" in shown
    assert f"{LIST}{cy.pk}/change/" not in shown


@pytest.mark.parametrize("typed", ["zzz", "%", "9999", "'; drop table", "\\", "1HGCM"])
def test_nobody_is_found_by_anything_else(staff: Client, ana: Customer, typed: str) -> None:
    assert f"{LIST}{ana.pk}/change/" not in page(staff, f"{LIST}?q={typed}")


def test_fifty_customers_fill_a_page_without_a_query_each(staff: Client) -> None:
    for n in range(60):
        person = records.create_customer(
            first_name=f"P{n:02d}", last_name="Ng", phone=f"+151255501{n:02d}", origin="seed",
            now=NOW,
        )  # fmt: skip
        records.add_vehicle(customer_id=person.pk, year=2020, make="Kia", model="Rio", now=NOW)
    with CaptureQueriesContext(connection) as queries:
        shown = page(staff, LIST)
    assert shown.count("field-number") == 50
    assert len(queries) < 15
    assert page(staff, f"{LIST}?p=2").count("field-number") == 10


def test_a_customers_page_shows_cars_history_and_consent(staff: Client, ana: Customer) -> None:
    car = Vehicle.objects.get(owner=ana)
    records.record_service(
        vehicle_id=car.pk, ro_number="R1", opened_at=NOW, closed_at=NOW, odometer=95_000,
        advisor_name="Maria",
        lines=[LineFacts("LOF-S", "Oil change"), LineFacts("ROT", "Rotation", performed=False)],
    )  # fmt: skip
    consent.record_consent(
        number=HOUSEHOLD, channel="sms", purpose="service_info", granted=True, wording="ok", now=NOW
    )
    shown = page(staff, f"{LIST}{ana.pk}/change/")
    for text in ("2003 Honda Accord", "95,000 mi", "Oil change", "Rotation (declined)", "Maria", "…0147: texts"):  # fmt: skip
        assert text in shown
    assert "1980" not in shown
    assert page(staff, f"/admin/crm/vehicle/{car.pk}/change/").count("Oil change") == 1


def test_what_people_wrote_is_escaped_everywhere(staff: Client, ana: Customer) -> None:
    Customer.objects.filter(pk=ana.pk).update(first_name=EVIL[:60], notes=EVIL)
    car = Vehicle.objects.get(owner=ana)
    Vehicle.objects.filter(pk=car.pk).update(model=EVIL, plate="<b>")
    records.record_service(
        vehicle_id=car.pk, ro_number="<i>", opened_at=NOW, closed_at=None, odometer=95_000,
        advisor_name=EVIL, lines=[LineFacts("<u>", EVIL)],
    )  # fmt: skip
    for address in (
        LIST, f"{LIST}{ana.pk}/change/", f"/admin/crm/vehicle/{car.pk}/change/", "/admin/crm/vehicle/",
        "/admin/crm/servicerecord/",
    ):  # fmt: skip
        assert EVIL not in page(staff, address)


def test_a_change_is_kept_and_seen_by_the_next_lookup(
    transactional_db: None, client: Client
) -> None:
    client.force_login(User.objects.create(username="dee", is_staff=True, is_superuser=True))
    person = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, origin="phone", now=NOW
    )
    assert lookup.find_customers(HOUSEHOLD)[0].first_name == "Ana"
    changes = {"first_name": "Anna", "phones-0-e164": "(512) 555-0148", "new_dob": "1980-02-03"}
    assert save(client, person, **changes).status_code == 302
    assert lookup.find_customers(HOUSEHOLD) == ()
    assert lookup.find_customers(CY_NUMBER)[0].first_name == "Anna"
    assert Customer.objects.get().dob == dt.date(1980, 2, 3)
    assert Customer.objects.get().name_key == "ruiz anna"


@pytest.mark.parametrize(
    "changes",
    [
        {"phones-0-e164": "nonsense"},
        {"vehicles-0-vin": "1HGCM82623A004352"},
        {"vehicles-0-odometer": "89000"},
        {"new_dob": "2199-01-01"},
        {"first_name": ""},
    ],
)
def test_what_would_break_a_rule_is_not_saved(
    staff: Client, ana: Customer, changes: dict[str, str]
) -> None:
    records.record_service(
        vehicle_id=Vehicle.objects.get(owner=ana).pk, ro_number="R1", opened_at=NOW, closed_at=NOW,
        odometer=95_000, lines=[],
    )  # fmt: skip
    before = Customer.objects.values().get(), CustomerPhone.objects.values().get()
    assert save(staff, ana, **changes).status_code == 200
    assert (Customer.objects.values().get(), CustomerPhone.objects.values().get()) == before


def test_a_vin_can_be_added_by_staff(staff: Client, cy: Customer) -> None:
    car = records.add_vehicle(customer_id=cy.pk, year=2003, make="Honda", model="Accord", now=NOW)
    assert save(staff, cy, **{"vehicles-0-vin": "1hgcm82633a004352"}).status_code == 302
    assert Vehicle.objects.get(pk=car.pk).vin_last6 == "004352"


def test_nothing_that_happened_can_be_changed_or_deleted(staff: Client, ana: Customer) -> None:
    FactorTry.objects.create(call_sid="CA1", factor="dob", ok=True, at=NOW)
    consent.opt_out(number=HOUSEHOLD, call_sid="CA1", wording="stop", now=NOW)
    for name in ("servicerecord", "consentevent", "factortry"):
        assert staff.get(f"/admin/crm/{name}/").status_code == 200
        assert staff.get(f"/admin/crm/{name}/add/").status_code == 403
    for name in ("customer", "vehicle"):
        pk = ana.pk if name == "customer" else Vehicle.objects.get(owner=ana).pk
        assert staff.get(f"/admin/crm/{name}/{pk}/delete/").status_code == 403
    entry = DoNotCall.objects.get()
    assert staff.get(f"/admin/crm/donotcall/{entry.pk}/delete/").status_code == 403


def test_staff_enter_a_number_that_no_machine_may_ring(staff: Client, ana: Customer) -> None:
    answer = staff.post("/admin/crm/donotcall/add/", {"number": "512 555 0147", "reason": "Asked."})
    assert answer.status_code == 302
    assert consent.is_do_not_call(HOUSEHOLD)
    answer = staff.post("/admin/crm/donotcall/add/", {"number": "nonsense", "reason": ""})
    assert answer.status_code == 200


def act(staff: Client, action: str, *customers: Customer, **more: str) -> Any:
    chosen = [str(customer.pk) for customer in customers]
    return staff.post(LIST, {"action": action, "_selected_action": chosen, **more}, follow=True)


def test_two_customers_are_merged_after_a_question(staff: Client, ana: Customer) -> None:
    double = records.create_customer(
        first_name="Ana", last_name=EVIL[:60], phone=CY_NUMBER, origin="phone", now=NOW
    )
    asked = act(staff, "merge_duplicates", ana, double).content.decode()
    assert "Which of these stays?" in asked
    assert EVIL not in asked
    assert Customer.objects.count() == 2
    act(staff, "merge_duplicates", ana, double, merge="yes", keep=str(double.pk))
    assert Customer.objects.get().pk == double.pk
    assert Vehicle.objects.get().owner_id == double.pk


def test_one_three_or_two_different_people_are_not_merged(
    staff: Client, ana: Customer, ben: Customer, cy: Customer
) -> None:
    assert b"exactly two" in act(staff, "merge_duplicates", ana).content
    assert b"exactly two" in act(staff, "merge_duplicates", ana, ben, cy).content
    said = act(staff, "merge_duplicates", ana, ben, merge="yes", keep=str(ana.pk)).content
    assert b"two people" in said
    assert Customer.objects.count() == 3


def test_a_locked_customer_can_be_unlocked(staff: Client, ana: Customer) -> None:
    until = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=20)
    Customer.objects.filter(pk=ana.pk).update(verify_locked_until=until)
    assert "Locked until" in page(staff, f"{LIST}{ana.pk}/change/")
    act(staff, "unlock", ana)
    assert "Locked until" not in page(staff, f"{LIST}{ana.pk}/change/")


def test_a_large_table_is_estimated_and_a_search_counted_so_far(
    ana: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "EXACT_BELOW", 0)
    monkeypatch.setattr(search, "_estimate", lambda table: 1_000_000)
    everybody = Customer.objects.all()
    assert search.EstimatedPaginator(everybody, 50).count == 1_000_000
    assert search.EstimatedPaginator(everybody.filter(language="en"), 50).count == 1


def test_a_stranger_sees_nothing(client: Client, ana: Customer) -> None:
    answer = client.get(f"{LIST}{ana.pk}/change/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")
