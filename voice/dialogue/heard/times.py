"""Times of day out of speech: "half past nine", "nine-ish", "after three", "first thing".

Rules: pure. A time is kept as said (`at six` is 06:00 with `meridiem_known` False)
and `business_time` decides with the shop's hours, because "at two" at a shop that
opens at nine can only be 14:00. Part of the day words decide at once. "before",
"after" and "between" make bounds, both ends included.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time

from voice.dialogue.heard.clock import read_exact
from voice.dialogue.heard.day_parts import (
    merge,
    read_between,
    read_bounded,
    read_named_time,
    read_part,
    read_relative,
)
from voice.dialogue.heard.values import TimeHeard
from voice.dialogue.heard.words import tokenise


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time and where its words stand: tokens `start` to `end` (not included)."""

    start: int
    end: int
    value: TimeHeard


def parse_time(text: str, now: datetime | None = None) -> TimeHeard | None:
    """The first time of day in a text, None if there is none.

    `now` (local) is needed only for "now" and "in two hours". A number alone is an
    hour: this is for an answer to "what time?"; in a longer text it needs a lead
    ("at nine").
    """
    tokens = tokenise(text)
    spans = list(find_times(tokens, now, bare=len(tokens) <= 4))
    return merge([span.value for span in spans]) if spans else None


def business_time(heard: TimeHeard | time, opens: time, closes: time) -> time | None:
    """The time of day meant, at a shop with these hours; None where none was given.

    An ambiguous hour takes the half of the day in which the shop is open, both or
    neither: 7 to 11 in the morning, 12 to 6 in the afternoon.
    """
    if isinstance(heard, time):
        return heard
    exact = heard.at
    if exact is None or heard.meridiem_known:
        return exact
    morning, evening = exact.replace(hour=exact.hour % 12), exact.replace(hour=exact.hour % 12 + 12)
    open_halves = [half for half in (morning, evening) if opens <= half <= closes]
    if len(open_halves) == 1:
        return open_halves[0]
    return morning if 7 <= exact.hour <= 11 else evening


def business_bounds(heard: TimeHeard, opens: time, closes: time) -> tuple[time | None, time | None]:
    """Earliest and latest time wished for, with ambiguous bounds settled by the shop's hours."""
    if heard.meridiem_known:
        return heard.earliest, heard.latest
    settled = [
        bound and business_time(TimeHeard(at=bound, meridiem_known=False), opens, closes)
        for bound in (heard.earliest, heard.latest)
    ]
    return settled[0], settled[1]


def find_times(
    tokens: list[str], now: datetime | None = None, bare: bool = False
) -> Iterator[TimeSpan]:
    """Every time in a list of tokens; with `bare` a number alone is an hour.

    So is one that follows a time: "nine or ten", "nine, no, ten".
    """
    index, last_end = 0, 0
    while index < len(tokens):
        joined = last_end > 0 and _JOINS.issuperset(tokens[last_end:index])
        found = _read(tokens, index, now, bare or joined)
        if found is None:
            index += 1
            continue
        yield TimeSpan(index, found[1], found[0])
        index = last_end = found[1]


_JOINS = frozenset("or and no wait actually sorry make it maybe i mean at like um uh".split())


def _read(
    tokens: list[str], index: int, now: datetime | None, bare: bool
) -> tuple[TimeHeard, int] | None:
    return (
        read_relative(tokens, index, now)
        or read_between(tokens, index)
        or read_bounded(tokens, index)
        or read_named_time(tokens, index)
        or read_exact(tokens, index, bare)
        or read_part(tokens, index)
    )
