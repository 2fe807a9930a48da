"""Finding out who is speaking: the questions in their order, and the answers by code.

Rules: pure. A factor goes straight from the caller's words into a private tool call;
it is never kept in the context, never repeated, never judged here. Whether a factor
matched is not told: the questions simply go on until the level is reached or nothing
is left to ask.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from voice.dialogue import heard
from voice.dialogue.local.asking import ask
from voice.dialogue.local.turn import Plan, Turn, use
from voice.dialogue.local.understand import Understanding
from voice.gate import Level

FACTORS = ("dob", "vin", "address")
NAMES = frozenset({"name", "last_name", "name_spelled"})
ASKED = frozenset({*NAMES, "zip", "birth_day", "code", *FACTORS})
_HIGH_ENOUGH = {
    Level.RECOGNISED: frozenset({Level.RECOGNISED, Level.VERIFIED, Level.STEPPED_UP}),
    Level.VERIFIED: frozenset({Level.VERIFIED, Level.STEPPED_UP}),
}


def reached(turn: Turn, target: Level) -> bool:
    """Whether the call holds the level already."""
    return turn.context.level in _HIGH_ENOUGH[target]


def enough_to_book(turn: Turn) -> bool:
    """Whether a booking may go on: verified, or one question asked of a number that is known, two of any other."""
    if reached(turn, Level.VERIFIED):
        return True
    asked = [factor for factor in turn.talk.factors_tried if factor not in NAMES]
    matched = [factor for factor in turn.context.factors_ok if factor != "name"]
    most = 1 if reached(turn, Level.RECOGNISED) and not matched else 2
    return len(asked) >= most


def prove(turn: Turn, target: Level, *, before: str = "") -> Plan | None:
    """The next question towards the level; None when it is reached or cannot be."""
    if reached(turn, target) or turn.context.verification_closed:
        return None
    question = next_question(turn)
    return ask(turn, question, before=before) if question else None


def next_question(turn: Turn) -> str | None:
    """The name first, spelled where that is needed, then one factor after the other, each once."""
    tried = frozenset(turn.talk.factors_tried)
    if turn.context.direction == "inbound":
        if "name" not in tried:
            return _name_question(turn)
        if "name_spelled" not in tried and _wants_spelling(turn):
            return "name_spelled"
    return next((factor for factor in FACTORS if factor not in tried), None)


def _name_question(turn: Turn) -> str:
    """A name that was not understood is spelled, not said once more."""
    talk = turn.talk
    if talk.tries and talk.asked in NAMES:
        return "name_spelled"
    return "last_name" if talk.person.first_name else "name"


def _wants_spelling(turn: Turn) -> bool:
    """Whether a name that was heard is spelled too: where the number's customers have another.

    A name is easily misheard, letters are not. From a number that nobody is known for,
    everybody is asked, so that it does not tell who is a customer.
    """
    context = turn.context
    return "name" not in context.factors_ok and not reached(turn, Level.RECOGNISED)


def capture(turn: Turn, said: Understanding) -> Plan | None:
    """The factor in the caller's answer as a private tool call; None when there is none."""
    asked = turn.talk.asked
    if asked == "name_spelled" and (letters := heard.parse_spelling(said.text)):
        return _verify_spelled(turn, letters)
    if asked in NAMES:
        return _capture_name(turn, said)
    for factor in _order(asked):
        value = _READERS[factor](said.text, turn.now)
        if value:
            return verify(turn, factor, value)
    return None


def _order(asked: str) -> tuple[str, ...]:
    """What to listen for: what was asked first, then what callers offer instead."""
    if asked == "dob":
        return ("dob", "vin_marked", "address_marked", "reference")
    if asked == "vin":
        return ("vin", "dob_marked", "address_marked", "reference")
    if asked == "address":
        return ("address", "dob_marked", "vin_marked")
    return {"zip": ("zip", "birth_day"), "birth_day": ("birth_day",)}.get(asked, ())


def verify(turn: Turn, factor: str, value: str) -> Plan:
    """A plan that has the factor checked."""
    kind = factor.removesuffix("_marked")
    tried = (*turn.talk.factors_tried, *_counted(kind))
    turn = turn.at(factors_tried=tried, tries=0, asked="")
    name = {"vin": "vin_last6", "name_spelled": "name"}.get(kind, kind)
    return use(turn, "verify", private=True, key=turn.context.code_key, factor=name, value=value)


