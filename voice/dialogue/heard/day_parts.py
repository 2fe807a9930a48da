"""Bounds and parts of a day: "after three", "between one and two", "first thing", "in an hour"."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from voice.dialogue.heard.clock import (
    ABOUT,
    NOT_HOURS,
    PARTS,
    WHOLE_TIMES,
    as_heard,
    read_exact,
    read_half,
    read_hour_first,
    read_to_past,
)
from voice.dialogue.heard.values import Part, TimeHeard
from voice.dialogue.heard.words import at, read_cardinal

_SPANS = {
    Part.MORNING: (time(0), time(12)),
    Part.AFTERNOON: (time(12), time(17)),
    Part.EVENING: (time(17), time(21)),
    Part.NIGHT: (time(18), time(23, 59)),
}
_AFTER = tuple(
    "any time after,anytime after,later than,no earlier than,not before,sometime after,earliest is"
    ",not until,after,past,since,from".split(",")
)
_BEFORE = tuple(
    "any time before,anytime before,earlier than,no later than,not after,sometime before"
    ",latest is,before,by,until,till".split(",")
)
_LUNCH = (time(12), time(13))


def read_relative(
    tokens: list[str], index: int, now: datetime | None
) -> tuple[TimeHeard, int] | None:
    if now is None:
        return None
    if tokens[index] == "now" or " ".join(tokens[index : index + 2]) == "right now":
        return TimeHeard(at=now.time()), index + 1 + (tokens[index] == "right")
    if tokens[index] not in ("in", "within"):
        return None
    words = " ".join(tokens[index + 1 : index + 5])
    for phrase, minutes in _FRACTIONS.items():
        if words.startswith(phrase):
            return _from_now(now, minutes), index + 1 + len(phrase.split())
    article = at(tokens, index + 1) in ("a", "an")
    number = (1, index + 2) if article else read_cardinal(tokens, index + 1)
    unit = at(tokens, number[1]) if number else ""
    if number is None or number[0] > 1440:
        return None
    if unit in ("minute", "minutes", "mins", "min"):
        return _from_now(now, number[0]), number[1] + 1
    if unit in ("hour", "hours"):
        return _from_now(now, number[0] * 60), number[1] + 1
    return None


_FRACTIONS = {
    "half an hour": 30,
    "a half hour": 30,
    "an hour and a half": 90,
    "a couple of hours": 120,
    "a couple hours": 120,
    "a quarter of an": 15,
}


def _from_now(now: datetime, minutes: int) -> TimeHeard:
    return TimeHeard(at=(now + timedelta(minutes=minutes)).time())


def read_between(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    """ "between nine and eleven", "from one to three", "nine to five"."""
    led = tokens[index] in ("between", "from")
    low = read_exact(tokens, index + 1, bare=True) if led else None
    if low is None and not led:
        plain = read_hour_first(tokens, index)
        if plain is None or at(tokens, plain.end) not in ("to", "through"):
            return None
        end, half, _ = read_half(tokens, plain.end)
        low = (as_heard(replace(plain, half=half)), end)
        if read_to_past(tokens, index):
            return None
    if low is None or at(tokens, low[1]) not in ("and", "to", "till", "until", "through"):
        return None
    high = read_exact(tokens, low[1] + 1, bare=True)
    if high is None or low[0].at is None or high[0].at is None:
        return None
    return _bounds(low[0], high[0]), high[1]


def _bounds(low: TimeHeard, high: TimeHeard) -> TimeHeard:
    """Two ends: the half of the day said once counts for both where that makes sense."""
    earliest, latest = low.at, high.at
    known = low.meridiem_known and high.meridiem_known
    if earliest and latest and high.meridiem_known and not low.meridiem_known:
        later = earliest.replace(hour=earliest.hour % 12 + 12)
        earliest = later if later < latest and latest.hour >= 12 else earliest
        known = True
    return TimeHeard(earliest=earliest, latest=latest, meridiem_known=known)


def read_bounded(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    for phrases, is_after in ((_AFTER, True), (_BEFORE, False)):
        for phrase in phrases:
            size = phrase.count(" ") + 1
            if " ".join(tokens[index : index + size]) == phrase:
                return _bound(tokens, index + size, is_after)
    return None


def _bound(tokens: list[str], index: int, is_after: bool) -> tuple[TimeHeard, int] | None:
    if at(tokens, index) in ("lunch", "lunchtime"):
        edge = _LUNCH[1] if is_after else _LUNCH[0]
        return _one_bound(TimeHeard(at=edge), is_after), index + 1
    if at(tokens, index) in ("work", "school"):
        heard = TimeHeard(earliest=time(16)) if is_after else TimeHeard(latest=time(9, 30))
        return heard, index + 1
    found = read_named_time(tokens, index) or read_exact(tokens, index, bare=True)
    if found is None or found[0].at is None or at(tokens, found[1]) in NOT_HOURS:
        return None
    heard = _one_bound(found[0], is_after)
    if at(tokens, found[1]) in ("but", "and", "or"):
        other = read_bounded(tokens, found[1] + 1)
        if other and (other[0].earliest is None) != (heard.earliest is None):
            return merge([heard, other[0]]), other[1]
    return heard, found[1]


def _one_bound(edge: TimeHeard, is_after: bool) -> TimeHeard:
    if is_after:
        return TimeHeard(earliest=edge.at, meridiem_known=edge.meridiem_known)
    return TimeHeard(latest=edge.at, meridiem_known=edge.meridiem_known)


_NAMED = {
    "first thing in the morning": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "first thing": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "first appointment": TimeHeard(soonest=True),
    "start of the day": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "when you open": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "as early as possible": TimeHeard(soonest=True),
    "end of the day": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "end of day": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "last appointment": TimeHeard(last=True),
    "before you close": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "as late as possible": TimeHeard(last=True),
    "middle of the day": TimeHeard(earliest=time(11), latest=time(14)),
    "early morning": TimeHeard(part=Part.MORNING, latest=time(10), soonest=True),
    "early in the morning": TimeHeard(part=Part.MORNING, latest=time(10), soonest=True),
    "mid morning": TimeHeard(part=Part.MORNING, earliest=time(9, 30), latest=time(11)),
    "late morning": TimeHeard(part=Part.MORNING, earliest=time(10, 30), latest=time(12)),
    "early afternoon": TimeHeard(part=Part.AFTERNOON, earliest=time(12), latest=time(14)),
    "mid afternoon": TimeHeard(part=Part.AFTERNOON, earliest=time(14), latest=time(16)),
    "late afternoon": TimeHeard(part=Part.AFTERNOON, earliest=time(15), latest=time(17)),
    "late in the day": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "lunch time": TimeHeard(at=time(12), approximate=True),
    "lunchtime": TimeHeard(at=time(12), approximate=True),
    "noonish": TimeHeard(at=time(12), approximate=True),
}
_NAMED_BY_WORD: dict[str, list[tuple[list[str], TimeHeard]]] = {}
for _phrase, _value in _NAMED.items():
    _NAMED_BY_WORD.setdefault(_phrase.split()[0], []).append((_phrase.split(), _value))


def read_named_time(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    start = index
    while at(tokens, start) in ABOUT or at(tokens, start) in ("at", "twelve", "12", "the"):
        start += 1
    word = at(tokens, start)
    if word in WHOLE_TIMES:
        ish = at(tokens, start + 1) == "ish"
        about = ish or any(token in ABOUT for token in tokens[index:start])
        return TimeHeard(at=WHOLE_TIMES[word], approximate=about), start + 1 + ish
    for words, value in _NAMED_BY_WORD.get(word, ()):
        if tokens[start : start + len(words)] == words:
            return value, start + len(words)
    return None


def read_part(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    part = PARTS.get(tokens[index])
    if part is None or at(tokens, index - 1) == "good":
        return None
    earliest, latest = _SPANS[part]
    return TimeHeard(earliest=earliest, latest=latest, part=part), index + 1


def merge(values: list[TimeHeard]) -> TimeHeard:
    """The first time, narrowed by the ones after it where they are bounds of the same day."""
    first = values[0]
    for other in values[1:]:
        if first.at or other.at:
            return first if first.at else other
        first = replace(
            first,
            earliest=other.earliest or first.earliest,
            latest=other.latest or first.latest,
            part=first.part or other.part,
            meridiem_known=first.meridiem_known and other.meridiem_known,
        )
    return first
