"""Writing visits: the front door to hold, book, move, cancel and confirm.

Rules of this module:
- Each function is one transaction under the locks of the days it touches (`writes`).
- Every request carries an idempotency key: asked again, it answers with the same visit and
  writes nothing. A caller who hangs up or talks over a write can neither lose nor double it.
- The customer is always an argument and ownership is checked again here; a car that is
  somebody else's and a car that does not exist are refused alike (`NotYours`).
- Nothing here talks to a calendar, a phone or a mail server; it leaves rows for those who do.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from crm import records
from crm.models import Origin, Vehicle
from scheduling import caps, claims, inputs, writes
from scheduling.changes import cancel, change_status, confirm, reschedule
from scheduling.errors import NotYours
from scheduling.holds import Hold, hold, release_holds
from scheduling.models import (
    REFERENCE_ALPHABET,
    Appointment,
    Reservation,
    VisitType,
)
from scheduling.statements import Statement, insert, next_key, read, select, send, stored

__all__ = [
    "Hold",
    "NewCustomer",
    "NewVehicle",
    "book",
    "book_first_visit",
    "cancel",
    "change_status",
    "confirm",
    "hold",
    "release_holds",
    "reschedule",
]

_SERVICES: Final = """
insert into scheduling_appointmentservice (appointment_id, op_id, position, price_kind, price_cents)
select %s, op_code, array_position(%s::text[], op_code::text) - 1, price_kind, price_cents
  from scheduling_serviceop where op_code = any(%s)
"""


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A caller who is not in the books yet; `phone` is E.164."""

    first_name: str
    last_name: str
    phone: str
    language: str = "en"
    email: str = ""
    dob: date | None = None


@dataclass(frozen=True, slots=True)
class NewVehicle:
    """Their car; `odometer` in miles."""

    year: int
    make: str
    model: str
    trim: str = ""
    vin: str | None = None
    odometer: int | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is asked for, checked for shape."""

    op_codes: tuple[str, ...]
    start: datetime
    visit_type: str
    concern: str
    source: str
    call_sid: str
    idempotency_key: str
    by: str
    triage: str
    needs_link: bool
    overflow_reason: str


def book(
    *,
    customer_id: int,
    vehicle_id: int,
    op_codes: Sequence[str],
    start: datetime,
    visit_type: str = VisitType.DROP_OFF,
    concern: str = "",
    source: str = "phone",
    call_sid: str = "",
    idempotency_key: str,
    now: datetime,
    by: str = "phone",
    triage: str = "",
    needs_link: bool = False,
    overflow_reason: str = "",
) -> Appointment:
    """Book a visit for a customer's own vehicle.

    `overflow_reason` is an advisor's reason to exceed notice or the day's limits. Refusals:
    OpeningTaken, OutsideHours, PastDate, TooSoon, TooFar, CapReached, WaitNotPossible,
    NoBayCanDo, UnknownService, ServiceNotForCar, TooManyBookings, NotYours, DuplicateVisit,
    KeyReused, BadInput.
    """
    request = _request(
        op_codes, start, visit_type, concern, source, call_sid, idempotency_key, by, triage,
        needs_link=needs_link, overflow_reason=overflow_reason,
    )  # fmt: skip
    owned = _owned(customer_id, vehicle_id)
    return writes.run_write(lambda: _book(request, now, lambda: _car(owned), owned))


def book_first_visit(
    *,
    new_customer: NewCustomer,
    new_vehicle: NewVehicle,
    op_codes: Sequence[str],
    start: datetime,
    visit_type: str = VisitType.DROP_OFF,
    concern: str = "",
    source: str = "phone",
    call_sid: str = "",
    idempotency_key: str,
    now: datetime,
    by: str = "phone",
    triage: str = "",
) -> Appointment:
    """Write customer, vehicle and visit in one transaction: all of them or none.

    Refusals: as `book`, and those of `crm.records` for values it cannot accept.
    """
    request = _request(
        op_codes, start, visit_type, concern, source, call_sid, idempotency_key, by, triage,
    )  # fmt: skip
    return writes.run_write(
        lambda: _book(request, now, lambda: _write_newcomer(new_customer, new_vehicle, source, now))
    )


def _request(
    op_codes: Sequence[str],
    start: datetime,
    visit_type: str,
    concern: str,
    source: str,
    call_sid: str,
    idempotency_key: str,
    by: str,
    triage: str,
    *,
    needs_link: bool = False,
    overflow_reason: str = "",
) -> _Request:
    """The request with every value checked; BadInput otherwise."""
    return _Request(
        op_codes=inputs.op_codes(op_codes),
        start=inputs.start(start),
        visit_type=inputs.visit_type(visit_type),
        concern=inputs.words(concern, "concern"),
        source=inputs.words(source, "source", 12),
        call_sid=inputs.call_sid(call_sid),
        idempotency_key=inputs.idempotency_key(idempotency_key),
        by=inputs.words(by, "by", 80),
        triage=inputs.triage(triage),
        needs_link=needs_link,
        overflow_reason=inputs.words(overflow_reason, "overflow_reason", 200),
    )


def _owned(customer_id: int, vehicle_id: int) -> Statement:
    """The customer's active vehicle; `_car` reads the answer."""
    values = {"vehicle": vehicle_id, "customer": customer_id}
    return select(Vehicle, "id = %(vehicle)s and owner_id = %(customer)s and active", values)


