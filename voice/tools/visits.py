"""Booking, moving, cancelling and confirming visits: each read back first, then written.

Rules: a booking takes its opening on hold while it is read back. The customer is the
call's, the car and the visit are behind handles; ownership is checked again by the
schedule. A caller who could not be fully verified books the car they name, marked to
be linked on arrival, and hears nothing of the record.
"""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from calls import log
from crm import catalog, lookup, records
from crm.errors import BadValue
from scheduling import booking, fitting
from voice.context import Offer, Receipt, Visit
from voice.gate import Level
from voice.tools import sentences
from voice.tools.arguments import (
    BookAppointment,
    CancelAppointment,
    ConfirmAppointment,
    NewCar,
    RescheduleAppointment,
)
from voice.tools.frame import Frame
from voice.tools.identity import load_record
from voice.tools.openings import visit_type
from voice.tools.outcome import ToolOutcome, done, refused
from voice.tools.readback import propose_or_write


class Made(Protocol):
    """What is told of a visit that was written."""

    @property
    def customer_id(self) -> int: ...

    @property
    def ref(self) -> str: ...

    @property
    def start(self) -> datetime: ...


MOST_BOOKINGS = 2
"""Per call (domain section 5.3)."""


# ---- booking ------------------------------------------------------------------------
def book_appointment(frame: Frame, wanted: BookAppointment) -> ToolOutcome:
    """Book for the call's customer, or for a new one."""
    problem = _problem(frame, wanted)
    if problem:
        return refused(frame.context, problem)
    return propose_or_write(
        frame, "book_appointment", wanted,
        prepare=lambda f: _prepare_booking(f, wanted),
        write=lambda f, key: _write_booking(f, wanted, key),
    )  # fmt: skip


def _problem(frame: Frame, wanted: BookAppointment) -> str:
    context = frame.context
    if context.offer(wanted.opening) is None:
        return "unknown_handle"
    if (wanted.car is None) == (wanted.new_car is None):
        return "which_car"
    if wanted.car is not None and context.car(wanted.car) is None:
        return "unknown_handle"
    if context.customer_id is None and not (wanted.first_name and wanted.last_name):
        return "name_missing"
    if context.customer_id is None and not context.contact_number:
        return "number_missing"
    if context.bookings_made >= MOST_BOOKINGS:
        return "too_many_bookings"
    return ""


def _prepare_booking(frame: Frame, wanted: BookAppointment) -> tuple[str, str]:
    offer = _offer(frame, wanted.opening)
    waiting = wanted.waiting and offer.waiter
    booking.hold(
        op_codes=offer.op_codes,
        start=offer.start,
        call_sid=frame.context.call_sid,
        now=frame.now,
        visit_type=_visit_type(wanted, offer),
        powertrain=_powertrain(frame, wanted),
    )
    new = frame.context.customer_id is None
    return sentences.booking(
        services=frame.knowledge.spoken_services(offer.op_codes),
        car=_car_label(frame, wanted),
        start=frame.local(offer.start),
        today=frame.today,
        waiting=waiting,
        ride=wanted.ride or "",
        name=f"{wanted.first_name} {wanted.last_name}" if new else "",
        phone=frame.context.contact_number if new else "",
    )


def _powertrain(frame: Frame, wanted: BookAppointment) -> str:
    """Of the car the visit is for, so that a service it can't have is never read back."""
    car = frame.context.car(wanted.car) if wanted.car else None
    if car is not None:
        return fitting.powertrain_of(car.vehicle_id)
    named = wanted.new_car
    return catalog.powertrain_of(named.make, named.model) if named else ""


def _offer(frame: Frame, handle: str) -> Offer:
    offer = frame.context.offer(handle)
    if offer is None:
        raise BadValue("opening", "unknown_handle")
    return offer


def _car_label(frame: Frame, wanted: BookAppointment) -> str:
    car = frame.context.car(wanted.car) if wanted.car else None
    if car is not None:
        return car.label
    named = wanted.new_car
    return f"{named.year} {named.make} {named.model}" if named else ""


