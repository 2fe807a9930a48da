"""Whether a visit fits a day: pure arithmetic over day sheets.

Rules of this module:
- One function, `place`, says whether a visit fits a start, in which bay and until when.
  Looking for openings and writing a booking both ask it, so they cannot disagree.
- Check-ins start on a grid from opening time, never during lunch; the work ends by closing.
  A car that is dropped off may stay over lunch, which then lengthens the visit; a customer
  who waits may not.
- A bay is taken for the work plus the turnaround. The least versatile bay that can do the
  work is used, so that the diagnosis bays stay free for diagnosis.
- Days and clock times are the shop's; every `datetime` is aware. No I/O, no clock.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

WAITER, SHUTTLE, LOANER = "waiter", "shuttle", "loaner"
BLOCK = "block"
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rules:
    """The shop's rules; minutes, days and shop-local clock times."""

    zone: ZoneInfo
    lead_min: int = 120
    horizon_days: int = 60
    grid_min: int = 30
    turnaround_min: int = 10
    hold_s: int = 240
    writeup_min: int = 15
    waiter_max_visit_min: int = 90
    last_waiter_start: time = time(15, 0)
    shuttle_from: time = time(9, 0)
    shuttle_until: time = time(10, 0)
    loaner_min_visit_min: int = 240


@dataclass(frozen=True, slots=True)
class Limits:
    """What one day holds at most: counts, and labour minutes."""

    appointments: int
    work_min: int
    waiters: int
    shuttle: int
    loaners: int
    check_ins: int


@dataclass(frozen=True, slots=True)
class Op:
    """A service as far as planning needs it; minutes. `visit_min` None: by end of day."""

    op_code: str
    bay_min: int
    visit_min: int | None
    lane: str
    skill: int
    waiter_ok: bool
    powertrains: Sequence[str] = ()

    def fits(self, powertrain: str) -> bool:
        """Whether a car of that powertrain has what is serviced; one that is not known may."""
        return not powertrain or not self.powertrains or powertrain in self.powertrains


@dataclass(frozen=True, slots=True)
class Job:
    """Everything one visit does, as one piece of work."""

    op_codes: tuple[str, ...]
    work_min: int
    visit_min: int | None
    lanes: frozenset[str]
    skill: int
    waiter_ok: bool


@dataclass(frozen=True, slots=True)
class BayFacts:
    """A bay: which lanes it serves and how skilled its technician is."""

    bay_id: int
    lanes: frozenset[str]
    skill: int
    position: int = 0


class Taken(NamedTuple):
    """Bay time that is gone; `end` counts the turnaround. A tuple, for there are thousands."""

    bay_id: int
    start: datetime
    end: datetime
    kind: str = "appointment"
    visit_type: str = ""
    work_min: int = 0


