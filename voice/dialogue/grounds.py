"""What the truth gate judges by: the call's record, the shop's facts and what was said.

Rules: pure. A write counts for the customer it was made for: after "here's my wife" the
visits of the one before are nobody's to hear. What stands is the newest that was written
for a start: a visit that was moved away or cancelled stands no more.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from voice.context import CallContext, Receipt
from voice.core.history import CallerTurn, Item
from voice.dialogue import heard
from voice.dialogue.heard.dates import find_dates
from voice.dialogue.heard.words import tokenise
from voice.dialogue.knowledge import Knowledge

STANDING = frozenset({"booked", "moved", "confirmed"})
"""Kinds of receipts after which a visit stands."""
ON_VISITS = STANDING | {"cancelled", "was"}
"""Kinds of receipts whose start is a visit's."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a sentence is judged by. `now` is aware UTC."""

    context: CallContext
    knowledge: Knowledge
    history: tuple[Item, ...]
    now: datetime

    @property
    def today(self) -> date:
        """The shop's date."""
        return self.now.astimezone(self.knowledge.zone).date()

    @property
    def local(self) -> datetime:
        """The shop's clock, naive."""
        return self.now.astimezone(self.knowledge.zone).replace(tzinfo=None)

    @property
    def caller_words(self) -> str:
        """All that the caller has said, lower case."""
        said = [item.text for item in self.history if isinstance(item, CallerTurn)]
        return " ".join(said).lower()

    @property
    def receipts(self) -> tuple[Receipt, ...]:
        """What was written in this call for the customer who is speaking."""
        own = self.context.customer_id
        return tuple(r for r in self.context.receipts if r.customer_id == own)

    def written(self, *kinds: str) -> list[datetime]:
        """Local starts of which the newest receipt is one of these kinds."""
        visits = [r for r in self.receipts if r.kind in ON_VISITS and r.start]
        last = {receipt.start: receipt.kind for receipt in visits if receipt.start}
        return self._local([start for start, kind in last.items() if kind in kinds])

    def own_starts(self) -> list[datetime]:
        """Local starts of the visits that the caller has now, as far as the call may know them."""
        return [*self._local([v.start for v in self.context.visits]), *self.written(*STANDING)]

    def starts(self) -> list[datetime]:
        """Every local start that a tool has given in this call."""
        given = [receipt.start for receipt in self.receipts if receipt.start]
        given += [offer.start for offer in self.context.offers]
        return [*self._local(given), *self.own_starts()]

    def _local(self, starts: list[datetime]) -> list[datetime]:
        return [start.astimezone(self.knowledge.zone) for start in starts]


@dataclass(frozen=True, slots=True)
class Falsehood:
    """A sentence that must not be spoken: which check, and what is said instead."""

    code: str
    instead: str


Check = Callable[[str, Grounds], Falsehood | None]


def cue(pattern: str) -> re.Pattern[str]:
    """A pattern of words, in any case."""
    return re.compile(pattern, re.IGNORECASE)


# ---- days and times that a sentence names -------------------------------------------------
def days_in(sentence: str, grounds: Grounds) -> list[heard.DateHeard]:
    """The days a sentence names; the "now" of "you're now booked" and good wishes name none."""
    plain = _NO_DAY.sub(" ", sentence)
    return [span.value for span in find_dates(tokenise(plain), grounds.today)]


_NO_DAY = cue(
    r"\bnow\b|\b(have|enjoy) (a|an|the|your)\b[^,.;!?]*|\b(calling|else|helps?|helped|assist)\b[^,.;!?]*\btoday\b"
)


def times_in(text: str, grounds: Grounds) -> list[heard.TimeHeard]:
    """The exact times of day a text names."""
    said = [heard.parse_time(span, grounds.local) for span in _TIME.findall(text)]
    return [found for found in said if found is not None and found.at is not None]


_TIME = cue(
    r"\b(?:\d{1,2}:\d\d(?:\s?[ap]\.?\s?m\b)?|\d{1,2}\s?[ap]\.?\s?m\b"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?:[\s-](?:oh[\s-]\w+|fifteen|thirty|forty[\s-]five|twenty|ten|forty|fifty))?\s(?:[ap]\.?\s?m\b|o'?clock)"
    r"|noon|midnight)"
)


def is_time(said: heard.TimeHeard, at: time) -> bool:
    """Whether that time was named; "nine thirty" alone may be either half of the day."""
    assert said.at is not None
    return at == said.at or (not said.meridiem_known and at == half_day_later(said.at))


def half_day_later(at: time) -> time:
    """Nine in the evening for nine in the morning."""
    return at.replace(hour=(at.hour + 12) % 24)


def names_one_of(sentence: str, starts: list[datetime], grounds: Grounds) -> bool:
    """Whether every day the sentence names is one of these starts', and one of its times, if it
    names any, belongs to such a start."""
    days, times = days_in(sentence, grounds), times_in(sentence, grounds)
    named = [start for start in starts if any(day.allows(start.date()) for day in days)]
    if not days or not all(any(day.allows(s.date()) for s in starts) for day in days):
        return False
    return not times or any(is_time(said, start.time()) for said in times for start in named)
