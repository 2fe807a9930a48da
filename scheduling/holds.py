"""Short claims on bay time while a caller makes up their mind.

Rules of this module: a call has one hold at most; a hold lasts `ShopSettings.hold_s` and
then blocks nobody, swept or not; booking the held time uses the hold up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduling import claims, fitting, inputs, writes
from scheduling.errors import BadInput, OpeningTaken
from scheduling.models import Reservation, VisitType
from scheduling.statements import Statement, insert, send


@dataclass(frozen=True, slots=True)
class Hold:
    """A claim on an opening until `expires_at`; `visit_min` is what the caller is told."""

    start: datetime
    end: datetime
    bay_id: int
    visit_min: int | None
    expires_at: datetime


def hold(
    *,
    op_codes: Sequence[str],
    start: datetime,
    call_sid: str,
    now: datetime,
    waiter: bool = False,
    visit_type: str = VisitType.DROP_OFF,
    vehicle_id: int | None = None,
    powertrain: str = "",
    moving_id: int | None = None,
) -> Hold:
    """Claim an opening for this call, in place of whatever it held before.

    `powertrain` is the car's, so that a service it can't have is refused before it is read back;
    where only `vehicle_id` is given, it is that car's. `moving_id` is the appointment that would
    move there: where only its own bay time is in the way, the hold has no row, because nobody
    else can take that time.
    Refusals: as `booking.book`.
    """
    inputs.start(start)
    codes, sid = inputs.op_codes(op_codes), inputs.call_sid(call_sid)
    if not sid:
        raise BadInput(field="call_sid")
    kind = inputs.visit_type(VisitType.WAITER if waiter else visit_type)

    asked = _Asked(codes, start, sid, kind, vehicle_id, powertrain, moving_id)
    return writes.run_write(lambda: _hold(asked, now))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for, checked for shape."""

    op_codes: tuple[str, ...]
    start: datetime
    call_sid: str
    visit_type: str
    vehicle_id: int | None
    powertrain: str
    moving_id: int | None


def _hold(asked: _Asked, now: datetime) -> Hold:
    """The hold, inside its transaction."""
    question = claims.Question(asked.op_codes, asked.start, now, call_sid=asked.call_sid)
    car = fitting.powertrain_question(asked.vehicle_id)
    send(writes.lock_day(asked.start), question.statement, car)
    powertrain = asked.powertrain or fitting.powertrain(car)
    try:
        claim = question.claim(asked.visit_type, powertrain=powertrain)
    except OpeningTaken:
        if asked.moving_id is None:
            raise
        return _unbacked(asked, now)
    return _backed(claim, asked, now)


def _backed(claim: claims.Claim, asked: _Asked, now: datetime) -> Hold:
    """Write the hold's row in place of what the call held before."""
    held = _told(claim, now)
    row = Reservation(
        bay_id=held.bay_id,
        span=claim.span,
        kind=Reservation.Kind.HOLD,
        visit_type=claim.opening.visit_type,
        work_min=claim.job.work_min,
        vehicle_id=asked.vehicle_id,
        op_codes=list(asked.op_codes),
        call_sid=asked.call_sid,
        expires_at=held.expires_at,
        created_at=now,
    )
    send(_clear(asked, now), insert(row))
    return held


def _unbacked(asked: _Asked, now: datetime) -> Hold:
    """A hold on time that the moving visit has already."""
    question = claims.Question(asked.op_codes, asked.start, now, moving_id=asked.moving_id)
    send(_clear(asked, now), question.statement)
    return _told(question.claim(asked.visit_type), now)


def _clear(asked: _Asked, now: datetime) -> Statement:
    return claims.clear_holds(call_sid=asked.call_sid, start=asked.start, now=now)


def _told(claim: claims.Claim, now: datetime) -> Hold:
    """A claim as the caller's side sees it."""
    opening = claim.opening
    expires_at = now + timedelta(seconds=claim.rules.hold_s)
    return Hold(opening.start, opening.end, opening.bay_id, opening.visit_min, expires_at)


def release_holds(*, call_sid: str) -> int:
    """Give back what this call holds; returns how many holds that were."""
    if not call_sid:
        return 0
    held = Reservation.objects.filter(kind=Reservation.Kind.HOLD, call_sid=call_sid)
    return held.delete()[0]


def sweep(now: datetime) -> int:
    """Remove expired holds, which block nobody but take space; returns how many."""
    expired = Reservation.objects.filter(kind=Reservation.Kind.HOLD, expires_at__lte=now)
    return expired.delete()[0]
