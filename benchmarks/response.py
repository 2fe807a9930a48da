"""Response overhead: what our own code adds between the caller's last word and the answer.

    python -m benchmarks.response [--quick]

Final transcript sent -> first audio received, with an instant recogniser, model and
voice, beside the thinnest server that can do the same. Twice: as the product is shipped, with a
recogniser whose interims have each word as it is spoken, so that the reply is begun before the
turn is over; and with one whose words come 200 ms late, so that no interim is whole and nothing
can be begun ahead. Beyond one call, each caller speaks every five to six and a half seconds; in our
rehearsals it is every 7.4 s. The server has a core to itself, all else shares the others. The first exchange
of a call is not counted: the thin server connects in it.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from benchmarks import live
from benchmarks.apart import apart
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table


@dataclass(frozen=True, slots=True)
class Way:
    """A server, and when it is told the words. `limits` of p95 in ms, by the number of calls."""

    command: live.ServerCommand
    lag_ms: int
    interim_every_ms: int
    limits: Mapping[int, float]


AT_ONCE = {"lag_ms": 0, "interim_every_ms": 60}
LATE = {"lag_ms": live.LAG_MS, "interim_every_ms": live.INTERIM_EVERY_MS}
WAYS: dict[str, Way] = {
    "thin server": Way(live.thin_server, **AT_ONCE, limits={}),
    "this product": Way(live.our_server, **AT_ONCE, limits={1: 7.0, 100: 20.0}),
    "this product, words late": Way(live.our_server, **LATE, limits={1: 20.0, 50: 60.0}),
}
CALLS = (1, 50, 100)
CALLS_ALONE = 3
LONGEST = 10
"""Turns of a call alone; with 20, the thin server runs out of the voice's flushes of a minute."""
TURNS_TOGETHER = 5
PAUSES_ALONE_S = (0.0, 0.5)
PAUSES_TOGETHER_S = (3.0, 4.8)
"""From the end of an answer to the next words."""
TURN_S = 5.6
"""With 1.7 s for question and answer."""
STAGGER_S, SETTLED_S = 0.12, 3.0


async def measure(
    way: Way, where: Mapping[str, str], calls: int, turns: int
) -> tuple[list[float], int]:
    """Overheads in ms, and how many calls broke; a call alone is made again and again."""
    broken = 0
    async with live.running(
        way.command,
        where=where,
        ear=live.Ear(way.lag_ms),
        interim_every_ms=way.interim_every_ms,
        alone=True,
    ) as world:
        for first in range(0, CALLS_ALONE if calls == 1 else calls, calls):
            everybody_is_in = time.perf_counter() + calls * STAGGER_S + SETTLED_S
            talk = partial(_talk, world, calls, turns, first)
            broken += await live.all_at_once(calls, talk)
        timed = [turn for turn in world.turns if " turn 0 " not in turn.text]
        if calls > 1:  # ringing is other work, and not what is timed here
            timed = [turn for turn in timed if turn.spoken_at > everybody_is_in]
        return [turn.overhead_ms for turn in timed], broken


async def _talk(world: live.World, calls: int, turns: int, first: int, n: int) -> None:
    """Call number `n` of those that begin with `first`; the sooner it begins, the longer it talks."""
    alone = calls == 1
    longer = 0 if alone else round((calls - n) * STAGGER_S / TURN_S)
    pauses_s = PAUSES_ALONE_S if alone else PAUSES_TOGETHER_S
    await live.converse(
        world, first + n, turns + longer, stagger_s=n * STAGGER_S, pauses_s=pauses_s
    )


def one_way(name: str, where: Mapping[str, str], calls: int, turns: int) -> tuple[list[float], int]:
    """One server at one load, begun and ended: see `measure`."""
    return asyncio.run(measure(WAYS[name], where, calls, turns))


def figures(name: str, calls: int, found: list[float], broken: int) -> list[Figure]:
    """The rows of one server at one load."""
    limit = WAYS[name].limits.get(calls)
    load = f"{calls} call{'s' if calls > 1 else ''}"
    return [
        Figure(f"{name}, {load}, p50", percentile(found, 0.5), "ms"),
        Figure(f"{name}, {load}, p95", percentile(found, 0.95), "ms", limit),
        Figure(f"{name}, {load}, broken", broken, "calls", 0),
    ]


def main() -> int:
    """Measure and print."""
    quick = "--quick" in sys.argv
    rows: list[Figure] = []
    with deployed("response") as where:
        for calls in (1, 10) if quick else CALLS:
            turns = 6 if quick else LONGEST if calls == 1 else TURNS_TOGETHER
            for name in WAYS:
                found, broken = apart(one_way, name, where, calls, turns)
                rows += figures(name, calls, found, broken)
    return 0 if table("Response overhead: final transcript to first audio", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
