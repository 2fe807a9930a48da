"""The shop's own particulars as one plain value, for whoever speaks for the shop.

Rules: read only; one value a call, so that what is said at its beginning and at its
end does not differ. Clock times are the shop's.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from scheduling.day_sheet import shop_zone
from scheduling.models import BusinessHours, Closure, ShopSettings


@dataclass(frozen=True, slots=True)
class Hours:
    """One weekday's hours."""

    opens: time
    closes: time
    lunch_starts: time | None
    lunch_ends: time | None


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """`hours` by weekday (0 is Monday), closed weekdays missing; `closed_days` inclusive."""

    name: str
    legal_name: str
    phone: str
    greet_by_name: bool
    zone: ZoneInfo
    hours: dict[int, Hours]
    closed_days: tuple[tuple[date, date], ...]
    shuttle_from: time
    shuttle_until: time
    loaner_min_visit_min: int
    waiter_max_visit_min: int
    last_waiter_start: time


def shop_facts(now: datetime) -> ShopFacts:
    """The shop as its staff have set it up."""
    row = ShopSettings.objects.filter(pk=1).first() or ShopSettings()
    zone = shop_zone()
    closures = Closure.objects.filter(last_day__gte=now.astimezone(zone).date(), starts=None)
    return ShopFacts(
        name=row.name,
        legal_name=row.legal_name,
        phone=row.phone,
        greet_by_name=bool(getattr(row, "greet_by_name", True)),
        zone=zone,
        hours={
            day.weekday: Hours(day.opens, day.closes, day.lunch_starts, day.lunch_ends)
            for day in BusinessHours.objects.all()
        },
        closed_days=tuple((closure.first_day, closure.last_day) for closure in closures),
        shuttle_from=row.shuttle_from,
        shuttle_until=row.shuttle_until,
        loaner_min_visit_min=row.loaner_min_visit_min,
        waiter_max_visit_min=row.waiter_max_visit_min,
        last_waiter_start=row.last_waiter_start,
    )
