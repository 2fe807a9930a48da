"""How long a live call waits to learn who rings, while twenty others stream.

Rules: the lookups run inside one event loop that also carries twenty calls: each reads
and writes fifty media frames a second through the real codec, as the server does. A
lookup is timed from the call to the cards, on random customers of the database, one
every twenty-five milliseconds. "Uncached" numbers are dropped from the cache before, outside the
clock. Before and after stands the loop's own lateness, which no lookup can be blamed for:
on a noisy machine it, not the lookup, is most of the tail; `--realtime` puts this process and its
servers before the noise.
"""

import argparse
import asyncio
import json
import os
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from random import Random

import django

from benchmarks.report import Figure, percentile, table

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "autoshop.settings")
django.setup()

from django.db import connection  # noqa: E402 - needs the set-up above

from crm import cache, lookup  # noqa: E402
from scheduling import callers  # noqa: E402
from voice import media  # noqa: E402

CALLS = 20
FRAME_S = 0.02
EVERY_S = 0.025
AT_SCALE = 100_000
LIMIT_CACHED_MS = 2.0
LIMIT_UNCACHED_MS = 10.0

Lookup = Callable[[str], Awaitable[object]]


def sample_numbers(count: int) -> list[str]:
    """Random numbers of the database, fewer where there are fewer."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*), min(id), max(id) from crm_customerphone")
        rows, low, high = cursor.fetchone()
        if not rows:
            return []
        random = Random(1)
        ids = [random.randint(low, high) for _ in range(count * 3)]
        cursor.execute(
            "select e164 from crm_customerphone where id = any(%s) limit %s", [ids, count]
        )
        return [row[0] for row in cursor.fetchall()]


async def stream(call: int, late: list[float], stop: asyncio.Event) -> None:
    """One call's media: a frame in and a frame out every 20 ms; notes how late each was, ms."""
    frame = json.dumps(
        {
            "event": "media",
            "sequenceNumber": "1",
            "streamSid": f"MZ{call}",
            "media": {
                "track": "inbound",
                "chunk": "1",
                "timestamp": "20",
                "payload": b64encode(b"\xff" * 160).decode(),
            },
        }
    )
    loop = asyncio.get_running_loop()
    due = loop.time() + FRAME_S * call / CALLS
    while not stop.is_set():
        await asyncio.sleep(max(0.0, due - loop.time()))
        late.append((loop.time() - due) * 1e3)
        message = media.parse(frame)
        assert isinstance(message, media.Media)
        media.media(f"MZ{call}", message.audio)
        due = max(due + FRAME_S, loop.time())


async def timed(find: Lookup, numbers: list[str], *, cold: bool) -> list[float]:
    """Milliseconds of each lookup."""
    took: list[float] = []
    for number in numbers:
        if cold:
            await asyncio.to_thread(cache.forget_now, number)
        else:
            await find(number)
        await asyncio.sleep(EVERY_S)
        began = time.perf_counter()
        await find(number)
        took.append((time.perf_counter() - began) * 1e3)
    return took


async def find_visits(number: str) -> object:
    """What a live call asks: customers, cars and coming visits."""
    return await callers.afind_caller(number, now=datetime.now(UTC))


async def measure(numbers: list[str]) -> tuple[dict[str, list[float]], list[float]]:
    """Every kind of lookup beside the streams; and how late the streams' frames were."""
    late: list[float] = []
    stop = asyncio.Event()
    streams = [asyncio.create_task(stream(n, late, stop)) for n in range(CALLS)]
    for number in numbers[:20]:  # connections open, statements known
        await lookup.afind_customers(number)
        await find_visits(number)
    found = {
        "customers, cached": await timed(lookup.afind_customers, numbers, cold=False),
        "customers, uncached": await timed(lookup.afind_customers, numbers, cold=True),
        "with visits, cached": await timed(find_visits, numbers, cold=False),
        "with visits, uncached": await timed(find_visits, numbers, cold=True),
    }
    stop.set()
    await asyncio.gather(*streams)
    return found, late


@contextmanager
def realtime() -> Iterator[None]:
    """Let nothing else on this machine come first: this process, its database and Valkey.

    For a machine that is busy with other work; needs to be root there. Servers that are
    on another machine keep the priority they have.
    """
    pids = {0, int(cache._client().info("server")["process_id"])}
    stop = threading.Event()

    def keep_raising() -> None:
        with connection.cursor() as cursor:
            while not stop.wait(0.3):
                cursor.execute(
                    "select pid from pg_stat_activity where datname = current_database()"
                )
                pids.update(row[0] for row in cursor.fetchall())
                _schedule(pids, os.SCHED_FIFO, 10)
        connection.close()

    _schedule(pids, os.SCHED_FIFO, 10)
    raising = threading.Thread(target=keep_raising)
    raising.start()
    try:
        yield
    finally:
        stop.set()
        raising.join()
        _schedule(pids, os.SCHED_OTHER, 0)


def _schedule(pids: set[int], policy: int, priority: int) -> None:
    for pid in pids:
        with suppress(OSError):
            os.sched_setscheduler(pid, policy, os.sched_param(priority))


def main() -> int:
    """Measure, print, and say by the exit code whether the promises are kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 lookups of a kind, not 600")
    parser.add_argument(
        "--realtime", action="store_true", help="come before all other work (busy machine, root)"
    )
    arguments = parser.parse_args()
    numbers = sample_numbers(100 if arguments.quick else 600)
    if not numbers:
        sys.stdout.write("There are no customers: run manage.py seed_crm first.\n")
        return 0
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from crm_customer")
        customers = cursor.fetchone()[0]
    with realtime() if arguments.realtime else nullcontext():
        found, late = asyncio.run(measure(numbers))
    rows = []
    for name, took in found.items():
        limit = LIMIT_UNCACHED_MS if name.endswith("uncached") else LIMIT_CACHED_MS
        rows.append(Figure(f"{name}, p50", percentile(took, 0.5), "ms"))
        rows.append(Figure(f"{name}, p95", percentile(took, 0.95), "ms"))
        rows.append(Figure(f"{name}, p99", percentile(took, 0.99), "ms", limit))
    rows.append(Figure("a frame's lateness meanwhile, p99", percentile(late, 0.99), "ms"))
    title = f"Lookup by number, {customers:,} customers, {CALLS} calls streaming"
    kept = table(title, rows, "lookup_at_scale" if customers > AT_SCALE else "lookup")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
