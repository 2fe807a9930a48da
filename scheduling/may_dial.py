"""May this person be rung by a machine, now? Pure: every rule in one place, in order.

The order is from what never changes to what passes by itself: a closed lock, a wish not
to be rung, a visit that is gone, too many calls, the wrong hour. A refusal that passes
is asked about again (`LATER`); the others end the attempt. "Ring this one now" by staff
(`forced`) overrides the limits that only spare the customer a second call; it opens
neither the lock nor the law.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduling import quiet_hours

ATTEMPTS = 2
CALLS_IN_30_DAYS = 3
BETWEEN_ATTEMPTS = timedelta(hours=3)
BEFORE_VISIT = timedelta(hours=2)
AFTER_SERVICE = timedelta(hours=24)
FOLLOW_UP_ENDS = timedelta(days=7)


class Reason(StrEnum):
    """Why not; `OK` is the empty word."""

    OK = ""
    NUMBER_LOCKED = "number_locked"
    NO_NUMBER = "no_number"
    DO_NOT_CALL = "do_not_call"
    NO_CONSENT = "no_consent"
    WRONG_NUMBER = "wrong_number"
    FAX = "fax"
    UNREACHABLE = "unreachable"
    STATE_FORBIDS = "state_forbids"
    GONE = "gone"
    MOVED = "moved"
    CANCELLED = "cancelled"
    CONFIRMED_ALREADY = "confirmed_already"
    ARRIVED = "arrived"
    TOO_LATE = "too_late"
    TOO_EARLY = "too_early"
    ATTEMPTS_USED = "attempts_used"
    NUMBER_RESTED = "number_rested"
    TOO_SOON = "too_soon"
    SAME_DAY_PART = "same_day_part"
    QUIET_HOURS = "quiet_hours"


LATER = frozenset({Reason.TOO_EARLY, Reason.TOO_SOON, Reason.SAME_DAY_PART, Reason.QUIET_HOURS})
"""These pass: the attempt stays in the queue."""

_LINES = {
    "wrong_number": Reason.WRONG_NUMBER,
    "fax": Reason.FAX,
    "unreachable": Reason.UNREACHABLE,
}
_VISIT_OVER = {
    "cancelled": Reason.CANCELLED,
    "confirmed": Reason.CONFIRMED_ALREADY,
    "checked_in": Reason.ARRIVED,
    "in_service": Reason.ARRIVED,
    "ready": Reason.ARRIVED,
    "completed": Reason.ARRIVED,
    "no_show": Reason.GONE,
}


class Decision(NamedTuple):
    """`(yes, reason)`."""

    ok: bool
    reason: Reason


@dataclass(frozen=True, slots=True)
class DialTask:
    """All there is to know about one call before it is placed.

    `number` is E.164 or ""; `live` is whether this deployment may ring anybody but
    `test_number`. `status` is the visit's, "" where it is gone; `version` the one the
    task was made for. `at` is the visit's start (reminder) or its end (follow-up).
    `attempts` counts those before this one, `last_attempt_at` is when the last began.
    A `test` is asked for by staff and rings `test_number`, whoever the visit belongs to.
    """

    kind: str
    number: str
    live: bool
    test_number: str
    consent: bool
    do_not_call: bool
    line: str
    state: str
    status: str
    version: int
    visit_version: int
    at: datetime | None
    attempts: int = 0
    last_attempt_at: datetime | None = None
    calls_in_30_days: int = 0
    forced: bool = False
    test: bool = False

    @property
    def zones(self) -> tuple[str, ...]:
        """Where the person may be."""
        return quiet_hours.zones_of(self.number, self.state)


def may_dial(task: DialTask, now: datetime) -> Decision:
    """Yes, or the first reason why not. A test spares nobody but strangers: it needs the lock."""
    rules = (_number, _visit) if task.test else (_number, _wishes, _visit, _limits, _hour)
    for rule in rules:
        reason = rule(task, now)
        if reason:
            return Decision(False, reason)
    return Decision(True, Reason.OK)


def _number(task: DialTask, now: datetime) -> Reason:
    """The lock, and whether there is anything to dial."""
    if not task.number:
        return Reason.NO_NUMBER
    if (task.test or not task.live) and task.number != task.test_number:
        return Reason.NUMBER_LOCKED
    return _LINES.get(task.line, Reason.OK)


def _wishes(task: DialTask, now: datetime) -> Reason:
    """What the person, and their state's law, said about such calls."""
    if task.do_not_call:
        return Reason.DO_NOT_CALL
    if not task.consent:
        return Reason.NO_CONSENT
    states = quiet_hours.states_of(task.number, task.state)
    forbidden = any(quiet_hours.STATE_RULES[state].no_ai_calls for state in states)
    return Reason.STATE_FORBIDS if forbidden else Reason.OK


def _visit(task: DialTask, now: datetime) -> Reason:
    """Is there still something to ring about?"""
    if task.at is None or not task.status:
        return Reason.GONE
    rule = _reminder if task.kind == "reminder" else _follow_up
    return rule(task, task.at, now)


def _reminder(task: DialTask, start: datetime, now: datetime) -> Reason:
    if task.version != task.visit_version and task.status == "booked":
        return Reason.MOVED
    over = _VISIT_OVER.get(task.status, Reason.OK)
    if over and not (task.forced and over is Reason.CONFIRMED_ALREADY):
        return over
    return Reason.TOO_LATE if now > start - BEFORE_VISIT else Reason.OK


def _follow_up(task: DialTask, ended: datetime, now: datetime) -> Reason:
    if task.status != "completed":
        return Reason.GONE
    if now < ended + AFTER_SERVICE:
        return Reason.TOO_EARLY
    return Reason.TOO_LATE if now > ended + FOLLOW_UP_ENDS else Reason.OK


def _limits(task: DialTask, now: datetime) -> Reason:
    """How often one may be rung."""
    if task.calls_in_30_days >= CALLS_IN_30_DAYS:
        return Reason.NUMBER_RESTED
    if task.forced:
        return Reason.OK
    if task.attempts >= ATTEMPTS:
        return Reason.ATTEMPTS_USED
    if task.last_attempt_at is None:
        return Reason.OK
    if now < task.last_attempt_at + BETWEEN_ATTEMPTS:
        return Reason.TOO_SOON
    same_day = _local_day(task, now) == _local_day(task, task.last_attempt_at)
    part = quiet_hours.day_part(task.zones, now)
    if same_day and part == quiet_hours.day_part(task.zones, task.last_attempt_at):
        return Reason.SAME_DAY_PART
    return Reason.OK


def _local_day(task: DialTask, moment: datetime) -> object:
    return moment.astimezone(ZoneInfo(task.zones[0])).date()


def _hour(task: DialTask, now: datetime) -> Reason:
    """The clock where they are."""
    states = quiet_hours.states_of(task.number, task.state)
    quiet = quiet_hours.is_quiet(task.zones, states, now)
    return Reason.QUIET_HOURS if quiet else Reason.OK
