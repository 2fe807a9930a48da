"""A worker that is held up longer than its lease: the calendar still shows the latest state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from crm.models import Vehicle
from scheduling import booking, calendar_reconcile, calendar_sync
from scheduling.calendar import CalendarProvider, Draft, Event, connected_calendar
from scheduling.models import Appointment, CalendarOutbox, CalendarReview
from scheduling.tests.cast import NOW, at, book, key
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=2)


class HeldUp:
    """The connected calendar, over a line on which the first request of a kind waits for something."""

    def __init__(self, request: str, meanwhile: Callable[[], object]) -> None:
        self._calendar, self._request, self._meanwhile = connected_calendar(), request, meanwhile
        self.calendar_id = self._calendar.calendar_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._calendar, name)

    def _wait(self, request: str) -> None:
        if request == self._request:
            self._request = ""
            self._meanwhile()

    def put(self, draft: Draft, etag: str = "") -> Event:
        self._wait("put")
        return self._calendar.put(draft, etag)

    def get(self, event_id: str) -> Event | None:
        found = self._calendar.get(event_id)
        self._wait("get")
        return found

    def remove(self, event_id: str) -> None:
        self._wait("remove")
        self._calendar.remove(event_id)


@pytest.fixture(params=["built-in", "google"])
def calendar(request: pytest.FixtureRequest) -> None:
    if request.param == "google":
        request.getfixturevalue("google")


def move(visit: Appointment, start: datetime) -> None:
    booking.reschedule(
        appointment_id=visit.pk, customer_id=visit.customer_id, start=start,
        call_sid="", idempotency_key=key(), now=NOW,
    )  # fmt: skip


def cancel(visit: Appointment) -> None:
    booking.cancel(
        appointment_id=visit.pk, customer_id=visit.customer_id, idempotency_key=key(), now=NOW
    )


def deliver(calendar: CalendarProvider | None = None) -> None:
    """Deliver all that is owed, whoever holds it: every lease has run out by then."""
    owed = CalendarOutbox.objects.filter(done_at=None).order_by("-next_try_at").first()
    if owed is not None:
        calendar_sync.deliver_due(now=owed.next_try_at + LATER, calendar=calendar)


def differences() -> tuple[calendar_reconcile.Difference, ...]:
    until = NOW + timedelta(days=90)
    return calendar_reconcile.compare(connected_calendar(), now=NOW, until=until).differences


@pytest.mark.usefixtures("calendar")
@pytest.mark.parametrize("shown_before", [False, True])
@pytest.mark.parametrize("change", ["moved", "cancelled"])
def test_an_older_state_never_replaces_a_newer_one(
    crv: Vehicle, shown_before: bool, change: str
) -> None:
    visit = book(crv, at("10:00"))
    if shown_before:
        deliver()
        move(visit, at("11:00"))

    def meanwhile() -> None:
        move(visit, at("14:00")) if change == "moved" else cancel(visit)
        deliver()

    deliver(HeldUp("put", meanwhile))
    deliver()
    assert differences() == ()
    assert not CalendarOutbox.objects.filter(done_at=None).exists()
    assert not CalendarReview.objects.exists()


def test_what_changes_while_an_event_is_looked_at_is_written_too(
    crv: Vehicle, google: GoogleSimulator
) -> None:
    visit = book(crv, at("10:00"))
    deliver()
    google.calendars.person_edits(visit.uid.hex, summary="Call me first")
    move(visit, at("11:00"))
    deliver(HeldUp("get", lambda: move(visit, at("14:00"))))
    deliver()
    assert differences() == ()
    assert CalendarReview.objects.get().facts["summary"] == "Call me first"
