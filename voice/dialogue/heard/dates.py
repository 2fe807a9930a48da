"""Dates out of speech: "a week from Thursday", "the twenty-fourth", "end of the month".

Rules: pure, `today` is given. "Tuesday" is the next one, never today; "next Tuesday"
is Tuesday of next week; "last Tuesday" the one just gone; weeks begin on Monday. A
date without a year is the next such date. What cannot be a date is None. The
reading is a table of small readers over tokens; at each place the longest wins.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.counted_days import read_counted, read_holiday, read_named
from voice.dialogue.heard.date_reading import Context, Found, Reader, span
from voice.dialogue.heard.month_days import (
    read_day_first,
    read_month_first,
    read_numeric,
    read_ordinal_day,
    read_year,
)
from voice.dialogue.heard.ranges import read_range
from voice.dialogue.heard.values import DateHeard
from voice.dialogue.heard.weekdays import read_weekday
from voice.dialogue.heard.words import at, tokenise


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date and where its words stand: tokens `start` to `end` (not included)."""

    start: int
    end: int
    value: DateHeard


def parse_date(text: str, today: date) -> DateHeard | None:
    """The first date in a text; several weekdays joined together come as one set."""
    tokens = tokenise(text)
    spans = list(find_dates(tokens, today))
    if not spans:
        return _whole_year(tokens, today)
    first = spans[0].value
    named = {span.value.first.weekday() for span in spans if span.value.day}
    plain = all(span.value.day and not span.value.rival for span in spans)
    within = all(abs((span.value.first - first.first).days) < 7 for span in spans)
    if len(spans) > 1 and plain and within:
        days = [span.value.first for span in spans]
        return DateHeard(min(days), max(days), frozenset(named))
    return first


def _whole_year(tokens: list[str], today: date) -> DateHeard | None:
    """A year alone: "in 2018". Only where nothing else is said, since a car has a year too."""
    words = [token for token in tokens if token not in ("in", "from", "since", "during", "the")]
    year = read_year(words, 0) if words else None
    if year is None or year[1] != len(words) or not 1900 <= year[0] < 2100:
        return None
    last = date(year[0], 12, 31)
    return DateHeard(date(year[0], 1, 1), last, past=last < today)


def find_dates(tokens: list[str], today: date) -> Iterator[DateSpan]:
    """Every date in a list of tokens, from left to right."""
    index, anchor = 0, None
    while index < len(tokens):
        found = _longest(tokens, index, Context(today, _longest, anchor))
        if found is None:
            index += 1
            continue
        value, end = found
        if value.day is None and at(tokens, index - 1) in ("until", "till", "through"):
            value = replace(value, late=True)
        past = value.last < today
        yield DateSpan(index, end, replace(value, past=past) if past else value)
        index, anchor = end, value.first


def _longest(tokens: list[str], index: int, context: Context) -> Found | None:
    best: Found | None = None
    for reader in _READERS.get(_kind(tokens[index]), _ANYWHERE):
        try:
            found = reader(tokens, index, context)
        except OverflowError:  # the first and last days of the calendar
            continue
        if found and (best is None or found[1] > best[1]):
            best = found
    return best


def _kind(token: str) -> str:
    if token in cal.WEEKDAYS:
        return "weekday"
    if token in cal.MONTHS:
        return "month"
    return "number" if token[:1].isdigit() else "word"


def _read_stretch(tokens: list[str], index: int, context: Context) -> Found | None:
    start = index + (tokens[index] == "the")
    if at(tokens, start) == "week" and at(tokens, start + 1) == "of":
        base = _longest(tokens, start + 2, context) if at(tokens, start + 2) else None
        if base and base[0].day:
            monday = cal.week_start(base[0].first)
            return span(max(monday, context.today), monday + timedelta(days=6), base[1])
    return read_range(tokens, index, context.today)


_READERS: dict[str, tuple[Reader, ...]] = {
    "weekday": (read_weekday,),
    "month": (read_month_first,),
    "number": (read_day_first, read_ordinal_day, read_numeric, read_counted),
}
_ANYWHERE: tuple[Reader, ...] = (
    read_named,
    read_holiday,
    read_counted,
    read_weekday,
    read_day_first,
    read_ordinal_day,
    _read_stretch,
)