def _car(owned: Statement) -> Vehicle:
    """The vehicle that was asked for, or NotYours."""
    vehicle = read(Vehicle, owned)
    if vehicle is None:
        raise NotYours
    return vehicle


def _write_newcomer(
    customer: NewCustomer, vehicle: NewVehicle, source: str, now: datetime
) -> Vehicle:
    """Write the new customer and their vehicle."""
    origin = Origin.PHONE if source == "phone" else Origin.STAFF
    person = records.create_customer(
        first_name=customer.first_name,
        last_name=customer.last_name,
        phone=customer.phone,
        dob=customer.dob,
        email=customer.email,
        language=customer.language,
        origin=origin,
        now=now,
    )
    return records.add_vehicle(
        customer_id=person.pk,
        year=vehicle.year,
        make=vehicle.make,
        model=vehicle.model,
        vin=vehicle.vin,
        trim=vehicle.trim,
        odometer=vehicle.odometer,
        origin=origin,
        now=now,
    )


def _book(
    request: _Request, now: datetime, vehicle: Callable[[], Vehicle], *questions: Statement
) -> Appointment:
    """Both ways to book, inside their transaction; `vehicle` checks or writes the car, by the
    answers to `questions` where it has any."""
    event, cap = writes.event_of(request.idempotency_key), caps.Question(request.call_sid, now)
    day = claims.Question(request.op_codes, request.start, now, call_sid=request.call_sid)
    key, lock = next_key(Appointment), writes.lock_day(request.start)
    send(lock, event, *cap.statements, day.statement, key, *questions)
    done = writes.done_before(event, "booked")
    if done is not None:
        return Appointment.objects.get(pk=done)
    cap.check()
    car = vehicle()
    claim = day.claim(
        request.visit_type, overflow=bool(request.overflow_reason), powertrain=car.powertrain
    )
    return _write_visit(request, claim, car, key.rows[0][0], now)


def _write_visit(
    request: _Request, claim: claims.Claim, car: Vehicle, key: int, now: datetime
) -> Appointment:
    """The appointment, its services and its bay time, in place of the call's hold."""
    visit = _visit(request, claim, car, key, now)
    codes = list(request.op_codes)
    writes.commit(
        visit,
        _change(request, claim),
        now,
        claims.clear_holds(call_sid=request.call_sid, start=request.start, now=now),
        insert(visit),
        Statement(_SERVICES, [key, codes, codes]),
        insert(_bay_time(visit, claim)),
    )
    return stored(visit)


def _visit(
    request: _Request, claim: claims.Claim, car: Vehicle, key: int, now: datetime
) -> Appointment:
    return Appointment(
        pk=key,
        ref=new_reference(),
        customer_id=car.owner_id,
        vehicle=car,
        start=claim.opening.start,
        end=claim.opening.end,
        visit_type=request.visit_type,
        concern=request.concern,
        triage=request.triage,
        needs_link=request.needs_link,
        source=request.source,
        call_sid=request.call_sid,
        idempotency_key=request.idempotency_key,
        created_at=now,
        updated_at=now,
    )


def _bay_time(visit: Appointment, claim: claims.Claim) -> Reservation:
    return Reservation(
        bay_id=claim.opening.bay_id,
        span=claim.span,
        kind=Reservation.Kind.APPOINTMENT,
        visit_type=visit.visit_type,
        work_min=claim.job.work_min,
        appointment_id=visit.pk,
        created_at=visit.created_at,
    )


def _change(request: _Request, claim: claims.Claim) -> writes.Change:
    facts: dict[str, object] = {
        "start": claim.opening.start.isoformat(),
        "ops": [*request.op_codes],
    }
    if request.overflow_reason:
        facts["overflow_reason"] = request.overflow_reason
    return writes.Change(
        "booked", request.by, request.call_sid, request.idempotency_key, facts, notify=True
    )


def new_reference() -> str:
    """Six characters that cannot be misheard for others.

    One of a billion; if a visit has it already, the database refuses and `run_write` draws
    again.
    """
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(6))
