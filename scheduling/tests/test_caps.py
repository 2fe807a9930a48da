"""No caller can fill the book."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from calls.models import Call
from crm.models import Customer, Vehicle
from scheduling import booking
from scheduling.caps import PER
from scheduling.errors import TooManyBookings
from scheduling.models import Appointment, ShopSettings
from scheduling.tests.cast import NOW, at, book, car, key

pytestmark = pytest.mark.django_db
NUMBER = "+12125550101"
CLOCKS = ("09:00", "09:30", "10:00", "10:30", "11:00", "13:00", "14:00", "15:00")


def call(sid: str, number: str = NUMBER, **more: object) -> str:
    """A call of theirs, begun a minute ago."""
    facts: dict[str, object] = {"direction": "inbound", "started_at": NOW - timedelta(minutes=1)}
    facts |= more
    Call.objects.create(sid=sid, from_number=number, to_number="+15555550100", **facts)
    return sid


def refused(crv: Vehicle, clock: str, sid: str) -> TooManyBookings:
    with pytest.raises(TooManyBookings) as caught:
        book(crv, at(clock), call_sid=sid)
    assert caught.value.code == "too_many_bookings"
    return caught.value


def test_a_call_books_two_visits_and_no_third(crv: Vehicle) -> None:
    sid = call("CA1")
    book(crv, at("09:00"), call_sid=sid)
    book(crv, at("14:00"), call_sid=sid)
    assert refused(crv, "16:00", sid).facts == {"scope": "call", "limit": 2}
    assert Appointment.objects.count() == 2


def test_the_same_request_asked_again_is_answered_whatever_the_cap(crv: Vehicle) -> None:
    sid, again = call("CA1"), key()
    book(crv, at("09:00"), call_sid=sid)
    made = book(crv, at("14:00"), call_sid=sid, idempotency_key=again)
    assert book(crv, at("14:00"), call_sid=sid, idempotency_key=again).pk == made.pk


def test_a_number_books_three_visits_a_day_over_all_its_calls(crv: Vehicle) -> None:
    for n, clock in enumerate(("09:00", "11:00", "14:00")):
        book(crv, at(clock), call_sid=call(f"CA{n}"))
    assert refused(crv, "16:00", call("CA9")).facts == {"scope": "number", "limit": 3}
    tomorrow = NOW + PER + timedelta(minutes=1)
    sid = call("CA10", started_at=tomorrow)
    assert book(crv, at("16:00", 3), call_sid=sid, now=tomorrow).pk


def test_calls_that_we_placed_to_the_number_count_too(crv: Vehicle) -> None:
    for n, clock in enumerate(("09:00", "11:00", "14:00")):
        book(crv, at(clock), call_sid=call(f"CA{n}"))
    sid = "CA9"
    Call.objects.create(
        sid=sid, direction="outbound", to_number=NUMBER, from_number="+15555550100",
        started_at=NOW,
    )  # fmt: skip
    assert refused(crv, "16:00", sid).facts["scope"] == "number"


def test_another_number_and_the_desk_go_on_booking(crv: Vehicle, civic: Vehicle) -> None:
    for n, clock in enumerate(("09:00", "11:00", "14:00")):
        book(crv, at(clock), call_sid=call(f"CA{n}"))
    assert book(civic, at("09:00"), call_sid=call("CA9", "+12125550188")).pk
    for n in range(3):
        assert book(crv, at("10:00", 2 + n), source="staff").pk


def test_callers_who_withhold_their_number_share_one_cap(crv: Vehicle, civic: Vehicle) -> None:
    ShopSettings.objects.update(bookings_withheld=2)
    book(crv, at("09:00"), call_sid=call("CA1", ""))
    book(crv, at("14:00"), call_sid=call("CA2", "anonymous"))
    assert refused(civic, "16:00", call("CA3", "Restricted")).facts == {
        "scope": "withheld", "limit": 2,
    }  # fmt: skip


def test_booking_and_cancelling_in_turn_is_no_way_round(crv: Vehicle) -> None:
    sid = call("CA1")
    for _ in range(2):
        visit = book(crv, at("09:00"), call_sid=sid)
        booking.cancel(
            appointment_id=visit.pk, customer_id=visit.customer_id, idempotency_key=key(), now=NOW
        )
    assert refused(crv, "09:00", sid).facts["scope"] == "call"


def test_staff_set_the_limits(crv: Vehicle) -> None:
    ShopSettings.objects.update(bookings_per_call=1)
    sid = call("CA1")
    book(crv, at("09:00"), call_sid=sid)
    assert refused(crv, "14:00", sid).facts == {"scope": "call", "limit": 1}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tries=st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 4), st.sampled_from(CLOCKS)),
        min_size=5,
        max_size=20,
    )
)
def test_whatever_a_caller_tries_three_visits_is_all_they_get(
    ana: Customer, tries: list[tuple[int, int, str]]
) -> None:
    Appointment.objects.all().delete()
    Call.objects.all().delete()
    Vehicle.objects.all().delete()
    for n, (sid, day, clock) in enumerate(tries):
        name = f"CA{sid}"
        if not Call.objects.filter(sid=name).exists():
            call(name)
        try:
            book(car(ana, f"Model {n}"), at(clock, day), call_sid=name)
        except TooManyBookings:
            continue
    by_call = [Appointment.objects.filter(call_sid=f"CA{sid}").count() for sid in range(6)]
    assert max(by_call) <= 2
    assert sum(by_call) <= 3
