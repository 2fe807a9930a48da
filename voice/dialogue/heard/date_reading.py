"""What the readers of dates share: what they are given, what they give back.

Rules: a reader looks at one place of a list of tokens and returns a date with the
index after it, or None; it never looks for dates elsewhere, except through
`Context.longest`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from voice.dialogue.heard.values import DateHeard
from voice.dialogue.heard.words import at

Found = tuple[DateHeard, int]


@dataclass(frozen=True, slots=True)
class Context:
    """Today, the date named before this one, and the way to read a date within a date."""

    today: date
    longest: "Reader"
    anchor: date | None = None
    nested: bool = False


Reader = Callable[[list[str], int, Context], Found | None]


def one(day: date | None, end: int) -> Found | None:
    """A single day, where there is one."""
    return (DateHeard(day, day), end) if day else None


def span(first: date, last: date, end: int, late: bool = False) -> Found:
    """A stretch of days, both ends included."""
    return DateHeard(first, max(first, last), late=late), end


def skip(tokens: list[str], index: int, words: tuple[str, ...]) -> int:
    """The first index from `index` on whose token is none of the words."""
    while at(tokens, index) in words:
        index += 1
    return index
