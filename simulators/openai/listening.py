"""What the simulated receptionist makes of a caller's words: patterns, nothing more.

Rules: pure. It stands in for a language model's understanding, so it shares nothing with
the product's own listeners: a mistake there must not be repeated here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

YES = re.compile(
    r"\b(yes|yeah|yep|sure|correct|right|okay|ok|perfect|please do|that works)\b", re.I
)
BYE = re.compile(
    r"\b(bye|goodbye|that's all|that is all|nothing else|no,? thanks|no,? thank you)\b", re.I
)
PERSON = re.compile(r"\b(person|human|advisor|someone|operator|representative)\b", re.I)
WHEN = re.compile(
    r"\b(today|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|week|morning|afternoon|"
    r"soon|earliest|anytime|next|january|february|march|april|may|june|july|august|september|"
    r"october|november|december)\b",
    re.I,
)
ORDINALS = (
    r"\b(?:first (?!time)|first$|former|earlier)|\bfirst\b(?=[.,!]|$)",
    r"\b(?:second|latter|later|last|other)\b",
)
NAME = re.compile(r"\b(?:name is|name's|i'm|i am|this is)\s+([A-Za-z'-]+)\s+([A-Za-z'-]+)", re.I)
TWO_WORDS = re.compile(r"^\W*(?:it's |yes,? )?([A-Z][A-Za-z'-]+)\s+([A-Z][A-Za-z'-]+)\W*$")
DULL = frozenset(
    "the a an my your for of and is it to in on service check car need can be waited".split()
)
_TENS = {"twenty": 20, "thirty": 30, "ninety": 90, "eighty": 80}
_ONES = {
    word: value
    for value, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split(),
        start=1,
    )
}
_SAID_YEAR = re.compile(
    rf"\b(nineteen|twenty)[ -](?:(oh)[ -])?({'|'.join(_TENS)}|{'|'.join(_ONES)})"
    rf"(?:[ -]({'|'.join(_ONES)}))?\b",
    re.I,
)
_CAR = re.compile(r"\b((?:19|20)\d\d)\s+([A-Za-z][A-Za-z-]+)\s+([A-Za-z0-9][A-Za-z0-9-]*)")


@dataclass(frozen=True, slots=True)
class SpokenCar:
    """A car as the caller named it."""

    year: int = 0
    make: str = ""
    model: str = ""

    @property
    def whole(self) -> bool:
        """Year, make and model are known."""
        return bool(self.year and self.make and self.model)

    def as_argument(self) -> dict[str, Any]:
        """As the booking tool takes it."""
        return {"year": self.year, "make": self.make, "model": self.model}


def car_in(text: str) -> SpokenCar:
    """The car that was named last, its year in digits or in words."""
    found = _CAR.findall(_SAID_YEAR.sub(lambda match: f"{_year(match)}", text))
    return SpokenCar(int(found[-1][0]), found[-1][1], found[-1][2]) if found else SpokenCar()


def _year(match: re.Match[str]) -> int:
    century = 1900 if match[1].lower() == "nineteen" else 2000
    head, tail = match[3].lower(), (match[4] or "").lower()
    return century + _TENS.get(head, _ONES.get(head, 0)) + _ONES.get(tail, 0)


def name_in(said: Sequence[tuple[str, str]], question: str) -> tuple[str, str]:
    """First and last name: introduced as such, or the bare answer to the question for it."""
    for before, words in reversed(said):
        found = NAME.search(words) or (TWO_WORDS.match(words) if question in before else None)
        if found:
            return found[1], found[2]
    return "", ""


def service_in(text: str, menu: dict[str, str]) -> str | None:
    """The service of the menu that shares most words with what was said."""
    words = set(re.findall(r"[a-z]+", text.lower())) - DULL
    scores = {
        code: len(words & (set(re.findall(r"[a-z]+", name.lower())) - DULL))
        for code, name in menu.items()
    }
    best = max(scores, key=lambda code: scores[code], default=None)
    return best if best and scores[best] else None


def choice_in(text: str, openings: Sequence[dict[str, Any]], *, yes_counts: bool) -> str:
    """The handle of the opening that the words choose, "" for none."""
    for place, pattern in enumerate(ORDINALS[: len(openings)]):
        if re.search(pattern, text, re.I):
            return str(openings[place]["opening"])
    named = [one for one in openings if str(one["weekday"]).lower() in text.lower()]
    if len(named) == 1:
        return str(named[0]["opening"])
    return str(openings[0]["opening"]) if yes_counts and openings and YES.search(text) else ""


def waits(text: str) -> bool | None:
    """Whether the caller waits for the car; None where nothing was said of it."""
    if re.search(r"\b(drop|leave)\b", text, re.I):
        return False
    return True if re.search(r"\bwait(ing)?\b(?! no|,)", text, re.I) else None
