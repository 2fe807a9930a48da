"""Barge-in through a real socket: from the first evidence to `clear`, and what was heard.

    python -m benchmarks.barge_in [--quick]

The agent gives a long answer; the caller talks over it. Evidence is the first interim whose
words are no nod, as it leaves the recogniser; the other end is the `clear` that arrives at
the phone. Half the overlaps are nods ("mm-hm"), which must leave no gap. Model and voice
take their time, so that an answer is still being thought and spoken when it is cut off: both
must be told to stop. Afterwards the database tells whether the history holds what was heard
and no more.
"""

import asyncio
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import psycopg

from benchmarks import live
from benchmarks.deployment import deployed
from benchmarks.perceived import speech
from benchmarks.report import Figure, percentile, table
from simulators.twilio import SimulatedCall

FIRST = "The first thing I would like to tell you is how our service works from beginning to end."
ANSWER = f"{FIRST} The second thing is when you would like to come in to see us about it."
SENTENCE_MS = 6000
TOKEN_S = 0.2
"""A word of the model: the answer is still being thought when the caller talks over it."""
VOICE_PACE = 1.3
"""Hardly faster than life: the sentence is still being spoken then, too."""
OVER = "no wait I have another question"
NOD = "mm-hm"
LIMIT_MS = 5.0
LIMIT_INTERIM_MS = 10.0


@dataclass
class Found:
    """What was measured, in ms unless it is a count."""

    clears: list[float] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)
    stale_ms: list[float] = field(default_factory=list)
    heard_ms: dict[str, list[int]] = field(default_factory=dict)
    """By call: how much of each answer had been heard when it was cut."""
    nod_gaps: list[float] = field(default_factory=list)
    thought_on: int = 0
    """Replies that the model was still making when it was told to stop."""
    left_open: int = 0
    heard_wrong: int = 0
    broken: int = 0


class TimedEar(live.Ear):
    """Also knows when it first said a word of each phrase."""

    def __init__(self) -> None:
        super().__init__(lag_ms=0)
        self.first_word_at: dict[str, float] = {}

    def _so_far(self, text: str, length_ms: int, heard_ms: int) -> str:
        words = super()._so_far(text, length_ms, heard_ms)
        if words:
            self.first_word_at.setdefault(text, time.perf_counter())
        return words


def long_answer(messages: list[dict[str, object]], tools: list[dict[str, object]]) -> str:
    """A model that goes on and on."""
    return ANSWER


def _long_sound(text: str) -> bytes:
    return live.sound_of(text, SENTENCE_MS)


async def interrupt(world: live.World, n: int, turns: int, found: Found) -> None:
    """One call: answers talked over with words, and with nods."""
    ear = world.ear
    assert isinstance(ear, TimedEar)
    async with live.answered(world, n) as call:
        had = call.heard_ms
        question = f"Call {n} is ready."
        await call.say_frames(ear.learn(question, speech(question)))
        for turn in range(turns):
            if not await call.wait_for_heard_ms(had + 1000, 20.0):
                raise RuntimeError(f"call {n} had no answer in turn {turn}")
            await _nod(world, call, found)
            await _talk_over(call, ear, f"{OVER} number {n} {turn}", found, had)
            had = call.heard_ms


async def _nod(world: live.World, call: SimulatedCall, found: Found) -> None:
    """Nod over the answer: it must go on as if nothing had been said."""
    stretches = len(call.line.heard)
    await call.say_frames(world.ear.learn(f"{NOD}", speech(NOD)))
    await asyncio.sleep(0.8)
    later = call.line.heard[stretches - 1 :]
    gaps = [after.at_ms - before.end_ms for before, after in pairwise(later)]
    found.nod_gaps.append(float(max(gaps, default=0)))


