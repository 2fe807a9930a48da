"""How often a caller's facts come from the cache over a day of calls, and never too old.

Rules: the calls are the rehearsals, on the shipped agent and tools in a database of their
own; each begins with nothing cached about its caller, as if nobody rang twice within five
minutes. The day's mix weighs them: 45 % bookings (six in ten by people we know), 14 %
moved or cancelled, 24 % questions, 17 % calls we make. Staleness is measured by writers
and readers of the same customers at once: a reader that starts after a write returned must see it.
"""

import argparse
import asyncio
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import django

from benchmarks.report import Figure, table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
django.setup()

from pathlib import Path  # noqa: E402 - needs the set-up above

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from prometheus_client import REGISTRY  # noqa: E402

from crm import lookup, records  # noqa: E402
from crm.models import Customer  # noqa: E402
from voice.rehearsal.database import rehearsal_database  # noqa: E402
from voice.rehearsal.run import call_of  # noqa: E402
from voice.rehearsal.tasks import Task, load  # noqa: E402

LIMIT_HIT_RATE = 0.80
DAY = {
    "existing_customer": 27,
    "new_customer": 18,
    "change_visit": 14,
    "inquiry": 24,
    "outbound": 17,
}
"""Calls of a kind in a hundred; by the file that their rehearsals are in."""


@dataclass(slots=True)
class Reads:
    """Reads of one kind of call."""

    calls: int = 0
    hits: float = 0.0
    all: float = 0.0


def counted() -> tuple[float, float]:
    """(hits, reads) of this process so far."""
    found = [
        REGISTRY.get_sample_value("customer_cache_reads_total", {"result": result}) or 0.0
        for result in ("hit", "miss", "error")
    ]
    return found[0], sum(found)


def tasks_by_kind(most: int) -> Iterator[tuple[str, Task]]:
    """At most `most` rehearsals of each kind, spread over them all."""
    folder = Path(settings.BASE_DIR) / "fixtures" / "rehearsals"
    by_kind: defaultdict[str, list[Task]] = defaultdict(list)
    for task in load(folder):
        by_kind["outbound" if task.outbound else task.flow].append(task)
    for kind in DAY:
        tasks = by_kind[kind]
        for task in tasks[:: max(1, len(tasks) // most)][:most]:
            yield kind, task


def measure_calls(most: int) -> dict[str, Reads]:
    """Reads of every kind of call."""
    found: defaultdict[str, Reads] = defaultdict(Reads)
    loop = asyncio.new_event_loop()
    for kind, task in tasks_by_kind(most):
        hits, reads = counted()
        call_of(task, loop=loop)
        now_hits, now_reads = counted()
        kept = found[kind]
        kept.calls += 1
        kept.hits += now_hits - hits
        kept.all += now_reads - reads
    loop.close()
    return found


def hit_rate(found: dict[str, Reads]) -> float:
    """Over the day's mix."""
    hits = sum(DAY[kind] * reads.hits / reads.calls for kind, reads in found.items())
    every = sum(DAY[kind] * reads.all / reads.calls for kind, reads in found.items())
    return hits / every if every else 0.0


def stale_reads(writes: int) -> tuple[int, int]:
    """(stale, reads): four readers against one writer of a household's languages."""
    number = "+12125550111"
    now = datetime.now(UTC)
    person = records.create_customer(
        first_name="Lou", last_name="Lee", phone=number, language="0", origin="phone", now=now
    )
    written, stop = [0], threading.Event()
    counts = [0, 0]
    lock = threading.Lock()

    def read() -> None:
        try:
            while not stop.is_set():
                known = written[0]
                seen = int(lookup.find_customers(number)[0].language)
                with lock:
                    counts[0] += seen < known
                    counts[1] += 1
        finally:
            connections.close_all()

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for n in range(1, writes + 1):
        records.change_contact(customer_id=person.pk, language=str(n))
        written[0] = n
    stop.set()
    for reader in readers:
        reader.join()
    Customer.objects.filter(pk=person.pk).delete()
    return counts[0], counts[1]


def main() -> int:
    """Measure, print, and say by the exit code whether the promises are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two calls of a kind, not ten")
    arguments = parser.parse_args()
    with rehearsal_database():
        found = measure_calls(2 if arguments.quick else 10)
        stale, reads = stale_reads(100 if arguments.quick else 500)
    rows = [
        Figure(f"{kind}: reads a call ({kept.calls} calls)", kept.all / kept.calls, "reads")
        for kind, kept in found.items()
    ]
    rows.append(Figure("hit rate over a day's mix", hit_rate(found), "", LIMIT_HIT_RATE, False))
    rows.append(Figure("reads against a writer", reads, "reads"))
    rows.append(Figure("of these, older than a write that had returned", stale, "reads", 0))
    return 0 if table("The cache of a caller's number", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
