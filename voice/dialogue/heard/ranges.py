"""Stretches of days: "early next week", "the end of the month", "a weekday", "this weekend"."""

from datetime import date, timedelta

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.values import DateHeard
from voice.dialogue.heard.words import at

Found = tuple[DateHeard, int]

_EDGES = {
    "early": "start",
    "beginning": "start",
    "start": "start",
    "first": "start",
    "middle": "middle",
    "mid": "middle",
    "later": "rest",
    "rest": "rest",
    "late": "end",
    "end": "end",
    "latter": "end",
    "last": "end",
}
_SHIFTS = {
    "this": 0,
    "the": 0,
    "current": 0,
    "next": 1,
    "following": 1,
    "coming": 1,
    "last": -1,
    "previous": -1,
}
_UNITS_OF_TIME = frozenset({"week", "weekend", "month", "year"})


def read_range(tokens: list[str], index: int, today: date) -> Found | None:
    """A week, weekend, month or year, whole or one end of it, at `index`."""
    start = index + (tokens[index] == "the" and at(tokens, index + 1) in _EDGES)
    edge = _EDGES.get(at(tokens, start), "")
    if tokens[start] == "last" and at(tokens, start + 1) in _UNITS_OF_TIME:
        edge = ""  # "last week" is the one before this
    after = start + bool(edge)
    if edge:
        while at(tokens, after) in ("of", "part", "in", "half"):
            after += 1
    found = _read_span(tokens, after, today) if at(tokens, after) else None
    if found is None:
        return None
    value, end = found
    return (_cut(value, edge, today), end) if edge and value.last > value.first else found


def _read_span(tokens: list[str], index: int, today: date) -> Found | None:
    three = " ".join(tokens[index : index + 4])
    for words, weeks in (("the week after next", 2), ("week after next", 2), ("the week after", 2)):
        if three.startswith(words):
            return _week(today, weeks, index + len(words.split()))
    if tokens[index] in ("weekday", "weekdays"):
        return _weekdays(today, frozenset(range(5)), index + 1)
    if tokens[index] in ("weekend", "weekends"):
        return _weekend(today, 0, index + 1)
    if tokens[index] in cal.MONTHS:
        return _month_named(cal.MONTHS[tokens[index]], today, index + 1)
    shift = _SHIFTS.get(tokens[index])
    return None if shift is None else _unit(tokens, index, today, shift)


def _unit(tokens: list[str], index: int, today: date, shift: int) -> Found | None:
    unit, end = at(tokens, index + 1), index + 2
    if unit == "week":
        return _week(today, shift, end)
    if unit in ("weekend", "weekends"):
        return _weekend(today, shift, end)
    if unit == "month":
        first = cal.add_months(today.replace(day=1), shift)
        return (
            _days(max(first, today) if shift == 0 else first, cal.month_end(first), end)
            if first
            else None
        )
    if unit == "year" and 1 <= today.year + shift <= 9999:
        year = today.year + shift
        first = date(year, 1, 1)
        return _days(max(first, today) if shift == 0 else first, date(year, 12, 31), end)
    if unit in ("few", "couple") and shift == 1:
        skip = index + 2 + (at(tokens, index + 2) == "of")
        spans = {"days": 3, "weeks": 14, "day": 3}
        length = spans.get(at(tokens, skip))
        return _days(today + cal.DAY, today + timedelta(days=length), skip + 1) if length else None
    return None


def _days(first: date, last: date, end: int) -> Found:
    return DateHeard(first, max(first, last)), end


def _week(today: date, shift: int, end: int) -> Found:
    monday = cal.week_start(today) + shift * cal.WEEK
    return _days(max(monday, today) if shift == 0 else monday, monday + timedelta(days=6), end)


def _weekend(today: date, shift: int, end: int) -> Found:
    saturday = cal.week_start(today) + timedelta(days=5) + shift * cal.WEEK
    sunday = saturday + cal.DAY
    return _days(max(saturday, today) if shift == 0 else saturday, sunday, end)


def _weekdays(today: date, weekdays: frozenset[int], end: int) -> Found:
    return DateHeard(today, today + 2 * cal.WEEK, weekdays), end


def _month_named(month: int, today: date, end: int) -> Found:
    first = date(today.year + (month < today.month), month, 1)
    return _days(max(first, today), cal.month_end(first), end)


def _cut(whole: DateHeard, edge: str, today: date) -> DateHeard:
    """One end of a stretch: about two days of a week, ten of a month."""
    length = (whole.last - whole.first).days + 1
    part = timedelta(days=max(1, min(length // 3, 10)) - 1)
    # A shop's week is Monday to Friday: its end is Thursday and Friday.
    last = (
        whole.last - 2 * cal.DAY if 5 <= length <= 7 and whole.last.weekday() == 6 else whole.last
    )
    if edge == "start":
        return DateHeard(whole.first, whole.first + part)
    if edge == "end":
        return DateHeard(max(whole.first, last - part), last, late=True)
    if edge == "middle":
        middle = whole.first + (last - whole.first) / 2
        return DateHeard(middle - part / 2, middle + part / 2)
    first = max(whole.first, today + cal.DAY)
    return DateHeard(min(first, whole.last), whole.last)
