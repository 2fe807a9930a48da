"""Which number a code may be texted to."""

from datetime import UTC, datetime, timedelta

import pytest

from crm.consent import record_consent
from crm.models import Customer, CustomerPhone
from crm.step_up import ON_FILE_FOR, number_for_code

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 16, 13, tzinfo=UTC)


@pytest.fixture
def ana() -> Customer:
    return Customer.objects.create(
        first_name="Ana", last_name="Ruiz", created_at=NOW - timedelta(days=400)
    )


def phone(ana: Customer, number: str, *, agreed: bool = True, **facts: object) -> str:
    """A number of hers; texts about the service are agreed to, or refused."""
    CustomerPhone.objects.create(customer=ana, e164=number, **facts)
    record_consent(
        number=number, channel="sms", purpose="service_info", granted=agreed, wording="yes",
        now=NOW,
    )  # fmt: skip
    return number


@pytest.mark.parametrize(
    ("age", "good"), [(ON_FILE_FOR, True), (ON_FILE_FOR - timedelta(seconds=1), False)]
)
def test_a_number_is_good_once_it_was_theirs_for_thirty_days(
    ana: Customer, age: timedelta, good: bool
) -> None:
    number = phone(ana, "+12025550101", since=NOW - age)
    assert number_for_code(ana.pk, NOW) == (number if good else None)


def test_a_number_without_a_day_is_as_old_as_its_customer(ana: Customer) -> None:
    number = phone(ana, "+12025550101", since=None)
    assert number_for_code(ana.pk, NOW) == number
    Customer.objects.update(created_at=NOW - timedelta(days=2))
    assert number_for_code(ana.pk, NOW) is None


def test_a_new_primary_number_does_not_win_over_an_old_one(ana: Customer) -> None:
    old = phone(ana, "+12025550101", since=NOW - timedelta(days=300))
    phone(ana, "+12025550102", since=NOW - timedelta(days=1), is_primary=True)
    assert number_for_code(ana.pk, NOW) == old


def test_the_primary_number_comes_first_and_no_landline_ever(ana: Customer) -> None:
    since = NOW - timedelta(days=90)
    phone(ana, "+12025550100", since=since, kind="home")
    phone(ana, "+12025550101", since=since)
    primary = phone(ana, "+12025550102", since=since, is_primary=True)
    assert number_for_code(ana.pk, NOW) == primary


def test_who_wants_no_texts_gets_no_code(ana: Customer) -> None:
    phone(ana, "+12025550101", since=NOW - timedelta(days=90), agreed=False)
    assert number_for_code(ana.pk, NOW) is None
    assert number_for_code(ana.pk + 1, NOW) is None
