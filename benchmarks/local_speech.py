"""The built-in ear and voice: how well they hear, how fast they are, how many at once.

    python -m benchmarks.local_speech [--quick]

Callers are flite's voices (synthetic, none of them the agent's) and, where
`asterisk-core-sounds-en-wav` is installed, a human reader's digits. No recording of
spontaneous caller speech comes in a package, so the error rate of true callers is not
measured. Wall times are those of a machine that does other things as well.
"""

import argparse
import asyncio
import random
import re
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmarks.report import Figure, percentile, table
from voice.core import events
from voice.core.history import Expectation
from voice.providers.base import HearingEvent
from voice.providers.local import LocalSpeechToText, warm
from voice.providers.local.lexicon import put_right
from voice.providers.local.moonshine import recogniser
from voice.providers.local.mouth import synthesiser
from voice.providers.local.silero import WINDOW, WINDOW_MS, VoiceActivity
from voice.providers.local.sound import down_to_8k, to_floats, to_mulaw, up_to_16k
from voice.rehearsal import people

SENTENCES = (
    "I need an oil change.",
    "My brakes are making a squeaking noise.",
    "Can I bring my car in on Thursday morning?",
    "The check engine light came on yesterday.",
    "I would like to move my appointment to next week.",
    "Do you have anything in the afternoon?",
    "How much is a tire rotation?",
    "I have a twenty nineteen Honda Civic.",
    "My name is Robert Miller.",
    "Please cancel my appointment on Friday.",
    "Can I get a loaner car while you work on it?",
    "No thank you, that is all for today.",
    "Yes, that works for me.",
    "I want to talk to a person, please.",
    "The battery is dead and the car will not start.",
)
NUMBERS = {str(n): word for n, word in enumerate(
    "zero one two three four five six seven eight nine ten eleven twelve".split()
)}  # fmt: skip
DIGITS = {word: digit for digit, word in NUMBERS.items() if len(digit) == 1} | {"oh": "0"}
SILENCE = b"\xff" * 160


@dataclass(slots=True)
class Errors:
    """Word errors over word count."""

    wrong: int = 0
    words: int = 0

    def add(self, said: str, heard: str) -> None:
        """One sentence."""
        expected, got = _words(said), _words(heard)
        self.wrong += _distance(expected, got)
        self.words += len(expected)

    @property
    def percent(self) -> float:
        """The word error rate."""
        return 100 * self.wrong / max(1, self.words)


def _words(text: str) -> list[str]:
    plain = text.lower().replace("2019", "twenty nineteen").replace("'", "")
    return [NUMBERS.get(word, word) for word in re.findall(r"[a-z]+|\d+", plain)]


def _distance(some: list[str], others: list[str]) -> int:
    row = list(range(len(others) + 1))
    for i, one in enumerate(some, start=1):
        previous, row[0] = row[0], i
        for j, other in enumerate(others, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (one != other))
    return row[-1]


def _noisy(audio: bytes, decibels: float) -> bytes:
    """The recording with noise so much softer than its speech."""
    samples = to_floats(audio)
    power = float(np.sqrt(np.mean(samples**2)))
    noise = np.random.default_rng(1).normal(0, power / 10 ** (decibels / 20), len(samples))
    return to_mulaw((samples + noise).astype(np.float32))


def _recognise(audio: bytes, expects: Expectation = Expectation.OPEN) -> str:
    padded = SILENCE * 5 + audio + SILENCE * 12
    return put_right(recogniser().transcribe(up_to_16k(to_floats(padded))).text, expects)


def measure_errors(sentences: Iterable[str]) -> list[Figure]:
    """Word error rates of each voice, and in noise."""
    rows, sentences = [], tuple(sentences)
    for voice in people.VOICES:
        errors = Errors()
        for text in sentences:
            errors.add(text, _recognise(people.say(text, voice=voice)))
        rows.append(Figure(f"word errors, flite {voice}", errors.percent, "%"))
    for decibels in (15, 8):
        errors = Errors()
        for text in sentences:
            errors.add(text, _recognise(_noisy(_natural(text), decibels)))
        name = f"word errors, natural voice, noise {decibels} dB below"
        rows.append(Figure(name, errors.percent, "%"))
    return rows


def _natural(text: str) -> bytes:
    """A natural voice at another pace than the agent's: flite's drown in any noise."""
    return to_mulaw(down_to_8k(synthesiser()(text, speed=1.15, seed=1)))


def measure_numbers(count: int) -> list[Figure]:
    """Phone numbers read by a person, every digit right."""
    if people.ALLISON is None:
        return []
    rng, right = random.Random(7), 0
    for _ in range(count):
        number = "".join(str(rng.randrange(10)) for _ in range(10))
        heard = _recognise(people.read_digits(number), Expectation.PHONE)
        pieces = re.findall(r"\d|[a-z]+", heard.lower())
        said = "".join(DIGITS.get(piece, piece if piece.isdigit() else "") for piece in pieces)
        right += said == number
    share = 100 * right / count
    return [
        Figure(f"human phone numbers heard whole ({count})", share, "%", 90, lower_is_better=False)
    ]


