"""How long the schedule's writes take, alone and with fifty callers at once.

Rules: on real PostgreSQL in a database of its own; a write is timed from the call to the
committed answer, calendar write and messages owed included, nothing sent anywhere. Alone:
one after the other on a book that fills up. At once: fifty threads for one bay and hour.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from itertools import count
from threading import Barrier

from django.db import connections

from benchmarks import scratch  # sets Django up, so it comes first
from benchmarks.report import Figure, percentile, table
from crm.errors import Refusal
from crm.models import Customer, CustomerPhone, Vehicle
from scheduling import booking, day_sheet
from scheduling.invariants import violations
from scheduling.models import Appointment
from scheduling.openings import Wish
from scheduling.visits import find_openings

LIMIT_MS = 20.0
AT_ONCE = 50
NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
OPS = (["LOF-S"], ["LOFROT"], ["BRK-I"], ["DIAG"], ["BRK-F"], ["TIRE-R"], ["LOF-S", "BRK-I"])
keys = count()


def fleet(size: int) -> list[Vehicle]:
    """Customers with a number and a car each."""
    people = Customer.objects.bulk_create(
        Customer(first_name="Cy", last_name=f"Caller{n}", name_key=f"caller{n} cy", created_at=NOW)
        for n in range(size)
    )
    CustomerPhone.objects.bulk_create(
        CustomerPhone(customer=person, e164=f"+1212555{n:04}", is_primary=True)
        for n, person in enumerate(people)
    )
    return Vehicle.objects.bulk_create(
        Vehicle(owner=person, year=2020, make="Toyota", model="Prius", powertrain="hybrid")
        for person in people
    )


def timed(took: list[float], write: Callable[[], Appointment]) -> Appointment:
    """The write's answer; its milliseconds are noted."""
    began = time.perf_counter()
    done = write()
    took.append((time.perf_counter() - began) * 1e3)
    return done


def alone(cars: list[Vehicle]) -> dict[str, list[float]]:
    """Each kind of write, one after the other, for every car."""
    took: dict[str, list[float]] = {
        "hold": [],
        "book": [],
        "reschedule": [],
        "confirm": [],
        "cancel": [],
    }
    for number, car in enumerate(cars):
        ops = OPS[number % len(OPS)]
        day = date(2026, 11, 17) + timedelta(days=number % 40)
        offer = find_openings(op_codes=ops, wish=Wish(day=day), now=NOW)
        facts = {"now": NOW, "call_sid": f"CA{number}"}
        first, other = offer[0].start, offer[-1].start
        began = time.perf_counter()
        booking.hold(op_codes=ops, start=first, **facts)  # type: ignore[arg-type]
        took["hold"].append((time.perf_counter() - began) * 1e3)
        row = timed(
            took["book"],
            lambda c=car, o=ops, s=first, f=facts: booking.book(  # type: ignore[misc]
                customer_id=c.owner_id, vehicle_id=c.pk, op_codes=o, start=s,
                idempotency_key=f"b{next(keys)}", **f,
            ),
        )  # fmt: skip
        whose = {"appointment_id": row.pk, "customer_id": row.customer_id, **facts}
        if number % 3 == 0:
            _change(took, whose, other)
    return took


def _change(took: dict[str, list[float]], whose: dict[str, object], start: datetime) -> None:
    """Confirm, move and cancel one visit."""
    for name, change, more in (
        ("confirm", booking.confirm, {}),
        ("reschedule", booking.reschedule, {"start": start}),
        ("cancel", booking.cancel, {}),
    ):
        timed(
            took[name],
            lambda c=change, m=more: c(**whose, **m, idempotency_key=f"c{next(keys)}"),  # type: ignore[misc]
        )


def at_once(cars: list[Vehicle]) -> tuple[Counter[str], list[float]]:
    """Fifty callers for one bay and hour: what they were told, and after how many ms."""
    gate, took = Barrier(len(cars)), []
    start = datetime.combine(date(2027, 1, 5), clock(10), day_sheet.shop_zone())

    def attempt(car: Vehicle) -> str:
        try:
            Vehicle.objects.filter(pk=car.pk).exists()  # a connection of its own, before the race
            gate.wait(timeout=60)
            began = time.perf_counter()
            try:
                booking.book(
                    customer_id=car.owner_id, vehicle_id=car.pk, op_codes=["EV-MC"], start=start,
                    idempotency_key=f"r{next(keys)}", now=NOW,
                )  # fmt: skip
            except Refusal as refusal:
                return refusal.code
            finally:
                took.append((time.perf_counter() - began) * 1e3)
            return "booked"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(cars)) as threads:
        return Counter(threads.map(attempt, cars)), took


def figures(size: int) -> Iterator[Figure]:
    """All of it."""
    cars = fleet(size + AT_ONCE)
    took = alone(cars[:20])  # connections open, plans known
    cpu = time.process_time()
    took = alone(cars[20:size])
    cpu = (time.process_time() - cpu) * 1e3 / (size - 20)
    for name, values in took.items():
        yield Figure(f"{name} p50", percentile(values, 0.5), "ms")
        yield Figure(f"{name} p95", percentile(values, 0.95), "ms", LIMIT_MS)
    yield Figure("own CPU a visit, search and hold and changes included", cpu, "ms")
    told, waited = at_once(cars[size:])
    yield Figure("fifty at once: booked", told["booked"], "", 1)
    yield Figure(
        "fifty at once: refused cleanly", told["opening_taken"], "", 49, lower_is_better=False
    )
    yield Figure(
        "fifty at once: anything else", AT_ONCE - told["booked"] - told["opening_taken"], "", 0
    )
    yield Figure("fifty at once: longest wait", max(waited), "ms")
    yield Figure("rules broken afterwards", sum(violations().values()), "", 0)


def main() -> int:
    """Print the table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="Latency of bookings in the database.")
    parser.add_argument("--quick", action="store_true", help="fewer bookings")
    options = parser.parse_args()
    with scratch.shop("booking"):
        kept = table("Booking in the database", list(figures(120 if options.quick else 420)))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
