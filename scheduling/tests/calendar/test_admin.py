"""Staff see what the calendar is owed and decide what people changed in it."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Vehicle
from scheduling import calendar_sync
from scheduling.calendar_pull import pull_changes
from scheduling.models import Appointment, CalendarOutbox, CalendarReview
from scheduling.tests.cast import NOW, at, book
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
PAGES = ("calendaroutbox", "calendarreview", "calendarstate", "localevent")


def decide(client: Client, page: str, action: str, pk: int) -> None:
    answer = client.post(
        reverse(f"admin:scheduling_{page}_changelist"), {"action": action, "_selected_action": [pk]}
    )
    assert answer.status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens(admin_client: Client, crv: Vehicle, page: str) -> None:
    book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    answer = admin_client.get(reverse(f"admin:scheduling_{page}_changelist"))
    assert answer.status_code == 200


def test_a_given_up_write_is_started_again(admin_client: Client, crv: Vehicle) -> None:
    book(crv, at("10:00"))
    CalendarOutbox.objects.update(dead=True, attempts=12)
    decide(admin_client, "calendaroutbox", "try_again", CalendarOutbox.objects.get().pk)
    assert not CalendarOutbox.objects.get().dead


def question(crv: Vehicle, google: GoogleSimulator) -> CalendarReview:
    visit = book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    google.calendars.person_edits(
        visit.uid.hex,
        start={"dateTime": at("13:00").isoformat()},
        end={"dateTime": at("13:30").isoformat()},
    )
    pull_changes(now=NOW)
    return CalendarReview.objects.get()


def test_a_moved_event_is_put_right_from_the_book(
    admin_client: Client, crv: Vehicle, google: GoogleSimulator
) -> None:
    row = question(crv, google)
    decide(admin_client, "calendarreview", "restore", row.pk)
    (event,) = google.calendars.live()
    assert event["start"]["dateTime"].startswith(at("10:00").isoformat()[:16])
    assert CalendarReview.objects.get().resolved_by == "admin"


def test_a_question_may_be_left(
    admin_client: Client, crv: Vehicle, google: GoogleSimulator
) -> None:
    row = question(crv, google)
    decide(admin_client, "calendarreview", "leave", row.pk)
    assert CalendarReview.objects.get().state == "dismissed"
    assert Appointment.objects.get().start == at("10:00")