def measure_times(sentences: Iterable[str]) -> list[Figure]:
    """One after the other, nothing else of ours running."""
    wall_ms, cpu_ms, heard_s = [], [], 0.0
    for text in sentences:
        audio = people.say(text, voice="slt")
        began, cpu = time.perf_counter(), time.thread_time()
        _recognise(audio)
        wall_ms.append(1000 * (time.perf_counter() - began))
        cpu_ms.append(1000 * (time.thread_time() - cpu))
        heard_s += len(audio) / 8000
    return [
        Figure("final transcript, wall, p50", percentile(wall_ms, 0.5), "ms"),
        Figure("final transcript, CPU, p50", percentile(cpu_ms, 0.5), "ms"),
        Figure("final transcript, CPU, p95", percentile(cpu_ms, 0.95), "ms", 500),
        Figure("recognising, CPU s per s of speech", sum(cpu_ms) / 1000 / heard_s, "", 0.2),
        _vad_cost(),
        *_voice_cost(),
    ]


def _vad_cost() -> Figure:
    detector, window = VoiceActivity(), np.zeros(WINDOW, np.float32)
    began = time.thread_time()
    for _ in range(1000):
        detector(window)
    per_frame = (time.thread_time() - began) / 1000 * 20 / WINDOW_MS
    return Figure("voice activity, CPU per 20 ms frame", per_frame * 1e6, "us", 200)


def _voice_cost() -> list[Figure]:
    wall_ms, cpu_ms, made_s = [], [], 0.0
    for text in SENTENCES:
        began, cpu = time.perf_counter(), time.thread_time()
        audio = to_mulaw(down_to_8k(synthesiser()(text, speed=1.0, seed=3)))
        wall_ms.append(1000 * (time.perf_counter() - began))
        cpu_ms.append(1000 * (time.thread_time() - cpu))
        made_s += len(audio) / 8000
    return [
        Figure("a sentence in the agent's voice, wall, p50", percentile(wall_ms, 0.5), "ms", 300),
        Figure("a sentence in the agent's voice, CPU, p95", percentile(cpu_ms, 0.95), "ms", 300),
        Figure("speaking, CPU s per s of speech", sum(cpu_ms) / 1000 / made_s, "", 0.1),
    ]


async def _ring_up(text: str) -> tuple[str, float]:
    """One caller in real time; what was heard, and ms from the last sound to the final."""
    ear = LocalSpeechToText()
    told: asyncio.Queue[HearingEvent] = asyncio.Queue()
    ear.tell(told.put_nowait)
    await ear.connect()
    audio = people.say(text, voice="slt")
    spoken_until = 0.0
    loop = asyncio.get_running_loop()

    async def play() -> None:
        nonlocal spoken_until
        began = loop.time()
        for n, at in enumerate(range(0, len(audio) + 16000, 160)):
            await asyncio.sleep(max(0.0, began + n * 0.02 - loop.time()))
            ear.send(audio[at : at + 160].ljust(160, b"\xff"))
            spoken_until = loop.time() if at < len(audio) else spoken_until

    playing = asyncio.create_task(play())
    words: list[str] = []
    final_at = 0.0
    async with asyncio.timeout(30):
        while True:
            event = await told.get()
            if isinstance(event, events.TranscriptHeard) and event.final:
                words.append(event.text)
                final_at = loop.time()
            if isinstance(event, events.UtteranceEnded) and playing.done():
                break
            if isinstance(event, events.UtteranceEnded) and loop.time() > spoken_until + 0.1:
                break
    playing.cancel()
    await ear.close()
    return " ".join(words), 1000 * (final_at - spoken_until)


async def _at_once(callers: int, sentences: tuple[str, ...]) -> tuple[float, list[float]]:
    errors, waits = Errors(), []
    for start in range(0, len(sentences), callers):
        batch = sentences[start : start + callers]
        for text, (heard, wait) in zip(
            batch, await asyncio.gather(*map(_ring_up, batch)), strict=True
        ):
            errors.add(text, heard)
            waits.append(wait)
    return errors.percent, waits


def measure_together(callers: int, sentences: tuple[str, ...]) -> list[Figure]:
    """So many callers in real time, with interims."""
    began, cpu = time.perf_counter(), time.process_time()
    percent, waits = asyncio.run(_at_once(callers, sentences))
    cores = (time.process_time() - cpu) / (time.perf_counter() - began)
    name = f"{callers} at once"
    return [
        Figure(f"{name}: processor cores used", cores, "", 2),
        Figure(f"{name}: word errors", percent, "%"),
        Figure(f"{name}: end of speech to final, p50", percentile(waits, 0.5), "ms"),
        Figure(f"{name}: end of speech to final, p95", percentile(waits, 0.95), "ms", 1000),
    ]


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer sentences")
    quick = parser.parse_args().quick
    if people.FLITE is None:
        print("flite is not installed: nobody can ring up")
        return 0
    warm()
    sentences = SENTENCES[:5] if quick else SENTENCES
    rows = [
        *measure_errors(sentences),
        *measure_numbers(5 if quick else 30),
        *measure_times(sentences),
        *measure_together(1, sentences[:3]),
        *measure_together(4, sentences[:4] if quick else sentences[:12]),
    ]
    return 0 if table("Local speech", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
