"""What the book says, into the calendar: the outbox and its sweep.

Rules:
- The calendar is told the appointment's *present* state, so several owed writes become
  one, and a write that arrives twice changes nothing. Writes of one appointment go one
  after the other: only its oldest owed row can be claimed.
- A claim is a lease: the row's next try moves a minute ahead before the network is
  asked. Whoever dies in between is followed by the next sweep.
- A lease can run out under a worker that is held up. So the book is read after the event was
  (its etag is), and written only over that event: an older state never replaces a newer one.
- No transaction is open while the calendar is asked. A booking never waits for it.
- After `MOST_TRIES` a row is dead: staff see it and may start it again. A calendar that
  must be connected again costs no tries.
"""

import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import F, Q

from scheduling.calendar import (
    CalendarDisconnected,
    CalendarError,
    CalendarProvider,
    Conflict,
    Draft,
    Event,
    connected_calendar,
    mark,
)
from scheduling.models import Appointment, CalendarOutbox, CalendarReview, CalendarState, Status

log = logging.getLogger(__name__)

LEASE: Final = timedelta(seconds=60)
MOST_TRIES: Final = 12
LONGEST_WAIT_S: Final = 900
_GONE = frozenset({Status.CANCELLED, Status.NO_SHOW})

_CLAIM = """
    update scheduling_calendaroutbox set attempts = attempts + 1, next_try_at = %(lease)s
    where id in (
        select o.id from scheduling_calendaroutbox o
        where o.done_at is null and not o.dead and o.next_try_at <= %(now)s
          and not exists (
            select 1 from scheduling_calendaroutbox e
            where e.appointment_id = o.appointment_id and e.version < o.version
              and e.done_at is null and not e.dead)
        order by o.next_try_at limit %(limit)s
        for update skip locked)
    returning id
"""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a sweep did."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """The visit as the calendar shows it now; `event` None where it shows none."""

    visit: Appointment
    event: Event | None


def deliver_due(
    *, now: datetime, limit: int = 50, calendar: CalendarProvider | None = None
) -> Delivered:
    """Tell the calendar what is owed and due; rows in another worker's hands are left alone."""
    ids = _claim(now, limit)
    if not ids:
        return Delivered()
    calendar = calendar or connected_calendar()
    done = 0
    for row in CalendarOutbox.objects.filter(pk__in=ids).select_related("appointment"):
        done += _deliver(row, calendar, now)
    return Delivered(done, len(ids) - done)


def _claim(now: datetime, limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "lease": now + LEASE, "limit": limit})
        return [pk for (pk,) in cursor.fetchall()]


def _deliver(row: CalendarOutbox, calendar: CalendarProvider, now: datetime) -> bool:
    appointment = load_for_calendar(row.appointment_id)
    try:
        shown = write(appointment, calendar, now)
    except CalendarError as error:
        _fail(row, calendar, error, now)
        return False
    note(shown, now)
    _works(calendar, now)
    return True


def load_for_calendar(appointment_id: int) -> Appointment:
    """The visit as it stands now, with all that its event says."""
    rows = Appointment.objects.select_related("customer", "vehicle")
    return rows.prefetch_related("services__op").get(pk=appointment_id)


# ---- one event ----------------------------------------------------------------------
def write(appointment: Appointment, calendar: CalendarProvider, now: datetime) -> Shown:
    """Make the calendar say what the book says. Raises CalendarError."""
    if appointment.status in _GONE:
        return _remove(appointment, calendar)
    try:
        return _put(appointment, appointment.calendar_etag, calendar)
    except Conflict:
        return write_over(appointment, calendar, now)


def _put(visit: Appointment, etag: str, calendar: CalendarProvider) -> Shown:
    """Show the visit. One that was cancelled while its event was made is taken away again: the
    cancellation found no event to remove."""
    event = calendar.put(draft_of(visit), etag)
    if not etag and (now_gone := Appointment.objects.get(pk=visit.pk)).status in _GONE:
        return _remove(now_gone, calendar)
    return Shown(visit, event)


def _remove(appointment: Appointment, calendar: CalendarProvider) -> Shown:
    calendar.remove(event_id_of(appointment))
    return Shown(appointment, None)


def write_over(
    appointment: Appointment, calendar: CalendarProvider, now: datetime, *, decided: bool = False
) -> Shown:
    """Write over an event that is not as we left it: another worker, an answer of ours that got
    lost, or a person was at it. Staff hear of a person's doing, unless they have just `decided`.
    Raises CalendarError; Conflict where it changes again under our hands.
    """
    found = calendar.get(event_id_of(appointment))
    visit = load_for_calendar(appointment.pk)
    if visit.status in _GONE:
        return _remove(visit, calendar)
    if found is not None and not decided and (kind := by_a_person(found)):
        review(visit, kind, found, now)
    return _put(visit, found.etag if found else "", calendar)


