"""Repair orders: what was done to a car before the calendar begins, and on seeded visits.

Rules: a visit about every eight months while the car has come to this shop, on days it
was open; one line in six or so was offered and declined; readings lie on the car's curve.
"""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from scheduling.seeding.draws import pick, whole
from scheduling.seeding.menu import Menu
from scheduling.seeding.tables import Tables

DECLINED_SHARE: Final = 0.18
_GAP_DAYS: Final = (150, 335)
_MONDAY, _SATURDAY = 0, 5


class RepairOrders:
    """Writes repair orders into the buffers, numbered in the order they are made."""

    def __init__(
        self, tables: Tables, menu: Menu, record_ids: Iterator[int], advisors: tuple[str, ...]
    ) -> None:
        self._tables, self._menu, self._ids = tables, menu, record_ids
        self._advisors = advisors or ("",)

    def add(
        self,
        random: Random,
        *,
        vehicle_id: int,
        ops: tuple[str, ...],
        opened_at: dt.datetime,
        closed_at: dt.datetime,
        odometer: int,
    ) -> None:
        """One repair order with its lines."""
        record_id = next(self._ids)
        self._tables.records.rows.append(
            (
                record_id,
                vehicle_id,
                f"S{record_id:09d}",
                opened_at,
                closed_at,
                odometer,
                pick(random, self._advisors),
                "seed",
            )
        )
        lines = self._tables.lines.rows
        for code in ops:
            item = self._menu.items[code]
            lines.append((record_id, code, item.name, "performed", item.price_cents))
        # Declined lines are a share of all lines, so relative to those done it is more.
        chance = DECLINED_SHARE / (1 - DECLINED_SHARE) * len(ops)
        if self._menu.declined and random.random() < chance:
            code = pick(random, self._menu.declined)
            if code not in ops:
                item = self._menu.items[code]
                lines.append((record_id, code, item.name, "declined", item.price_cents))


def earlier_days(random: Random, *, since: dt.date, before: dt.date) -> Iterator[dt.date]:
    """The days of a car's visits from `since` until the calendar takes over."""
    day = since + dt.timedelta(days=whole(random, 0, 120))
    while day < before:
        on = day + dt.timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)
        if on < before:
            yield on
        day += dt.timedelta(days=whole(random, *_GAP_DAYS))


def opening_hour(random: Random, day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """A morning or afternoon check-in of that day, UTC."""
    clock = dt.time(pick(random, (9, 9, 10, 11, 13, 14, 15)), pick(random, (0, 30)))
    return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC)
