"""Changing a visit that stands: move, cancel, confirm, and what staff note about it.

Rules of this module:
- The locks of the days come first, then the visit's row, then the question whether this key
  has been here before; so of two requests with one key the second finds what the first did.
- A move keeps the row and the reference, gives up the old time only in the transaction that
  takes the new one, and makes the visit unconfirmed again.
- Every change raises `version` by one and leaves one event and one calendar write with it.
- A visit that is somebody else's and one that does not exist are refused alike (`NotYours`).
"""

from datetime import datetime
from typing import Final

from scheduling import claims, inputs, writes
from scheduling.errors import BadInput, KeyReused, NotYours, StaleVersion, TooLate
from scheduling.models import Appointment, AppointmentEvent, Reservation, Status

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

    def write() -> Appointment:
        _lock_both_days(appointment_id, start)
        row = _locked(appointment_id, customer_id)
        if _replayed(row, key, "moved"):
            return row
        _check_changeable(row, version, now)
        claims.clear_holds(call_sid=sid, start=start, now=now)
        facts: dict[str, object] = {"from": row.start.isoformat(), "start": start.isoformat()}
        if reason:
            facts["overflow_reason"] = reason
        _move(row, start, kind or row.visit_type, now, overflow=bool(reason))
        _record(row, "moved", by, sid, key, facts, now)
        return row

    return writes.run_write(write)


def _lock_both_days(appointment_id: int, start: datetime) -> None:
    """Lock the day the visit is on and the day it goes to.

    The row is read before the lock, so its day may be outdated by then. That does no harm:
    the limits that are checked are those of the new day, and freeing time needs no lock.
    """
    old = Appointment.objects.filter(pk=appointment_id).values_list("start", flat=True).first()
    writes.lock_days(*((start,) if old is None else (old, start)))


def _locked(appointment_id: int, customer_id: int) -> Appointment:
    """The customer's visit with its row locked, or NotYours."""
    row = (
        Appointment.objects.select_for_update()
        .filter(pk=appointment_id, customer_id=customer_id)
        .first()
    )
    if row is None:
        raise NotYours
    return row


def _replayed(row: Appointment, key: str, kind: str) -> bool:
    """Whether this key has changed this visit already; KeyReused if it did something else."""
    event = AppointmentEvent.objects.filter(idempotency_key=key).first()
    if event is not None and (event.kind != kind or event.appointment_id != row.pk):
        raise KeyReused(kind=event.kind)
    return event is not None


def _check_changeable(row: Appointment, version: int | None, now: datetime) -> None:
    """Refuse a visit that is over, begun, or not what the asking side has read."""
    if row.status not in CHANGEABLE or row.start <= now:
        raise TooLate(status=row.status)
    if version is not None and row.version != version:
        raise StaleVersion(version=row.version)


def _move(
    row: Appointment, start: datetime, visit_type: str, now: datetime, *, overflow: bool
) -> None:
    """Give the visit its new time."""
    claim = claims.plan(
        op_codes=tuple(row.services.values_list("op_id", flat=True)),
        start=start,
        visit_type=visit_type,
        now=now,
        moving_id=row.pk,
        overflow=overflow,
    )
    Reservation.objects.filter(appointment=row).update(
        bay_id=claim.opening.bay_id,
        span=claim.span,
        visit_type=visit_type,
        work_min=claim.job.work_min,
    )
    row.start, row.end, row.visit_type = claim.opening.start, claim.opening.end, visit_type
    row.status, row.confirmed_at, row.reminder_sent = Status.BOOKED, None, False
    _save(row, now, "start", "end", "visit_type", "status", "confirmed_at", "reminder_sent")


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

    def write() -> Appointment:
        row = _locked(appointment_id, customer_id)
        if _replayed(row, key, "cancelled"):
            return row
        _check_changeable(row, version, now)
        Reservation.objects.filter(appointment=row).delete()
        row.status, row.cancelled_at, row.cancel_reason = Status.CANCELLED, now, why
        _save(row, now, "status", "cancelled_at", "cancel_reason")
        _record(row, "cancelled", by, sid, key, {"reason": why} if why else {}, now)
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

    def write() -> Appointment:
        row = _locked(appointment_id, customer_id)
        if _replayed(row, key, "confirmed"):
            return row
        _check_changeable(row, None, now)
        if row.status != Status.CONFIRMED:
            row.status, row.confirmed_at = Status.CONFIRMED, now
            _save(row, now, "status", "confirmed_at")
            _record(row, "confirmed", by, sid, key, {}, now)
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
        if status == Status.NO_SHOW:
            Reservation.objects.filter(appointment=row).delete()
        row.status = Status(status)
        row.promised_at = promised_at or row.promised_at
        row.completed_at = now if status == Status.COMPLETED else row.completed_at
        _save(row, now, "status", "promised_at", "completed_at")
        _record(row, status, by, "", None, {}, now)
        return row

    return writes.run_write(write)


def _save(row: Appointment, now: datetime, *fields: str) -> None:
    """Store these fields as the visit's next version."""
    row.version, row.updated_at = row.version + 1, now
    row.save(update_fields=[*fields, "version", "updated_at"])


def _record(
    row: Appointment,
    kind: str,
    by: str,
    call_sid: str,
    key: str | None,
    facts: dict[str, object],
    now: datetime,
) -> None:
    """What every change leaves behind; the customer hears of moves and cancellations."""
    writes.record_change(
        row,
        kind=kind,
        by=by,
        call_sid=call_sid,
        idempotency_key=key,
        facts=facts,
        now=now,
        notify=kind in ("moved", "cancelled"),
    )
