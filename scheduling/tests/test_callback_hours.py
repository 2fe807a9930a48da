"""Callbacks that calls owes by itself keep to the hours that the shop has set."""

from datetime import UTC, datetime, timedelta

import pytest

from calls import due, handover, log
from calls.models import Call
from scheduling.models import BusinessHours, Closure
from scheduling.tests.cast import MONDAY, NOW, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(shop: None) -> Call:
    return log.start_call(
        sid="CA1", direction="inbound", from_number="+12125550101", to_number="", now=NOW
    )


def test_a_call_that_breaks_off_at_night_is_owed_one_in_the_morning(call: Call) -> None:
    assert handover.owe_callback(call, now=at("22:00", 0)).due_at == at("09:30", 1)


def test_a_closure_that_staff_enter_counts(call: Call) -> None:
    tuesday = MONDAY + timedelta(days=1)
    Closure.objects.create(first_day=tuesday, last_day=tuesday, reason="Stocktaking")
    assert handover.owe_callback(call, now=at("22:00", 0)).due_at == at("09:30", 2)


def test_hours_that_staff_change_count(call: Call) -> None:
    BusinessHours.objects.update(opens="07:30")
    assert handover.owe_callback(call, now=at("22:00", 0)).due_at == at("08:00", 1)


def test_the_desk_is_the_shops(shop: None) -> None:
    assert due.is_open(at("10:00"), due.desk(NOW))
    assert not due.is_open(datetime(2026, 11, 22, 15, tzinfo=UTC), due.desk(NOW))  # a Sunday
