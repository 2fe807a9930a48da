"""What people do in the calendar: bay time that is gone, and questions for staff."""

from datetime import timedelta

import pytest

from crm.models import Vehicle
from scheduling import booking, calendar_sync
from scheduling.calendar import CalendarDisconnected
from scheduling.calendar_pull import pull_changes
from scheduling.errors import OpeningTaken
from scheduling.models import Appointment, Bay, CalendarReview, CalendarState, Reservation
from scheduling.tests.cast import NOW, at, book, key
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
BLOCK = Reservation.Kind.BLOCK


def booked(crv: Vehicle) -> Appointment:
    visit = book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    pull_changes(now=NOW)
    assert not CalendarReview.objects.exists()
    return visit


def test_somebody_elses_event_takes_bay_time_and_gives_it_back(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    event = google.calendars.person_adds(at("10:00"), at("12:00"), summary="Fire drill")
    pulled = pull_changes(now=NOW)
    assert pulled.blocked == Bay.objects.filter(active=True).count()
    with pytest.raises(OpeningTaken):
        book(crv, at("10:00"))
    google.calendars.delete("primary", event["id"])
    pull_changes(now=NOW)
    assert not Reservation.objects.filter(kind=BLOCK).exists()
    assert book(crv, at("10:00")).pk


def test_an_event_marked_free_takes_nothing(crv: Vehicle, google: GoogleSimulator) -> None:
    google.calendars.person_adds(at("10:00"), at("12:00"), transparency="transparent")
    assert pull_changes(now=NOW).blocked == 0


def test_an_event_over_a_visit_is_asked_about_and_the_visit_stands(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = booked(crv)
    google.calendars.person_adds(at("09:00"), at("12:00"))
    pull_changes(now=NOW)
    assert CalendarReview.objects.get().kind == "overlap"
    visit.refresh_from_db()
    assert visit.start == at("10:00")


def test_a_visit_dragged_to_another_time_changes_nothing_but_is_asked_about(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = booked(crv)
    google.calendars.person_edits(
        visit.uid.hex,
        start={"dateTime": at("13:00").isoformat()},
        end={"dateTime": at("13:30").isoformat()},
    )
    for _ in range(3):
        pull_changes(now=NOW)
    review = CalendarReview.objects.get()
    assert (review.kind, review.appointment_id) == ("moved", visit.pk)
    visit.refresh_from_db()
    assert visit.start == at("10:00")


def test_a_deleted_event_of_ours_is_asked_about(crv: Vehicle, google: GoogleSimulator) -> None:
    visit = booked(crv)
    google.calendars.delete("primary", visit.uid.hex)
    pull_changes(now=NOW)
    assert CalendarReview.objects.get().kind == "deleted"
    assert Appointment.objects.get().status == "booked"


def test_an_expired_token_reads_everything_anew_and_lifts_what_is_gone(
    shop: None, google: GoogleSimulator
) -> None:
    kept = google.calendars.person_adds(at("10:00"), at("11:00"))
    lost = google.calendars.person_adds(at("14:00"), at("15:00"))
    pull_changes(now=NOW)
    google.calendars.delete("primary", lost["id"])
    google.faults.expired_syncs = 1.0
    pull_changes(now=NOW)
    left = set(Reservation.objects.filter(kind=BLOCK).values_list("external_id", flat=True))
    assert left == {f"calendar:primary:{kept['id']}"}


def test_a_revoked_grant_is_noted(google: GoogleSimulator) -> None:
    google.faults.revoked = True
    with pytest.raises(CalendarDisconnected):
        pull_changes(now=NOW)
    assert CalendarState.objects.get().broken_reason == "disconnected"


def test_a_pull_that_finds_nothing_new_changes_nothing(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    booked(crv)
    google.calendars.person_adds(at("14:00"), at("15:00"))
    pull_changes(now=NOW)
    before = list(Reservation.objects.values_list("pk", flat=True))
    pull_changes(now=NOW + timedelta(minutes=2))
    assert list(Reservation.objects.values_list("pk", flat=True)) == before


def test_an_edit_while_a_write_is_owed_is_asked_about_with_what_was_really_done(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = booked(crv)
    booking.reschedule(
        appointment_id=visit.pk, customer_id=visit.customer_id, start=at("14:00"),
        call_sid="", idempotency_key=key(), now=NOW,
    )  # fmt: skip
    google.calendars.person_edits(visit.uid.hex, summary="Call me first")
    pull_changes(now=NOW)
    assert CalendarReview.objects.get().kind == "edited"  # the old time is nobody's wish
    calendar_sync.deliver_due(now=NOW)
    assert CalendarReview.objects.count() == 1


def test_a_write_of_ours_whose_answer_got_lost_is_no_question(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    book(crv, at("10:00"))
    google.faults.lost_answers = 1.0
    calendar_sync.deliver_due(now=NOW)
    google.faults.lost_answers = 0.0
    assert pull_changes(now=NOW).blocked == 0
    assert not CalendarReview.objects.exists()


def test_an_event_that_comes_back_to_life_is_asked_about(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = booked(crv)
    booking.cancel(
        appointment_id=visit.pk, customer_id=visit.customer_id, call_sid="",
        idempotency_key=key(), now=NOW,
    )  # fmt: skip
    pull_changes(now=NOW)
    calendar_sync.deliver_due(now=NOW)
    assert not CalendarReview.objects.exists()
    google.calendars.person_edits(visit.uid.hex, status="confirmed")
    pull_changes(now=NOW)
    assert CalendarReview.objects.get().kind == "restored"
