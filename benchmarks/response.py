"""Response overhead: what our own code adds between the caller's last word and the answer.

    python -m benchmarks.response [--quick]

Final transcript sent -> first audio received, with an instant recogniser, model and
voice, beside the thinnest server that can do the same.
"""

import asyncio
import sys

from benchmarks import live
from benchmarks.report import Figure, percentile, table

CALLS = (1, 10, 50, 100)
LIMIT_P95_MS = {1: 7.0, 50: 60.0, 100: 20.0}


async def measure(command: live.ServerCommand, calls: int, turns: int) -> tuple[list[float], int]:
    """Overheads in ms, and how many calls broke."""
    async with live.running(command) as world:
        broken = await live.all_at_once(
            calls, lambda n: live.converse(world, n, turns, stagger_s=n * 0.05)
        )
        return [turn.overhead_ms for turn in world.turns], broken


def main() -> int:
    """Measure and print."""
    quick = "--quick" in sys.argv
    rows: list[Figure] = []
    for calls in (1, 10) if quick else CALLS:
        turns = max(2, (30 if quick else 60) // calls)
        for name, command in (("thin server", live.thin_server), ("this product", live.our_server)):
            found, broken = asyncio.run(measure(command, calls, turns))
            limit = LIMIT_P95_MS.get(calls) if name == "this product" else None
            rows.append(Figure(f"{name}, {calls} calls, p50", percentile(found, 0.5), "ms"))
            rows.append(Figure(f"{name}, {calls} calls, p95", percentile(found, 0.95), "ms", limit))
            rows.append(Figure(f"{name}, {calls} calls, broken", broken, "calls", 0))
    return 0 if table("Response overhead: final transcript to first audio", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
