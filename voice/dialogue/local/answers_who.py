"""Answers about the caller, the car and what it needs.

Rules: pure; one function per question, as `answers` has it: the turn with the answer taken
in, a tool call, or None where this was no answer.
"""

import re
from dataclasses import replace

from voice.context import Car
from voice.dialogue import heard
from voice.dialogue.local import who
from voice.dialogue.local.asking import ask, noted, once
from voice.dialogue.local.handing import give_up
from voice.dialogue.local.turn import Answered, Turn
from voice.dialogue.local.understand import Understanding
from voice.dialogue.state import Need, SpokenCar


# ---- who ------------------------------------------------------------------------
def known(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(known=True, asked="")
    if said.no or said.unsure or "first time" in said.text.lower():
        return turn.at(known=False, asked="")
    return None


def factor(turn: Turn, said: Understanding) -> Answered:
    if (
        not turn.talk.known
        and turn.talk.goal == "book"
        and turn.talk.asked in ("name", "last_name")
    ):
        return new_name(turn, said)
    plan = who.capture(turn, said)
    if plan is not None:
        return plan
    if said.unsure or (said.no and turn.talk.asked != "name") or refuses(said):
        return who.declined(turn)
    if turn.talk.asked == "name_spelled" and turn.talk.tries:
        return who.declined(turn)  # there are other ways to be recognised
    return None


def refuses(said: Understanding) -> bool:
    text = said.text.lower()
    return any(
        cue in text
        for cue in ("rather not", "don't want", "won't", "skip", "private", "why do you")
    )


def new_name(turn: Turn, said: Understanding) -> Answered:
    first, last = said.name
    person = turn.talk.person
    if not first or who.no_name(said):
        return None
    if turn.talk.asked == "last_name" and person.first_name:
        first, last = person.first_name, last or first
        if not last:
            return None  # asked for again, but not for ever
    return turn.at(person=replace(person, first_name=first, last_name=last), asked="", tries=0)


_NAME_IS = re.compile(
    r"\b(?:(first|last|family) ?)?name(?:'s| is| should be)\b[\s,]*(.+)", re.IGNORECASE
)


def corrected_name(turn: Turn, said: Understanding) -> Answered:
    """ "No, the first name is Nora, N O R A": a newcomer's name as it was read back, put right.

    What is put right twice, or can't be a name, was misheard: its letters alone are asked for. If
    they are misheard too, a person does better.
    """
    person = turn.talk.person
    found = _NAME_IS.search(said.text)
    if not found or turn.context.customer_id or not person.last_name:
        return None
    name = heard.parse_name(found[2])
    if name and name.first and name.last and not found[1]:
        return turn.at(person=replace(person, first_name=name.first, last_name=name.last), asked="")
    part = "first" if (found[1] or "first").lower() == "first" else "last"
    if not once(turn, f"{part} name spelled"):
        return give_up(turn)
    if name is None or not once(turn, f"{part} name put right"):
        return ask(noted(turn, f"{part} name spelled"), f"spell_{part}")
    return _named(noted(turn, f"{part} name put right"), part, name.last or name.first)


def _named(turn: Turn, part: str, name: str) -> Turn:
    person = turn.talk.person
    named = replace(person, first_name=name) if part == "first" else replace(person, last_name=name)
    return turn.at(person=named, asked="")


def spelled_part(turn: Turn, said: Understanding) -> Answered:
    """The letters of the first or the last name alone."""
    part = turn.talk.asked.removeprefix("spell_")
    letters = heard.parse_spelling(said.text)
    if letters:
        return _named(turn, part, letters)
    name = heard.parse_name(said.text)
    if name and not said.no:
        return _named(turn, part, name.last or name.first)
    return turn.at(asked="") if turn.talk.tries else None


def spelling(turn: Turn, said: Understanding) -> Answered:
    person = turn.talk.person
    spelled = heard.parse_spelling(said.text)
    if spelled:
        return turn.at(person=replace(person, last_name=spelled, spelled=True), asked="")
    if said.name[0] or said.no or said.unsure or turn.talk.tries:
        return turn.at(person=replace(person, spelled=True), asked="")
    return None


def phone(turn: Turn, said: Understanding) -> Answered:
    if said.phone:
        return turn.at(
            person=replace(turn.talk.person, phone=said.phone, phone_agreed=True), asked=""
        )
    if turn.context.caller_number and (
        "this" in said.text.lower() or "calling" in said.text.lower()
    ):
        return turn.at(person=replace(turn.talk.person, phone_agreed=True), asked="")
    return None


# ---- which car --------------------------------------------------------------------
def own_car(turn: Turn, said: Understanding) -> str:
    """The handle of the one car of the customer that the words fit, "" for none or several."""
    text = said.text.lower()
    asked = turn.talk.asked.startswith("car") or turn.talk.asked == "history_car"
    car = said.car_guess if asked else said.car
    fitting = [own.handle for own in turn.context.cars if _is(own, car, text)]
    return fitting[0] if len(fitting) == 1 else ""


def _is(own: Car, car: SpokenCar, text: str) -> bool:
    if own.short.lower() in text or (car.model and car.model.lower() == own.model.lower()):
        return car.year in (None, own.year)
    if car.make and not car.model:
        return car.make.lower() == own.make.lower()
    return bool(car.year and not car.make and car.year == own.year)


def car_this(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes and not said.car.make:
        return turn.at(car=turn.context.cars[0].handle, asked="")
    if said.no and not said.car.make:
        return turn.at(said=turn.talk.said | {"new_car"}, asked="")
    return None


def car_which(turn: Turn, said: Understanding) -> Answered:
    handle = own_car(turn, said)
    if handle:
        return turn.at(car=handle, spoken_car=SpokenCar(), asked="")
    if said.choice in (1, 2) and len(turn.context.cars) == 2 and not said.car.make:
        return turn.at(car=turn.context.cars[said.choice - 1].handle, asked="")
    if "new" in said.text.lower().split() or said.no:
        return turn.at(said=turn.talk.said | {"new_car"}, asked="")
    return None


def change_that(turn: Turn, said: Understanding) -> Answered:
    if said.leans_yes:
        return turn.at(goal="move", asked="")
    if said.no or "another" in said.text.lower() or "both" in said.text.lower():
        return turn.at(visit="", asked="")
    return None


# ---- what -----------------------------------------------------------------------
def need(turn: Turn, said: Understanding) -> Answered:
    """Whatever was said is the concern; what no service fits is looked at by a technician."""
    if said.need.op_codes or said.need.choices or said.repeat or said.unsure:
        return None
    if (
        set(said.goals) & {"move", "cancel", "find", "status", "price", "info"}
        or said.answer.value != "unclear"
    ):
        return None
    if len(said.text.split()) < 3 and not turn.talk.tries:
        return None
    if turn.talk.tries and "DIAG-N" in turn.knowledge.services:
        return turn.at(need=Need(op_codes=("DIAG-N",), concern=said.safe[:400]), asked="")
    return None


def which_service(turn: Turn, said: Understanding) -> Answered:
    choices = turn.talk.need.choices
    picked = [code for code in said.need.op_codes if code in choices]
    if not picked and said.choice in (1, 2) and len(choices) >= said.choice:
        picked = [choices[said.choice - 1]]
    if not picked:
        picked = _named_choice(turn, said)
    if not picked and (said.unsure or said.yes):
        picked = [choices[-1]]
    if not picked:
        return None
    need = replace(turn.talk.need, op_codes=(picked[0],), choices=())
    return turn.at(need=need, asked="")


def _named_choice(turn: Turn, said: Understanding) -> list[str]:
    """A word that only one of the two names holds: "synthetic"."""
    text = set(said.text.lower().replace(",", " ").split())
    names = {
        code: set(turn.knowledge.services[code].spoken.lower().split())
        for code in turn.talk.need.choices
    }
    return [
        code
        for code, words in names.items()
        if text & (words - set().union(*(other for key, other in names.items() if key != code)))
    ]
