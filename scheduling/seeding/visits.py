"""Seeded visits: who comes, when, what became of it, and the rows this leaves.

Rules: a car comes to at most one visit ahead; a past visit was completed (82 %), fell
out (10 % no show, 8 % cancelled, of which two in five were booked anew within weeks), of
yesterday's some cars are still here; today's morning is under way. Every change left an
event and a calendar write of its version, as the booking functions do; those of visits
ahead are still owed to the calendar.
"""

import datetime as dt
from array import array
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Final
from uuid import UUID

from scheduling.models import REFERENCE_ALPHABET
from scheduling.seeding.cars import Car, miles_at
from scheduling.seeding.draws import pick, whole
from scheduling.seeding.menu import Job, Menu
from scheduling.seeding.past import RepairOrders
from scheduling.seeding.rows import span
from scheduling.seeding.shopdays import Day, Slot
from scheduling.seeding.tables import Tables

_POWER: Final = ("gas", "diesel", "hybrid", "ev")
_REFS: Final = len(REFERENCE_ALPHABET) ** 6
_REF_STEP: Final = 387_420_489
"""Odd, so it runs through all of 32**6 before it repeats; large, so neighbours look unlike."""
_REASONS: Final = ("", "", "Can't make it.", "Car is fine again.", "Went somewhere nearer.")
_CONCERNS: Final = {
    "DIAG": ("Check engine light is on.", "Dashboard lights flicker.", "Won't start on cold days."),
    "DIAG-N": ("Squeaks when turning.", "Rattle from the front.", "Pulls to the right."),
    "AC": ("Air conditioning blows warm.",),
    "BRK-I": ("Brakes squeal when I stop.", "Brake pedal feels soft."),
    "TIRE-R": ("Slow leak in the rear left tire.",),
}
_TRIES: Final = 12
"""Cars looked at before one is taken that isn't quite due."""


@dataclass(slots=True)
class Fleet:
    """Every seeded car as a few numbers, so that a million of them fit in memory."""

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    owners: "array[int]" = field(default_factory=lambda: array("q"))
    built: "array[int]" = field(default_factory=lambda: array("l"))
    since: "array[int]" = field(default_factory=lambda: array("l"))
    factors: "array[float]" = field(default_factory=lambda: array("f"))
    power: bytearray = field(default_factory=bytearray)
    last_visit: "array[int]" = field(default_factory=lambda: array("l"))

    def add(self, vehicle_id: int, owner_id: int, car: Car, since: dt.date) -> None:
        """Note a car; `since` is when it first came to this shop."""
        self.ids.append(vehicle_id)
        self.owners.append(owner_id)
        self.built.append(car.built.toordinal())
        self.since.append(since.toordinal())
        self.factors.append(car.factor)
        self.power.append(_POWER.index(car.powertrain))
        self.last_visit.append(0)

    def odometer(self, n: int, day: dt.date) -> int:
        """Miles of the n-th car on that day; the same arithmetic as when it was made."""
        return miles_at(dt.date.fromordinal(self.built[n]), self.factors[n], day)


@dataclass(slots=True)
class _Fate:
    """What became of a visit: its status and the changes that led there."""

    status: str
    changes: list[tuple[str, dt.datetime]]


