"""Many at once, on real connections: one bay, one winner; a storm, and everything still holds."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from crm.errors import Refusal
from crm.models import Vehicle
from scheduling import blocks, booking
from scheduling.invariants import violations
from scheduling.models import Appointment, CapacityOverride, Reservation
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]

OPS = ("LOF-S", "LOFROT", "ALIGN", "BRK-F", "DIAG", "EV-MC", "MAJ60", "TIRE-R")
KINDS = ("drop_off", "drop_off", "waiter", "shuttle", "loaner", "tow_in")


@pytest.fixture(autouse=True)
def _twenty_connections(transactional_db: None) -> Iterator[None]:
    """Twenty at once really are; on a slow machine the others wait as long as it takes."""
    options = connection.settings_dict["OPTIONS"]
    usual = options["pool"]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    options["pool"] = {"min_size": 0, "max_size": 20, "timeout": 200}
    yield
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]
    options["pool"] = usual


@pytest.fixture
def fleet(_twenty_connections: None) -> list[Vehicle]:
    """The shop and fifty cars of fifty people."""
    cast.open_shop()
    return [cast.car(cast.person("Cy", f"Caller{n}", f"+1212555{n:04}")) for n in range(100, 150)]


def at_once(tasks: list[Callable[[], str]]) -> Counter[str]:
    """What came of these, started together, each in its own thread and connection."""
    gate = Barrier(len(tasks))

    def run(task: Callable[[], str]) -> str:
        try:
            gate.wait(timeout=200)
            return task()
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return Counter(threads.map(run, tasks))


def test_fifty_callers_for_one_bay_and_hour_make_one_visit_and_49_clean_refusals(
    fleet: list[Vehicle],
) -> None:
    def attempt(vehicle: Vehicle) -> Callable[[], str]:
        return lambda: str(cast.book(vehicle, at("10:00"), "EV-MC").status)

    assert at_once([attempt(vehicle) for vehicle in fleet]) == {"booked": 1, "opening_taken": 49}
    assert Appointment.objects.count() == Reservation.objects.count() == 1
    assert violations() == {}


def test_a_limit_that_no_constraint_guards_is_kept_by_the_days_lock(fleet: list[Vehicle]) -> None:
    day = cast.MONDAY + timedelta(days=1)
    CapacityOverride.objects.create(day=day, limit="appointments", value=3, reason="inventory")
    clocks = ("09:00", "10:00", "11:00", "13:00", "14:00", "15:00", "16:00")

    def attempt(vehicle: Vehicle, clock: str) -> Callable[[], str]:
        return lambda: str(cast.book(vehicle, at(clock)).status)

    tasks = [attempt(car, clocks[n % len(clocks)]) for n, car in enumerate(fleet[:28])]
    assert at_once(tasks) == {"booked": 3, "cap_reached": 25}
    assert violations() == {}


def test_fifty_times_the_same_request_is_one_visit(fleet: list[Vehicle]) -> None:
    def attempt() -> str:
        return cast.book(fleet[0], at("10:00"), idempotency_key="one request").ref

    assert list(at_once([attempt] * 50).values()) == [50]
    assert Appointment.objects.count() == 1


def test_a_move_and_a_cancellation_at_once_end_as_one_of_them(fleet: list[Vehicle]) -> None:
    row = cast.book(fleet[0], at("10:00"))
    facts: dict[str, Any] = {"appointment_id": row.pk, "customer_id": row.customer_id, "now": NOW}

    def move() -> str:
        return str(
            booking.reschedule(**facts, start=at("14:00"), version=1, idempotency_key="m").status
        )

    def cancel() -> str:
        return str(booking.cancel(**facts, version=1, idempotency_key="c").status)

    outcomes = at_once([move, cancel])
    assert outcomes in ({"booked": 1, "stale_version": 1}, {"cancelled": 1, "too_late": 1})
    assert violations() == {}


class Storm:
    """One thread's share of the weather: random requests, most of which must be refused."""

    def __init__(self, seed: int, fleet: list[Vehicle]) -> None:
        self.random = random.Random(seed)
        self.fleet = fleet
        self.sid = f"CA{seed}"

    def steps(self, count: int) -> Iterator[Callable[[], object]]:
        """Requests of every kind, books most often."""
        kinds = (self.book, self.book, self.book, self.move, self.cancel, self.confirm, self.hold,
                 self.release, self.block, self.lift)  # fmt: skip
        for _ in range(count):
            yield self.random.choice(kinds)

    def start(self) -> datetime:
        """Some grid time of three days; some of them at lunch, some past closing."""
        return at("09:00", self.random.randint(1, 3)) + timedelta(
            minutes=30 * self.random.randint(0, 16)
        )

    def now(self) -> datetime:
        """A moment within half an hour, so that holds expire for some and not for others."""
        return NOW + timedelta(minutes=self.random.randint(0, 30))

    def ops(self) -> list[str]:
        """One or two services."""
        return self.random.sample(OPS, self.random.choice((1, 1, 2)))

    def book(self) -> object:
        return cast.book(
            self.random.choice(self.fleet), self.start(), *self.ops(),
            visit_type=self.random.choice(KINDS), call_sid=self.sid, now=self.now(),
        )  # fmt: skip

    def visit(self) -> dict[str, Any]:
        """Somebody's visit, as the asking side has read it."""
        rows = list(Appointment.objects.order_by("?")[:1])
        if not rows:
            raise Refusal("none")
        return {
            "appointment_id": rows[0].pk, "customer_id": rows[0].customer_id,
            "idempotency_key": cast.key(), "now": self.now(),
        }  # fmt: skip

    def move(self) -> object:
        return booking.reschedule(**self.visit(), start=self.start(), call_sid=self.sid)

    def cancel(self) -> object:
        return booking.cancel(**self.visit())

    def confirm(self) -> object:
        return booking.confirm(**self.visit())

    def hold(self) -> object:
        return booking.hold(
            op_codes=self.ops(), start=self.start(), call_sid=self.sid, now=self.now(),
            visit_type=self.random.choice(KINDS),
        )  # fmt: skip

    def release(self) -> object:
        return booking.release_holds(call_sid=self.sid)

    def block(self) -> object:
        start = self.start()
        return blocks.place_block(
            external_id=f"cal:{self.random.randint(1, 4)}", start=start,
            end=start + timedelta(minutes=self.random.choice((20, 90, 600))),
            bay_ids=self.random.sample(range(1, 9), 2), now=self.now(),
        )  # fmt: skip

    def lift(self) -> object:
        return blocks.lift_block(external_id=f"cal:{self.random.randint(1, 4)}")


@pytest.mark.parametrize("seed", [1, 2])
def test_after_a_storm_of_twenty_threads_every_rule_still_holds(
    fleet: list[Vehicle], seed: int
) -> None:
    outcomes: Counter[str] = Counter()

    def weather(number: int) -> Callable[[], str]:
        def run() -> str:
            for step in Storm(seed * 100 + number, fleet).steps(12):
                try:
                    step()
                    outcomes[step.__name__] += 1
                except Refusal as refusal:
                    outcomes[refusal.code] += 1
            return "done"

        return run

    assert at_once([weather(number) for number in range(20)]) == {"done": 20}
    assert violations() == {}
    assert outcomes["book"] > 10
    assert outcomes["move"] > 0
    assert outcomes["cancel"] > 0
