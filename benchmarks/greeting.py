"""The first words of a call: socket open -> first audio of the greeting, through the server.

    python -m benchmarks.greeting [--quick]

A stranger's greeting is made of clips only. A known caller's begins with a clause that holds
their first name. The first time a name is greeted, its clip is made between the webhook and the
stream, which Twilio opens some time after it has its answer (`OPENS_AFTER_S`); from then on it is
at hand, and the stream may come at once. Were it to come at once the first time, the caller would
hear the clause as it is made: the voice's first audio, 150 ms as published, is then in the figure.
"""

import asyncio
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from benchmarks import live
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table
from simulators.twilio import SimulatedCall, StreamFaults
from simulators.waiting import until

LIMIT_MS = 50.0
FIRST_AUDIO_S = 0.15
OPENS_AFTER_S = 0.3
"""From our answer to Twilio's webhook until its media stream is open: some hundred ms."""
CLIPS = 20
"""Sentences that are ready, at least, before the first call is timed."""
NEW_NAMES, HURRIED, ONE_NAME = 1000, 2000, 3000
"""From these numbers on callers are customers: each with a name of their own, twice, and all of one."""
_SYLLABLES = ("ba", "ne", "li", "mo", "ru", "sa", "te")


def number(n: int) -> str:
    """Caller `n`'s number."""
    return f"+1202555{n:04d}"


def name(n: int) -> str:
    """A first name that no other caller has."""
    return "".join(_SYLLABLES[n // 7**place % 7] for place in range(3)).capitalize()


def add_customers(calls: int) -> None:
    """Twice so many with a name of their own, and one more than that of one name."""
    from crm import records  # reads the settings, which `deployed` must come before

    named = [(NEW_NAMES + n, name(n)) for n in range(calls)]
    named += [(HURRIED + n, name(calls + n)) for n in range(calls)]
    named += [(ONE_NAME + n, "Robert") for n in range(calls + 1)]
    for n, first_name in named:
        records.create_customer(
            first_name=first_name, last_name="Miller", phone=number(n), origin="staff",
            now=datetime.now(UTC),
        )  # fmt: skip


async def ring(world: live.World, n: int, *, opens_after_s: float = 0.0) -> float:
    """One call: ms from the open socket to its first audio."""
    faults = StreamFaults(connect_delay_s=opens_after_s)
    call = SimulatedCall(world.base_url, from_=number(n), auth_token=live.TOKEN, faults=faults)
    async with call:
        if not await call.dial(timeout_s=30):
            raise RuntimeError(f"call {n} was not answered")
        stream = call.line
        await stream.wait_for(lambda: any(m.kind == "media" for m in stream.received), 10.0)
        first = next(m.wall_s for m in stream.received if m.kind == "media")
        return 1000 * (first - stream.opened_s)


async def measure(where: Mapping[str, str], calls: int) -> dict[str, list[float]]:
    """Greetings of strangers, one after the other and twenty at once, and of customers; ms."""
    async with live.running(live.our_server, where=where, first_audio_s=FIRST_AUDIO_S) as world:
        await until(lambda: sum(len(each.texts) for each in world.deepgram.spoken) >= CLIPS, 60)
        await asyncio.sleep(2.0)
        await ring(world, 9999)
        alone = [await ring(world, n) for n in range(calls)]
        together = await asyncio.gather(*(ring(world, 100 + n) for n in range(20)))
        new = [await ring(world, NEW_NAMES + n, opens_after_s=OPENS_AFTER_S) for n in range(calls)]
        hurried = [await ring(world, HURRIED + n) for n in range(calls)]
        await ring(world, ONE_NAME + calls, opens_after_s=OPENS_AFTER_S)
        again = [await ring(world, ONE_NAME + n) for n in range(calls)]
    return {
        "alone": alone, "together": together, "new": new, "again": again, "hurried": hurried,
    }  # fmt: skip


def main() -> int:
    """Measure and print."""
    calls = 10 if "--quick" in sys.argv else 40
    with deployed("greeting") as where:
        add_customers(calls)
        found = asyncio.run(measure(where, calls))
    after = f"{1000 * OPENS_AFTER_S:.0f} ms after the webhook"
    asked = {
        "alone": ("socket open to first audio", LIMIT_MS),
        "together": ("twenty at once", None),
        "new": (f"a first name never greeted before, stream {after}", LIMIT_MS),
        "again": ("a first name greeted before, stream at once", LIMIT_MS),
        "hurried": ("a first name never greeted before, stream at once", None),
    }
    rows = [
        Figure(
            f"{words}, p{share}",
            percentile(found[key], share / 100),
            "ms",
            limit if share > 50 else None,
        )
        for key, (words, limit) in asked.items()
        for share in (50, 95)
    ]
    return 0 if table("Greeting from a clip", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
