"""Changing a visit that stands: move, cancel, confirm, and what staff note about it.

Rules of this module:
- The locks of the days come first, then the visit's row, then the question whether this key
  has been here before; so of two requests with one key the second finds what the first did.
- A move keeps the row and the reference, gives up the old time only in the transaction that
  takes the new one, and makes the visit unconfirmed again.
- Every change raises `version` by one and leaves one event and one calendar write with it.
- A visit that is somebody else's and one that does not exist are refused alike (`NotYours`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from scheduling import claims, inputs, writes
from scheduling.errors import BadInput, KeyReused, NotYours, StaleVersion, TooLate
from scheduling.models import Appointment, Status
from scheduling.statements import Statement, read, select, send, update

_SERVICES: Final = (
    "select op_id from scheduling_appointmentservice where appointment_id = %s order by position"
)
_TAKE: Final = """
update scheduling_reservation set bay_id = %s, span = %s, visit_type = %s, work_min = %s
where appointment_id = %s
"""
_FREE: Final = "delete from scheduling_reservation where appointment_id = %s"

CHANGEABLE: Final = (Status.BOOKED, Status.CONFIRMED)
"""Once the car is here, moving and cancelling is the advisor's business."""

NEXT: Final[dict[str, tuple[Status, ...]]] = {
    Status.BOOKED: (Status.CHECKED_IN, Status.NO_SHOW),
    Status.CONFIRMED: (Status.CHECKED_IN, Status.NO_SHOW),
    Status.CHECKED_IN: (Status.IN_SERVICE, Status.READY, Status.COMPLETED),
    Status.IN_SERVICE: (Status.READY, Status.COMPLETED),
    Status.READY: (Status.IN_SERVICE, Status.COMPLETED),
    Status.NO_SHOW: (),
    Status.COMPLETED: (),
    Status.CANCELLED: (),
}
"""What staff may set a visit to, by where it stands."""


def reschedule(
    *,
    appointment_id: int,
    customer_id: int,
    start: datetime,
    version: int | None = None,
    visit_type: str | None = None,
    call_sid: str = "",
    idempotency_key: str,
    now: datetime,
    by: str = "phone",
    overflow_reason: str = "",
) -> Appointment:
    """Move a visit; the old time is given up only when the new one is taken.

    `version` is what the asking side has read: StaleVersion when somebody changed the visit
    since. Further refusals: TooLate once the car is here, the time has come or the visit is
    cancelled; NotYours; KeyReused; BadInput; and those of `booking.book` for the new time.
    """
    inputs.start(start)
    key, sid = inputs.idempotency_key(idempotency_key), inputs.call_sid(call_sid)
    kind = inputs.visit_type(visit_type) if visit_type is not None else None
    reason = inputs.words(overflow_reason, "overflow_reason", 200)

    change = writes.Change("moved", by, sid, key, {"overflow_reason": reason}, notify=True)

    def write() -> Appointment:
        services = Statement(_SERVICES, [appointment_id])
        lock = writes.lock_move(appointment_id, start)
        row, done = _look(appointment_id, customer_id, change, before=[lock], after=[services])
        if done:
            return row
        _check_changeable(row, version, now)
        codes = tuple(code for (code,) in services.rows)
        return _move(row, codes, start, kind or row.visit_type, change, now)

    return writes.run_write(write)


def _look(
    appointment_id: int,
    customer_id: int,
    change: writes.Change,
    *,
    before: Sequence[Statement] = (),
    after: Sequence[Statement] = (),
) -> tuple[Appointment, bool]:
    """The customer's visit with its row locked, and whether this key has changed it already.

    What else is asked in the same breath goes `before` or `after` it. NotYours; KeyReused where
    the key did something else.
    """
    values = {"visit": appointment_id, "customer": customer_id}
    found = select(Appointment, "id = %(visit)s and customer_id = %(customer)s for update", values)
    event = writes.event_of(change.idempotency_key or "")
    send(*before, found, event, *after)
    row = read(Appointment, found)
    if row is None:
        raise NotYours
    done = writes.done_before(event, change.kind)
    if done not in (None, row.pk):
        raise KeyReused(kind=change.kind)
    return row, done is not None


def _check_changeable(row: Appointment, version: int | None, now: datetime) -> None:
    """Refuse a visit that is over, begun, or not what the asking side has read."""
    if row.status not in CHANGEABLE or row.start <= now:
        raise TooLate(status=row.status)
    if version is not None and row.version != version:
        raise StaleVersion(version=row.version)


