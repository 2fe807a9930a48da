"""Claiming bay time: the step that holds, bookings and moves have in common.

Rules of this module: everything is sent inside the caller's transaction and after its day
lock, so what is read here stays true until the commit. A caller who was offered an opening
may take `ANSWER_MIN` minutes to say yes before the notice period counts against them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from psycopg.types.range import Range

from scheduling import day_sheet, fitting, writes
from scheduling.planning import Job, Limits, Opening, Problem, Rules, combine, place
from scheduling.statements import Statement

ANSWER_MIN: Final = 10
UNLIMITED: Final = Limits(*(10_000_000,) * 6)
_CLEAR: Final = """
delete from scheduling_reservation
where kind = 'hold' and (expires_at <= %(now)s and span && %(around)s
                         or %(call)s <> '' and call_sid = %(call)s)
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """An opening that may be written, and what it was planned with."""

    opening: Opening
    job: Job
    rules: Rules

    @property
    def span(self) -> Range[datetime]:
        """The bay's time: the work and the turnaround after it."""
        turnaround = timedelta(minutes=self.rules.turnaround_min)
        return Range(self.opening.start, self.opening.end + turnaround)


class Question:
    """Whether a visit can start then: the statement, and the claim or refusal it leads to.

    The holds of `call_sid` are in nobody's way: `clear_holds` is sent before the row that the
    claim becomes. `moving_id` is the visit that gives up its own time for this.
    """

    def __init__(
        self,
        op_codes: tuple[str, ...],
        start: datetime,
        now: datetime,
        *,
        call_sid: str = "",
        moving_id: int | None = None,
    ) -> None:
        day = start.astimezone(day_sheet.shop_zone()).date()
        self._start, self._now = start, now
        self._day = day_sheet.Question(day, day, op_codes, now, moving_id, call_sid)
        self.statement = self._day.statement

    def claim(self, visit_type: str, *, overflow: bool = False, powertrain: str = "") -> Claim:
        """The claim, once the statement was sent, or the refusal that says why not.

        `overflow` is an advisor's decision to go beyond notice and the day's limits, never
        beyond hours or a bay's time; `powertrain` is the car's, empty where none is known yet.
        """
        shop = self._day.answer()
        fitting.check(shop.ops, powertrain)
        sheet, job = shop.sheets[0], combine(shop.ops)
        rules = replace(shop.rules, lead_min=max(0, shop.rules.lead_min - ANSWER_MIN))
        if overflow:
            sheet, rules = replace(sheet, limits=UNLIMITED), replace(rules, lead_min=0)
        found = place(sheet, job, self._start, visit_type, rules, self._now)
        if isinstance(found, Problem):
            writes.refuse(found)
        return Claim(found, job, rules)


def clear_holds(*, call_sid: str, start: datetime, now: datetime) -> Statement:
    """Drop this call's holds, and every expired one of the day around `start`."""
    around = Range(start - timedelta(days=1), start + timedelta(days=1))
    return Statement(_CLEAR, {"call": call_sid, "around": around, "now": now})
