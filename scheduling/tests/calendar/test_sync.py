"""The outbox: what the book says arrives in the calendar, once and in order."""

from datetime import timedelta

import pytest

from crm.models import Vehicle
from scheduling import booking, calendar_sync, changes
from scheduling.calendar import CalendarError, Draft, Event, connected_calendar
from scheduling.calendar.google import GoogleCalendar, google_calendar
from scheduling.models import (
    Appointment,
    CalendarOutbox,
    CalendarReview,
    CalendarState,
    LocalEvent,
)
from scheduling.tests.cast import NOW, at, book, key
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=2)


def move(visit: Appointment, clock: str) -> Appointment:
    visit.refresh_from_db()
    return booking.reschedule(
        appointment_id=visit.pk, customer_id=visit.customer_id, start=at(clock),
        version=visit.version, call_sid="", idempotency_key=key(), now=NOW,
    )  # fmt: skip


def cancel(visit: Appointment) -> None:
    booking.cancel(
        appointment_id=visit.pk, customer_id=visit.customer_id, reason="", call_sid="",
        idempotency_key=key(), now=NOW,
    )  # fmt: skip


def test_a_booking_is_shown_and_its_event_gives_nothing_private_away(crv: Vehicle) -> None:
    visit = book(crv, at("10:00"))
    assert calendar_sync.deliver_due(now=NOW).done == 1
    event = LocalEvent.objects.get()
    assert event.start == visit.start
    assert "Honda CR-V" in event.summary
    shown = f"{event.summary} {event.description} {event.private}"
    assert "5550101" not in shown
    assert visit.ref in shown
    assert calendar_sync.deliver_due(now=NOW).done == 0


def test_several_changes_become_one_write_of_the_latest_state(crv: Vehicle) -> None:
    visit = book(crv, at("10:00"))
    move(visit, "13:00")
    move(visit, "14:00")
    calendar_sync.deliver_due(now=NOW)
    assert LocalEvent.objects.get().start == at("14:00")
    assert not CalendarOutbox.objects.filter(done_at=None).exists()
    assert LocalEvent.objects.get().private["version"] == "3"


def test_a_cancelled_visit_leaves_the_calendar(crv: Vehicle) -> None:
    visit = book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    cancel(visit)
    calendar_sync.deliver_due(now=NOW)
    assert LocalEvent.objects.get().cancelled


def test_two_workers_never_hold_two_writes_of_one_visit(crv: Vehicle) -> None:
    visit = book(crv, at("10:00"))
    move(visit, "13:00")
    first = calendar_sync._claim(NOW, 10)
    second = calendar_sync._claim(NOW, 10)
    assert len(first) == 1
    assert second == []
    assert calendar_sync._claim(NOW + LATER, 10) == first


def test_an_answer_that_got_lost_makes_no_second_event(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = book(crv, at("10:00"))
    google.faults.lost_answers = 1.0
    assert calendar_sync.deliver_due(now=NOW).done == 1  # it is there, and says what it should
    move(visit, "13:00")
    assert calendar_sync.deliver_due(now=NOW + LATER).failed == 1
    google.faults.lost_answers = 0.0
    calendar_sync.deliver_due(now=NOW + 2 * LATER)
    (event,) = google.calendars.live()
    assert event["extendedProperties"]["private"]["version"] == "2"
    assert not CalendarReview.objects.exists()


def test_a_persons_edit_is_written_over_but_put_before_staff(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    google.calendars.person_edits(
        visit.uid.hex, summary="Call me first", extendedProperties={"private": {}}
    )
    move(visit, "13:00")
    calendar_sync.deliver_due(now=NOW)
    (event,) = google.calendars.live()
    assert "CR-V" in event["summary"]
    review = CalendarReview.objects.get()
    assert review.kind == "edited"
    assert review.facts["summary"] == "Call me first"


def test_a_disconnected_calendar_costs_no_tries_and_is_seen(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    book(crv, at("10:00"))
    google.faults.revoked = True
    for n in range(20):
        calendar_sync.deliver_due(now=NOW + n * LATER)
    row = CalendarOutbox.objects.get()
    assert not row.dead
    assert CalendarState.objects.get().broken_since is not None
    google.faults.revoked = False
    calendar_sync.deliver_due(now=NOW + 30 * LATER)
    assert CalendarState.objects.get().broken_since is None
    assert google.calendars.live()


def test_a_write_that_always_fails_is_given_up_and_can_be_started_again(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    book(crv, at("10:00"))
    google.faults.errors = 1.0
    for n in range(calendar_sync.MOST_TRIES + 3):
        calendar_sync.deliver_due(now=NOW + n * LATER)
    row = CalendarOutbox.objects.get()
    assert row.dead
    assert row.attempts == calendar_sync.MOST_TRIES
    google.faults.errors = 0.0
    assert calendar_sync.retry_dead([row.pk], NOW + 40 * LATER) == 1
    assert calendar_sync.deliver_due(now=NOW + 40 * LATER).done == 1


def test_a_calendar_that_is_down_never_holds_up_a_booking(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    google.stop()
    visit = book(crv, at("10:00"))
    assert Appointment.objects.filter(pk=visit.pk).exists()
    assert calendar_sync.deliver_due(now=NOW).failed == 1
    assert connected_calendar().calendar_id == "primary"


def test_staff_changes_reach_the_calendar_too(crv: Vehicle) -> None:
    visit = book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    changes.change_status(appointment_id=visit.pk, status="checked_in", by="dee", now=NOW)
    calendar_sync.deliver_due(now=NOW)
    assert "Checked in" in LocalEvent.objects.get().description


class DiesAfterTheWrite(GoogleCalendar):
    """The line breaks after every write, and with it whatever would have been asked next."""

    def __init__(self) -> None:
        super().__init__("primary", google_calendar()._service)

    def put(self, draft: Draft, etag: str = "") -> Event:
        super().put(draft, etag)
        raise CalendarError("unreachable", retryable=True)


def lose_the_answer(google: GoogleSimulator) -> None:
    assert calendar_sync.deliver_due(now=NOW, calendar=DiesAfterTheWrite()).failed == 1
    assert google.calendars.live()


def test_an_edit_after_an_answer_that_got_lost_is_put_before_staff(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = book(crv, at("10:00"))
    lose_the_answer(google)
    google.calendars.person_edits(visit.uid.hex, summary="Call me first")
    calendar_sync.deliver_due(now=NOW + LATER)
    assert CalendarReview.objects.get().facts["summary"] == "Call me first"
    assert "CR-V" in google.calendars.live()[0]["summary"]


def test_a_deletion_after_an_answer_that_got_lost_is_put_before_staff(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = book(crv, at("10:00"))
    lose_the_answer(google)
    google.calendars.delete("primary", visit.uid.hex)
    calendar_sync.deliver_due(now=NOW + LATER)
    assert CalendarReview.objects.get().kind == "deleted"
    assert "CR-V" in google.calendars.live()[0]["summary"]


def test_an_older_answer_that_got_lost_is_no_persons_doing(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    move(visit, "13:00")
    lose_the_answer(google)
    move(visit, "14:00")
    calendar_sync.deliver_due(now=NOW + LATER)
    assert not CalendarReview.objects.exists()
    assert calendar_sync.draft_of(visit).event_id == google.calendars.live()[0]["id"]