def by_a_person(event: Event) -> str:
    """What somebody did to the event of a visit that stands; empty where it is as we left it."""
    if event.cancelled:
        return "deleted"
    return event.edited if event.private.get("wrote") else "edited"


def event_id_of(appointment: Appointment) -> str:
    """The id of the visit's event, the same for ever: 0-9 and a-f are among the allowed characters."""
    return str(appointment.uid.hex)


def draft_of(appointment: Appointment) -> Draft:
    """The event: what, which car, for whom. No birth date, number or VIN goes into a calendar."""
    services = ", ".join(line.op.spoken_name for line in appointment.services.all())
    car, person = appointment.vehicle, appointment.customer
    summary = (
        f"{services}: {car.year} {car.make} {car.model} ({person.first_name} {person.last_name})"
    )
    title = " ".join(summary.split())[:200].strip()
    waiting = appointment.get_visit_type_display()
    return Draft(
        event_id=event_id_of(appointment),
        start=appointment.start,
        end=appointment.end,
        summary=title,
        description=f"Reference {appointment.ref}. {waiting}. {appointment.get_status_display()}.",
        private={
            "appt_id": appointment.uid.hex,
            "version": str(appointment.version),
            "wrote": mark(appointment.start, appointment.end, title),
        },
    )


def review(appointment: Appointment | None, kind: str, event: Event, now: datetime) -> None:
    """Put a difference before a person, once; what they have decided is not asked again."""
    asked = CalendarReview.objects.filter(
        appointment=appointment, event_id=event.event_id, kind=kind, etag=event.etag
    )
    if event.etag and asked.exists():
        return
    facts = {
        "summary": event.summary[:200],
        "start": event.start.isoformat() if event.start else "",
        "end": event.end.isoformat() if event.end else "",
    }
    with transaction.atomic():
        CalendarReview.objects.bulk_create(
            [
                CalendarReview(
                    appointment=appointment,
                    kind=kind,
                    event_id=event.event_id,
                    etag=event.etag,
                    facts=facts,
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )


# ---- what came of it ------------------------------------------------------------------
def note(shown: Shown, now: datetime) -> None:
    """The calendar holds this version: everything owed up to it is paid."""
    visit, event = shown.visit, shown.event
    Appointment.objects.filter(pk=visit.pk).update(
        calendar_event_id=event_id_of(visit), calendar_etag=event.etag if event else ""
    )
    CalendarOutbox.objects.filter(
        appointment=visit, version__lte=visit.version, done_at=None
    ).update(done_at=now, last_error="", dead=False)


def _works(calendar: CalendarProvider, now: datetime) -> None:
    state, _ = CalendarState.objects.get_or_create(calendar_id=calendar.calendar_id)
    CalendarState.objects.filter(pk=state.pk).update(
        delivered_at=now, broken_since=None, broken_reason=""
    )


def _fail(
    row: CalendarOutbox, calendar: CalendarProvider, error: CalendarError, now: datetime
) -> None:
    """Try again later, or give up and say so."""
    log.warning("calendar_write_failed", extra={"code": error.code, "attempt": row.attempts})
    rows = CalendarOutbox.objects.filter(pk=row.pk)
    if isinstance(error, CalendarDisconnected):
        mark_broken(calendar.calendar_id, error.code, now)
        rows.update(attempts=F("attempts") - 1, next_try_at=now + LEASE, last_error=error.code)
        return
    given_up = row.attempts >= MOST_TRIES or not error.retryable
    wait = min(LONGEST_WAIT_S, 5 * 2 ** min(row.attempts, 10)) * random.uniform(0.8, 1.2)
    rows.update(
        dead=given_up, next_try_at=now + timedelta(seconds=wait), last_error=error.code[:200]
    )


def mark_broken(calendar_id: str, reason: str, now: datetime) -> None:
    """Remember since when the calendar must be connected again; `/health` and the admin show it."""
    state, _ = CalendarState.objects.get_or_create(calendar_id=calendar_id)
    CalendarState.objects.filter(pk=state.pk).filter(
        Q(broken_since=None) | ~Q(broken_reason=reason)
    ).update(broken_since=now, broken_reason=reason[:200])


def retry_dead(ids: list[int], now: datetime) -> int:
    """Staff's "try again" on rows that were given up."""
    rows = CalendarOutbox.objects.filter(pk__in=ids, done_at=None)
    return rows.update(dead=False, attempts=0, next_try_at=now)
