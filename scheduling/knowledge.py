"""What may be said about the shop itself: hours, address, rides, payment and so on.

Rules of this module: an answer is an article that staff wrote, or is made here from the
rows that the schedule itself runs on (hours, closures, address), so that what the agent
says and what can be booked never differ. No article, no answer: nothing is made up.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from rapidfuzz import fuzz

from scheduling.day_sheet import shop_zone
from scheduling.models import BusinessHours, Closure, KnowledgeArticle, ShopSettings

GOOD_ENOUGH: Final = 86
"""Of 100: below it a phrase only resembles the question."""
CLOSED_SOON_DAYS: Final = 7
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Answer:
    """An article's topic and its words, as the agent says them."""

    topic: str
    spoken: str


def answer(question: str, *, now: datetime) -> Answer | None:
    """The best article for a caller's question or a topic's name; None when nothing fits."""
    asked = " ".join("".join(c if c.isalnum() else " " for c in question[:400].lower()).split())
    best, score = None, 0.0
    for article in KnowledgeArticle.objects.filter(active=True):
        if asked == article.topic.replace("-", " "):
            return _worded(article, now)
        found = max((_likeness(asked, phrase) for phrase in article.phrases), default=0.0)
        if found > score:
            best, score = article, found
    return _worded(best, now) if best is not None and score >= GOOD_ENOUGH else None


def topics() -> tuple[str, ...]:
    """Everything there is an article about."""
    return tuple(KnowledgeArticle.objects.filter(active=True).values_list("topic", flat=True))


def _likeness(asked: str, phrase: str) -> float:
    """0 to 100, a little more for longer phrases: they say more about what is meant."""
    words, said = phrase.lower().split(), asked.split()
    if len(words) == 1:
        return max((fuzz.ratio(words[0], word) for word in said), default=0.0)
    return min(float(fuzz.partial_ratio(" ".join(words), asked)), 98.0) + len(words) / 2


def _worded(article: KnowledgeArticle, now: datetime) -> Answer:
    """The article, with hours and address from the rows they are kept in."""
    if article.topic == "hours":
        return Answer(article.topic, hours_sentence(now))
    spoken = article.spoken
    if article.topic == "address":
        shop = ShopSettings.objects.filter(pk=1).first()
        if shop is not None and shop.address and shop.address not in spoken:
            spoken = f"We're at {shop.address}."
    return Answer(article.topic, spoken)


def hours_sentence(now: datetime) -> str:
    """The weekly hours in words, and a closure within the next seven days."""
    rows = {row.weekday: row for row in BusinessHours.objects.all()}
    parts = [
        f"{_span(run)}, {_clock(rows[run[0]].opens)} to {_clock(rows[run[0]].closes)}"
        for run in _runs(rows)
    ]
    said = f"The service desk is open {'; '.join(parts)}." if parts else "We're closed just now."
    lunches = {(row.lunch_starts, row.lunch_ends) for row in rows.values() if row.lunch_starts}
    for starts, ends in lunches:
        if starts and ends:
            said += f" It's closed for lunch from {_clock(starts)} to {_clock(ends)}."
    return said + _closed_soon(now.astimezone(shop_zone()).date())


def _runs(rows: dict[int, BusinessHours]) -> list[list[int]]:
    """Weekdays with the same hours, neighbours together."""
    runs: list[list[int]] = []
    for day in sorted(rows):
        if runs and runs[-1][-1] == day - 1 and _same(rows[runs[-1][0]], rows[day]):
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _same(one: BusinessHours, other: BusinessHours) -> bool:
    """Whether two weekdays open and close alike."""
    return (one.opens, one.closes) == (other.opens, other.closes)


def _span(run: list[int]) -> str:
    """ "Monday to Friday", or one day's name."""
    first, last = _DAYS[run[0]], _DAYS[run[-1]]
    return first if first == last else f"{first} to {last}"


def _clock(at: time) -> str:
    """A clock time in few words: "9", "12:30"."""
    hour = (at.hour - 1) % 12 + 1
    return f"{hour}:{at.minute:02}" if at.minute else f"{hour}"


def _closed_soon(today: date) -> str:
    """A sentence about a whole-day closure in the next week, or nothing."""
    until = today + timedelta(days=CLOSED_SOON_DAYS)
    closure = Closure.objects.filter(first_day__lte=until, last_day__gte=today, starts=None).first()
    if closure is None:
        return ""
    first = max(closure.first_day, today)
    return f" We're closed on {_DAYS[first.weekday()]}, {first:%B} {first.day}."
