"""Weekdays: "next Tuesday", "Thursday week", "Friday the 29th", "the Friday after Thanksgiving"."""

import re
from dataclasses import replace
from datetime import date, timedelta

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.date_reading import Context, Found, one, skip
from voice.dialogue.heard.month_days import (
    bare_day,
    read_day_first,
    read_month_first,
    read_numeric,
    reconcile,
)
from voice.dialogue.heard.values import DateHeard
from voice.dialogue.heard.words import at, read_ordinal

_BEFORE_WEEKDAY = frozenset("this next coming last past following upcoming on every".split())


def read_weekday(tokens: list[str], index: int, context: Context) -> Found | None:
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
        return one(cal.last_weekday(context.today, weekday), end)
    return _read_after_weekday(tokens, end, context, weekday, words)


def _is_short(tokens: list[str], start: int) -> bool:
    """A short form is a weekday when alone or beside something that belongs to a date."""
    near = (at(tokens, start - 1), at(tokens, start + 1))
    joins = {"on", "this", "next", "or", "and", "coming"} | set(cal.MONTHS)
    return len(tokens) == 1 or any(word in joins or word[:1].isdigit() for word in near)


def _read_after_weekday(
    tokens: list[str], end: int, context: Context, weekday: int, words: list[str]
) -> Found | None:
    following = " ".join(tokens[end : end + 3])
    today = context.today
    monday = cal.week_start(today)
    here = monday + timedelta(days=weekday)
    if match := re.match(r"(?:of |the )?(next|this|last|following) week\b", following):
        shift = {"next": 1, "following": 1, "this": 0, "last": -1}[match[1]]
        return one(here + shift * cal.WEEK, end + len(match[0].split()))
    coming = cal.next_weekday(today, weekday)
    if match := re.match(r"(?:the )?week after next\b", " ".join(tokens[end : end + 4])):
        return one(here + 2 * cal.WEEK, end + len(match[0].split()))
    if match := re.match(r"(?:after next|week)\b", following):
        return one(coming + cal.WEEK, end + len(match[0].split()))
    if match := re.match(r"(?:in )?(?:a|one|two|three) weeks?(?: time)?\b", following):
        weeks = 2 if "two" in match[0] else 3 if "three" in match[0] else 1
        near = coming if weekday != today.weekday() else today
        return one(near + weeks * cal.WEEK, end + len(match[0].split()))
    if at(tokens, end) in ("after", "following") and at(tokens, end + 1) != "next":
        return _read_weekday_after(tokens, end + 1, context, weekday, coming)
    if "following" in words:
        return one(cal.next_weekday(context.anchor or coming, weekday), end)
    if "next" in words:
        return one(here + cal.WEEK, end)
    if "this" in words and "coming" not in words and here >= today:
        return one(here, end)
    return one(coming, skip(tokens, end, ("coming",)))


def _read_weekday_after(
    tokens: list[str], start: int, context: Context, weekday: int, coming: date
) -> Found | None:
    """ "the Friday after Thanksgiving", "the Friday after that", "the Friday after"."""
    base = None
    if at(tokens, start) and not context.nested:
        base = context.longest(tokens, start, replace(context, nested=True))
    if base:
        return one(cal.next_weekday(base[0].first, weekday), base[1])
    anchor = context.anchor or coming
    return one(cal.next_weekday(anchor, weekday), skip(tokens, start, ("that", "this")))


def _read_weekday_with_date(
    tokens: list[str], end: int, context: Context, weekday: int
) -> Found | None:
    """ "Thursday 30th June", "Friday the 29th", "Tuesday 11/24"."""
    index = skip(tokens, end, ("the", "on"))
    if at(tokens, index) == "":
        return None
    for reader in (read_month_first, read_day_first, read_numeric):
        dated = reader(tokens, index, context)
        if dated and dated[0].day:
            return reconcile(dated, context, weekday, _has_year(tokens[index : dated[1]]))
    ordinal = read_ordinal(tokens, index)
    if ordinal is None and index > end:
        ordinal = bare_day(tokens, index)
    day = ordinal and cal.next_day_of_month(context.today, ordinal[0])
    if not ordinal or not day:
        return None
    return reconcile((DateHeard(day, day), ordinal[1]), context, weekday, False, any_month=True)


def _has_year(tokens: list[str]) -> bool:
    return any(len(token) >= 8 or (len(token) == 4 and token.isdigit()) for token in tokens[1:])
