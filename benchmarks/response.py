"""Response overhead: what our own code adds between the caller's last word and the answer.

    python -m benchmarks.response [--quick]

Final transcript sent -> first audio received, with an instant recogniser, model and
voice, beside the thinnest server that can do the same. No interim is whole, so nothing is
guessed ahead. The server has a core to itself, all else shares the others. The first exchange of a call is not counted: the thin server connects in it.
"""

import asyncio
import sys
from collections.abc import Mapping
from functools import partial

from benchmarks import live
from benchmarks.apart import apart
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table

OURS = "this product"
SERVERS: dict[str, live.ServerCommand] = {
    "thin server": live.thin_server,
    OURS: live.our_server,
}
CALLS = (1, 50, 100)
CALLS_ALONE = 3
LONGEST = 16
"""Turns of a call; with more, the thin server runs out of the voice's twenty flushes a minute."""
LIMIT_P95_MS = {1: 7.0, 50: 60.0, 100: 20.0}


async def measure(
    command: live.ServerCommand, where: Mapping[str, str], calls: int, turns: int
) -> tuple[list[float], int]:
    """Overheads in ms, and how many calls broke; a call alone is made again and again."""
    broken = 0
    async with live.running(command, where=where, alone=True) as world:
        for first in range(0, CALLS_ALONE if calls == 1 else calls, calls):
            everybody = asyncio.Barrier(calls)  # ringing is other work, and not what is timed here
            talk = partial(_talk, world, turns, first, everybody, 0.5 if calls == 1 else 5.0)
            broken += await live.all_at_once(calls, talk)
        timed = [turn for turn in world.turns if " turn 0 " not in turn.text]
        return [turn.overhead_ms for turn in timed], broken


async def _talk(
    world: live.World, turns: int, first: int, everybody: asyncio.Barrier, pause_s: float, n: int
) -> None:
    """Call number `n` of those that begin with `first`."""
    await live.converse(
        world, first + n, turns, stagger_s=n * 0.1, pause_s=pause_s, everybody=everybody
    )


def one_server(
    name: str, where: Mapping[str, str], calls: int, turns: int
) -> tuple[list[float], int]:
    """One server at one load, begun and ended: see `measure`."""
    return asyncio.run(measure(SERVERS[name], where, calls, turns))


def figures(name: str, calls: int, found: list[float], broken: int) -> list[Figure]:
    """The rows of one server at one load."""
    limit = LIMIT_P95_MS.get(calls) if name == OURS else None
    return [
        Figure(f"{name}, {calls} calls, p50", percentile(found, 0.5), "ms"),
        Figure(f"{name}, {calls} calls, p95", percentile(found, 0.95), "ms", limit),
        Figure(f"{name}, {calls} calls, broken", broken, "calls", 0),
    ]


def main() -> int:
    """Measure and print."""
    quick = "--quick" in sys.argv
    rows: list[Figure] = []
    with deployed("response") as where:
        for calls in (1, 10) if quick else CALLS:
            turns = (6 if quick else LONGEST) if calls == 1 else 3
            for name in SERVERS:
                found, broken = apart(one_server, name, where, calls, turns)
                rows += figures(name, calls, found, broken)
    return 0 if table("Response overhead: final transcript to first audio", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
