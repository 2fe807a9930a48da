"""Calendar and book are compared in full, and only the calendar is put right."""

from datetime import timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command

from crm.errors import Refusal
from crm.models import Vehicle
from scheduling import booking, calendar_sync
from scheduling.calendar import CalendarError, connected_calendar
from scheduling.calendar_reconcile import compare, repair
from scheduling.models import Appointment, CalendarOutbox
from scheduling.tests.cast import NOW, at, book, car, key, person
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
UNTIL = NOW + timedelta(days=60)


def test_what_was_delivered_agrees(crv: Vehicle) -> None:
    book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    found = compare(connected_calendar(), now=NOW, until=UNTIL)
    assert (found.agreed, found.differences) == (1, ())


def test_every_kind_of_difference_is_found_and_repaired(
    crv: Vehicle, civic: Vehicle, google: GoogleSimulator
) -> None:
    lost, edited = book(crv, at("10:00")), book(civic, at("11:00"))
    calendar_sync.deliver_due(now=NOW)
    google.calendars.delete("primary", lost.uid.hex)
    google.calendars.person_edits(edited.uid.hex, summary="Something else")
    google.calendars.person_adds(
        at("14:00"), at("15:00"), extendedProperties={"private": {"appt_id": "0" * 32}}
    )
    calendar = connected_calendar()
    found = compare(calendar, now=NOW, until=UNTIL)
    assert sorted(one.kind for one in found.differences) == ["different", "missing", "orphan"]
    assert repair(found, calendar, now=NOW) == 3
    assert compare(calendar, now=NOW, until=UNTIL).differences == ()


def test_the_command_fails_while_they_differ(crv: Vehicle, google: GoogleSimulator) -> None:
    visit = book(crv, at("10:00"))
    Appointment.objects.filter(pk=visit.pk).update(
        start=visit.start + timedelta(days=3650), end=visit.end + timedelta(days=3650)
    )
    with pytest.raises(CommandError, match="differ"):
        call_command("reconcile_calendar", days=5000)
    call_command("reconcile_calendar", "--repair", days=5000)
    call_command("reconcile_calendar", days=5000)


def test_after_a_storm_book_and_calendar_agree(shop: None, google: GoogleSimulator) -> None:
    """Errors, lost answers, dead tokens and a meddling person; then the dust settles."""
    random = Random(7)
    cars = [car(person("Pat", f"Number{n}", f"+1212555{n:04d}")) for n in range(6)]
    faults = google.faults
    faults.errors, faults.lost_answers, faults.dead_tokens = 0.3, 0.1, 0.05
    visits: list[Appointment] = []
    for n in range(60):
        if visits and random.random() < 0.5:
            _change(random.choice(visits), random, n)
        else:
            day, clock = 1 + n % 4, random.choice(("09:00", "10:00", "13:00", "14:00", "15:00"))
            visits += _try_to_book(random.choice(cars), day, clock)
        if random.random() < 0.2 and (live := google.calendars.live()):
            google.calendars.person_edits(random.choice(live)["id"], summary="Scribble")
        calendar_sync.deliver_due(now=NOW + timedelta(minutes=n), limit=5)
    faults.errors = faults.lost_answers = faults.dead_tokens = 0.0
    for n in range(30):
        calendar_sync.deliver_due(now=NOW + timedelta(days=1, hours=n))
    assert not CalendarOutbox.objects.filter(done_at=None).exists()
    calendar = connected_calendar()
    repair(compare(calendar, now=NOW, until=UNTIL), calendar, now=NOW)  # the scribbles
    assert compare(calendar, now=NOW, until=UNTIL).differences == ()
    standing = Appointment.objects.exclude(status="cancelled").count()
    assert len(google.calendars.live()) == standing


def _try_to_book(vehicle: Vehicle, day: int, clock: str) -> list[Appointment]:
    try:
        return [book(vehicle, at(clock, day))]
    except Refusal:
        return []


def _change(visit: Appointment, random: Random, n: int) -> None:
    visit.refresh_from_db()
    try:
        if random.random() < 0.3:
            booking.cancel(
                appointment_id=visit.pk, customer_id=visit.customer_id, reason="", call_sid="",
                idempotency_key=key(), now=NOW,
            )  # fmt: skip
        else:
            booking.reschedule(
                appointment_id=visit.pk, customer_id=visit.customer_id,
                start=at(random.choice(("09:30", "11:00", "13:30", "15:30")), 1 + n % 4),
                version=visit.version, call_sid="", idempotency_key=key(), now=NOW,
            )  # fmt: skip
    except Refusal:
        return


def test_a_calendar_that_cannot_be_read_is_no_difference(google: GoogleSimulator) -> None:
    google.faults.errors = 1.0
    with pytest.raises(CalendarError):
        compare(connected_calendar(), now=NOW, until=UNTIL)
