"""Claiming bay time: the step that holds, bookings and moves have in common.

Rules of this module: everything runs inside the caller's transaction and after its day
lock, so what is read here stays true until the commit. A caller who was offered an opening
may take `ANSWER_MIN` minutes to say yes before the notice period counts against them.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from psycopg.types.range import Range

from scheduling import day_sheet, fitting, writes
from scheduling.models import Reservation
from scheduling.planning import Job, Limits, Opening, Problem, Rules, combine, place

ANSWER_MIN: Final = 10
UNLIMITED: Final = Limits(*(10_000_000,) * 6)


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


def plan(
    *,
    op_codes: tuple[str, ...],
    start: datetime,
    visit_type: str,
    now: datetime,
    moving_id: int | None = None,
    overflow: bool = False,
    powertrain: str = "",
) -> Claim:
    """The claim for a start, or the refusal that says why not.

    `moving_id` is the visit that gives up its own time for this; `overflow` is an advisor's
    decision to go beyond notice and the day's limits, never beyond hours or a bay's time;
    `powertrain` is the car's, empty where no car is known yet.
    """
    day = start.astimezone(day_sheet.shop_zone()).date()
    shop = day_sheet.load(
        first_day=day,
        last_day=day,
        op_codes=op_codes,
        now=now,
        exclude_appointment_id=moving_id,
    )
    fitting.check(shop.ops, powertrain)
    sheet, job = shop.sheets[0], combine(shop.ops)
    rules = replace(shop.rules, lead_min=max(0, shop.rules.lead_min - ANSWER_MIN))
    if overflow:
        sheet, rules = replace(sheet, limits=UNLIMITED), replace(rules, lead_min=0)
    found = place(sheet, job, start, visit_type, rules, now)
    if isinstance(found, Problem):
        writes.refuse(found)
    return Claim(found, job, rules)


def clear_holds(*, call_sid: str, start: datetime, now: datetime) -> None:
    """Drop this call's holds, and every expired one of the day around `start`."""
    around = Range(start - timedelta(days=1), start + timedelta(days=1))
    done = Q(expires_at__lte=now, span__overlap=around)
    if call_sid:
        done |= Q(call_sid=call_sid)
    Reservation.objects.filter(done, kind=Reservation.Kind.HOLD).delete()