@dataclass(frozen=True, slots=True)
class DayHours:
    """One day's hours; `closed` are part-day closures."""

    opens: datetime
    closes: datetime
    lunch: tuple[datetime, datetime] | None = None
    closed: tuple[tuple[datetime, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class DaySheet:
    """One shop day: hours (None: closed), bays, what is taken, limits."""

    day: date
    hours: DayHours | None
    bays: tuple[BayFacts, ...]
    taken: tuple[Taken, ...]
    limits: Limits


@dataclass(frozen=True, slots=True)
class Opening:
    """A start that fits. `end` is when the work ends; `visit_min` what the caller is told."""

    start: datetime
    end: datetime
    bay_id: int
    visit_min: int | None
    visit_type: str = "drop_off"

    @property
    def waiter(self) -> bool:
        """Whether the customer stays for it."""
        return self.visit_type == WAITER


class Code(StrEnum):
    """Why a start does not do; the same words as the refusals' codes."""

    OUTSIDE_HOURS = "outside_hours"
    PAST_DATE = "past_date"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    CAP_REACHED = "cap_reached"
    WAIT_NOT_POSSIBLE = "wait_not_possible"
    NO_BAY_CAN_DO = "no_bay_can_do"
    OPENING_TAKEN = "opening_taken"


@dataclass(frozen=True, slots=True)
class Problem:
    """A start that does not do; `limit` names the limit that is used up."""

    code: Code
    limit: str = ""


@dataclass(slots=True)
class Plan:
    """One job on one day: what does not change from start to start is worked out once.

    `busy` holds each able bay's time that is gone as two rows of moments, starts and ends;
    no two of a bay overlap, so both are in order. `check_ins` are the starts of all visits,
    in order, and `same` those of the visits spent the same way.
    """

    sheet: DaySheet
    job: Job
    rules: Rules
    visit_type: str
    bays: list[BayFacts] = field(init=False)
    busy: dict[int, tuple[list[datetime], list[datetime]]] = field(init=False)
    check_ins: list[datetime] = field(init=False)
    same: list[datetime] = field(init=False)
    work_min: int = field(init=False)

    def __post_init__(self) -> None:
        """Sort what is taken by bay, and leave the bays that can do the job."""
        able = [bay for bay in self.sheet.bays if can_do(bay, self.job)]
        self.bays = sorted(able, key=lambda bay: (len(bay.lanes), bay.skill, bay.position))
        self.busy = {bay.bay_id: ([], []) for bay in able}
        for taken in sorted(self.sheet.taken, key=attrgetter("start")):
            if taken.bay_id in self.busy:
                since, until = self.busy[taken.bay_id]
                since.append(taken.start)
                until.append(taken.end)
        visits = [taken for taken in self.sheet.taken if taken.kind != BLOCK]
        self.check_ins = sorted(taken.start for taken in visits)
        self.same = [taken.start for taken in visits if taken.visit_type == self.visit_type]
        self.work_min = sum(taken.work_min for taken in visits)


def combine(ops: Sequence[Op]) -> Job:
    """One visit from one or more services: bay times add up, the longest wait is added once."""
    work_min = sum(op.bay_min for op in ops)
    visits = [op.visit_min for op in ops]
    told: int | None = None
    if all(visit is not None for visit in visits):
        told = work_min + max((op.visit_min or 0) - op.bay_min for op in ops)
    return Job(
        op_codes=tuple(op.op_code for op in ops),
        work_min=work_min,
        visit_min=told,
        lanes=lanes_needed(op.lane for op in ops),
        skill=max(op.skill for op in ops),
        waiter_ok=all(op.waiter_ok for op in ops),
    )


def lanes_needed(lanes: Iterable[str]) -> frozenset[str]:
    """The lanes a bay must serve for all of these: bigger work takes the small along."""
    needed = set(lanes)
    if needed - {"X"}:
        needed.discard("X")
    if "D" in needed:
        needed.discard("M")
    return frozenset(needed)


def can_do(bay: BayFacts, job: Job) -> bool:
    """Whether the bay serves the job's lanes with enough skill."""
    return job.lanes <= bay.lanes and job.skill <= bay.skill


def finish(start: datetime, work_min: int, hours: DayHours, *, waits: bool) -> datetime:
    """When work begun at `start` ends; a car left over lunch stays that much longer."""
    end = start + timedelta(minutes=work_min)
    if hours.lunch and not waits and start < hours.lunch[0] < end:
        end += hours.lunch[1] - hours.lunch[0]
    return end


def starts(hours: DayHours, grid_min: int) -> list[datetime]:
    """Every check-in time of a day: on the grid, before closing, not during lunch."""
    step, at, out = timedelta(minutes=grid_min), hours.opens, []
    while at < hours.closes:
        if not (hours.lunch and hours.lunch[0] <= at < hours.lunch[1]):
            out.append(at)
        at += step
    return out


def place(
    sheet: DaySheet, job: Job, start: datetime, visit_type: str, rules: Rules, now: datetime
) -> Opening | Problem:
    """The opening at `start`, or why there is none."""
    return _too_early_or_late(start, rules, now) or place_in(
        Plan(sheet, job, rules, visit_type), start
    )


def place_in(plan: Plan, start: datetime) -> Opening | Problem:
    """As `place`, for a day that is planned already and a start within the horizon."""
    hours = plan.sheet.hours
    if hours is None or start not in starts(hours, plan.rules.grid_min):
        return Problem(Code.OUTSIDE_HOURS)
    return fit(plan, hours, start)


def fit(plan: Plan, hours: DayHours, start: datetime) -> Opening | Problem:
    """The opening at a start that is on the grid."""
    if not plan.bays:
        return Problem(Code.NO_BAY_CAN_DO)
    waits = plan.visit_type == WAITER
    end = finish(start, plan.job.work_min, hours, waits=waits)
    problem = (
        _outside(hours, start, end)
        or (_wait_problem(plan, hours, start) if waits else None)
        or _limit_problem(plan, start)
    )
    if problem:
        return problem
    bay = _free_bay(plan, start, end + timedelta(minutes=plan.rules.turnaround_min))
    if bay is None:
        return Problem(Code.OPENING_TAKEN)
    return Opening(start, end, bay.bay_id, plan.job.visit_min, plan.visit_type)


def _too_early_or_late(start: datetime, rules: Rules, now: datetime) -> Problem | None:
    """The notice the shop needs, and how far ahead it plans."""
    if start <= now:
        return Problem(Code.PAST_DATE)
    if start < now + timedelta(minutes=rules.lead_min):
        return Problem(Code.TOO_SOON)
    if start.astimezone(rules.zone).date() > last_day(rules, now):
        return Problem(Code.TOO_FAR)
    return None


def last_day(rules: Rules, now: datetime) -> date:
    """The last shop day that can be booked."""
    return now.astimezone(rules.zone).date() + timedelta(days=rules.horizon_days)


def _outside(hours: DayHours, start: datetime, end: datetime) -> Problem | None:
    """Work past closing, or during a part-day closure."""
    if end > hours.closes or any(start < till and since < end for since, till in hours.closed):
        return Problem(Code.OUTSIDE_HOURS)
    return None


def _wait_problem(plan: Plan, hours: DayHours, start: datetime) -> Problem | None:
    """A customer waits for short work only, not over lunch and not late in the day."""
    told = plan.job.visit_min
    if not plan.job.waiter_ok or told is None or told > plan.rules.waiter_max_visit_min:
        return Problem(Code.WAIT_NOT_POSSIBLE)
    leaves = start + timedelta(minutes=told)
    over_lunch = hours.lunch is not None and start < hours.lunch[1] and hours.lunch[0] < leaves
    late = start.astimezone(plan.rules.zone).time() > plan.rules.last_waiter_start
    if over_lunch or late or leaves > hours.closes:
        return Problem(Code.WAIT_NOT_POSSIBLE)
    return None


def _limit_problem(plan: Plan, start: datetime) -> Problem | None:
    """The first limit that this visit would exceed."""
    limits, writeup = plan.sheet.limits, timedelta(minutes=plan.rules.writeup_min)
    if len(plan.check_ins) >= limits.appointments:
        return Problem(Code.CAP_REACHED, "appointments")
    if plan.work_min + plan.job.work_min > limits.work_min:
        return Problem(Code.CAP_REACHED, "work_min")
    since = bisect_right(plan.check_ins, start - writeup)
    if bisect_left(plan.check_ins, start + writeup) - since >= limits.check_ins:
        return Problem(Code.CAP_REACHED, "check_ins")
    return _transport_problem(plan, start)


def _transport_problem(plan: Plan, start: datetime) -> Problem | None:
    """Waiters in an hour, shuttle rides and loaner cars of a day."""
    limits, kind = plan.sheet.limits, plan.visit_type
    if kind == WAITER and busiest_hour(plan.same, start) >= limits.waiters:
        return Problem(Code.CAP_REACHED, "waiters")
    if kind == SHUTTLE:
        clock = start.astimezone(plan.rules.zone).time()
        runs = plan.rules.shuttle_from <= clock < plan.rules.shuttle_until
        if not runs or len(plan.same) >= limits.shuttle:
            return Problem(Code.CAP_REACHED, "shuttle")
    if kind == LOANER:
        told = plan.job.visit_min
        long_enough = told is None or told >= plan.rules.loaner_min_visit_min
        if not long_enough or len(plan.same) >= limits.loaners:
            return Problem(Code.CAP_REACHED, "loaners")
    return None


def busiest_hour(times: Iterable[datetime], start: datetime) -> int:
    """The most of these in any sixty minutes that hold `start`."""
    near = [at for at in times if abs(at - start) < HOUR]
    begins = [start, *(at for at in near if at <= start)]
    return max(sum(since <= at < since + HOUR for at in near) for since in begins)


def _free_bay(plan: Plan, start: datetime, end: datetime) -> BayFacts | None:
    """The least versatile bay that is free from `start` to `end`."""
    for bay in plan.bays:
        since, until = plan.busy[bay.bay_id]
        before = bisect_left(since, end)
        if before == 0 or until[before - 1] <= start:
            return bay
    return None
