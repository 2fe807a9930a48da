"""The first words of a call: socket open -> first audio of the greeting, through the server.

    python -m benchmarks.greeting [--quick]

A stranger's greeting is made of clips only. (A known caller's begins with a clause that holds
their first name; the voice makes it, so its first audio, 150 ms as published, comes on top.)
"""

import asyncio
import sys
from collections.abc import Mapping

from benchmarks import live
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table
from simulators.twilio import SimulatedCall
from simulators.waiting import until

LIMIT_MS = 50.0
FIRST_AUDIO_S = 0.15
CLIPS = 20
"""Sentences that are ready, at least, before the first call is timed."""


async def ring(world: live.World, n: int) -> float:
    """One call: ms from the open socket to its first audio."""
    call = SimulatedCall(world.base_url, from_=f"+1202555{n:04d}", auth_token=live.TOKEN)
    async with call:
        if not await call.dial(timeout_s=30):
            raise RuntimeError(f"call {n} was not answered")
        stream = call.line
        await stream.wait_for(lambda: any(m.kind == "media" for m in stream.received), 10.0)
        first = next(m.wall_s for m in stream.received if m.kind == "media")
        return 1000 * (first - stream.opened_s)


async def measure(where: Mapping[str, str], calls: int) -> tuple[list[float], list[float]]:
    """Greetings one after the other, then twenty at once; ms."""
    async with live.running(live.our_server, where=where, first_audio_s=FIRST_AUDIO_S) as world:
        await until(lambda: sum(len(each.texts) for each in world.deepgram.spoken) >= CLIPS, 60)
        await asyncio.sleep(2.0)
        await ring(world, 9999)
        alone = [await ring(world, n) for n in range(calls)]
        together = await asyncio.gather(*(ring(world, 100 + n) for n in range(20)))
        return alone, list(together)


def main() -> int:
    """Measure and print."""
    calls = 10 if "--quick" in sys.argv else 40
    with deployed("greeting") as where:
        alone, together = asyncio.run(measure(where, calls))
    rows = [
        Figure("socket open to first audio, p50", percentile(alone, 0.5), "ms"),
        Figure("socket open to first audio, p95", percentile(alone, 0.95), "ms", LIMIT_MS),
        Figure("twenty at once, p50", percentile(together, 0.5), "ms"),
        Figure("twenty at once, p95", percentile(together, 0.95), "ms"),
    ]
    return 0 if table("Greeting from a clip", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