def volunteered(turn: Turn, said: Understanding) -> Plan | None:
    """A date of birth or reference that the caller gives without being asked."""
    if turn.context.verification_closed or reached(turn, Level.VERIFIED):
        return None
    for factor in ("dob_marked", "reference"):
        value = _READERS[factor](said.text, turn.now)
        if value and factor.removesuffix("_marked") not in turn.talk.factors_tried:
            return verify(turn, factor, value)
    return None


def declined(turn: Turn) -> Turn:
    """The caller cannot or will not say it: never ask it again."""
    asked = turn.talk.asked
    factor = "name" if asked == "last_name" else asked
    return turn.at(factors_tried=(*turn.talk.factors_tried, *_counted(factor)), asked="", tries=0)


def _counted(factor: str) -> tuple[str, ...]:
    """What is not asked again: a name that was to be spelled has been asked for."""
    return ("name", "name_spelled") if factor == "name_spelled" else (factor,)


def _verify_spelled(turn: Turn, letters: str) -> Plan:
    """The letters of the whole name; where it was heard before, the sounds tell where it parts."""
    person = turn.talk.person
    if not (person.first_name and person.last_name):
        return verify(turn, "name_spelled", letters)
    first, last = heard.split_spelled(letters, person.first_name, person.last_name)
    spelled = replace(person, first_name=first, last_name=last, spelled=True)
    return verify(turn.at(person=spelled), "name_spelled", f"{first} {last}")


def _capture_name(turn: Turn, said: Understanding) -> Plan | None:
    first, last = said.name
    person = turn.talk.person
    if turn.talk.asked == "last_name" and person.first_name:
        first, last = person.first_name, last or first
    if not first or no_name(said):
        return None
    turn = turn.at(person=replace(person, first_name=first, last_name=last))
    if not last:
        return ask(turn, "last_name")
    again = turn.talk.asked == "name_spelled"
    return verify(turn, "name_spelled" if again else "name", f"{first} {last}")


def no_name(said: Understanding) -> bool:
    """Words that parse as a name but are an answer to something else."""
    short = len(said.text.split()) <= 3
    service = bool(said.need.op_codes) and short
    elsewhere = said.question or said.unsure or (bool(said.goals) and not short)
    return service or elsewhere or said.answer.value != "unclear" or (short and not said.wish.empty)


def _dob(text: str, now: datetime) -> str:
    day = heard.parse_dob(text, now.date())
    return day.isoformat() if day else ""


def _dob_marked(text: str, now: datetime) -> str:
    marked = any(word in text.lower() for word in ("birth", "born", "dob", "d.o.b"))
    return _dob(text, now) if marked else ""


def _vin(text: str, now: datetime) -> str:
    tail = heard.parse_vin_tail(text) or ""
    return tail[-6:]


def _vin_marked(text: str, now: datetime) -> str:
    return _vin(text, now) if "vin" in text.lower() else ""


def _address(text: str, now: datetime) -> str:
    found = heard.parse_street_number_and_zip(text)
    return f"{found.street_number} {found.zip_code}" if found else ""


def _address_marked(text: str, now: datetime) -> str:
    return _address(text, now) if "zip" in text.lower() else ""


def _reference(text: str, now: datetime) -> str:
    marked = any(word in text.lower() for word in ("reference", "confirmation"))
    return (heard.parse_reference(text) or "") if marked else ""


def _zip(text: str, now: datetime) -> str:
    return heard.parse_zip(text) or ""


def _birthday(text: str, now: datetime) -> str:
    found = heard.parse_date(text, now.date())
    return f"{found.first:%m-%d}" if found and found.day else ""


_READERS: dict[str, Callable[[str, datetime], str]] = {
    "dob": _dob,
    "dob_marked": _dob_marked,
    "vin": _vin,
    "vin_marked": _vin_marked,
    "address": _address,
    "address_marked": _address_marked,
    "reference": _reference,
    "zip": _zip,
    "birth_day": _birthday,
}
