"""Whether the calendar shows exactly what the book says.

Rules: a full reading of both sides. Three things can be wrong: a visit has no event, an
event says something else than its visit, an event of ours belongs to no visit that
stands. Repairs go from the book to the calendar only.
"""

from dataclasses import dataclass
from datetime import datetime

from scheduling.calendar import CalendarProvider, Event
from scheduling.calendar_sync import draft_of, event_id_of, load_for_calendar, note, write
from scheduling.models import Appointment, Status

_GONE = (Status.CANCELLED, Status.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Difference:
    """`kind` is missing, different or orphan."""

    kind: str
    event_id: str
    appointment_id: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many visits are shown as they are, and what is not."""

    agreed: int
    differences: tuple[Difference, ...]


def compare(calendar: CalendarProvider, *, now: datetime, until: datetime) -> Comparison:
    """Compare all visits that end between two moments. Raises CalendarError."""
    events = {event.event_id: event for event in calendar.changes("", now).events}
    agreed, found = 0, list[Difference]()
    for visit in _visits(now, until):
        event = events.pop(event_id_of(visit), None)
        kind = _compare_one(visit, event)
        agreed += not kind
        if kind:
            found.append(Difference(kind, event_id_of(visit), visit.pk))
    found += [Difference("orphan", event.event_id) for event in events.values() if _orphan(event)]
    return Comparison(agreed, tuple(found))


def repair(found: Comparison, calendar: CalendarProvider, *, now: datetime) -> int:
    """Put the calendar right; how many differences that were. Raises CalendarError."""
    for difference in found.differences:
        if difference.appointment_id is None:
            calendar.remove(difference.event_id)
            continue
        note(write(load_for_calendar(difference.appointment_id), calendar, now), now)
    return len(found.differences)


def _visits(now: datetime, until: datetime) -> list[Appointment]:
    rows = Appointment.objects.filter(end__gt=now, start__lt=until).exclude(status__in=_GONE)
    rows = rows.select_related("customer", "vehicle").prefetch_related("services__op")
    return list(rows)


def _compare_one(visit: Appointment, event: Event | None) -> str:
    if event is None or event.cancelled:
        return "missing"
    return "" if event.says(draft_of(visit)) else "different"


def _orphan(event: Event) -> bool:
    """An event that we wrote, of a visit that is not (or no longer) in the book."""
    if event.cancelled or "appt_id" not in event.private:
        return False
    stands = Appointment.objects.filter(uid=event.private["appt_id"]).exclude(status__in=_GONE)
    return not stands.exists()
