"""Months and days: "March 10th", "the 9th of March", "the twenty-fourth", "11/24"."""

import re
from dataclasses import replace
from datetime import date

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.date_reading import Context, Found, one, skip, span
from voice.dialogue.heard.words import at, read_cardinal, read_ordinal


def read_month_first(tokens: list[str], index: int, context: Context) -> Found | None:
    """ "March 10th", "Nov the 16th", "November twenty-four 2026", and a month alone."""
    month = cal.MONTHS.get(at(tokens, index))
    if month is None:
        return None
    start = skip(tokens, index + 1, ("the",))
    day = read_ordinal(tokens, start) or bare_day(tokens, start)
    if day is None:
        return _read_whole_month(tokens, index, context, month)
    return _with_year(tokens, day[1], context, month, day[0])


def read_day_first(tokens: list[str], index: int, context: Context) -> Found | None:
    """ "the 9th of March", "24 November 2026"."""
    start = index + (tokens[index] == "the")
    day = read_ordinal(tokens, start) or bare_day(tokens, start)
    if day is None:
        return None
    month_at = skip(tokens, day[1], ("of", "in", "day"))
    month = cal.MONTHS.get(at(tokens, month_at))
    if month is None:
        return _read_first_of_two(tokens, start, day, context)
    return _with_year(tokens, month_at + 1, context, month, day[0])


def _read_first_of_two(
    tokens: list[str], start: int, day: tuple[int, int], context: Context
) -> Found | None:
    """The 26 of "from 26 to 29 May": its month is said with the second day."""
    if at(tokens, day[1]) not in ("to", "until", "till", "through", "or", "and"):
        return None
    second_at = day[1] + 1 + (at(tokens, day[1] + 1) == "the")
    second = read_ordinal(tokens, second_at) or bare_day(tokens, second_at)
    month_at = skip(tokens, second[1], ("of",)) if second else 0
    month = cal.MONTHS.get(at(tokens, month_at)) if second else None
    if second is None or month is None or second[0] <= day[0]:
        return None
    return one(cal.next_month_day(context.today, month, day[0]), day[1])


def _with_year(tokens: list[str], end: int, context: Context, month: int, day: int) -> Found | None:
    year = read_year(tokens, skip(tokens, end, ("of", "in")))
    if year:
        found = one(cal.safe_date(year[0], month, day), year[1])
    else:
        found = one(cal.next_month_day(context.today, month, day), end)
    if not found:
        return None
    weekday_at = skip(tokens, found[1], ("on", "a", "which", "is"))
    weekday = cal.WEEKDAYS.get(at(tokens, weekday_at))
    if weekday is None or (weekday_at == found[1] and at(tokens, weekday_at + 1) == "next"):
        return found
    return reconcile((found[0], weekday_at + 1), context, weekday, year is not None)


def read_year(tokens: list[str], index: int) -> tuple[int, int] | None:
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


def _read_whole_month(tokens: list[str], index: int, context: Context, month: int) -> Found | None:
    """A month alone. "may" and "march" are verbs too, so they need a word before them."""
    before = at(tokens, index - 1)
    doubtful = tokens[index] in ("may", "march", "mar", "sun")
    if doubtful and len(tokens) > 1 and before not in ("in", "of", "this", "next", "until", "late"):
        return None
    today = context.today
    year = today.year + (month < today.month)
    first = date(year, month, 1)
    return span(first, cal.month_end(first), index + 1)


def read_ordinal_day(tokens: list[str], index: int, context: Context) -> Found | None:
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
        return one(found, day[1] + len(match[0].split()))
    return one(cal.next_day_of_month(context.today, day[0]), day[1])


_THINGS = frozenset(
    "one ones time thing things opening slot appointment available option two of half floor "
    "name person visit avenue street st ave road rd choice generation hour grade part".split()
)


def _counts_things(tokens: list[str], start: int, end: int, led: bool) -> bool:
    """ "the first one", "first thing": an ordinal that counts, not a day."""
    following = at(tokens, end)
    if following in _THINGS and not (following == "of" and at(tokens, end + 1) in cal.MONTHS):
        return at(tokens, end + 1) not in ("this", "next", "the") or following != "of"
    spelled_low = tokens[start] in ("first", "second", "third")
    return spelled_low and not led and len(tokens) > 1


def read_numeric(tokens: list[str], index: int, context: Context) -> Found | None:
    """ "11/24", "11/24/26", "2026-11-24"; day first only where it can be nothing else."""
    parts = re.split(r"[/-]", tokens[index])
    if len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
        return None
    numbers = [int(part) for part in parts]
    if len(parts[0]) == 4:
        return one(cal.safe_date(*numbers), index + 1) if len(numbers) == 3 else None
    month, day = numbers[0], numbers[1]
    if month > 12:
        month, day = day, month
    if len(numbers) == 2:
        return one(cal.next_month_day(context.today, month, day), index + 1)
    year = numbers[2] + (2000 if numbers[2] < 100 else 0)
    return one(cal.safe_date(year, month, day), index + 1)


def bare_day(tokens: list[str], index: int) -> tuple[int, int] | None:
    number = read_cardinal(tokens, index)
    return number if number and 1 <= number[0] <= 31 else None


def reconcile(
    dated: Found, context: Context, weekday: int, has_year: bool, any_month: bool = False
) -> Found:
    """A weekday and a date that disagree: the next day that is both, and the rival."""
    value, end = dated
    day = value.first
    if day.weekday() == weekday:
        return dated
    month = None if any_month else day.month
    both = None if has_year else cal.agreeing(context.today, weekday, day.day, month)
    return replace(value, first=both or day, last=both or day, rival=day), end
