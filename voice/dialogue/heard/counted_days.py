"""Days by name and by counting: "the day after tomorrow", "two weeks from Tuesday"."""

from dataclasses import replace
from datetime import date

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.date_reading import Context, Found, one, skip
from voice.dialogue.heard.words import at, read_cardinal

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


def read_named(tokens: list[str], index: int, context: Context) -> Found | None:
    start = index + (tokens[index] == "the")
    for length in (3, 2, 1):
        days = _NAMED.get(" ".join(tokens[start : start + length]))
        if days is not None:
            return _after_named(tokens, start + length, cal.add_days(context.today, days))
    return None


def _after_named(tokens: list[str], end: int, day: date | None) -> Found | None:
    """ "today" may go on: "today week"."""
    if day and at(tokens, end) == "week" and tokens[end - 1] in ("today", "tomorrow"):
        return one(day + cal.WEEK, end + 1)
    return one(day, end)


def read_holiday(tokens: list[str], index: int, context: Context) -> Found | None:
    for length in (3, 2, 1):
        day = cal.holiday(" ".join(tokens[index : index + length]), context.today)
        if day:
            return one(day, index + length)
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


def read_counted(tokens: list[str], index: int, context: Context) -> Found | None:
    """ "in ten days", "two weeks from Tuesday", "a week from today", "5 days ago"."""
    start = index + (tokens[index] in ("in", "within"))
    amount = _read_amount(tokens, start)
    if amount is None:
        return None
    count, unit, end = amount
    following = at(tokens, end)
    if following == "ago":
        return one(_move(context.today, -count, unit), end + 1)
    if following in ("from", "after", "on", "today", "tomorrow", "past"):
        return _read_counted_from(tokens, end, context, count, unit)
    if following in ("away", "out", "time") or start > index:
        end = skip(tokens, end, ("away", "out", "time", "from", "now", "or", "so"))
        return one(_move(context.today, count, unit), end)
    return None


def _read_counted_from(
    tokens: list[str], end: int, context: Context, count: int, unit: int
) -> Found | None:
    base_at = end + (tokens[end] not in ("today", "tomorrow"))
    if at(tokens, base_at) == "now":
        return one(_move(context.today, count, unit), base_at + 1)
    if at(tokens, base_at) == "":
        return None
    if context.nested:
        return None  # "a week from a week from a week from ..."
    base = context.longest(tokens, base_at, replace(context, nested=True))
    return one(_move(base[0].first, count, unit), base[1]) if base else None


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
        index = skip(tokens, index, ("of",))
        number = (count, index)
    if number is None or at(tokens, number[1]) not in _UNITS:
        return None
    unit = _UNITS[tokens[number[1]]]
    return (number[0], unit, number[1] + 1) if unit >= 0 and number[0] < 10_000 else None


def _move(day: date, count: int, unit: int) -> date | None:
    return cal.add_days(day, count * unit) if unit else cal.add_months(day, count)
