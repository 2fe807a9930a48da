"""How long finding openings takes: two weeks, a full book, and 800,000 visits behind it.

Rules: on real PostgreSQL in a database of its own; timed from the question to the two
openings, on wishes of every kind. "Full" means that of every day of the horizon nine tenths
of the bays' time are taken; a job of half a day then fits nowhere, and the search that goes
through all sixty days before it says so is told apart. Own CPU is what a busy machine
cannot blow up. `--scale` puts 800,000 past visits into the tables, measures
again and holds the second figure against the first.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

from django.db import connection
from psycopg.types.range import Range

from benchmarks import scratch  # sets Django up, so it comes first
from benchmarks.booking import fleet
from benchmarks.report import Figure, percentile, table
from scheduling import day_sheet
from scheduling.models import Bay, Reservation
from scheduling.openings import Wish
from scheduling.visits import find_openings

LIMIT_MS = 15.0
LIMIT_SCALE = 2.0
NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
OPS = (
    ["LOF-S"],
    ["LOFROT"],
    ["BRK-I"],
    ["DIAG"],
    ["TIRE-4"],
    ["EV-MC"],
    ["LOF-S", "BRK-I"],
)
PAST = """
insert into scheduling_appointment (uid, ref, customer_id, vehicle_id, status, start, "end",
    visit_type, concern, triage, needs_link, source, call_sid, version, cancel_reason,
    calendar_event_id, calendar_etag, reminder_sent, created_at, updated_at)
select gen_random_uuid(),
       (select string_agg(substr('ABCDEFGHJKLMNPQRSTUVWXYZ23456789', 1 + (n >> (5 * k)) %% 32, 1), '')
        from generate_series(0, 5) k),
       (%(customers)s::bigint[])[1 + n %% 8], (%(vehicles)s::bigint[])[1 + n %% 8], 'completed', at, at + interval '30 min',
       'drop_off', '', '', false, 'seed', '', 1, '', '', '', true, at, at
from generate_series(%(from)s, %(to)s) n
cross join lateral (select timestamptz '2026-11-14' - (n / 8 + 1) * interval '40 min' as at) t;
"""
PAST_BAYS = """
insert into scheduling_reservation (bay_id, span, kind, visit_type, work_min, appointment_id,
    op_codes, call_sid, external_id, reason, created_at)
select 1 + array_position(%(vehicles)s::bigint[], vehicle_id) - 1, tstzrange(start, start + interval '40 min'),
       'appointment', 'drop_off', 30, id, '{}', '', '', '', start
from scheduling_appointment
"""


def fill_the_book(kept: float) -> int:
    """Give every bay visit after visit on every day of the horizon, and keep this share of them.

    Returns the rows. With nine of ten kept an hour is free here and there, half a day is not.
    """
    draw, zone = random.Random(7), day_sheet.shop_zone()
    rows = []
    for n in range(61):
        day = MONDAY + timedelta(days=n)
        for bay in Bay.objects.all() if day.weekday() < 5 else ():
            at = datetime.combine(day, clock(9), zone)
            while at.hour < 17:
                until = at + timedelta(minutes=draw.choice((40, 40, 55, 70, 100, 130)))
                if draw.random() < kept:
                    rows.append(
                        Reservation(bay=bay, span=Range(at, until), kind="block", created_at=NOW)
                    )
                at = until
    Reservation.objects.bulk_create(rows, batch_size=2000)
    _analyse()
    return len(rows)


def add_the_past(visits: int) -> float:
    """Put this many past visits into the tables; returns the seconds it took."""
    cars = fleet(8)
    began = time.perf_counter()
    facts = {"customers": [car.owner_id for car in cars], "vehicles": [car.pk for car in cars]}
    with connection.cursor() as cursor:
        cursor.execute(PAST, {**facts, "from": 0, "to": visits - 1})
        cursor.execute(PAST_BAYS, facts)
    _analyse()
    return time.perf_counter() - began


def _analyse() -> None:
    """Let the planner know what is there, as autovacuum would."""
    with connection.cursor() as cursor:
        cursor.execute("analyze scheduling_reservation")
        cursor.execute("analyze scheduling_appointment")


def wishes(draw: random.Random) -> Iterator[Wish]:
    """Wishes of every kind, for ever."""
    while True:
        day = MONDAY + timedelta(days=draw.randint(0, 13))
        yield Wish()
        yield Wish(day=day)
        yield Wish(day=day, at=clock(draw.randint(9, 16)))
        yield Wish(part=draw.choice(["morning", "afternoon"]))
        yield Wish(day=day, last_day=day + timedelta(days=6), part="morning")


def measure(times: int, menu: Sequence[list[str]] = OPS) -> list[float]:
    """Milliseconds of each search."""
    draw = random.Random(3)
    took, wish = [], wishes(draw)
    for _ in range(times):
        ops, wanted = draw.choice(menu), next(wish)
        began = time.perf_counter()
        find_openings(op_codes=ops, wish=wanted, now=NOW)
        took.append((time.perf_counter() - began) * 1e3)
    return took


def figures(times: int, visits: int) -> Iterator[Figure]:
    """All of it."""
    measure(30)
    empty = measure(times)
    yield Figure("empty book p95", percentile(empty, 0.95), "ms", LIMIT_MS)
    yield Figure("reservations ahead in a full book", fill_the_book(0.9), "")
    cpu = time.process_time()
    full = measure(times)
    cpu = (time.process_time() - cpu) * 1e3 / times
    yield Figure("full book p50", percentile(full, 0.5), "ms")
    yield Figure("full book p95", percentile(full, 0.95), "ms", LIMIT_MS)
    yield Figure("full book p99", percentile(full, 0.99), "ms")
    yield Figure("own CPU a search", cpu, "ms")
    nowhere = measure(times // 5, [["MAJ60"]])
    yield Figure("nothing free in sixty days p95", percentile(nowhere, 0.95), "ms")
    if visits:
        yield Figure(f"seconds to add {visits:,} past visits", add_the_past(visits), "s")
        before, after = percentile(full, 0.95), percentile(measure(times), 0.95)
        yield Figure("full book with that past p95", after, "ms", LIMIT_MS)
        yield Figure("times the figure without it", after / before, "x", LIMIT_SCALE)


def main() -> int:
    """Print the table; 1 when a promise is broken."""
    parser = argparse.ArgumentParser(description="Finding openings.")
    parser.add_argument("--quick", action="store_true", help="fewer searches")
    parser.add_argument("--scale", type=int, nargs="?", const=800_000, default=0,
                        metavar="VISITS", help="also with this many past visits")  # fmt: skip
    options = parser.parse_args()
    with scratch.shop("openings"):
        rows = list(figures(100 if options.quick else 500, options.scale))
    return 0 if table("Finding openings", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