def _write_booking(frame: Frame, wanted: BookAppointment, key: str) -> ToolOutcome:
    offer = _offer(frame, wanted.opening)
    known = frame.context.customer_id is not None
    made = _book_known(frame, wanted, offer, key) if known else _book_new(frame, wanted, offer, key)
    log.update_call(
        call_id=frame.context.call_id, customer_id=made.customer_id, appointment_ref=made.ref
    )
    say = sentences.booked(
        start=frame.local(made.start), today=frame.today, reference=made.ref, new=not known
    )
    frame = frame.with_context(
        customer_id=made.customer_id,
        customer_is_new=frame.context.customer_is_new or not known,
        bookings_made=frame.context.bookings_made + 1,
        outcome="booked",
    ).add_receipt(Receipt("booked", made.start, offer_words(frame, offer), made.ref, key))
    return done(
        load_record(frame).context,
        say=say,
        done=True,
        reference=made.ref,
        starts=frame.local(made.start).isoformat(),
    )


def offer_words(frame: Frame, offer: Offer) -> str:
    """What the visit is for, as words for the record."""
    return frame.knowledge.spoken_services(offer.op_codes)


def _book_known(frame: Frame, wanted: BookAppointment, offer: Offer, key: str) -> Made:
    context = frame.context
    assert context.customer_id is not None
    car = context.car(wanted.car) if wanted.car else None
    vehicle_id = car.vehicle_id if car else _named_vehicle(frame, wanted.new_car)
    proven = context.level in (Level.VERIFIED, Level.STEPPED_UP) or context.customer_is_new
    return booking.book(
        customer_id=context.customer_id,
        vehicle_id=vehicle_id,
        op_codes=offer.op_codes,
        start=offer.start,
        visit_type=_visit_type(wanted, offer),
        concern=wanted.concern or "",
        triage=context.dialogue.need.triage,
        call_sid=context.call_sid,
        idempotency_key=key,
        now=frame.now,
        needs_link=not proven,
    )


def _named_vehicle(frame: Frame, named: NewCar | None) -> int:
    """The customer's car that was named, silently; a new row where they have none like it."""
    customer_id = frame.context.customer_id
    assert named is not None
    assert customer_id is not None
    cards = lookup.load_cards([customer_id], phone_e164=frame.context.caller_number)
    for vehicle in cards[0].vehicles if cards else ():
        same = (vehicle.make.lower(), vehicle.model.lower(), vehicle.year)
        if same == (named.make.lower(), named.model.lower(), named.year):
            return vehicle.vehicle_id
    added = records.add_vehicle(
        customer_id=customer_id, year=named.year, make=named.make, model=named.model, now=frame.now
    )
    return added.pk


def _book_new(frame: Frame, wanted: BookAppointment, offer: Offer, key: str) -> Made:
    named = wanted.new_car
    assert named is not None
    return booking.book_first_visit(
        new_customer=booking.NewCustomer(
            first_name=wanted.first_name or "",
            last_name=wanted.last_name or "",
            phone=frame.context.contact_number,
            language=frame.context.language,
        ),
        new_vehicle=booking.NewVehicle(year=named.year, make=named.make, model=named.model),
        op_codes=offer.op_codes,
        start=offer.start,
        visit_type=_visit_type(wanted, offer),
        concern=wanted.concern or "",
        triage=frame.context.dialogue.need.triage,
        call_sid=frame.context.call_sid,
        idempotency_key=key,
        now=frame.now,
    )


def _visit_type(wanted: BookAppointment, offer: Offer) -> str:
    return visit_type(waiting=wanted.waiting and offer.waiter, ride=wanted.ride)


# ---- moving -------------------------------------------------------------------------------
def reschedule_appointment(frame: Frame, wanted: RescheduleAppointment) -> ToolOutcome:
    """Move a visit; the old time is kept until the new one is taken."""
    visit, offer = frame.context.visit(wanted.visit), frame.context.offer(wanted.opening)
    if visit is None or offer is None:
        return refused(frame.context, "unknown_handle")
    if offer.start == visit.start:  # who rings twice, or was cut off after the write
        return refused(frame.context, "there_already")
    return propose_or_write(
        frame, "reschedule_appointment", wanted,
        prepare=lambda f: _prepare_move(f, visit, wanted.opening),
        write=lambda f, key: _write_move(f, visit, wanted.opening, key),
    )  # fmt: skip


