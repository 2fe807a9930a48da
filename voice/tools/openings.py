"""Openings for a wish, given out by handle."""

from dataclasses import replace
from datetime import date, time, timedelta

from crm import catalog
from scheduling import fitting
from scheduling import visits as schedule
from scheduling.openings import Opening
from scheduling.openings import Wish as ScheduleWish
from voice.context import Offer
from voice.dialogue import spoken
from voice.dialogue.local.wishes import wish_of
from voice.dialogue.state import Wish
from voice.tools.arguments import GetAvailableSlots
from voice.tools.frame import Frame
from voice.tools.outcome import ToolOutcome, done, refused


def get_available_slots(frame: Frame, wanted: GetAvailableSlots) -> ToolOutcome:
    """At most two openings, nearest to the wish first. What was offered before is void."""
    codes = tuple(wanted.services)
    if any(code not in frame.knowledge.services for code in codes):
        return refused(frame.context, "unknown_service")
    visit = frame.context.visit(wanted.visit) if wanted.visit else None
    if wanted.visit and visit is None:
        return refused(frame.context, "unknown_handle")
    found = schedule.find_openings(
        op_codes=codes,
        wish=_wish(frame, wanted),
        now=frame.now,
        exclude_appointment_id=visit.appointment_id if visit else None,
        own_call_sid=frame.context.call_sid,
        powertrain="" if visit else _powertrain(frame),
    )
    frame = _offer(frame, codes, found)
    return done(frame.context, openings=[_told(frame, offer) for offer in frame.context.offers])


def _powertrain(frame: Frame) -> str:
    """Of the car that is spoken of; empty while none is known."""
    talk, cars = frame.context.dialogue, frame.context.cars
    car = frame.context.car(talk.car) or (cars[0] if len(cars) == 1 else None)
    if car is not None and not talk.spoken_car.model:
        return fitting.powertrain_of(car.vehicle_id)
    named = talk.spoken_car
    return catalog.powertrain_of(named.make, named.model) if named.model else ""


def _wish(frame: Frame, wanted: GetAvailableSlots) -> ScheduleWish:
    local = frame.local(frame.now).replace(tzinfo=None)
    said = wish_of(wanted.when, local) if wanted.when else Wish()
    return ScheduleWish(
        day=_day(wanted.first_day) or said.first_day,
        last_day=_day(wanted.last_day) or said.last_day,
        at=_time(wanted.at) or said.at,
        after=_time(wanted.not_before) or said.not_before,
        before=_time(wanted.not_after) or said.not_after,
        weekdays=frozenset(wanted.weekdays or said.weekdays),
        visit_type=visit_type(waiting=bool(wanted.waiting), ride=wanted.ride),
    )


def visit_type(*, waiting: bool, ride: str | None) -> str:
    """How the caller comes and goes, as the schedule knows it."""
    return ride or ("waiter" if waiting else "drop_off")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def _offer(frame: Frame, codes: tuple[str, ...], found: tuple[Opening, ...]) -> Frame:
    handles, frame = frame.number_handles("op", len(found))
    work = all(frame.knowledge.services[code].waiter_ok for code in codes)
    offers = tuple(
        Offer(
            handle,
            codes,
            opening.start,
            opening.end,
            opening.visit_min,
            work and _may_wait(frame, opening),
            rides=_rides(frame, opening),
        )
        for handle, opening in zip(handles, found, strict=True)
    )
    talk = replace(frame.context.dialogue, searched=True, offer="")
    return frame.with_context(offers=offers, proposal=None, dialogue=talk)


def _may_wait(frame: Frame, opening: Opening) -> bool:
    """Nobody waits over lunch or late in the day; whether there is room is the schedule's word."""
    rules = frame.knowledge.rides
    start, length = frame.local(opening.start), opening.visit_min
    if length is None or length > rules.wait_max_min or start.time() > rules.last_wait:
        return False
    hours = frame.knowledge.hours.get(start.weekday())
    if hours is None or hours.lunch_starts is None or hours.lunch_ends is None:
        return True
    leaves = (start + timedelta(minutes=length)).time()
    return not (start.time() < hours.lunch_ends and hours.lunch_starts < leaves)


def _rides(frame: Frame, opening: Opening) -> tuple[str, ...]:
    """The rides that may be had with this opening; the day's limits are asked when it is booked."""
    rules, start = frame.knowledge.rides, frame.local(opening.start).time()
    shuttle = rules.shuttle_from <= start < rules.shuttle_until
    loaner = opening.visit_min is None or opening.visit_min >= rules.loaner_min
    return (*(("shuttle",) if shuttle else ()), *(("loaner",) if loaner else ()))


def _told(frame: Frame, offer: Offer) -> dict[str, object]:
    start = frame.local(offer.start)
    return {
        "opening": offer.handle,
        "when": spoken.say_when(start, frame.today),
        "date": start.date().isoformat(),
        "weekday": f"{start:%A}",
        "time": f"{start:%H:%M}",
        "visit_minutes": offer.visit_min,
        "can_wait": offer.waiter,
        "rides": list(offer.rides),
    }
