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

from django.db import connection

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
    return writes.run_write(lambda: _book(request, now, lambda: _owned(customer_id, vehicle_id)))


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


def _owned(customer_id: int, vehicle_id: int) -> Vehicle:
    """The customer's active vehicle, or NotYours."""
    vehicle = Vehicle.objects.filter(pk=vehicle_id, owner_id=customer_id, active=True).first()
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


def _book(request: _Request, now: datetime, vehicle: Callable[[], Vehicle]) -> Appointment:
    """Both ways to book, inside their transaction; `vehicle` checks or writes the car."""
    writes.lock_days(request.start)
    done = writes.replayed(request.idempotency_key, "booked")
    if done is not None:
        return done
    caps.check(call_sid=request.call_sid, now=now)
    car = vehicle()
    claims.clear_holds(call_sid=request.call_sid, start=request.start, now=now)
    claim = claims.plan(
        op_codes=request.op_codes,
        start=request.start,
        visit_type=request.visit_type,
        now=now,
        overflow=bool(request.overflow_reason),
        powertrain=car.powertrain,
    )
    appointment = _write_visit(request, claim, car, now)
    facts: dict[str, object] = {
        "start": claim.opening.start.isoformat(),
        "ops": [*request.op_codes],
    }
    if request.overflow_reason:
        facts["overflow_reason"] = request.overflow_reason
    writes.record_change(
        appointment,
        kind="booked",
        by=request.by,
        call_sid=request.call_sid,
        idempotency_key=request.idempotency_key,
        facts=facts,
        now=now,
        notify=True,
    )
    return appointment


def _write_visit(
    request: _Request, claim: claims.Claim, vehicle: Vehicle, now: datetime
) -> Appointment:
    """The appointment, its services and its bay time."""
    opening = claim.opening
    appointment = Appointment.objects.create(
        ref=new_reference(),
        customer_id=vehicle.owner_id,
        vehicle=vehicle,
        start=opening.start,
        end=opening.end,
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
    with connection.cursor() as cursor:
        cursor.execute(_SERVICES, [appointment.pk, list(request.op_codes), list(request.op_codes)])
    Reservation.objects.create(
        bay_id=opening.bay_id,
        span=claim.span,
        kind=Reservation.Kind.APPOINTMENT,
        visit_type=request.visit_type,
        work_min=claim.job.work_min,
        appointment=appointment,
        created_at=now,
    )
    return appointment


def new_reference() -> str:
    """Six characters that cannot be misheard for others.

    One of a billion; if a visit has it already, the database refuses and `run_write` draws
    again.
    """
    return "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(6))
