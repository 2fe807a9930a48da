"""When the caller wants to come: what was heard, as a wish that can be stored.

Rules: pure. Local shop time without a zone. A later wish replaces only what it
mentions: "Thursday" after "Tuesday at nine" keeps the nine.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from voice.dialogue import heard
from voice.dialogue.heard.values import DateHeard, Part, TimeHeard, WhenHeard
from voice.dialogue.redact import redact
from voice.dialogue.state import Wish

_PARTS: dict[Part, tuple[time | None, time | None]] = {
    Part.MORNING: (None, time(12)),
    Part.AFTERNOON: (time(12), None),
    Part.EVENING: (time(15), None),
    Part.NIGHT: (time(15), None),
}
_OPEN_HOUR = time(7)
_LATEST = timedelta(days=400)
"""Nobody books a day further off; a date long ago is a birthday or a memory."""


def wish_of(text: str, local_now: datetime) -> Wish:
    """The wish in a caller's words; `local_now` is naive shop time."""
    when = heard.parse_when(redact(text), local_now)
    wish = from_when(when) if when else Wish()
    today = local_now.date()
    far = wish.first_day and not today <= wish.first_day <= today + _LATEST
    return replace(wish, first_day=None, last_day=None) if far else wish


def mismatch_of(text: str, local_now: datetime) -> date | None:
    """The date in words whose weekday is another one: "Tuesday the 26th", and that is a Thursday."""
    when = heard.parse_when(redact(text), local_now)
    return when.date.rival if when and when.date else None


def from_when(when: WhenHeard) -> Wish:
    """What was heard, as a wish."""
    if when.soonest:
        return replace(_of_day(when.date), soonest=True)
    if when.whenever and not when.options:
        return Wish(soonest=True)
    wish = _of_day(_all_days(when))
    return _with_time(wish, when.time) if when.time else wish


def _all_days(when: WhenHeard) -> DateHeard | None:
    """ "Tuesday or Wednesday" as one span that allows both."""
    days = [option.date for option in when.options if option.date]
    if len(days) < 2:
        return days[0] if days else None
    singles = [day.first for day in days if day.day]
    if len(singles) != len(days):
        return days[0]
    return DateHeard(min(singles), max(singles), frozenset(day.weekday() for day in singles))


def _of_day(day: DateHeard | None) -> Wish:
    if day is None:
        return Wish()
    if day.rival is not None:
        return Wish(first_day=day.rival, last_day=day.rival)
    return Wish(first_day=day.first, last_day=day.last, weekdays=tuple(sorted(day.weekdays)))


def _with_time(wish: Wish, said: TimeHeard) -> Wish:
    if said.at is not None:
        at = said.at if said.meridiem_known else _business_hour(said.at)
        return replace(wish, at=at)
    low, high = _PARTS.get(said.part, (None, None)) if said.part else (None, None)
    return replace(wish, not_before=said.earliest or low, not_after=said.latest or high)


def _business_hour(at: time) -> time:
    """ "At two" is two in the afternoon: nobody brings a car at night."""
    return at if at >= _OPEN_HOUR else at.replace(hour=at.hour + 12)


def merge(old: Wish, new: Wish) -> Wish:
    """The new wish over the old one: what it does not mention stays."""
    if new.soonest or old.empty or old.soonest:
        return new
    has_day, has_time = new.first_day is not None, _has_time(new)
    day = new if has_day else old
    when = new if has_time else old
    return Wish(
        first_day=day.first_day,
        last_day=day.last_day,
        weekdays=day.weekdays,
        at=when.at,
        not_before=when.not_before,
        not_after=when.not_after,
    )


def _has_time(wish: Wish) -> bool:
    return bool(wish.at or wish.not_before or wish.not_after)


def fits(wish: Wish, start: datetime) -> bool:
    """Whether a local start is what the wish names; an empty wish fits nothing."""
    if wish.empty or wish.soonest:
        return False
    return _day_fits(wish, start.date()) and _time_fits(wish, start.time())


def _day_fits(wish: Wish, day: date) -> bool:
    if wish.first_day and day < wish.first_day:
        return False
    if wish.last_day and day > wish.last_day:
        return False
    return not wish.weekdays or day.weekday() in wish.weekdays


def _time_fits(wish: Wish, at: time) -> bool:
    if wish.at:
        return at == wish.at
    after = wish.not_before is None or at >= wish.not_before
    return after and (wish.not_after is None or at <= wish.not_after)


def exact(wish: Wish) -> bool:
    """The wish names one day and one time: an opening that fits needs no more questions."""
    return bool(wish.at and wish.first_day and wish.first_day == wish.last_day)


def horizon(wish: Wish, today: date) -> date:
    """The last day worth looking at."""
    return wish.last_day or (wish.first_day or today) + timedelta(days=14)
