"""Audio is never held up: one call waits for the database, the others' frames do not.

    python -m benchmarks.audio_held_up [--quick]

One call talks; while it does, a table it must write to is locked for 300 ms again and again,
so its records wait that long. The other calls are restless lines; each frame is timed from the moment it
leaves the telephone to the moment it reaches the recogniser. The same calls without any lock
are the measure: their longest against the longest of these.
"""

import asyncio
import random
import statistics
import sys
from collections.abc import Mapping
from functools import partial

import psycopg

from benchmarks import live
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table
from simulators.waiting import until
from voice.audio import SILENT_FRAME

HELD_S = 0.3
LIMIT_MS = 10.0


async def _hold_up(address: str, until: asyncio.Event) -> int:
    """Lock the table of utterances for 300 ms, over and over; how often."""
    times = 0
    async with await psycopg.AsyncConnection.connect(address) as connection:
        while not until.is_set():
            await connection.execute("lock table calls_utterance in access exclusive mode")
            await asyncio.sleep(HELD_S)
            await connection.rollback()
            await asyncio.sleep(HELD_S / 2)
            times += 1
    return times


def restless(seconds: float) -> bytes:
    """A line on which something is heard again and again, but nobody speaks: no frame is gathered."""
    noise = random.Random(1).randbytes(800 * 8)
    second = noise + SILENT_FRAME * 10
    return second * int(seconds)


async def _stream(world: live.World, n: int, seconds: float, found: list[float]) -> None:
    """One call that only makes noise: how long its frames were on their way."""
    async with live.answered(world, n) as call:
        ear = world.deepgram.heard[n]
        left: list[float] = []
        first, call.line.frames_at = call.line.frames_sent, left
        await call.say_frames(restless(seconds))
        call.line.frames_at = None
        await asyncio.sleep(0.2)
        came = ear.frames_at[first : first + len(left)]
        found += [1000 * (at - since) for since, at in zip(left, came, strict=True)]


def _is_heard(world: live.World, n: int, call: "asyncio.Task[None]") -> bool:
    """Whether the recogniser of call number `n` listens, or never will."""
    return len(world.deepgram.heard) > n or call.done()


async def measure(
    where: Mapping[str, str], calls: int, seconds: float, *, locked: bool
) -> tuple[list[float], int, int]:
    """The others' delays in ms, how often the table was locked, and how many calls broke."""
    found: list[float] = []
    over = asyncio.Event()
    async with live.running(live.our_server, where=where, keep_audio=True) as world:
        others = []
        for n in range(calls):  # one after the other, so that ears are known by their order
            others.append(asyncio.create_task(_stream(world, n, seconds, found)))
            await until(partial(_is_heard, world, n, others[n]))
        holding = asyncio.create_task(_hold_up(where["DATABASE_URL"], over)) if locked else None
        broken = await live.all_at_once(1, lambda _: live.converse(world, 99, 3))
        results = await asyncio.gather(*others, return_exceptions=True)
        over.set()
        times = await holding if holding else 0
    return found, times, broken + sum(isinstance(each, BaseException) for each in results)


def main() -> int:
    """Measure and print."""
    calls, seconds = (5, 8.0) if "--quick" in sys.argv else (20, 20.0)
    with deployed("held_up") as where:
        free, _, broken_free = asyncio.run(measure(where, calls, seconds, locked=False))
        held, times, broken = asyncio.run(measure(where, calls, seconds, locked=True))
    usual = statistics.median(free)
    rows = [
        Figure("calls whose frames were timed", calls, "calls"),
        Figure("queries of 300 ms in another call", times, "queries"),
        Figure("a frame's way without them, p50", usual, "ms"),
        Figure("a frame's way without them, longest", max(free), "ms"),
        Figure("a frame's way with them, p50", statistics.median(held), "ms"),
        Figure("a frame's way with them, p99", percentile(held, 0.99), "ms"),
        Figure("a frame's way with them, longest", max(held), "ms", max(free) + LIMIT_MS),
        Figure("calls broken", broken + broken_free, "calls", 0),
    ]
    return 0 if table("Audio is never held up", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