def _move(
    row: Appointment,
    op_codes: tuple[str, ...],
    start: datetime,
    visit_type: str,
    change: writes.Change,
    now: datetime,
) -> Appointment:
    """Give the visit its new time, in place of the call's hold."""
    sid, reason = change.call_sid, change.facts["overflow_reason"]
    question = claims.Question(op_codes, start, now, call_sid=sid, moving_id=row.pk)
    send(question.statement)
    claim = question.claim(visit_type, overflow=bool(reason))
    facts = {"from": row.start.isoformat(), "start": start.isoformat()}
    facts |= {"overflow_reason": str(reason)} if reason else {}
    row.start, row.end, row.visit_type = claim.opening.start, claim.opening.end, visit_type
    row.status, row.confirmed_at, row.reminder_sent = Status.BOOKED, None, False
    writes.commit(
        row,
        replace(change, facts=facts),
        now,
        claims.clear_holds(call_sid=sid, start=start, now=now),
        _bay_time(row, claim),
        _next(row, now, "start", "end", "visit_type", "status", "confirmed_at", "reminder_sent"),
    )
    return row


def _bay_time(row: Appointment, claim: claims.Claim) -> Statement:
    opening, work_min = claim.opening, claim.job.work_min
    return Statement(_TAKE, [opening.bay_id, claim.span, row.visit_type, work_min, row.pk])


def cancel(
    *,
    appointment_id: int,
    customer_id: int,
    reason: str = "",
    version: int | None = None,
    call_sid: str = "",
    idempotency_key: str,
    now: datetime,
    by: str = "phone",
) -> Appointment:
    """Cancel a visit and free its bay.

    Refusals: NotYours, TooLate, StaleVersion, KeyReused, BadInput.
    """
    key, sid = inputs.idempotency_key(idempotency_key), inputs.call_sid(call_sid)
    why = inputs.words(reason, "reason", 200)

    facts = {"reason": why} if why else {}
    change = writes.Change("cancelled", by, sid, key, facts, notify=True)

    def write() -> Appointment:
        row, done = _look(appointment_id, customer_id, change)
        if done:
            return row
        _check_changeable(row, version, now)
        row.status, row.cancelled_at, row.cancel_reason = Status.CANCELLED, now, why
        rows = _free(row), _next(row, now, "status", "cancelled_at", "cancel_reason")
        writes.commit(row, change, now, *rows)
        return row

    return writes.run_write(write)


def confirm(
    *,
    appointment_id: int,
    customer_id: int,
    call_sid: str = "",
    idempotency_key: str,
    now: datetime,
    by: str = "phone",
) -> Appointment:
    """Note that the customer will come; a visit confirmed already is returned as it is.

    Refusals: NotYours, TooLate, KeyReused, BadInput.
    """
    key, sid = inputs.idempotency_key(idempotency_key), inputs.call_sid(call_sid)
    change = writes.Change("confirmed", by, sid, key)

    def write() -> Appointment:
        row, done = _look(appointment_id, customer_id, change)
        if done:
            return row
        _check_changeable(row, None, now)
        if row.status != Status.CONFIRMED:
            row.status, row.confirmed_at = Status.CONFIRMED, now
            writes.commit(row, change, now, _next(row, now, "status", "confirmed_at"))
        return row

    return writes.run_write(write)


def change_status(
    *,
    appointment_id: int,
    status: str,
    by: str,
    now: datetime,
    promised_at: datetime | None = None,
) -> Appointment:
    """Note where a visit stands, as the service desk sees it; `by` is the member of staff.

    `promised_at` is when the car was promised to be ready. A visit whose customer did not
    come gives its bay back. Refusals: NotYours, TooLate for a step that is not in `NEXT`,
    BadInput for a status that staff do not set this way.
    """
    if status not in NEXT:
        raise BadInput(field="status")

    def write() -> Appointment:
        row = Appointment.objects.select_for_update().filter(pk=appointment_id).first()
        if row is None:
            raise NotYours
        if Status(status) not in NEXT[row.status]:
            raise TooLate(status=row.status)
        row.status = Status(status)
        row.promised_at = promised_at or row.promised_at
        row.completed_at = now if status == Status.COMPLETED else row.completed_at
        rows = [_next(row, now, "status", "promised_at", "completed_at")]
        rows += [_free(row)] if status == Status.NO_SHOW else []
        writes.commit(row, writes.Change(status, by), now, *rows)
        return row

    return writes.run_write(write)


def _next(row: Appointment, now: datetime, *fields: str) -> Statement:
    """Store these fields as the visit's next version."""
    row.version, row.updated_at = row.version + 1, now
    return update(row, *fields, "version", "updated_at")


def _free(row: Appointment) -> Statement:
    """Give the bay's time back."""
    return Statement(_FREE, [row.pk])
