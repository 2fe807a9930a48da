"""How everything that takes or frees bay time is written.

Rules of this module:
1. A write takes one advisory lock per shop day it touches, in order of the days, before it
   reads anything it will decide by. Limits of a day are counts, which no constraint guards.
2. The exclusion constraints stay the judge: a writer that skips the lock can lose a race,
   never double-book. Their refusal means that the opening has just gone.
3. A deadlock is retried once; so is a clash of references or idempotency keys, because the
   second try finds what the first one ran into.
4. Event and calendar write belong to the same transaction as the change they tell of.
5. A caller waits: what a write reads under the lock is asked together with it, and what it
   leaves is sent together (`statements`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, NoReturn, TypeVar

import orjson
from django.db import IntegrityError, OperationalError, transaction
from psycopg import errors as pg

from crm import cache
from crm.errors import Refusal
from scheduling import day_sheet, errors
from scheduling.models import Appointment, CalendarOutbox, Notice
from scheduling.planning import Code, Problem
from scheduling.statements import Statement, send

LOCK_CLASS: Final = 0x5C4ED
"""First half of our advisory locks' key; the second is the day's ordinal."""
VEHICLE_CONSTRAINT: Final = "appointment_one_per_vehicle_and_time"

_LOCK: Final = "select pg_advisory_xact_lock(%s, day) from unnest(%s::int[]) day"
_LOCK_MOVE: Final = """
select pg_advisory_xact_lock(%(class)s, day) from (
  select %(day)s::int as day
  union select (start at time zone %(zone)s)::date - date '0001-01-01' + 1
    from scheduling_appointment where id = %(visit)s
  order by day) days
"""
_EVENT: Final = (
    "select appointment_id, kind from scheduling_appointmentevent where idempotency_key = %s"
)
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


def lock(days: Iterable[date]) -> Statement:
    """Take the locks of these shop days, earliest first; freed when the transaction ends."""
    return Statement(_LOCK, [LOCK_CLASS, sorted({day.toordinal() for day in days})])


def lock_day(moment: datetime) -> Statement:
    """Take the lock of the shop day that holds this moment."""
    return lock([moment.astimezone(day_sheet.shop_zone()).date()])


def lock_move(appointment_id: int, start: datetime) -> Statement:
    """Take the locks of the day a visit is on and the day it goes to, earliest first.

    The visit's row is read before the lock, so its day may be outdated by then. That does no
    harm: the limits that are checked are those of the new day, and freeing time needs no lock.
    """
    zone = day_sheet.shop_zone()
    day = start.astimezone(zone).date().toordinal()
    values = {"class": LOCK_CLASS, "day": day, "zone": zone.key, "visit": appointment_id}
    return Statement(_LOCK_MOVE, values)


def refuse(problem: Problem) -> NoReturn:
    """Raise the refusal that a planning problem stands for."""
    facts = {"limit": problem.limit} if problem.limit else {}
    raise _REFUSALS[problem.code](**facts)


@dataclass(frozen=True, slots=True)
class Change:
    """What is done to a visit, by whom; `notify`: the customer is sent a message about it."""

    kind: str
    by: str
    call_sid: str = ""
    idempotency_key: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    notify: bool = False


def commit(appointment: Appointment, change: Change, now: datetime, *rows: Statement) -> None:
    """Write the rows of a change and what every change leaves: event, calendar write, messages
    owed. The last answers with the numbers whose cached answers the change has made stale."""
    trace = Statement(_CHANGE, _trace(appointment, change, now))
    send(*rows, trace)
    cache.forget(*(row[0] for row in trace.rows))


def _trace(appointment: Appointment, change: Change, now: datetime) -> dict[str, object]:
    return {
        "visit": appointment.pk,
        "version": appointment.version,
        "customer": appointment.customer_id,
        "kind": change.kind,
        "by": change.by[:80],
        "call": change.call_sid,
        "key": change.idempotency_key,
        "facts": orjson.dumps(dict(change.facts)).decode(),
        "operation": _operation(change.kind),
        "channels": Notice.Channel.values if change.notify else [],
        "now": now,
    }


def _operation(kind: str) -> CalendarOutbox.Operation:
    """What the calendar is asked to do about a change of this kind."""
    if kind == "booked":
        return CalendarOutbox.Operation.INSERT
    if kind in ("cancelled", "no_show"):
        return CalendarOutbox.Operation.DELETE
    return CalendarOutbox.Operation.PATCH


def event_of(idempotency_key: str) -> Statement:
    """What a key has done already; `done_before` reads the answer."""
    return Statement(_EVENT, [idempotency_key])


def done_before(event: Statement, kind: str) -> int | None:
    """The visit that this key has changed already, None where it has done nothing yet.

    KeyReused where it did another kind of thing.
    """
    if not event.rows:
        return None
    appointment_id, done = event.rows[0]
    if done != kind:
        raise errors.KeyReused(kind=done)
    return int(appointment_id)
