"""Who is calling: recognising a number, checking factors, and what follows from them.

Rules: factors arrive only from code (see `voice.gate`), are compared in `crm` and are
forgotten here. A level is reached as the domain's table says: L1 by a name that the
calling number's customer has, or a name and a factor; L2 by a name and two factors,
or by L1 on a number the carrier vouches for (attestation A) and one factor. Nobody is
told which factor was wrong, or that a customer does not exist.
"""

from dataclasses import replace
from datetime import date

from calls import log
from crm import lookup, records, verification
from scheduling import visits as schedule
from voice.context import CallContext, Car, Receipt, Visit
from voice.dialogue.spoken import say_phone
from voice.gate import Flow, Level
from voice.tools.arguments import (
    CaptureProfile,
    LookupCustomer,
    OptOut,
    RecordConsent,
    RightParty,
    Verify,
)
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, done, refused

FACTORS = frozenset({"dob", "vin_last6", "address", "reference"})
LIGHT = frozenset({"zip", "birth_day"})
NAMED = "named"
"""Among what matched: the name is some customer's, whatever their number."""
CONSENT_WORDING = "May we call or text this number with reminders, using our automated assistant?"


def recognise(context: CallContext, cards: tuple[lookup.CustomerCard, ...]) -> CallContext:
    """Note whose number is calling. It proves nothing: the level stays L0."""
    usable = context.attestation not in ("C", "failed")
    single = cards[0] if len(cards) == 1 and usable else None
    known = True if cards and context.direction == "inbound" else None
    return replace(
        context,
        candidate_ids=tuple(card.customer_id for card in cards),
        greet_name=single.first_name if single else "",
        language=single.language if single and single.language else context.language,
        dialogue=replace(context.dialogue, known=known),
    )


def lookup_customer(frame: Frame, wanted: LookupCustomer) -> ToolOutcome:
    """Before L2 only whether there is a match; afterwards cars and coming visits by handle."""
    context = frame.context
    if context.level not in (Level.VERIFIED, Level.STEPPED_UP):
        count = len(context.candidate_ids)
        match = "none" if count == 0 else "one" if count == 1 else "many"
        return done(_want_proof(context), match=match, verified=False)
    frame = load_record(frame)
    context = frame.context
    return done(
        context,
        match="one",
        verified=True,
        first_name=context.first_name,
        cars=[{"car": car.handle, "name": car.label} for car in context.cars],
        visits=[told_visit(frame, visit) for visit in context.visits],
    )


def _want_proof(context: CallContext) -> CallContext:
    """A caller who may be known is asked by code who they are: as far as a booking needs it
    at first, fully where the call is about a visit or what was found out was not enough."""
    if not context.candidate_ids or context.verification_closed:
        return context
    fully = context.flow is Flow.CHANGE_VISIT or context.level is Level.RECOGNISED
    target = Level.VERIFIED if fully else Level.RECOGNISED
    return replace(context, dialogue=replace(context.dialogue, identity=target.value))


def told_visit(frame: Frame, visit: Visit) -> dict[str, object]:
    """A visit as a model may know it."""
    start = frame.local(visit.start)
    return {
        "visit": visit.handle,
        "date": start.date().isoformat(),
        "weekday": f"{start:%A}",
        "time": f"{start:%H:%M}",
        "services": visit.services,
        "car": visit.car_label,
        "status": visit.status,
    }


def verify(frame: Frame, wanted: Verify) -> ToolOutcome:
    """Check one factor and raise the level where that is enough."""
    if frame.context.verification_closed:
        return refused(frame.context, "verification_closed", tries_left=0)
    if wanted.factor == "name":
        frame = _check_name(frame, wanted.value)
    elif wanted.factor == "reference":
        frame = _check_reference(frame, wanted.value)
    else:
        frame = _check(frame, wanted.factor, wanted.value, _people(frame.context))
    frame = _raise_level(frame)
    context = frame.context
    return done(context, level=context.level.value, tries_left=context.tries_left)


def _people(context: CallContext) -> tuple[int, ...]:
    """Whom a factor is compared with: the customer so far, those of the name, those of the number."""
    if context.customer_id:
        return (context.customer_id,)
    return context.name_customer_ids or context.candidate_ids


