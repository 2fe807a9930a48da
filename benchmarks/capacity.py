"""How many calls one core carries, what a call costs, and where it stops.

    python -m benchmarks.capacity [--quick] [--calls N]

The server has one core to itself; the database, Redis and the telephones, recognisers, voices
and the model, all simulated in one process of Python, share the others: beyond some 150 calls that process, not the server,
is what is measured, and its own lateness is printed. Calls talk at once, each a phrase of
its own every five or six seconds, which is brisk for a booking. A load is carried when p95 of the
overhead stays under 100 ms and no answer stutters.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks import live
from benchmarks.apart import apart
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table

LOADS = (50, 75, 100)
LIMIT_P95_MS = 100.0
AIM_CALLS = 100
WITHIN_ANSWER_MS = 300
"""A shorter silence between two sounds of the agent is a stutter, not a pause."""


@dataclass(frozen=True, slots=True)
class Load:
    """What was found at so many calls."""

    calls: int
    p50_ms: float
    p95_ms: float
    underruns: int
    broken: int
    cpu_s_per_minute: float
    """Processor seconds of the server for one minute of one call."""
    mb_per_call: float
    core: float
    """Share of the server's core that was used."""
    simulators_late_ms: float

    @property
    def is_carried(self) -> bool:
        """Whether callers would notice nothing."""
        return self.p95_ms < LIMIT_P95_MS and not self.underruns and not self.broken


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Memory that a process holds by itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    private = [line.split()[1] for line in lines if line.startswith("Private_")]
    return sum(map(int, private)) / 1024


async def _lateness(found: list[float]) -> None:
    """How late timers of this process fire, ms."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 0.02
        await asyncio.sleep(0.02)
        found.append(1000 * (loop.time() - due))


async def _talk(world: live.World, n: int, until: float, gaps: list[int]) -> None:
    """One call that talks until the time is up."""
    await asyncio.sleep(n * 0.12)
    async with live.answered(world, n) as call:
        turn = 0
        while time.perf_counter() < until:
            await asyncio.sleep(
                3.0 + (n * 7 + turn * 3) % 10 * 0.2
            )  # before it is asked "still there?"
            world.turns.append(await live.exchange(world, call, n, turn))
            turn += 1
        silences = [after.at_ms - before.end_ms for before, after in pairwise(call.heard)]
        gaps += [each for each in silences if 0 < each < WITHIN_ANSWER_MS]


async def measure(where: Mapping[str, str], calls: int, seconds: float) -> Load:
    """One load."""
    async with live.running(live.our_server, where=where, alone=True) as world:
        await live.converse(world, 9999, 1)  # everything is loaded now
        world.turns.clear()
        empty_mb, late, gaps = memory_mb(world.server_pid), list[float](), list[int]()
        watch = asyncio.create_task(_lateness(late))
        until = time.perf_counter() + calls * 0.12 + seconds
        talking = asyncio.create_task(
            live.all_at_once(calls, lambda n: _talk(world, n, until, gaps))
        )
        await asyncio.sleep(calls * 0.12 + 3)
        world.turns.clear()
        began, cpu = time.perf_counter(), cpu_seconds(world.server_pid)
        await asyncio.sleep(max(1.0, until - began))
        minutes = (time.perf_counter() - began) / 60
        used, full_mb = cpu_seconds(world.server_pid) - cpu, memory_mb(world.server_pid)
        overheads = [turn.overhead_ms for turn in world.turns]
        broken = await talking
        watch.cancel()
    return Load(
        calls=calls,
        p50_ms=percentile(overheads, 0.5),
        p95_ms=percentile(overheads, 0.95),
        underruns=len(gaps),
        broken=broken,
        cpu_s_per_minute=used / minutes / calls,
        mb_per_call=(full_mb - empty_mb) / calls,
        core=used / minutes / 60,
        simulators_late_ms=percentile(late, 0.95),
    )


def one_load(where: Mapping[str, str], calls: int, seconds: float) -> Load:
    """One load, begun and ended."""
    return asyncio.run(measure(where, calls, seconds))


def figures(load: Load) -> list[Figure]:
    """The rows of one load."""
    name = f"{load.calls} calls"
    return [
        Figure(f"{name}: overhead p50", load.p50_ms, "ms"),
        Figure(f"{name}: overhead p95", load.p95_ms, "ms", LIMIT_P95_MS),
        Figure(f"{name}: stutters in answers", load.underruns, "", 0),
        Figure(f"{name}: calls broken", load.broken, "calls", 0),
        Figure(f"{name}: the server's share of its core", 100 * load.core, "%"),
        Figure(f"{name}: CPU of a call-minute", load.cpu_s_per_minute, "s", 1.0),
        Figure(f"{name}: memory of a call", load.mb_per_call, "MB", 1.0),
        Figure(f"{name}: the simulators' own lateness, p95", load.simulators_late_ms, "ms"),
    ]


def main() -> int:
    """Measure and print."""
    quick = "--quick" in sys.argv
    loads = (10,) if quick else LOADS
    if "--calls" in sys.argv:
        loads = (int(sys.argv[sys.argv.index("--calls") + 1]),)
    rows, carried = list[Figure](), 0
    with deployed("capacity") as where:
        for calls in loads:
            load = apart(one_load, where, calls, 10.0 if quick else 20.0)
            rows += figures(load)
            carried = max(carried, calls if load.is_carried else 0)
    aim = None if quick or "--calls" in sys.argv else AIM_CALLS
    rows.insert(0, Figure("calls carried by one core", carried, "calls", aim, False))
    return 0 if table("Capacity of one core", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