def _prepare_move(frame: Frame, visit: Visit, opening: str) -> tuple[str, str]:
    offer = _offer(frame, opening)
    booking.hold(
        op_codes=visit.op_codes,
        start=offer.start,
        call_sid=frame.context.call_sid,
        now=frame.now,
        moving_id=visit.appointment_id,
    )
    return sentences.move(
        car=visit.car_label,
        old=frame.local(visit.start),
        new=frame.local(offer.start),
        today=frame.today,
    )


def _write_move(frame: Frame, visit: Visit, opening: str, key: str) -> ToolOutcome:
    assert frame.context.customer_id is not None
    made = booking.reschedule(
        appointment_id=visit.appointment_id,
        customer_id=frame.context.customer_id,
        start=_offer(frame, opening).start,
        version=visit.version,
        call_sid=frame.context.call_sid,
        idempotency_key=key,
        now=frame.now,
    )
    say = sentences.moved(start=frame.local(made.start), today=frame.today)
    frame = frame.add_receipt(Receipt("was", visit.start))
    return _written(frame, "moved", made, key, say)


# ---- cancelling and confirming ----------------------------------------------------------------
def cancel_appointment(frame: Frame, wanted: CancelAppointment) -> ToolOutcome:
    """Cancel a visit."""
    visit = frame.context.visit(wanted.visit)
    if visit is None:
        return refused(frame.context, "unknown_handle")
    return propose_or_write(
        frame, "cancel_appointment", wanted,
        prepare=lambda f: sentences.cancellation(
            car=visit.car_label, start=f.local(visit.start), today=f.today
        ),
        write=lambda f, key: _write_cancel(f, visit, wanted, key),
    )  # fmt: skip


def _write_cancel(frame: Frame, visit: Visit, wanted: CancelAppointment, key: str) -> ToolOutcome:
    assert frame.context.customer_id is not None
    made = booking.cancel(
        appointment_id=visit.appointment_id,
        customer_id=frame.context.customer_id,
        reason=wanted.reason or "",
        call_sid=frame.context.call_sid,
        idempotency_key=key,
        now=frame.now,
    )
    say = sentences.cancelled(start=frame.local(made.start), today=frame.today)
    return _written(frame, "cancelled", made, key, say)


def confirm_appointment(frame: Frame, wanted: ConfirmAppointment) -> ToolOutcome:
    """The caller says they will come to the visit that was read to them."""
    visit = frame.context.visit(wanted.visit)
    if visit is None:
        return refused(frame.context, "unknown_handle")
    return propose_or_write(
        frame, "confirm_appointment", wanted,
        prepare=lambda f: sentences.confirmation(
            car=visit.car_label, start=f.local(visit.start), today=f.today
        ),
        write=lambda f, key: _write_confirm(f, visit, key),
    )  # fmt: skip


def _write_confirm(frame: Frame, visit: Visit, key: str) -> ToolOutcome:
    context = frame.context
    assert context.customer_id is not None
    made = booking.confirm(
        appointment_id=visit.appointment_id,
        customer_id=context.customer_id,
        call_sid=context.call_sid,
        idempotency_key=key,
        now=frame.now,
    )
    say = sentences.confirmed(start=frame.local(made.start), today=frame.today)
    return _written(frame, "confirmed", made, key, say)


def _written(frame: Frame, kind: str, made: Made, key: str, say: str) -> ToolOutcome:
    log.update_call(call_id=frame.context.call_id, appointment_ref=made.ref)
    frame = frame.with_context(outcome=kind).add_receipt(
        Receipt(kind, made.start, "", made.ref, key)
    )
    frame = load_record(frame.with_context(dialogue=replace(frame.context.dialogue, visit="")))
    return done(frame.context, say=say, done=True, starts=frame.local(made.start).isoformat())