def _check_name(frame: Frame, said: str) -> Frame:
    """A name is compared with the number's customers first, then looked for among all."""
    context = frame.context
    frame = _check(frame, "name", said, context.candidate_ids)
    if "name" in frame.context.factors_ok:
        return frame
    first, _, last = said.partition(" ")
    others = lookup.find_by_name(first, last)
    ok = tuple(dict.fromkeys((*frame.context.factors_ok, NAMED))) if others else context.factors_ok
    return frame.with_context(
        name_customer_ids=tuple(card.customer_id for card in others), factors_ok=ok
    )


def _check(frame: Frame, factor: str, value: str, people: tuple[int, ...]) -> Frame:
    context = frame.context
    result = verification.check_factor(
        customer_ids=people,
        factor=factor,
        value=value,
        call_sid=context.call_sid,
        ani=context.caller_number or "",
        now=frame.now,
    )
    return _note(frame, factor, result)


def _check_reference(frame: Frame, value: str) -> Frame:
    """A visit's reference in place of one factor."""
    context = frame.context
    people = _people(context)
    visit = schedule.by_reference(value)
    matching = (visit.customer_id,) if visit and visit.customer_id in people else ()
    result = verification.count_try(
        customer_ids=people,
        matching=matching,
        factor="reference",
        call_sid=context.call_sid,
        ani=context.caller_number or "",
        now=frame.now,
    )
    return _note(frame, "reference", result)


def _note(frame: Frame, factor: str, result: verification.FactorResult) -> Frame:
    context = frame.context
    log.record_verification(
        call_id=context.call_id,
        customer_id=result.customer_id,
        factor=factor,
        ok=result.ok,
        now=frame.now,
    )
    if factor != "name":
        frame = frame.with_context(tries_left=result.tries_left, verification_closed=result.locked)
    if not result.ok:
        return frame
    return frame.with_context(
        name_customer_ids=result.matching,
        factors_ok=tuple(dict.fromkeys((*context.factors_ok, factor))),
    )


def _raise_level(frame: Frame) -> Frame:
    """The domain's table of levels (5.2), from what has matched so far."""
    context = frame.context
    if len(context.name_customer_ids) != 1:
        return frame
    if context.direction == "outbound":
        return _raise_outbound(frame)
    factors = len(FACTORS & set(context.factors_ok))
    by_number = (
        "name" in context.factors_ok and context.name_customer_ids[0] in context.candidate_ids
    )
    trusted = by_number and context.attestation not in ("C", "failed")
    named = by_number or NAMED in context.factors_ok
    if named and (factors >= 2 or (trusted and context.attestation == "A" and factors >= 1)):
        return load_record(_hold_level(frame, Level.VERIFIED))
    # A name that was misheard may still book, by a factor of the number's customer.
    if trusted or factors >= 1:
        return _hold_level(frame, Level.RECOGNISED)
    return frame


def _raise_outbound(frame: Frame) -> Frame:
    """We rang the number on file: a light check opens the one visit, a full factor the account."""
    context = frame.context
    if FACTORS & set(context.factors_ok) and context.level is Level.DIALLED:
        return load_record(_hold_level(frame, Level.VERIFIED))
    if LIGHT & set(context.factors_ok) and "party" in context.factors_ok:
        return load_record(_hold_level(frame, Level.DIALLED))
    return frame


def _hold_level(frame: Frame, level: Level) -> Frame:
    context = frame.context
    order = list(Level)
    level = max(level, context.level, key=order.index)
    customer_id = context.name_customer_ids[0]
    card = next(iter(lookup.load_cards([customer_id], phone_e164=context.caller_number)), None)
    log.update_call(
        call_id=context.call_id, verification_level=level.value, customer_id=customer_id
    )
    return frame.with_context(
        level=level,
        customer_id=customer_id,
        first_name=card.first_name if card else "",
        dialogue=replace(context.dialogue, known=True),
    )


def load_record(frame: Frame) -> Frame:
    """Give out handles for the customer's cars and visits, as far as the level opens them."""
    context = frame.context
    if context.customer_id is None or context.level not in (
        Level.VERIFIED,
        Level.STEPPED_UP,
        Level.DIALLED,
    ):
        return frame
    coming = schedule.upcoming(context.customer_id, frame.now)
    if context.level is Level.DIALLED:
        coming = tuple(v for v in coming if v.appointment_id == context.dialled_appointment_id)
        return _give_visits(frame, coming)
    frame = _give_visits(frame, coming)
    cards = lookup.load_cards([context.customer_id], phone_e164=context.caller_number)
    return _give_cars(frame, cards[0].vehicles if cards else ())


