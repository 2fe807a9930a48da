"""The answer as a caller perceives it: end of speech to first audio, through our server.

    python -m benchmarks.perceived [--quick]

Providers take as long as they publish: endpointing 300 ms, the model's first token 350 ms,
the voice's first audio 150 ms; together 800 ms, when simply added up. Everything else of
theirs is instant: an interim has a word once half of it was spoken. Callers speak with the
built-in voice, so that our own voice activity has something to hear. Without speculation,
with it, with it where interims come 200 ms late, and what was thrown away.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from functools import lru_cache

from benchmarks import live
from benchmarks.deployment import deployed
from benchmarks.report import Figure, percentile, table
from simulators.deepgram.sound import is_loud
from voice.audio import split_frames
from voice.providers.local.mouth import synthesise

FIRST_TOKEN_S, FIRST_AUDIO_S = 0.35, 0.15
LIMITS_MS: dict[str, tuple[float | None, float | None]] = {
    "without speculation": (830.0, 900.0),
    "with speculation": (600.0, 750.0),
    "with speculation, words 200 ms late": (None, 750.0),
}


@lru_cache(maxsize=4096)
def speech(text: str) -> bytes:
    """A phrase spoken, from its first sound to its last: mu-law 8000 Hz, whole frames."""
    frames = [*split_frames(synthesise(text, 1.0), pad=True)]
    sounding = [n for n, frame in enumerate(frames) if is_loud(frame)]
    return b"".join(frames[sounding[0] : sounding[-1] + 1])


async def measure(
    where: Mapping[str, str], turns: int, lag_ms: int
) -> tuple[list[float], list[int], int]:
    """Times in ms; requests made and words thrown away, in all; calls that broke."""
    async with live.running(
        live.our_server,
        where=where,
        ear=live.Ear(lag_ms),
        interim_every_ms=100,
        first_token_s=FIRST_TOKEN_S,
        first_audio_s=FIRST_AUDIO_S,
    ) as world:
        broken = await live.all_at_once(
            2, lambda n: live.converse(world, n, turns, stagger_s=n * 0.7, voice=speech)
        )
        found = [turn.perceived_ms for turn in world.turns]
        return found, [len(world.openai.requests), world.openai.cancelled], broken


def figures(how: str, turns: list[float], asked: list[int], broken: int) -> list[Figure]:
    """The rows of one way."""
    p50, p95 = LIMITS_MS[how]
    name = f"end of speech to first audio, {how}"
    thrown = (asked[0] - len(turns)) / len(turns)
    return [
        Figure(f"{name}, p50", percentile(turns, 0.5), "ms", p50),
        Figure(f"{name}, p95", percentile(turns, 0.95), "ms", p95),
        Figure(f"replies thrown away a turn, {how}", thrown, "replies"),
        Figure(f"calls broken, {how}", broken, "calls", 0),
    ]


def main() -> int:
    """Measure and print."""
    turns = 8 if "--quick" in sys.argv else 15
    rows: list[Figure] = []
    with deployed("perceived") as where:
        for how in LIMITS_MS:
            variables = {**where, "SPECULATE": "no" if how.startswith("without") else "yes"}
            lag_ms = live.LAG_MS if how.endswith("late") else 0
            rows += figures(how, *asyncio.run(measure(variables, turns, lag_ms)))
    return 0 if table("Perceived answer, with the delays that providers publish", rows) else 1


if __name__ == "__main__":
    os.environ.setdefault("LOG_LEVEL", "warning")
    sys.exit(main())
