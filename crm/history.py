"""What was done to a car, what is due, what its owner said no to.

Rules: an item is due from 85 % of its interval on, in miles or months, whichever comes
first, counted from the last time it was done here; what was never done here is not
claimed to be due. The odometer of today is estimated from the readings we have. An item
that was declined stops counting once it was done. Which intervals apply is the service
menu's business: callers above pass theirs, `USUAL_INTERVALS` are the usual ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from crm.models import ServiceLine, ServiceRecord, Vehicle

DUE_FROM: Final = 0.85
MILES_PER_DAY: Final = 33
"""FHWA's driver mean of 12,000 to 13,500 miles a year, where a car has one reading only."""
_OIL: Final = ("LOF-C", "LOF-S", "LOF-D", "LOFROT")


@dataclass(frozen=True, slots=True)
class Interval:
    """How often an item comes round, and which services count as having done it."""

    miles: int | None
    months: int | None
    done_by: tuple[str, ...]


USUAL_INTERVALS: Final[Mapping[str, Interval]] = {
    "LOF-S": Interval(7_500, 12, _OIL),
    "ROT": Interval(7_500, None, ("ROT", "LOFROT")),
    "BRK-I": Interval(12_000, None, ("BRK-I", "BRK-F", "BRK-R")),
    "ALIGN": Interval(None, 24, ("ALIGN",)),
    "BAT-T": Interval(None, 36, ("BAT-T", "BAT-R")),
    "WIPER": Interval(None, 12, ("WIPER",)),
    "CABIN": Interval(20_000, None, ("CABIN",)),
    "EAF": Interval(30_000, None, ("EAF",)),
    "BRK-FL": Interval(None, 36, ("BRK-FL",)),
    "COOL": Interval(60_000, None, ("COOL",)),
    "ATF": Interval(60_000, None, ("ATF",)),
    "PLUG": Interval(100_000, None, ("PLUG",)),
    "MAJ30": Interval(30_000, None, ("MAJ30", "MAJ60")),
    "EV-MC": Interval(None, 12, ("EV-MC",)),
}


@dataclass(frozen=True, slots=True)
class LineDone:
    """One job of a visit. `price_cents` is for staff: never spoken."""

    op_code: str
    description: str
    performed: bool
    price_cents: int


@dataclass(frozen=True, slots=True)
class Visit:
    """A repair order, newest first in every list. `odometer` in miles."""

    opened_at: datetime
    closed_at: datetime | None
    odometer: int
    advisor_name: str
    lines: tuple[LineDone, ...]

    @property
    def performed(self) -> tuple[LineDone, ...]:
        """What was done, without what was declined."""
        return tuple(line for line in self.lines if line.performed)


@dataclass(frozen=True, slots=True)
class DueItem:
    """`used` is how much of the interval is gone: 1.0 is exactly due, more is overdue."""

    op_code: str
    last_done_at: datetime
    used: float


def service_history(vehicle_id: int, *, limit: int = 50) -> tuple[Visit, ...]:
    """The latest visits of a car."""
    records = ServiceRecord.objects.filter(vehicle_id=vehicle_id).order_by("-opened_at", "-id")
    return tuple(_visit(record) for record in records.prefetch_related("lines")[:limit])


def last_visit(vehicle_id: int) -> Visit | None:
    """The latest visit, None where there was none."""
    return next(iter(service_history(vehicle_id, limit=1)), None)


def due_items(
    vehicle_id: int, now: datetime, *, intervals: Mapping[str, Interval] = USUAL_INTERVALS
) -> tuple[DueItem, ...]:
    """What is due, the most overdue first."""
    visits = service_history(vehicle_id)
    if not visits:
        return ()
    miles_now = _miles_now(vehicle_id, visits, now)
    items = (
        _due_item(code, interval, visits, miles_now, now) for code, interval in intervals.items()
    )
    due = [item for item in items if item is not None and item.used >= DUE_FROM]
    return tuple(sorted(due, key=lambda item: (-item.used, item.op_code)))


def declined_items(vehicle_id: int) -> tuple[LineDone, ...]:
    """What was declined and not done since, the latest first."""
    settled: set[str] = set()
    found: list[LineDone] = []
    for visit in service_history(vehicle_id):
        settled.update(line.op_code for line in visit.performed)
        fresh = [line for line in visit.lines if line.op_code not in settled]
        settled.update(line.op_code for line in fresh)
        found.extend(fresh)
    return tuple(found)


def _visit(record: ServiceRecord) -> Visit:
    return Visit(
        opened_at=record.opened_at,
        closed_at=record.closed_at,
        odometer=record.odometer,
        advisor_name=record.advisor_name,
        lines=tuple(_line(line) for line in record.lines.all()),
    )


def _line(line: ServiceLine) -> LineDone:
    performed = line.status == ServiceLine.Status.PERFORMED
    return LineDone(line.op_code, line.description, performed, line.price_cents)


def _miles_now(vehicle_id: int, visits: tuple[Visit, ...], now: datetime) -> int:
    latest, first = visits[0], visits[-1]
    days = (latest.opened_at - first.opened_at) / timedelta(days=1)
    rate = (latest.odometer - first.odometer) / days if days >= 60 else MILES_PER_DAY
    estimate = latest.odometer + rate * max((now - latest.opened_at) / timedelta(days=1), 0.0)
    stored = Vehicle.objects.filter(pk=vehicle_id).values_list("odometer", flat=True).first()
    return max(int(estimate), stored or 0)


def _due_item(
    code: str, interval: Interval, visits: tuple[Visit, ...], miles_now: int, now: datetime
) -> DueItem | None:
    for visit in visits:
        if any(line.op_code in interval.done_by for line in visit.performed):
            by_miles = (miles_now - visit.odometer) / interval.miles if interval.miles else 0.0
            months = (now - visit.opened_at) / timedelta(days=30.4)
            by_months = months / interval.months if interval.months else 0.0
            return DueItem(code, visit.opened_at, round(max(by_miles, by_months), 3))
    return None
