"""Shop days and the visits on them: bay time handed out from calendars in memory.

Rules: the same as for a booking. A check-in is on the grid and not at lunch; work ends by
closing; a car that stays over lunch is given that much longer; a customer who waits has
short work that doesn't touch lunch; a bay is taken for work and turnaround; no more
check-ins at once than advisors, no more waiters, shuttles and loaners than the limits.
A million customers are a group of dealers: what is older than the calendar is then spread over
branches of the same size, each a day of its own, and the shop ahead stays the one that is open.
Minutes are counted from local midnight; closed days and public holidays have no visits.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

import holidays

from scheduling.models import Advisor, BusinessHours, Closure, ShopSettings
from scheduling.seeding.draws import Weighted
from scheduling.seeding.menu import Job

HOLIDAYS: Final = (
    "New Year's Day",
    "Memorial Day",
    "Independence Day",
    "Labor Day",
    "Thanksgiving Day",
    "Christmas Day",
)
PAST_WEEKS: Final = 46
AHEAD_WEEKS: Final = 6
OLDER_YEARS: Final = 4
"""Before the calendar's own weeks; customers are known for six. More visits than eight bays can do
in that time were done at branches since closed."""
BUSY: Final = 31
"""Visits on an ordinary day: two thirds of what eight bays can do."""
FULL: Final = 42
_WEEKDAY_WEIGHTS: Final = (22, 19, 18, 18, 18, 10, 10)
_MORNING, _AFTERNOON = 10 * 60 + 30, 15 * 60


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekday's hours in minutes; `lunch` is (start, end) or None."""

    opens: int
    closes: int
    lunch: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Rules:
    """The shop's rules as far as visits are concerned."""

    zone: ZoneInfo
    grid: int
    turnaround: int
    advisors: int
    waiters: int
    waiter_max: int
    last_waiter: int
    shuttles: int
    shuttle: tuple[int, int]
    loaners: int
    loaner_min: int
    count: int
    work: int


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a visit found room: minutes of the day; `bay` is None where none is taken."""

    start: int
    end: int
    until: int
    bay: int | None
    visit_type: str


@dataclass(slots=True)
class Day:
    """One shop day being filled. `bays` names a branch's bays by those of the open shop."""

    date: dt.date
    hours: Hours
    rules: Rules
    bays: Mapping[int, int] = field(default_factory=dict)
    busy: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    check_ins: dict[int, int] = field(default_factory=dict)
    waiters: dict[int, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    work: int = 0
    count: int = 0

    def place(self, random: Random, job: Job, *, takes_time: bool) -> Slot | None:
        """Room for a job, None where there is none. `takes_time` False: a visit that fell out."""
        if takes_time and (
            self.count >= self.rules.count or self.work + job.work_min > self.rules.work
        ):
            return None
        for start in _some_starts(random, self.hours, self.rules.grid):
            slot = self._at(random, job, start, takes_time)
            if slot is not None:
                self._take(slot, job)
                return slot
        return None

    def moment(self, minute: int) -> dt.datetime:
        """A minute of this day as UTC."""
        midnight = dt.datetime.combine(self.date, dt.time(), self.rules.zone)
        clock = midnight.replace(hour=minute // 60, minute=minute % 60)
        return clock.astimezone(dt.UTC)

    def _at(self, random: Random, job: Job, start: int, takes_time: bool) -> Slot | None:
        if takes_time and self.check_ins.get(start, 0) >= self.rules.advisors:
            return None
        kind = self._kind(random, job, start)
        end = start + job.work_min
        lunch = self.hours.lunch
        if lunch and kind != "waiter" and start < lunch[0] < end:
            end += lunch[1] - lunch[0]
        if end > self.hours.closes:
            return None
        until = end + self.rules.turnaround
        bay = self._free(job, start, until) if takes_time else None
        return Slot(start, end, until, bay, kind) if bay or not takes_time else None

    def _free(self, job: Job, start: int, until: int) -> int | None:
        for bay in (self.bays.get(bay, bay) for bay in job.bays):
            if all(end <= start or until <= begin for begin, end in self.busy.get(bay, ())):
                return bay
        return None

    def _kind(self, random: Random, job: Job, start: int) -> str:
        roll = random.random()
        if roll < 0.45 and self._may_wait(job, start):
            return "waiter"
        if roll > 0.92 and self._may_ride(start):
            return "shuttle"
        told = job.told_min
        long_enough = told is None or told >= self.rules.loaner_min
        if roll > 0.8 and long_enough and self.kinds.get("loaner", 0) < self.rules.loaners:
            return "loaner"
        return "drop_off"

    def _may_ride(self, start: int) -> bool:
        first, last = self.rules.shuttle
        return first <= start < last and self.kinds.get("shuttle", 0) < self.rules.shuttles

    def _may_wait(self, job: Job, start: int) -> bool:
        told, lunch = job.told_min, self.hours.lunch
        if not job.waiter_ok or told is None or told > self.rules.waiter_max:
            return False
        leaves = start + told
        over_lunch = lunch is not None and start < lunch[1] and lunch[0] < leaves
        if over_lunch or start > self.rules.last_waiter or leaves > self.hours.closes:
            return False
        return self._waiters_near(start) < self.rules.waiters

    def _waiters_near(self, start: int) -> int:
        """Waiters that share an hour with one more at `start`, counted generously."""
        return sum(n for at, n in self.waiters.items() if abs(at - start) < 60)

    def _take(self, slot: Slot, job: Job) -> None:
        if slot.bay is None:
            return
        self.busy.setdefault(slot.bay, []).append((slot.start, slot.until))
        self.check_ins[slot.start] = self.check_ins.get(slot.start, 0) + 1
        self.kinds[slot.visit_type] = self.kinds.get(slot.visit_type, 0) + 1
        if slot.visit_type == "waiter":
            self.waiters[slot.start] = self.waiters.get(slot.start, 0) + 1
        self.work += job.work_min
        self.count += 1


def _some_starts(random: Random, hours: Hours, grid: int) -> Iterator[int]:
    """Starts in a random order, early mornings and late afternoons more often first."""
    liked = _liked(hours, grid)
    for _ in range(4):
        yield liked.draw(random)
    starts = list(liked.values)
    random.shuffle(starts)
    yield from starts


@lru_cache(maxsize=16)
def _liked(hours: Hours, grid: int) -> Weighted[int]:
    starts = [
        minute
        for minute in range(hours.opens, hours.closes, grid)
        if not (hours.lunch and hours.lunch[0] <= minute < hours.lunch[1])
    ]
    return Weighted(
        starts, [10 if at <= _MORNING else 8 if at >= _AFTERNOON else 5 for at in starts]
    )


@dataclass(frozen=True, slots=True)
class Share:
    """How many visits a day is to get, at the shop (branch 0) or at a branch since closed."""

    date: dt.date
    branch: int
    visits: int


class Calendar:
    """Which days are open, and how many visits each is to have."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.hours = {
            row.weekday: Hours(_minutes(row.opens) or 0, _minutes(row.closes) or 0, _lunch(row))
            for row in BusinessHours.objects.all()
        }
        self._closures = list(Closure.objects.all())
        self._open: dict[dt.date, bool] = {}
        self.rules = _rules(zone)

    def is_open(self, day: dt.date) -> bool:
        """False for closed weekdays, closures (part-days too) and public holidays."""
        known = self._open.get(day)
        if known is None:
            known = self._open[day] = self._is_open(day)
        return known

    def _is_open(self, day: dt.date) -> bool:
        if day.weekday() not in self.hours or day in public_holidays(day.year):
            return False
        return not any(one.first_day <= day <= one.last_day for one in self._closures)

    def shares(self, *, today: dt.date, visits: int) -> "list[Share]":
        """The open days, earliest first, with the visits each is to get; `visits` in all.

        From `PAST_WEEKS` ago to `AHEAD_WEEKS` ahead; further back where that would be more
        than full days, and at several branches where that would be more than full too.
        """
        first = today - dt.timedelta(weeks=PAST_WEEKS)
        last = today + dt.timedelta(weeks=AHEAD_WEEKS)
        days = [(day, 0) for day in _days(first, last) if self.is_open(day)]
        room = sum(self._weight(day, today) for day, _ in days) * BUSY
        if visits > room * 1.1:
            days = self._older(first, visits - room) + days
        parts = _spread(visits, [self._weight(day, today) for day, _ in days])
        return [Share(day, branch, part) for (day, branch), part in zip(days, parts, strict=True)]

    def _older(self, before: dt.date, wanted: float) -> list[tuple[dt.date, int]]:
        """Open days before that one, each once for every branch that is needed."""
        earliest = before - dt.timedelta(days=365 * OLDER_YEARS)
        days = [day for day in _days(earliest, before - dt.timedelta(days=1)) if self.is_open(day)]
        needed = math.ceil(wanted / BUSY)
        if needed <= len(days):
            return [(day, 0) for day in days[len(days) - needed :]]
        branches = math.ceil(needed / len(days)) if days else 0
        return [(day, branch) for day in days for branch in range(branches)]

    def _weight(self, day: dt.date, today: dt.date) -> float:
        usual = _WEEKDAY_WEIGHTS[day.weekday()] / 19
        ahead = (day - today).days
        # The book is full tomorrow and thin in six weeks.
        return usual * (1.0 if ahead <= 1 else max(0.12, 1.0 - ahead / 28))


def public_holidays(year: int) -> dict[dt.date, str]:
    """The six days on which a service department is closed everywhere."""
    if year not in _holidays:
        found = holidays.country_holidays("US", years=year, observed=False)
        _holidays[year] = {day: name for day, name in found.items() if name in HOLIDAYS}
    return _holidays[year]


_holidays: dict[int, dict[dt.date, str]] = {}


def _spread(total: int, weights: list[float]) -> list[int]:
    """`total` in whole parts proportional to `weights`."""
    whole = sum(weights) or 1.0
    out: list[int] = []
    owed = 0.0
    for weight in weights:
        owed += total * weight / whole
        part = round(owed)
        out.append(part)
        owed -= part
    if out:
        out[0] += total - sum(out)
    return out


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=n) for n in range((last - first).days + 1))


def _minutes(clock: dt.time | None) -> int | None:
    return clock.hour * 60 + clock.minute if clock else None


def _lunch(row: BusinessHours) -> tuple[int, int] | None:
    begin, end = _minutes(row.lunch_starts), _minutes(row.lunch_ends)
    return (begin, end) if begin is not None and end is not None else None


def _rules(zone: ZoneInfo) -> Rules:
    row = ShopSettings.objects.first() or ShopSettings()
    return Rules(
        zone=zone,
        grid=row.grid_min,
        turnaround=row.turnaround_min,
        advisors=max(Advisor.objects.filter(active=True).count(), 1),
        waiters=row.waiters_per_hour,
        waiter_max=row.waiter_max_visit_min,
        last_waiter=_minutes(row.last_waiter_start) or 0,
        shuttles=row.shuttle_per_day,
        shuttle=(_minutes(row.shuttle_from) or 0, _minutes(row.shuttle_until) or 0),
        loaners=row.loaners_per_day,
        loaner_min=row.loaner_min_visit_min,
        count=min(row.max_appointments_per_day, FULL),
        work=row.max_work_min_per_day,
    )
