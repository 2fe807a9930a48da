"""How everything that takes or frees bay time is written.

Rules of this module:
1. A write takes one advisory lock per shop day it touches, in order of the days, before it
   reads anything it will decide by. Limits of a day are counts, which no constraint guards.
2. The exclusion constraints stay the judge: a writer that skips the lock can lose a race,
   never double-book. Their refusal means that the opening has just gone.
3. A deadlock is retried once; so is a clash of references or idempotency keys, because the
   second try finds what the first one ran into.
4. Event and calendar write belong to the same transaction as the change they tell of.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final, NoReturn, TypeVar

import orjson
from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg import errors as pg

from crm import cache
from crm.errors import Refusal
from scheduling import day_sheet, errors
from scheduling.models import Appointment, AppointmentEvent, CalendarOutbox, Notice
from scheduling.planning import Code, Problem

LOCK_CLASS: Final = 0x5C4ED
"""First half of our advisory locks' key; the second is the day's ordinal."""
VEHICLE_CONSTRAINT: Final = "appointment_one_per_vehicle_and_time"

_CHANGE: Final = """
with event as (
  insert into scheduling_appointmentevent
    (appointment_id, version, kind, by, call_sid, idempotency_key, facts, at)
  values (%(visit)s, %(version)s, %(kind)s, %(by)s, %(call)s, %(key)s, %(facts)s, %(now)s)),
owed as (
  insert into scheduling_calendaroutbox
    (appointment_id, version, operation, attempts, next_try_at, dead, last_error, created_at)
  values (%(visit)s, %(version)s, %(operation)s, 0, %(now)s, false, '', %(now)s)),
notices as (
  insert into scheduling_notice
    (appointment_id, version, kind, channel, attempts, next_try_at, dropped, created_at)
  select %(visit)s, %(version)s, %(kind)s, channel, 0, %(now)s, '', %(now)s
    from unnest(%(channels)s::text[]) channel)
select e164 from crm_customerphone where customer_id = %(customer)s
"""

T = TypeVar("T")

_REFUSALS: Final[dict[Code, type[Refusal]]] = {
    Code.OUTSIDE_HOURS: errors.OutsideHours,
    Code.PAST_DATE: errors.PastDate,
    Code.TOO_SOON: errors.TooSoon,
    Code.TOO_FAR: errors.TooFar,
    Code.CAP_REACHED: errors.CapReached,
    Code.WAIT_NOT_POSSIBLE: errors.WaitNotPossible,
    Code.NO_BAY_CAN_DO: errors.NoBayCanDo,
    Code.OPENING_TAKEN: errors.OpeningTaken,
}


def run_write(write: Callable[[], T]) -> T:
    """The result of `write` in a transaction of its own; OpeningTaken or DuplicateVisit if it
    loses a race."""
    try:
        return _attempt(write)
    except (pg.DeadlockDetected, pg.UniqueViolation):
        pass
    try:
        return _attempt(write)
    except pg.DeadlockDetected as deadlock:
        raise errors.OpeningTaken from deadlock


def _attempt(write: Callable[[], T]) -> T:
    """One transaction; database errors come out as psycopg's or as refusals."""
    try:
        with transaction.atomic(durable=True):
            return write()
    except (IntegrityError, OperationalError) as error:
        _translate(error)


def _translate(error: Exception) -> NoReturn:
    """Raise what the error means to us; anything unexpected goes up as it came."""
    cause = error.__cause__
    if isinstance(cause, pg.ExclusionViolation):
        if cause.diag.constraint_name == VEHICLE_CONSTRAINT:
            raise errors.DuplicateVisit from error
        raise errors.OpeningTaken from error
    if isinstance(cause, pg.DeadlockDetected | pg.UniqueViolation):
        raise cause
    raise error


def lock_days(*moments: datetime) -> None:
    """Take the locks of the shop days that hold these moments; freed when the transaction ends."""
    zone = day_sheet.shop_zone()
    lock(moment.astimezone(zone).date() for moment in moments)


def lock(days: Iterable[date]) -> None:
    """Take the locks of these shop days, earliest first."""
    ordinals = sorted({day.toordinal() for day in days})
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(%s, day) from unnest(%s::int[]) day",
            [LOCK_CLASS, ordinals],
        )


def refuse(problem: Problem) -> NoReturn:
    """Raise the refusal that a planning problem stands for."""
    facts = {"limit": problem.limit} if problem.limit else {}
    raise _REFUSALS[problem.code](**facts)


def record_change(
    appointment: Appointment,
    *,
    kind: str,
    by: str,
    call_sid: str,
    idempotency_key: str | None,
    facts: dict[str, object],
    now: datetime,
    notify: bool,
) -> None:
    """Write what every change leaves: event, calendar write, messages owed, cache dropped.

    One statement, because a caller waits for it; it answers with the numbers whose cached
    answers the change has made stale.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGE,
            {
                "visit": appointment.pk,
                "version": appointment.version,
                "customer": appointment.customer_id,
                "kind": kind,
                "by": by[:80],
                "call": call_sid,
                "key": idempotency_key,
                "facts": orjson.dumps(facts).decode(),
                "operation": _operation(kind),
                "channels": Notice.Channel.values if notify else [],
                "now": now,
            },
        )
        cache.forget(*(row[0] for row in cursor.fetchall()))


def _operation(kind: str) -> CalendarOutbox.Operation:
    """What the calendar is asked to do about a change of this kind."""
    if kind == "booked":
        return CalendarOutbox.Operation.INSERT
    if kind in ("cancelled", "no_show"):
        return CalendarOutbox.Operation.DELETE
    return CalendarOutbox.Operation.PATCH


def replayed(idempotency_key: str, kind: str) -> Appointment | None:
    """The visit that this key has written already; KeyReused when it was another kind of write."""
    event = (
        AppointmentEvent.objects.filter(idempotency_key=idempotency_key)
        .select_related("appointment")
        .first()
    )
    if event is None:
        return None
    if event.kind != kind:
        raise errors.KeyReused(kind=event.kind)
    return event.appointment