def _give_visits(frame: Frame, coming: tuple[schedule.Visit, ...]) -> Frame:
    """A visit that has a handle keeps it, whatever became of its time."""
    known = {visit.appointment_id: visit.handle for visit in frame.context.visits}
    fresh = [visit for visit in coming if visit.appointment_id not in known]
    handles, frame = frame.number_handles("visit", len(fresh))
    known |= dict(zip((visit.appointment_id for visit in fresh), handles, strict=True))
    visits = tuple(
        Visit(
            handle=known[visit.appointment_id],
            appointment_id=visit.appointment_id,
            version=visit.version,
            start=visit.start,
            op_codes=visit.op_codes,
            services=" and ".join(visit.services),
            car_label=visit.vehicle,
            vehicle_id=visit.vehicle_id,
            status=visit.status,
        )
        for visit in coming
    )
    return frame.with_context(visits=visits)


def _give_cars(frame: Frame, vehicles: tuple[lookup.VehicleCard, ...]) -> Frame:
    known = {car.vehicle_id: car.handle for car in frame.context.cars}
    fresh = [vehicle for vehicle in vehicles if vehicle.vehicle_id not in known]
    handles, frame = frame.number_handles("car", len(fresh))
    known |= dict(zip((vehicle.vehicle_id for vehicle in fresh), handles, strict=True))
    cars = tuple(
        Car(
            known[vehicle.vehicle_id],
            vehicle.vehicle_id,
            vehicle.spoken_name,
            vehicle.model,
            vehicle.make,
            vehicle.model,
            vehicle.year,
        )
        for vehicle in vehicles
    )
    return frame.with_context(cars=cars)


# ---- what a caller leaves about themselves -----------------------------------------------
def capture_profile(frame: Frame, wanted: CaptureProfile) -> ToolOutcome:
    """A new customer's date of birth, on the record that this call made."""
    context = frame.context
    if not (context.customer_is_new and context.customer_id):
        return refused(context, "no_new_customer")
    records.set_dob(
        customer_id=context.customer_id, dob=date.fromisoformat(wanted.dob), now=frame.now
    )
    return done(context)


def record_consent(frame: Frame, wanted: RecordConsent) -> ToolOutcome:
    """Consent, or its refusal, for automated calls and texts about the service."""
    number = frame.context.contact_number
    if not number:
        return refused(frame.context, "no_number")
    for channel in ("voice_ai", "sms"):
        records.record_consent(
            number=number,
            channel=channel,
            purpose="service_info",
            granted=wanted.granted,
            wording=CONSENT_WORDING,
            call_sid=frame.context.call_sid,
            now=frame.now,
        )
    return done(frame.context, granted=wanted.granted)


def opt_out(frame: Frame, wanted: OptOut) -> ToolOutcome:
    """No more automated calls or texts to this number, from now on. Visits stay."""
    context = frame.context
    if not context.caller_number:
        return refused(context, "no_number")
    records.opt_out(
        number=context.caller_number,
        call_sid=context.call_sid,
        wording="asked by phone",
        now=frame.now,
    )
    frame = frame.with_context(outcome="opted_out").add_receipt(Receipt("opted_out"))
    outbound = context.direction == "outbound"
    say = "Done. No more automated calls or texts to this number."
    return done(
        frame.context,
        say=f"{say} Goodbye." if outbound else say,
        then="hang_up" if outbound else "model",
        done=True,
    )


def right_party(frame: Frame, wanted: RightParty) -> ToolOutcome:
    """Who answered a call that we made."""
    context = frame.context
    if wanted.answer == "yes":
        noted = (*context.factors_ok, "party")
        return done(replace(context, factors_ok=noted, name_customer_ids=context.candidate_ids))
    if wanted.answer == "later":
        return _ring_later(frame)
    outcome = "wrong_person" if wanted.answer == "wrong_person" else "third_party"
    if wanted.answer == "wrong_person" and context.caller_number:
        records.opt_out(
            number=context.caller_number,
            call_sid=context.call_sid,
            wording="wrong number",
            now=frame.now,
        )
        say = "Sorry about that. I'll take this number off. Goodbye."
    else:
        name = context.party_name.split(" ")[0] or "them"
        say = f"Please ask {name} to call {say_phone(frame.knowledge.phone)}. Thank you, goodbye."
    return done(replace(context, outcome=outcome), say=say, then="hang_up")


def _ring_later(frame: Frame) -> ToolOutcome:
    number = say_phone(frame.knowledge.phone)
    context = replace(frame.context, outcome="asked_later")
    return done(
        context, say=f"Of course. You can reach us at {number} any time. Goodbye.", then="hang_up"
    )
