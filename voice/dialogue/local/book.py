"""Booking a visit, as steps: domain sections 4.1 (new customer) and 4.2 (existing).

Rules: pure. A step looks at what is known and either returns a reply (a question, a
tool) or None: nothing to do here, go on. The order of the table in `flows` is the
order of the conversation; what the caller says in any order simply satisfies steps.
"""

from dataclasses import replace
from typing import Any

from voice.context import Offer
from voice.dialogue import spoken
from voice.dialogue.local import wishes, words
from voice.dialogue.local.asking import ask, noted, once
from voice.dialogue.local.turn import Plan, Turn, use
from voice.dialogue.local.who import enough_to_book, prove, reached
from voice.dialogue.state import SpokenCar
from voice.gate import Flow, Level


# ---- what -----------------------------------------------------------------------
def what_it_needs(turn: Turn) -> Plan | None:
    """The service, by at most one question about two candidates."""
    need = turn.talk.need
    if need.op_codes:
        return None
    if need.choices:
        names = [turn.knowledge.services[code].spoken for code in need.choices[:2]]
        if len(names) == 1:
            return ask(turn, "which_service", choices=spoken.with_article(names[0]))
        return ask(
            turn,
            "which_service",
            choices=f"{spoken.with_article(names[0])} or {spoken.with_article(names[1])}",
        )
    return ask(turn, "need")


# ---- who ------------------------------------------------------------------------
def whether_known(turn: Turn) -> Plan | None:
    """A number that belongs to a customer is asked for the name; any other whether they know us."""
    if turn.talk.known is not None or turn.context.customer_id:
        return None
    return ask(turn, "known")


def who_is_calling(turn: Turn) -> Plan | None:
    """An existing customer: the name, then one factor; enough to book, and no more is asked."""
    if not turn.talk.known or turn.context.customer_is_new or enough_to_book(turn):
        return None
    return prove(turn, Level.VERIFIED)


def unknown_after_all(turn: Turn) -> Turn | None:
    """Said to be known, but nothing matched: book as a new record, an advisor links it."""
    if turn.talk.known and not reached(turn, Level.RECOGNISED):
        return turn.at(known=False).saying(words.NOT_FOUND)
    return None


def name_of_newcomer(turn: Turn) -> Plan | None:
    """First and last name of a new customer, the last name spelled once."""
    person = turn.talk.person
    if turn.talk.known or turn.context.customer_id:
        return None
    if not person.first_name:
        return ask(turn, "name")
    if not person.last_name:
        return ask(turn, "last_name")
    return None if person.spelled else ask(turn, "spelling")


def number_of_newcomer(turn: Turn) -> Plan | None:
    """Where the shop reaches a new customer: the number they call from is read back with the visit."""
    person = turn.talk.person
    if turn.talk.known or turn.context.customer_id or person.phone_agreed:
        return None
    if turn.context.caller_number and "own_number_refused" not in turn.talk.said:
        return None
    return ask(turn, "phone")


# ---- which car --------------------------------------------------------------------
def own_car_named(turn: Turn) -> str:
    """The one car of the record that was named before the record was open."""
    car = turn.talk.spoken_car
    fitting = [
        own.handle
        for own in turn.context.cars
        if (car.make or car.model)
        and car.model in ("", own.model)
        and car.make in ("", own.make)
        and car.year in (None, own.year)
    ]
    return fitting[0] if len(fitting) == 1 and not turn.talk.car else ""


def which_car(turn: Turn) -> Plan | Turn | None:
    """A verified customer's car by its handle: one is checked, several are asked for."""
    talk, cars = turn.talk, turn.context.cars
    named = own_car_named(turn)
    if named:
        return turn.at(car=named, spoken_car=SpokenCar())
    if talk.car or not cars or talk.spoken_car.complete or "new_car" in talk.said:
        return None
    if len(cars) == 1:
        return ask(turn, "car_this", car=cars[0].short)
    named = f", the {cars[0].short} or the {cars[1].short}" if len(cars) == 2 else ""
    return ask(turn, "car_which", cars=named)


def car_of_caller(turn: Turn) -> Plan | None:
    """A car in the caller's own words: year, make and model."""
    car = turn.talk.spoken_car
    if turn.talk.car or car.complete:
        return None
    if car.make and car.model:
        return ask(turn, "car_year", car=car.model)
    if car.make:
        return ask(turn, "car_model", car=car.make)
    return ask(turn, "car_make") if car.year else ask(turn, "car_words")


def already_booked(turn: Turn) -> Plan | None:
    """A car with a visit to come: change that one, or book another? Asked once."""
    car = turn.context.car(turn.talk.car)
    if car is None or not once(turn, "change_that"):
        return None
    visit = next((v for v in turn.context.visits if v.vehicle_id == car.vehicle_id), None)
    if visit is None:
        return None
    when = spoken.say_when(turn.local(visit.start), turn.today)
    return ask(
        noted(turn.at(visit=visit.handle), "change_that"), "change_that", when=when, car=car.short
    )


# ---- when -------------------------------------------------------------------------
def which_day(turn: Turn) -> Plan | None:
    """The wish; an urgent concern takes the earliest opening."""
    if turn.talk.offer or not turn.talk.wish.empty:
        return None
    if turn.talk.need.triage == "urgent" and once(turn, "offers_refused"):
        return None
    return ask(turn, "when")


def look_for_openings(turn: Turn) -> Plan | None:
    """Ask the book for at most two openings."""
    if turn.talk.offer or turn.talk.searched:
        return None
    return use(turn, "get_available_slots", **search(turn))


