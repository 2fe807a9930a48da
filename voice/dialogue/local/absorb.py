"""Taking in what the caller said: answers, values, corrections, new wishes.

Rules: pure. First the answer to the question that was asked, then every value that
was said beside it, then what else is wanted. A later value replaces the earlier one,
and what depended on the earlier one (an offer, a search) is forgotten. A turn that
changes nothing was not understood, and is counted.
"""

from dataclasses import replace
from datetime import date

from voice.dialogue import spoken
from voice.dialogue.local import answers, answers_who
from voice.dialogue.local.answers_when import gives_up, go_back, leave_it
from voice.dialogue.local.goals import take_goals
from voice.dialogue.local.turn import Plan, Turn
from voice.dialogue.local.understand import CAR_ASKED, Understanding
from voice.dialogue.local.wishes import fits, merge
from voice.dialogue.state import Need, SpokenCar

_TAKES_SERVICE = frozenset(
    {"", "book", "price", "booked", "more", "unanswered", "waitlist", "duration"}
)
_TAKES_CAR = frozenset({"", "book", "history", "more", "booked", "price", "unanswered"})
_TAKES_WHEN = frozenset(
    {"", "book", "move", "change", "more", "booked", "price", "unanswered", "waitlist"}
)


def absorb(turn: Turn, said: Understanding) -> Turn | Plan | None:
    """The turn with everything taken in; a Plan where the answer is already one; None if nothing was understood."""
    before = turn
    if said.restart and turn.talk.goal in ("book", "move"):
        return go_back(turn, said)
    if said.back and gives_up(turn, said):
        return leave_it(turn)
    answered = answers.answer(turn, said)
    if isinstance(answered, Plan):
        return answered
    turn = answered or turn
    turn = take_values(turn, said) if not answers.consumes(before.talk.asked, answered) else turn
    if answers.consumes(before.talk.asked, answered):
        # An answer in passing ("it's loud here, I'd rather not") is no wish for a visit.
        said = replace(said, need=Need())
    turn = take_goals(turn, said)
    if said.mismatch and turn.talk.wish != before.talk.wish:
        turn = turn.saying(_which_weekday(said.mismatch))
    changed = answered is not None or turn != before
    return turn if changed or _echoes(before, said) else None


def _which_weekday(day: date) -> str:
    return f"{spoken.say_month_day(day)} is a {day:%A}."


def _echoes(turn: Turn, said: Understanding) -> bool:
    """What was known already, said again: no news, and nothing to be sorry about."""
    same_need = bool(said.need.op_codes) and set(said.need.op_codes) <= set(turn.talk.need.op_codes)
    offered = any(fits(said.wish, turn.local(offer.start)) for offer in turn.context.offers)
    return same_need or offered


def take_values(turn: Turn, said: Understanding) -> Turn:
    """Every value that was said, whatever was asked."""
    goal = turn.talk.goal
    if goal in _TAKES_SERVICE and not (said.goals == ("cancel",) and not goal):
        turn = take_need(turn, said)
    if goal in _TAKES_CAR:
        turn = take_car(turn, said)
    if goal in _TAKES_WHEN:
        turn = take_wish(turn, said)
    if said.waiting is not None and goal in ("", "book"):
        turn = turn.at(waiting=said.waiting)
    if said.ride and goal in ("", "book"):
        turn = take_ride(turn, said)
    return turn


def take_ride(turn: Turn, said: Understanding) -> Turn:
    """How the caller gets on: who takes the shuttle or a loaner does not wait."""
    waiting = turn.talk.waiting if said.ride == "none" else False
    if said.ride == turn.talk.ride:
        return turn
    limits_times = said.ride != "none" and turn.talk.searched and not turn.talk.offer
    turn = turn.at(ride=said.ride, waiting=waiting)
    return _searched_anew(turn) if limits_times else turn


def take_need(turn: Turn, said: Understanding) -> Turn:
    """What the car needs: added when the caller adds, replaced when they correct."""
    new, old = said.need, turn.talk.need
    if not (new.op_codes or new.choices or new.triage):
        return turn
    if (
        old.op_codes
        and new.op_codes
        and set(new.op_codes) <= set(old.op_codes)
        and not said.corrects
    ):
        return turn
    if old.op_codes and said.adds and not said.corrects:
        both = tuple(dict.fromkeys((*old.op_codes, *new.op_codes)))[:4]
        new = replace(new, op_codes=both, choices=())
    elif old.op_codes and not _replaces(turn, said):
        return turn
    concern = new.concern or said.safe
    if old.concern and said.adds:
        concern = f"{old.concern}; {concern}"
    need = replace(new, concern=concern[:400], triage=new.triage or old.triage)
    return (
        _searched_anew(turn.at(need=need)) if need.op_codes != old.op_codes else turn.at(need=need)
    )


def _replaces(turn: Turn, said: Understanding) -> bool:
    """A new service in place of the old one: asked for, or a correction that names it plainly."""
    if turn.talk.asked in ("need", "which_service", "what_to_change", "confirm"):
        return True
    named = said.need.op_codes and not said.need.op_codes[0].startswith("DIAG")
    return bool(said.corrects and named)


def take_car(turn: Turn, said: Understanding) -> Turn:
    """A car: a verified customer's own where the words fit one, else as it was named."""
    car = said.car_guess if turn.talk.asked in CAR_ASKED else said.car
    if not (car.make or car.model or (car.year and turn.talk.asked.startswith("car"))):
        return turn
    own = answers_who.own_car(turn, said)
    if own:
        return turn.at(car=own, spoken_car=SpokenCar())
    old = turn.talk.spoken_car
    if car.make and old.make and car.make != old.make:
        old = SpokenCar(year=old.year if not said.corrects or not car.year else None)
    merged = SpokenCar(
        year=car.year or old.year,
        make=car.make or old.make,
        model=car.model or old.model,
        unlisted=car.unlisted or old.unlisted,
    )
    return turn.at(spoken_car=merged, car="")


def take_wish(turn: Turn, said: Understanding) -> Turn:
    """When: what is not mentioned stays, and the openings are looked for anew."""
    if said.wish.empty:
        return turn
    merged = merge(turn.talk.wish, said.wish)
    if merged == turn.talk.wish and turn.talk.searched:
        return turn
    return _searched_anew(turn.at(wish=merged))


def _searched_anew(turn: Turn) -> Turn:
    cleared = replace(turn.context, offers=(), proposal=None)
    return replace(turn, context=cleared).at(searched=False, offer="")


def clear_need(turn: Turn) -> Turn:
    """The service is to be said anew."""
    return _searched_anew(turn.at(need=Need()))
