"""Staff decide what people did in the calendar: once, and what was decided is done."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from crm.errors import Refusal
from crm.models import Vehicle
from scheduling import calendar_review, calendar_sync, tasks_calendar
from scheduling.calendar import CalendarError
from scheduling.calendar_pull import pull_changes
from scheduling.errors import BadInput
from scheduling.models import Appointment, CalendarOutbox, CalendarReview
from scheduling.tests.cast import MONDAY, NOW, at, book
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def shown(crv: Vehicle, clock: str = "10:00") -> Appointment:
    """A visit that the calendar shows and that was read there."""
    visit = book(crv, at(clock))
    calendar_sync.deliver_due(now=NOW)
    pull_changes(now=NOW)
    return visit


def move(google: GoogleSimulator, visit: Appointment, start: datetime) -> CalendarReview:
    """Somebody drags the event; the question that comes of it."""
    end = start + timedelta(minutes=30)
    google.calendars.person_edits(
        visit.uid.hex, start={"dateTime": start.isoformat()}, end={"dateTime": end.isoformat()}
    )
    pull_changes(now=NOW)
    return CalendarReview.objects.get(appointment=visit)


def settle() -> None:
    """All that is owed is written, and everything is read anew."""
    calendar_sync.deliver_due(now=LATER)
    pull_changes(now=LATER)
    assert not CalendarOutbox.objects.filter(done_at=None).exists()


def test_a_move_that_is_taken_over_is_not_asked_about_again(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = shown(crv)
    row = move(google, visit, at("13:00"))
    calendar_review.take_over(row, by="dee", now=NOW)
    settle()
    visit.refresh_from_db()
    assert visit.start == at("13:00")
    (asked,) = CalendarReview.objects.all()
    assert (asked.state, asked.resolved_by, asked.resolved_at) == ("accepted", "dee", NOW)
    (event,) = google.calendars.live()
    assert event["start"]["dateTime"].startswith(at("13:00").isoformat()[:16])


def test_a_deletion_that_is_taken_over_cancels_the_visit(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = shown(crv)
    google.calendars.delete("primary", visit.uid.hex)
    pull_changes(now=NOW)
    calendar_review.take_over(CalendarReview.objects.get(), by="dee", now=NOW)
    settle()
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == ("cancelled", "calendar")
    assert google.calendars.live() == []
    assert CalendarReview.objects.get().state == "accepted"


def test_what_the_shop_cannot_do_stays_a_question(crv: Vehicle, google: GoogleSimulator) -> None:
    visit = shown(crv)
    row = move(google, visit, at("10:00", MONDAY + timedelta(days=6)))  # a Sunday
    with pytest.raises(Refusal, match="outside_hours"):
        calendar_review.take_over(row, by="dee", now=NOW)
    visit.refresh_from_db()
    assert visit.start == at("10:00")
    assert CalendarReview.objects.get().state == "open"


def test_a_title_cannot_be_taken_over_only_put_right(crv: Vehicle, google: GoogleSimulator) -> None:
    visit = shown(crv)
    google.calendars.person_edits(visit.uid.hex, summary="Call me first")
    pull_changes(now=NOW)
    row = CalendarReview.objects.get()
    with pytest.raises(BadInput):
        calendar_review.take_over(row, by="dee", now=NOW)
    calendar_review.put_calendar_right(row, by="dee", now=NOW)
    settle()
    assert "CR-V" in google.calendars.live()[0]["summary"]
    assert CalendarReview.objects.get().state == "restored"


def test_a_deleted_event_is_put_right_without_a_second_question(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = shown(crv)
    google.calendars.delete("primary", visit.uid.hex)
    pull_changes(now=NOW)
    calendar_review.put_calendar_right(CalendarReview.objects.get(), by="dee", now=NOW)
    settle()
    assert len(google.calendars.live()) == 1
    assert CalendarReview.objects.get().state == "restored"


def test_what_was_left_is_not_asked_about_again_when_all_is_read_anew(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = shown(crv)
    calendar_review.dismiss(move(google, visit, at("13:00")), by="dee", now=NOW)
    google.faults.expired_syncs = 1.0
    pull_changes(now=LATER)
    assert CalendarReview.objects.get().state == "dismissed"
    google.calendars.person_edits(visit.uid.hex, summary="Call me first")
    pull_changes(now=LATER)
    assert CalendarReview.objects.filter(state="open").count() == 1


def test_a_calendar_that_is_down_leaves_the_question_open(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    row = move(google, shown(crv), at("13:00"))
    google.faults.errors = 1.0
    with pytest.raises(CalendarError):
        calendar_review.put_calendar_right(row, by="dee", now=NOW)
    assert CalendarReview.objects.get().state == "open"


def test_an_event_across_two_visits_is_a_question_about_each(
    crv: Vehicle, civic: Vehicle, google: GoogleSimulator
) -> None:
    visits = {shown(crv).pk, shown(civic, "10:30").pk}
    google.calendars.person_adds(at("09:00"), at("12:00"), summary="Training")
    pull_changes(now=NOW)
    assert set(CalendarReview.objects.values_list("appointment", flat=True)) == visits
    assert set(CalendarReview.objects.values_list("kind", flat=True)) == {"overlap"}


# ---- the tasks that beat starts -------------------------------------------------------------
def test_the_sweep_writes_what_is_owed_and_the_pull_reads_what_changed(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    book(crv, at("10:00"))
    CalendarOutbox.objects.update(next_try_at=NOW - timedelta(days=365))
    assert tasks_calendar.deliver_calendar_writes() == 1
    assert tasks_calendar.deliver_calendar_writes() == 0
    soon = timezone.now() + timedelta(days=20)
    google.calendars.person_adds(soon, soon + timedelta(hours=1))
    assert tasks_calendar.pull_calendar_changes() >= 1


def test_a_calendar_that_fails_is_no_failed_task(google: GoogleSimulator, shop: None) -> None:
    google.faults.revoked = True
    assert tasks_calendar.pull_calendar_changes() == 0
    assert tasks_calendar.deliver_calendar_writes() == 0


def test_no_channel_where_nobody_can_reach_us(google: GoogleSimulator, shop: None) -> None:
    assert tasks_calendar.keep_calendar_channel() is False
    assert google.channels == {}


def test_a_channel_that_cannot_be_opened_is_no_failed_task(
    google: GoogleSimulator, shop: None, settings
) -> None:
    settings.BASE_URL = "https://shop.example.com"
    google.faults.errors = 1.0
    assert tasks_calendar.keep_calendar_channel() is False