class Visits:
    """Fills days with visits of the fleet's cars."""

    def __init__(
        self,
        *,
        tables: Tables,
        fleet: Fleet,
        menu: Menu,
        orders: RepairOrders,
        visit_ids: Iterator[int],
        advisors: tuple[int, ...],
        random: Random,
        today: dt.date,
        now: dt.datetime,
    ) -> None:
        self._tables, self._fleet, self._menu, self._orders = tables, fleet, menu, orders
        self._ids, self._advisors, self._random, self._now = visit_ids, advisors, random, now
        self._today = today
        self._again: dict[int, deque[int]] = {}
        self._next = self._cycle()
        self._passed: deque[int] = deque(maxlen=200)
        self._ref = random.randrange(_REFS)

    def fill(self, day: Day, wanted: int) -> int:
        """Put up to `wanted` visits on a day; answers how many found room."""
        made = 0
        refused = 0
        while made < wanted and refused < 8:
            n = self._car_for(day.date)
            job = self._menu.draw(self._random, _POWER[self._fleet.power[n]])
            fell_out = self._falls_out(day.date)
            slot = day.place(self._random, job, takes_time=not fell_out)
            if slot is None:
                refused += 1
                self._passed.append(n)
                continue
            self._write(n, day, job, slot, fell_out)
            made += 1
        return made

    # ---- who comes -------------------------------------------------------------------
    def _cycle(self) -> Iterator[int]:
        """Every car in a scattered order, again and again."""
        count = len(self._fleet.ids)
        step = max(1, int(count * 0.618))
        while _divides(step, count):
            step += 1
        at = self._random.randrange(count)
        while True:
            yield at
            at = (at + step) % count

    def _car_for(self, day: dt.date) -> int:
        """A car that is known by then and hasn't been here lately."""
        on = day.toordinal()
        waiting = self._again.get(on)
        if waiting:
            return waiting.popleft()
        for _ in range(min(len(self._passed), _TRIES)):
            n = self._passed.popleft()
            if self._is_due(n, on):
                return n
            self._passed.append(n)
        n = next(self._next)
        for _ in range(_TRIES * 10):
            if self._is_due(n, on):
                return n
            self._passed.append(n)
            n = next(self._next)
        return self._comes_again(on)

    def _comes_again(self, on: int) -> int:
        """Nobody is due in a small fleet: somebody who is known comes again, not twice a day."""
        fleet = self._fleet
        for n in islice(self._next, 2000):
            if fleet.last_visit[n] != on and fleet.since[n] <= on:
                return n
        return next(n for n in self._next if fleet.last_visit[n] != on)

    def _is_due(self, n: int, on: int) -> bool:
        return self._fleet.since[n] <= on and abs(on - self._fleet.last_visit[n]) > 60

    def _falls_out(self, day: dt.date) -> bool:
        if day < self._today:
            return self._random.random() < 0.18
        return day > self._today and self._random.random() < 0.05

    # ---- what became of it ---------------------------------------------------------------
    def _fate(self, day: dt.date, start: dt.datetime, end: dt.datetime, *, fell_out: bool) -> _Fate:
        booked = self._booked_at(start)
        today = self._today
        changes = [("booked", booked)]
        if day > today:
            return self._ahead(start, changes, fell_out=fell_out)
        if day == today and start > self._now:
            return self._confirmed_or_not(start, changes, 0.6)
        if fell_out:
            return self._fallen(start, changes)
        if self._random.random() < 0.45:
            changes.append(("confirmed", _between(self._random, booked, start)))
        changes.append(("checked_in", start))
        if day == today:
            return self._under_way(start, end, changes)
        if day == today - dt.timedelta(days=1) and self._random.random() < 0.12:
            return _Fate("ready", [*changes, ("ready", min(end, self._now))])
        done = end + dt.timedelta(minutes=whole(self._random, 5, 40))
        return _Fate("completed", [*changes, ("completed", done)])

    def _ahead(
        self, start: dt.datetime, changes: list[tuple[str, dt.datetime]], *, fell_out: bool
    ) -> _Fate:
        if fell_out:
            at = _between(self._random, changes[0][1], self._now)
            return _Fate("cancelled", [*changes, ("cancelled", at)])
        return self._confirmed_or_not(start, changes, 35 / 95)

    def _confirmed_or_not(
        self, start: dt.datetime, changes: list[tuple[str, dt.datetime]], share: float
    ) -> _Fate:
        if self._random.random() >= share:
            return _Fate("booked", changes)
        at = _between(self._random, changes[0][1], min(start, self._now))
        return _Fate("confirmed", [*changes, ("confirmed", at)])

    def _fallen(self, start: dt.datetime, changes: list[tuple[str, dt.datetime]]) -> _Fate:
        if self._random.random() < 10 / 18:
            return _Fate("no_show", [*changes, ("no_show", start + dt.timedelta(minutes=30))])
        at = _between(self._random, changes[0][1], start)
        return _Fate("cancelled", [*changes, ("cancelled", at)])

    def _under_way(
        self, start: dt.datetime, end: dt.datetime, changes: list[tuple[str, dt.datetime]]
    ) -> _Fate:
        """A car that came today: how far the work has got by now."""
        if end > self._now:
            if self._random.random() < 0.4:
                return _Fate("checked_in", changes)
            return _Fate(
                "in_service", [*changes, ("in_service", _between(self._random, start, self._now))]
            )
        changes = [*changes, ("in_service", start), ("ready", end)]
        if self._random.random() < 0.5:
            return _Fate("ready", changes)
        return _Fate("completed", [*changes, ("completed", _between(self._random, end, self._now))])

    def _booked_at(self, start: dt.datetime) -> dt.datetime:
        """When it was booked: days to weeks before, and not in the future."""
        latest = min(start - dt.timedelta(hours=3), self._now)
        return latest - dt.timedelta(
            days=whole(self._random, 1, 18), minutes=whole(self._random, 0, 400)
        )

    # ---- rows --------------------------------------------------------------------------
    def _write(self, n: int, day: Day, job: Job, slot: Slot, fell_out: bool) -> None:
        start, end = day.moment(slot.start), day.moment(slot.end)
        fate = self._fate(day.date, start, end, fell_out=fell_out)
        visit_id = next(self._ids)
        self._note(n, day.date, fate.status)
        self._tables.visits.rows.append(self._visit_row(visit_id, n, job, slot, start, end, fate))
        for position, code in enumerate(job.ops):
            item = self._menu.items[code]
            self._tables.services.rows.append(
                (visit_id, code, position, item.price_kind, item.price_cents)
            )
        if slot.bay is not None:
            until = day.moment(slot.until).isoformat()
            self._tables.reservations.rows.append(
                (
                    slot.bay, span(start.isoformat(), until), "appointment", slot.visit_type,
                    job.work_min, visit_id, fate.changes[0][1],
                )
            )  # fmt: skip
        self._write_changes(visit_id, start, fate)
        if fate.status == "completed":
            self._orders.add(
                self._random,
                vehicle_id=self._fleet.ids[n],
                ops=job.ops,
                opened_at=start,
                closed_at=fate.changes[-1][1],
                odometer=self._fleet.odometer(n, day.date),
            )

    def _visit_row(
        self,
        visit_id: int,
        n: int,
        job: Job,
        slot: Slot,
        start: dt.datetime,
        end: dt.datetime,
        fate: _Fate,
    ) -> tuple[object, ...]:
        at = dict(fate.changes)
        confirmed = at.get("confirmed")
        waits = slot.visit_type == "waiter"
        return (
            visit_id, UUID(int=self._random.getrandbits(128), version=4), self._reference(),
            self._fleet.owners[n], self._fleet.ids[n],
            pick(self._random, self._advisors) if self._advisors else None,
            fate.status, start, end, slot.visit_type, self._concern(job), "seed",
            len(fate.changes), confirmed, at.get("cancelled"),
            pick(self._random, _REASONS) if "cancelled" in at else "",
            None if waits or "checked_in" not in at else end, at.get("completed"),
            "checked_in" in at, fate.changes[0][1], fate.changes[-1][1],
        )  # fmt: skip

    def _write_changes(self, visit_id: int, start: dt.datetime, fate: _Fate) -> None:
        ahead = start > self._now
        for version, (kind, at) in enumerate(fate.changes, 1):
            by = "phone" if kind in {"booked", "confirmed", "cancelled"} else "desk"
            self._tables.events.rows.append((visit_id, version, kind, by, at))
            operation = _OPERATIONS.get(kind, "patch")
            delivered = None if ahead else at
            self._tables.outbox.rows.append(
                (visit_id, version, operation, 0 if ahead else 1, at, delivered, at)
            )

    def _note(self, n: int, day: dt.date, status: str) -> None:
        """Remember the visit; a cancelled one in the past often comes back."""
        self._fleet.last_visit[n] = day.toordinal()
        if status == "cancelled" and day < self._today and self._random.random() < 0.4:
            again = day + dt.timedelta(days=whole(self._random, 1, 14))
            if again.weekday() >= 5:
                again += dt.timedelta(days=2)
            self._again.setdefault(again.toordinal(), deque()).append(n)

    def _concern(self, job: Job) -> str:
        return pick(self._random, _CONCERNS.get(job.ops[0], ("",)))

    def _reference(self) -> str:
        self._ref = (self._ref + _REF_STEP) % _REFS
        rest, out = self._ref, []
        for _ in range(6):
            rest, digit = divmod(rest, len(REFERENCE_ALPHABET))
            out.append(REFERENCE_ALPHABET[digit])
        return "".join(out)


_OPERATIONS: Final = {"booked": "insert", "cancelled": "delete", "no_show": "delete"}


def _between(random: Random, first: dt.datetime, last: dt.datetime) -> dt.datetime:
    """A moment in between, to the minute; `first` where there is no room."""
    minutes = int((last - first).total_seconds() // 60)
    return first + dt.timedelta(minutes=whole(random, 0, minutes)) if minutes > 0 else first


def _divides(step: int, count: int) -> bool:
    while step:
        step, count = count % step, step
    return count != 1
