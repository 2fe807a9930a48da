"""Dates out of speech: "a week from Thursday", "the twenty-fourth", "end of the month".

Rules: pure, `today` is given. "Tuesday" is the next one, never today; "next Tuesday"
is Tuesday of next week; "last Tuesday" the one just gone; weeks begin on Monday. A
date without a year is the next such date. What cannot be a date is None. The
reading is a table of small readers over tokens; at each place the longest wins.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.ranges import read_range
from voice.dialogue.heard.values import DateHeard
from voice.dialogue.heard.words import at, read_cardinal, read_ordinal, tokenise

Found = tuple[DateHeard, int]
_Reader = Callable[[list[str], int, "_Context"], Found | None]


@dataclass(frozen=True, slots=True)
class _Context:
    today: date
    anchor: date | None = None
    nested: bool = False


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
    year = _read_year(words, 0) if words else None
    if year is None or year[1] != len(words) or not 1900 <= year[0] < 2100:
        return None
    last = date(year[0], 12, 31)
    return DateHeard(date(year[0], 1, 1), last, past=last < today)


def find_dates(tokens: list[str], today: date) -> Iterator[DateSpan]:
    """Every date in a list of tokens, from left to right."""
    index, anchor = 0, None
    while index < len(tokens):
        found = _longest(tokens, index, _Context(today, anchor))
        if found is None:
            index += 1
            continue
        value, end = found
        if value.day is None and at(tokens, index - 1) in ("until", "till", "through"):
            value = replace(value, late=True)
        past = value.last < today
        yield DateSpan(index, end, replace(value, past=past) if past else value)
        index, anchor = end, value.first


def _longest(tokens: list[str], index: int, context: _Context) -> Found | None:
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


def _one(day: date | None, end: int) -> Found | None:
    return (DateHeard(day, day), end) if day else None


def _range(first: date, last: date, end: int, late: bool = False) -> Found:
    return DateHeard(first, max(first, last), late=late), end


# Named days ---------------------------------------------------------------------------

_NAMED = {
    "day after tomorrow": 2,
    "day before yesterday": -2,
    "later today": 0,
    "right now": 0,
    "now": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "today": 0,
    "tonight": 0,
    "tomorrow": 1,
    "tomorow": 1,
    "yesterday": -1,
}


def _read_named(tokens: list[str], index: int, context: _Context) -> Found | None:
    start = index + (tokens[index] == "the")
    for length in (3, 2, 1):
        days = _NAMED.get(" ".join(tokens[start : start + length]))
        if days is not None:
            return _after_named(tokens, start + length, cal.add_days(context.today, days))
    return None


def _after_named(tokens: list[str], end: int, day: date | None) -> Found | None:
    """ "today" may go on: "today week"."""
    if day and at(tokens, end) == "week" and tokens[end - 1] in ("today", "tomorrow"):
        return _one(day + cal.WEEK, end + 1)
    return _one(day, end)


def _read_holiday(tokens: list[str], index: int, context: _Context) -> Found | None:
    for length in (3, 2, 1):
        day = cal.holiday(" ".join(tokens[index : index + length]), context.today)
        if day:
            return _one(day, index + length)
    return None


# Counted from a day -------------------------------------------------------------------

_UNITS = {
    "day": 1,
    "days": 1,
    "week": 7,
    "weeks": 7,
    "fortnight": 14,
    "month": 0,
    "months": 0,
    "weekend": -1,
}
_COUNTS = {"a": 1, "an": 1, "one": 1, "couple": 2, "few": 3}


def _read_counted(tokens: list[str], index: int, context: _Context) -> Found | None:
    """ "in ten days", "two weeks from Tuesday", "a week from today", "5 days ago"."""
    start = index + (tokens[index] in ("in", "within"))
    amount = _read_amount(tokens, start)
    if amount is None:
        return None
    count, unit, end = amount
    following = at(tokens, end)
    if following == "ago":
        return _one(_move(context.today, -count, unit), end + 1)
    if following in ("from", "after", "on", "today", "tomorrow", "past"):
        return _read_counted_from(tokens, end, context, count, unit)
    if following in ("away", "out", "time") or start > index:
        skip = _skip(tokens, end, ("away", "out", "time", "from", "now", "or", "so"))
        return _one(_move(context.today, count, unit), skip)
    return None


def _read_counted_from(
    tokens: list[str], end: int, context: _Context, count: int, unit: int
) -> Found | None:
    base_at = end + (tokens[end] not in ("today", "tomorrow"))
    if at(tokens, base_at) == "now":
        return _one(_move(context.today, count, unit), base_at + 1)
    if at(tokens, base_at) == "":
        return None
    if context.nested:
        return None  # "a week from a week from a week from ..."
    base = _longest(tokens, base_at, replace(context, nested=True))
    return _one(_move(base[0].first, count, unit), base[1]) if base else None


def _read_amount(tokens: list[str], start: int) -> tuple[int, int, int] | None:
    """A count, its unit in days (0: months) and the index after it."""
    index = start
    if at(tokens, index) == "the":
        index += 1
    number = read_cardinal(tokens, index)
    if number is None and at(tokens, index) in _COUNTS:
        count, index = _COUNTS[tokens[index]], index + 1
        if at(tokens, index) in ("couple", "few"):
            count, index = _COUNTS[tokens[index]], index + 1
        index = _skip(tokens, index, ("of",))
        number = (count, index)
    if number is None or at(tokens, number[1]) not in _UNITS:
        return None
    unit = _UNITS[tokens[number[1]]]
    return (number[0], unit, number[1] + 1) if unit >= 0 and number[0] < 10_000 else None


def _move(day: date, count: int, unit: int) -> date | None:
    return cal.add_days(day, count * unit) if unit else cal.add_months(day, count)


def _skip(tokens: list[str], index: int, words: tuple[str, ...]) -> int:
    while at(tokens, index) in words:
        index += 1
    return index


# Weekdays -----------------------------------------------------------------------------

_BEFORE_WEEKDAY = frozenset(
    ["this", "next", "coming", "last", "past", "following", "upcoming", "on", "every"]
)


def _read_weekday(tokens: list[str], index: int, context: _Context) -> Found | None:
    start, words = index, []
    while at(tokens, start) in _BEFORE_WEEKDAY or (at(tokens, start) == "the" and start == index):
        words.append(tokens[start])
        start += 1
    name = at(tokens, start)
    if name not in cal.WEEKDAYS or (name in cal.DOUBTFUL_WEEKDAYS and not _is_short(tokens, start)):
        return None
    weekday, end = cal.WEEKDAYS[name], start + 1
    dated = _read_weekday_with_date(tokens, end, context, weekday)
    if dated:
        return dated
    if "last" in words or "past" in words:
        return _one(cal.last_weekday(context.today, weekday), end)
    return _read_after_weekday(tokens, end, context, weekday, words)


def _is_short(tokens: list[str], start: int) -> bool:
    """A short form is a weekday when alone or beside something that belongs to a date."""
    near = (at(tokens, start - 1), at(tokens, start + 1))
    joins = {"on", "this", "next", "or", "and", "coming"} | set(cal.MONTHS)
    return len(tokens) == 1 or any(word in joins or word[:1].isdigit() for word in near)


def _read_after_weekday(
    tokens: list[str], end: int, context: _Context, weekday: int, words: list[str]
) -> Found | None:
    following = " ".join(tokens[end : end + 3])
    today = context.today
    monday = cal.week_start(today)
    here = monday + timedelta(days=weekday)
    if match := re.match(r"(?:of |the )?(next|this|last|following) week\b", following):
        shift = {"next": 1, "following": 1, "this": 0, "last": -1}[match[1]]
        return _one(here + shift * cal.WEEK, end + len(match[0].split()))
    coming = cal.next_weekday(today, weekday)
    if match := re.match(r"(?:the )?week after next\b", " ".join(tokens[end : end + 4])):
        return _one(here + 2 * cal.WEEK, end + len(match[0].split()))
    if match := re.match(r"(?:after next|week)\b", following):
        return _one(coming + cal.WEEK, end + len(match[0].split()))
    if match := re.match(r"(?:in )?(?:a|one|two|three) weeks?(?: time)?\b", following):
        weeks = 2 if "two" in match[0] else 3 if "three" in match[0] else 1
        near = coming if weekday != today.weekday() else today
        return _one(near + weeks * cal.WEEK, end + len(match[0].split()))
    if at(tokens, end) in ("after", "following") and at(tokens, end + 1) != "next":
        return _read_weekday_after(tokens, end + 1, context, weekday, coming)
    if "following" in words:
        return _one(cal.next_weekday(context.anchor or coming, weekday), end)
    if "next" in words:
        return _one(here + cal.WEEK, end)
    if "this" in words and "coming" not in words and here >= today:
        return _one(here, end)
    return _one(coming, _skip(tokens, end, ("coming",)))


def _read_weekday_after(
    tokens: list[str], start: int, context: _Context, weekday: int, coming: date
) -> Found | None:
    """ "the Friday after Thanksgiving", "the Friday after that", "the Friday after"."""
    base = None
    if at(tokens, start) and not context.nested:
        base = _longest(tokens, start, replace(context, nested=True))
    if base:
        return _one(cal.next_weekday(base[0].first, weekday), base[1])
    anchor = context.anchor or coming
    return _one(cal.next_weekday(anchor, weekday), _skip(tokens, start, ("that", "this")))


def _read_weekday_with_date(
    tokens: list[str], end: int, context: _Context, weekday: int
) -> Found | None:
    """ "Thursday 30th June", "Friday the 29th", "Tuesday 11/24"."""
    index = _skip(tokens, end, ("the", "on"))
    if at(tokens, index) == "":
        return None
    for reader in (_read_month_first, _read_day_first, _read_numeric):
        dated = reader(tokens, index, context)
        if dated and dated[0].day:
            return _reconcile(dated, context, weekday, _has_year(tokens[index : dated[1]]))
    ordinal = read_ordinal(tokens, index)
    if ordinal is None and index > end:
        ordinal = _bare_day(tokens, index)
    day = ordinal and cal.next_day_of_month(context.today, ordinal[0])
    if not ordinal or not day:
        return None
    return _reconcile((DateHeard(day, day), ordinal[1]), context, weekday, False, any_month=True)


def _bare_day(tokens: list[str], index: int) -> tuple[int, int] | None:
    number = read_cardinal(tokens, index)
    return number if number and 1 <= number[0] <= 31 else None


def _has_year(tokens: list[str]) -> bool:
    return any(len(token) >= 8 or (len(token) == 4 and token.isdigit()) for token in tokens[1:])


def _reconcile(
    dated: Found, context: _Context, weekday: int, has_year: bool, any_month: bool = False
) -> Found:
    """A weekday and a date that disagree: the next day that is both, and the rival."""
    value, end = dated
    day = value.first
    if day.weekday() == weekday:
        return dated
    month = None if any_month else day.month
    both = None if has_year else cal.agreeing(context.today, weekday, day.day, month)
    return replace(value, first=both or day, last=both or day, rival=day), end


# Months and days ----------------------------------------------------------------------


def _read_month_first(tokens: list[str], index: int, context: _Context) -> Found | None:
    """ "March 10th", "Nov the 16th", "November twenty-four 2026", and a month alone."""
    month = cal.MONTHS.get(at(tokens, index))
    if month is None:
        return None
    start = _skip(tokens, index + 1, ("the",))
    day = read_ordinal(tokens, start) or _bare_day(tokens, start)
    if day is None:
        return _read_whole_month(tokens, index, context, month)
    return _with_year(tokens, day[1], context, month, day[0])


def _read_day_first(tokens: list[str], index: int, context: _Context) -> Found | None:
    """ "the 9th of March", "24 November 2026"."""
    start = index + (tokens[index] == "the")
    day = read_ordinal(tokens, start) or _bare_day(tokens, start)
    if day is None:
        return None
    month_at = _skip(tokens, day[1], ("of", "in", "day"))
    month = cal.MONTHS.get(at(tokens, month_at))
    if month is None:
        return _read_first_of_two(tokens, start, day, context)
    return _with_year(tokens, month_at + 1, context, month, day[0])


def _read_first_of_two(
    tokens: list[str], start: int, day: tuple[int, int], context: _Context
) -> Found | None:
    """The 26 of "from 26 to 29 May": its month is said with the second day."""
    if at(tokens, day[1]) not in ("to", "until", "till", "through", "or", "and"):
        return None
    second_at = day[1] + 1 + (at(tokens, day[1] + 1) == "the")
    second = read_ordinal(tokens, second_at) or _bare_day(tokens, second_at)
    month_at = _skip(tokens, second[1], ("of",)) if second else 0
    month = cal.MONTHS.get(at(tokens, month_at)) if second else None
    if second is None or month is None or second[0] <= day[0]:
        return None
    return _one(cal.next_month_day(context.today, month, day[0]), day[1])


def _with_year(
    tokens: list[str], end: int, context: _Context, month: int, day: int
) -> Found | None:
    skip = _skip(tokens, end, ("of", "in"))
    year = _read_year(tokens, skip)
    if year:
        found = _one(cal.safe_date(year[0], month, day), year[1])
    else:
        found = _one(cal.next_month_day(context.today, month, day), end)
    if not found:
        return None
    weekday_at = _skip(tokens, found[1], ("on", "a", "which", "is"))
    weekday = cal.WEEKDAYS.get(at(tokens, weekday_at))
    if weekday is None or (weekday_at == found[1] and at(tokens, weekday_at + 1) == "next"):
        return found
    return _reconcile((found[0], weekday_at + 1), context, weekday, year is not None)


def _read_year(tokens: list[str], index: int) -> tuple[int, int] | None:
    token = at(tokens, index)
    if len(token) == 4 and token.isdecimal() and token[:2] in ("19", "20"):
        return int(token), index + 1
    head = read_cardinal(tokens, index)
    if head is None or not token.isalpha():
        return None
    if 1900 <= head[0] < 2100:
        return head
    if head[0] in (19, 20):
        tail = read_cardinal(tokens, head[1])
        return (head[0] * 100 + tail[0], tail[1]) if tail and tail[0] < 100 else None
    return None


def _read_whole_month(tokens: list[str], index: int, context: _Context, month: int) -> Found | None:
    """A month alone. "may" and "march" are verbs too, so they need a word before them."""
    before = at(tokens, index - 1)
    doubtful = tokens[index] in ("may", "march", "mar", "sun")
    if doubtful and len(tokens) > 1 and before not in ("in", "of", "this", "next", "until", "late"):
        return None
    today = context.today
    year = today.year + (month < today.month)
    first = date(year, month, 1)
    return _range(first, cal.month_end(first), index + 1)


def _read_ordinal_day(tokens: list[str], index: int, context: _Context) -> Found | None:
    """ "the twenty-fourth", "11th of this month", "next 30th"."""
    lead = {"the", "next", "on", "this"}
    start = index
    while at(tokens, start) in lead:
        start += 1
    day = read_ordinal(tokens, start)
    after_month = at(tokens, index - 1) in cal.MONTHS  # "November thirty-first" is no day
    if (
        day is None
        or after_month
        or not 1 <= day[0] <= 31
        or _counts_things(tokens, start, day[1], start > index)
    ):
        return None
    rest = " ".join(tokens[day[1] : day[1] + 3])
    if match := re.match(r"(?:of |in )?(?:the )?(this|next|the|last) month\b", rest):
        months = {"next": 1, "last": -1}.get(match[1], 0)
        month = cal.add_months(context.today.replace(day=1), months)
        found = cal.safe_date(month.year, month.month, day[0]) if month else None
        return _one(found, day[1] + len(match[0].split()))
    return _one(cal.next_day_of_month(context.today, day[0]), day[1])


_THINGS = frozenset(
    [
        "one",
        "ones",
        "time",
        "thing",
        "things",
        "opening",
        "slot",
        "appointment",
        "available",
        "option",
        "two",
        "of",
        "half",
        "floor",
        "name",
        "person",
        "visit",
        "avenue",
        "street",
        "st",
        "ave",
        "road",
        "rd",
        "choice",
        "generation",
        "hour",
        "grade",
        "part",
    ]
)


def _counts_things(tokens: list[str], start: int, end: int, led: bool) -> bool:
    """ "the first one", "first thing": an ordinal that counts, not a day."""
    following = at(tokens, end)
    if following in _THINGS and not (following == "of" and at(tokens, end + 1) in cal.MONTHS):
        return at(tokens, end + 1) not in ("this", "next", "the") or following != "of"
    spelled_low = tokens[start] in ("first", "second", "third")
    return spelled_low and not led and len(tokens) > 1


def _read_numeric(tokens: list[str], index: int, context: _Context) -> Found | None:
    """ "11/24", "11/24/26", "2026-11-24"; day first only where it can be nothing else."""
    parts = re.split(r"[/-]", tokens[index])
    if len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if len(parts[0]) == 4:
        return _one(cal.safe_date(*numbers), index + 1) if len(numbers) == 3 else None
    month, day = numbers[0], numbers[1]
    if month > 12:
        month, day = day, month
    if len(numbers) == 2:
        return _one(cal.next_month_day(context.today, month, day), index + 1)
    year = numbers[2] + (2000 if numbers[2] < 100 else 0)
    return _one(cal.safe_date(year, month, day), index + 1)


def _read_stretch(tokens: list[str], index: int, context: _Context) -> Found | None:
    start = index + (tokens[index] == "the")
    if at(tokens, start) == "week" and at(tokens, start + 1) == "of":
        base = _longest(tokens, start + 2, context) if at(tokens, start + 2) else None
        if base and base[0].day:
            monday = cal.week_start(base[0].first)
            return _range(max(monday, context.today), monday + timedelta(days=6), base[1])
    return read_range(tokens, index, context.today)


_READERS: dict[str, tuple[_Reader, ...]] = {
    "weekday": (_read_weekday,),
    "month": (_read_month_first,),
    "number": (_read_day_first, _read_ordinal_day, _read_numeric, _read_counted),
}
_ANYWHERE: tuple[_Reader, ...] = (
    _read_named,
    _read_holiday,
    _read_counted,
    _read_weekday,
    _read_day_first,
    _read_ordinal_day,
    _read_stretch,
)
