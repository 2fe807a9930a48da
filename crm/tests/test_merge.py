"""Two rows of one person become one."""

import datetime as dt

import pytest

from crm import lookup, merge, records
from crm.errors import NotFound
from crm.models import AuthorizedContact, Customer, Vehicle
from crm.tests.conftest import CY_NUMBER, HOUSEHOLD, NOW

pytestmark = pytest.mark.usefixtures("empty_redis")


@pytest.fixture
def double(ana: Customer) -> Customer:
    """Ana again, as somebody on the phone wrote her down."""
    customer = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, email="ana@example.com",
        origin="phone", now=NOW - dt.timedelta(days=9),
    )  # fmt: skip
    records.add_phone(customer_id=customer.pk, phone=CY_NUMBER)
    records.add_vehicle(customer_id=customer.pk, year=2020, make="Ford", model="Edge", now=NOW)
    records.authorise_contact(customer_id=customer.pk, name="Ben", may_manage=False)
    return customer


def test_everything_moves_and_the_empty_row_goes(ana: Customer, double: Customer) -> None:
    merged = merge.merge_customers(keep_id=ana.pk, drop_id=double.pk)
    assert not Customer.objects.filter(pk=double.pk).exists()
    assert Vehicle.objects.filter(owner=ana).count() == 2
    assert AuthorizedContact.objects.get().customer_id == ana.pk
    assert merged.moved["crm_vehicle"] == 1
    kept = Customer.objects.get(pk=ana.pk)
    assert (kept.email, kept.dob) == ("ana@example.com", dt.date(1980, 2, 3))
    assert kept.created_at == NOW - dt.timedelta(days=9)


def test_a_shared_number_is_kept_once_and_one_is_primary(ana: Customer, double: Customer) -> None:
    merge.merge_customers(keep_id=ana.pk, drop_id=double.pk)
    numbers = list(ana.phones.order_by("pk").values_list("e164", "is_primary"))
    assert numbers == [(HOUSEHOLD, True), (CY_NUMBER, False)]


def test_the_other_way_round_takes_the_birth_date_over(ana: Customer, double: Customer) -> None:
    merge.merge_customers(keep_id=double.pk, drop_id=ana.pk)
    assert Customer.objects.get(pk=double.pk).dob == dt.date(1980, 2, 3)


def test_a_customer_without_a_primary_number_gets_one(db: None) -> None:
    bare = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=None, origin="staff", now=NOW
    )
    other = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, origin="phone", now=NOW
    )
    merge.merge_customers(keep_id=bare.pk, drop_id=other.pk)
    assert bare.phones.get().is_primary


def test_a_father_and_a_junior_are_two_people(ana: Customer) -> None:
    junior = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, dob=dt.date(2004, 5, 6),
        origin="staff", now=NOW,
    )  # fmt: skip
    with pytest.raises(merge.CannotMerge) as refused:
        merge.merge_customers(keep_id=ana.pk, drop_id=junior.pk)
    assert refused.value.code == "different_birth_dates"
    assert Customer.objects.count() == 2


def test_one_customer_alone_can_not_be_merged(ana: Customer) -> None:
    with pytest.raises(merge.CannotMerge):
        merge.merge_customers(keep_id=ana.pk, drop_id=ana.pk)
    with pytest.raises(NotFound):
        merge.merge_customers(keep_id=ana.pk, drop_id=4711)


def test_notes_and_locks_of_both_stay(ana: Customer, double: Customer) -> None:
    later = NOW + dt.timedelta(minutes=20)
    Customer.objects.filter(pk=ana.pk).update(notes="one", verify_locked_until=NOW)
    Customer.objects.filter(pk=double.pk).update(notes="two", verify_locked_until=later)
    merge.merge_customers(keep_id=ana.pk, drop_id=double.pk)
    kept = Customer.objects.get(pk=ana.pk)
    assert (kept.notes, kept.verify_locked_until) == ("one\ntwo", later)


def test_lookups_show_one_person_at_once(transactional_db: None) -> None:
    first, second = (
        records.create_customer(
            first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, origin="phone", now=NOW
        )
        for _ in range(2)
    )
    assert len(lookup.find_customers(HOUSEHOLD)) == 2
    merge.merge_customers(keep_id=first.pk, drop_id=second.pk)
    assert [card.customer_id for card in lookup.find_customers(HOUSEHOLD)] == [first.pk]


def test_likely_doubles_share_a_name_and_something_else(ana: Customer, double: Customer) -> None:
    stranger = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone="+15125550177", origin="phone", now=NOW
    )
    assert merge.likely_duplicates(ana.pk) == (double.pk,)
    assert stranger.pk not in merge.likely_duplicates(ana.pk)