async def _talk_over(
    call: SimulatedCall, ear: TimedEar, text: str, found: Found, had_ms: int
) -> None:
    stream, loop = call.line, asyncio.get_running_loop()
    offset = time.perf_counter() - loop.time()
    had, began = len(stream.received), time.perf_counter()
    call.say_soon(ear.learn(text, speech(text)))
    await stream.wait_for(lambda: any(m.kind == "clear" for m in stream.received[had:]), 5.0)
    found.heard_ms.setdefault(call.sid, []).append(call.heard_ms - had_ms)
    at = next((i for i, m in enumerate(stream.received) if i >= had and m.kind == "clear"), None)
    if at is None:
        found.broken += 1
        return
    cleared = stream.received[at].wall_s + offset
    found.clears.append(1000 * (cleared - ear.first_word_at[text]))
    found.onsets.append(1000 * (cleared - began))
    await asyncio.sleep(0.15)
    soon = [m for m in stream.received[at + 1 :] if m.wall_s + offset < cleared + 0.15]
    found.stale_ms.append(sum(m.size for m in soon if m.kind == "media") / 8)


def count_wrong(address: str, heard_ms: Mapping[str, list[int]]) -> int:
    """Cut turns whose stored words are not, to a word, those that had been heard."""
    wrong = 0
    with psycopg.connect(address) as connection:
        for sid, lengths in heard_ms.items():
            rows = connection.execute(
                "select heard_text from calls_utterance u join calls_call c on c.id = u.call_id"
                " where c.sid = %s and role = 'agent' and interrupted order by n",
                [sid],
            ).fetchall()
            wrong += abs(len(rows) - len(lengths))
            for (stored,), ms in zip(rows, lengths, strict=False):
                wrong += abs(len(stored.split()) - _words_in(ms)) > 1
    return wrong


def _words_in(ms: int) -> int:
    """How many words of the answer are over after this much of it."""
    return len(FIRST[: int(len(FIRST) * ms / SENTENCE_MS)].split(" ")) - 1


async def measure(where: Mapping[str, str], calls: int, turns: int) -> Found:
    """All overlaps of some calls at once."""
    found = Found()
    async with live.running(
        live.our_server,
        where=where,
        policy=long_answer,
        ear=TimedEar(),
        voice=_long_sound,
        token_s=TOKEN_S,
        voice_pace=VOICE_PACE,
    ) as world:
        found.broken += await live.all_at_once(calls, lambda n: interrupt(world, n, turns, found))
        await asyncio.sleep(1.0)
        found.thought_on = world.openai.cancelled
        found.left_open = world.openai.streams_open
    found.heard_wrong = await asyncio.to_thread(count_wrong, where["DATABASE_URL"], found.heard_ms)
    return found


def main() -> int:
    """Measure and print."""
    calls, turns = (2, 4) if "--quick" in sys.argv else (5, 12)
    with deployed("barge_in") as where:
        found = asyncio.run(measure(where, calls, turns))
    rows = [
        Figure("overlaps with words", len(found.clears), "overlaps"),
        Figure("first evidence to clear, p50", percentile(found.clears, 0.5), "ms"),
        Figure("first evidence to clear, p95", percentile(found.clears, 0.95), "ms", LIMIT_MS),
        Figure("caller's true onset to clear, p50", percentile(found.onsets, 0.5), "ms"),
        Figure("caller's true onset to clear, p95", percentile(found.onsets, 0.95), "ms"),
        Figure("stale audio after clear, longest", max(found.stale_ms), "ms", 0),
        Figure(f"gap left by a nod ({len(found.nod_gaps)}), longest", max(found.nod_gaps), "ms", 0),
        Figure(
            "answers cut while the model made them",
            found.thought_on,
            "answers",
            len(found.clears),
            lower_is_better=False,
        ),
        Figure("model streams left open", found.left_open, "streams", 0),
        Figure("cut turns whose stored words are not those heard", found.heard_wrong, "turns", 0),
        Figure("overlaps without clear, or calls broken", found.broken, "", 0),
    ]
    return 0 if table("Barge-in through a socket", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
