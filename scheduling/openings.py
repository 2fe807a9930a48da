"""When the shop can take a car, and which two of those times to offer: pure.

Rules of this module: what fits is `planning`'s to say; here openings are collected over
days and ranked by a wish. At most two are offered, because a spoken list is forgotten.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduling.planning import (
    LOANER,
    SHUTTLE,
    WAITER,
    DaySheet,
    Job,
    Opening,
    Plan,
    Rules,
    fit,
    last_day,
    starts,
)

__all__ = ["LOANER", "SHUTTLE", "WAITER", "Opening", "Wish", "all_openings", "pick_openings"]

OFFERED = 2
APART = timedelta(minutes=90)
"""Two openings closer than this are no choice."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller asked for; everything optional.

    `day` to `last_day` are shop days, `at` a shop-local clock time; `part` is "morning"
    or "afternoon"; `after` and `before` bound the clock time; `weekdays` has 0 for Monday;
    `earliest` is the first instant that will do.
    """

    day: date | None = None
    last_day: date | None = None
    part: str | None = None
    at: time | None = None
    after: time | None = None
    before: time | None = None
    weekdays: frozenset[int] = frozenset()
    earliest: datetime | None = None
    visit_type: str = "drop_off"


def day_openings(plan: Plan, earliest: datetime) -> list[Opening]:
    """Every opening of one day, in order of time."""
    hours = plan.sheet.hours
    if hours is None:
        return []
    found = (fit(plan, hours, at) for at in starts(hours, plan.rules.grid_min) if at >= earliest)
    return [opening for opening in found if isinstance(opening, Opening)]


def all_openings(
    sheets: Iterable[DaySheet], job: Job, wish: Wish, rules: Rules, now: datetime
) -> list[Opening]:
    """Every opening on these days that respects notice, horizon and `wish.earliest`."""
    earliest = now + timedelta(minutes=rules.lead_min)
    if wish.earliest is not None:
        earliest = max(earliest, wish.earliest)
    final = last_day(rules, now)
    out: list[Opening] = []
    for sheet in sheets:
        if sheet.day <= final:
            out += day_openings(Plan(sheet, job, rules, wish.visit_type), earliest)
    return out


def pick_openings(openings: Sequence[Opening], wish: Wish, zone: ZoneInfo) -> tuple[Opening, ...]:
    """At most two: the nearest to the wish first, and the earliest.

    The earliest is that of the openings that fit the wish, where any do: who asks for
    Tuesday is not offered today. If the nearest is the earliest, the second is the next
    nearest that is far enough away to be a choice.
    """
    if not openings:
        return ()
    fitting = [opening for opening in openings if fits(opening, wish, zone)]
    ranked = sorted(fitting or openings, key=lambda opening: distance(opening, wish, zone))
    nearest, earliest = ranked[0], min(ranked, key=lambda opening: opening.start)
    if earliest is not nearest:
        return (nearest, earliest)
    others = [o for o in ranked[1:] if abs(o.start - nearest.start) >= APART] or ranked[1:]
    return (nearest, *others[: OFFERED - 1])


def fits(opening: Opening, wish: Wish, zone: ZoneInfo) -> bool:
    """Whether the opening is what was asked for, the exact clock time `at` aside."""
    local = opening.start.astimezone(zone)
    if wish.weekdays and local.weekday() not in wish.weekdays:
        return False
    return _days_off(local.date(), wish) == 0 and _in_part(local.time(), wish)


def distance(opening: Opening, wish: Wish, zone: ZoneInfo) -> tuple[float, ...]:
    """How far an opening is from the wish; smaller is nearer.

    The part of the day counts first, then the day; a clock time within the hour is near
    enough to prefer the earlier day.
    """
    local = opening.start.astimezone(zone)
    day, clock = local.date(), local.time()
    off = abs(_minutes(clock) - _minutes(wish.at)) if wish.at else 0
    wrong = not _in_part(clock, wish) or (
        bool(wish.weekdays) and day.weekday() not in wish.weekdays
    )
    return (wrong, _days_off(day, wish), off > 60, day.toordinal(), off, opening.start.timestamp())


def _days_off(day: date, wish: Wish) -> float:
    """Days between a day and the wished ones; an earlier day counts as a little further."""
    if wish.day is None:
        return 0
    if day < wish.day:
        return (wish.day - day).days + 0.5
    return max(0, (day - (wish.last_day or wish.day)).days)


def _in_part(clock: time, wish: Wish) -> bool:
    """Whether a clock time lies in the wished part of the day and bounds."""
    if wish.part == "morning" and clock >= time(12):
        return False
    if wish.part == "afternoon" and clock < time(12):
        return False
    if wish.part == "evening" and clock < time(15):
        return False
    late = wish.before is not None and clock > wish.before
    return not late and not (wish.after is not None and clock < wish.after)


def _minutes(clock: time) -> int:
    """Minutes since midnight."""
    return clock.hour * 60 + clock.minute