def search(turn: Turn) -> dict[str, Any]:
    """The wish as the tool takes it."""
    talk = turn.talk
    visit = turn.context.visit(talk.visit) if talk.goal == "move" else None
    wish = talk.wish
    return {
        "services": list(visit.op_codes if visit else talk.need.op_codes),
        "when": None,
        "first_day": wish.first_day and wish.first_day.isoformat(),
        "last_day": wish.last_day and wish.last_day.isoformat(),
        "weekdays": list(wish.weekdays) or None,
        "at": wish.at and f"{wish.at:%H:%M}",
        "not_before": wish.not_before and f"{wish.not_before:%H:%M}",
        "not_after": wish.not_after and f"{wish.not_after:%H:%M}",
        "waiting": talk.waiting,
        "ride": ride_of(turn),
        "visit": visit.handle if visit else None,
    }


def ride_of(turn: Turn) -> str | None:
    """The ride that is asked for, as the tools take it."""
    return turn.talk.ride if turn.talk.ride in _RIDES else None


def nothing_free(turn: Turn) -> Plan | None:
    """The whole horizon is full for this wish."""
    if turn.talk.offer or turn.context.offers:
        return None
    return ask(turn, "widen", before="I don't have anything free for that.")


def which_opening(turn: Turn) -> Plan | Turn | None:
    """Offer the two openings; one that is exactly what was wished is taken as it is."""
    if turn.talk.offer:
        return None
    offers = turn.context.offers
    fitting = [o for o in offers if wishes.fits(turn.talk.wish, turn.local(o.start))]
    if wishes.exact(turn.talk.wish) and fitting:
        return choose(turn, fitting[0])
    missed = (
        ""
        if fitting or turn.talk.wish.soonest or turn.talk.wish.empty
        else "I don't have that one free. "
    )
    question = "offer" if len(offers) > 1 else "take_it"
    return ask(turn, question, before=f"{missed}I have {say_offers(turn, offers)}.")


def choose(turn: Turn, offer: Offer) -> Turn:
    """Take an opening; the flow goes on from there."""
    return turn.at(offer=offer.handle, asked="", tries=0)


def say_offers(turn: Turn, offers: tuple[Offer, ...]) -> str:
    """ "Tuesday, November twenty-fourth at nine thirty A M, or one P M"."""
    starts = [turn.local(offer.start) for offer in offers[:2]]
    first = spoken.say_when(starts[0], turn.today)
    if len(starts) == 1:
        return first
    if starts[0].date() == starts[1].date():
        return f"{first}, or {spoken.say_time(starts[1].time())}"
    return f"{first}, or {spoken.say_when(starts[1], turn.today)}"


def drop_or_wait(turn: Turn) -> Plan | Turn | None:
    """Only where the work can be waited for, at that time."""
    offer = turn.context.offer(turn.talk.offer)
    if turn.talk.waiting and offer is not None and not offer.waiter:
        return turn.at(waiting=False).saying(words.NO_WAITING)
    if turn.talk.waiting is not None or offer is None or not offer.waiter:
        return None
    length = f" about {spoken.say_duration(offer.visit_min)}" if offer.visit_min else ""
    shuttle = "shuttle" in offer.rides and not turn.talk.ride
    return ask(turn, "waiting_or_ride" if shuttle else "waiting", length=length)


_RIDES = {"shuttle": "our shuttle", "loaner": "a loaner car"}
LONG_MIN = 120
"""Minutes from which a ride is asked about where nobody can wait anyway."""


def ride_from_here(turn: Turn) -> Plan | None:
    """Work that takes long is dropped off: how does the caller get on?"""
    offer = turn.context.offer(turn.talk.offer)
    if turn.talk.ride or turn.talk.waiting or offer is None or offer.waiter or not offer.rides:
        return None
    if offer.visit_min is not None and offer.visit_min < LONG_MIN:
        return None
    return ask(turn, "ride", rides=" or ".join(_RIDES[ride] for ride in offer.rides))


# ---- the write ----------------------------------------------------------------------
def read_back_booking(turn: Turn) -> Plan | None:
    """The first call of the tool reads back; the second, after a yes, writes."""
    talk = turn.talk
    new = not talk.known and not turn.context.customer_id
    arguments: dict[str, Any] = {
        "opening": talk.offer,
        "car": talk.car or None,
        "new_car": None if talk.car else _spoken_car(turn),
        "first_name": talk.person.first_name if new else None,
        "last_name": talk.person.last_name if new else None,
        "waiting": bool(talk.waiting),
        "ride": ride_of(turn),
        "concern": talk.need.concern[:400] or None,
    }
    return use(turn.at(asked="confirm"), "book_appointment", **arguments)


def _spoken_car(turn: Turn) -> dict[str, Any]:
    car = turn.talk.spoken_car
    return {"year": car.year, "make": car.make, "model": car.model}


# ---- afterwards -------------------------------------------------------------------------
def reminders_allowed(turn: Turn) -> Plan | None:
    """A new customer is asked once whether reminders may come; the wording is kept with the answer."""
    if not turn.context.customer_is_new or not once(turn, "consent"):
        return None
    return ask(noted(turn, "consent"), "consent")


def birth_date(turn: Turn) -> Plan | None:
    """A new customer may leave a date of birth, to be recognised by next time."""
    if not turn.context.customer_is_new or not once(turn, "birth_date"):
        return None
    return ask(noted(turn, "birth_date"), "birth_date")


def flow_of(turn: Turn) -> Flow:
    """Which flow a booking belongs to."""
    return Flow.EXISTING_CUSTOMER if turn.talk.known else Flow.NEW_CUSTOMER


def goal_again(turn: Turn) -> Turn:
    """A booking begun anew: what belonged to the last visit is forgotten, the person stays."""
    return turn.at(
        need=replace(turn.talk.need, op_codes=(), choices=(), concern=""), offer="", searched=False
    )
