"""A caller's ear in this process: Silero tells when somebody speaks, Moonshine what.

Rules: voice activity is followed on the event loop (0.1 ms for 32 ms of audio), words
are recognised in the pool; only one interim of a call is on its way at a time, and none
that a final has overtaken is reported. Nothing can be lost here, so nothing is retried.
"""

import asyncio
import logging
from collections import deque
from functools import partial

from voice.core import events
from voice.core.history import Expectation
from voice.providers.local import days
from voice.providers.local.lexicon import put_right
from voice.providers.local.moonshine import Recognised, recogniser
from voice.providers.local.pool import HEARING
from voice.providers.local.segments import (
    Began,
    Decision,
    Ended,
    Grew,
    Segmenter,
    silence_ms,
)
from voice.providers.local.silero import VoiceActivity, session
from voice.providers.local.sound import Floats, up_to_16k
from voice.providers.teller import Teller

log = logging.getLogger(__name__)

INTERIM_MS = 400
REST = 3
"""An interim is followed by a pause of so many times what it took: busy machines do fewer."""
MOST_WAITING = 500
"""Frames (10 s) that may wait to be looked at; the oldest are dropped beyond."""
SURE_ENOUGH = 0.25
"""Below this the words were made up out of noise."""


class LocalSpeechToText(Teller):
    """One caller's ear."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._wake = asyncio.Event()
        self._finals: asyncio.Queue[tuple[Floats, bool]] = asyncio.Queue()
        self._expects = Expectation.OPEN
        self._finalize_owed = False
        self._generation = 0
        """Which segment this is: an interim of an earlier one is not reported."""
        self._interim_at_ms = INTERIM_MS
        self._interim: asyncio.Task[None] | None = None
        self._interim_said = False
        self._interim_took_ms = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def connect(self) -> None:
        """Load the models, if this process has not yet. Raises ProviderError."""
        await HEARING.run(recogniser)
        await HEARING.run(session)
        detector = VoiceActivity()
        self._segmenter = Segmenter(detector, detector.forget)
        for work in (self._follow(), self._recognise_finals()):
            task = asyncio.create_task(work)
            task.add_done_callback(self._end_by_bug)
            self._tasks.append(task)

    def send(self, audio: bytes) -> None:
        """Take a frame."""
        self._waiting.append(audio)
        self._wake.set()

    def expect(self, expects: Expectation) -> None:
        """What kind of answer comes next: how long a gap may be in it, and how it is read."""
        self._expects = expects

    def finalize(self) -> None:
        """Ask for the final words now."""
        self._finalize_owed = True
        self._wake.set()

    async def close(self) -> None:
        """Close for good. Never raises."""
        tasks = [*self._tasks, *filter(None, [self._interim])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._end()

    # ---- when somebody speaks -------------------------------------------------------
    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                self._segmenter.expects = self._expects
                for decision in self._segmenter.feed(self._waiting.popleft()):
                    self._act(decision)
                await asyncio.sleep(0)  # audio that has piled up must not hold up other calls
            self._finalize()

    def _act(self, decision: Decision) -> None:
        match decision:
            case Began():
                self._hear(events.SpeechStarted())
            case Grew(ms=ms):
                self._maybe_interim(ms)
            case Ended(audio=audio, cut=cut):
                if not cut:
                    behind = silence_ms(self._segmenter.expects) / 1000
                    self._hear(events.SpeechStopped(behind, words_follow=True))
                self._end_segment(audio, ends=not cut)

    def _finalize(self) -> None:
        if self._finalize_owed:
            self._finalize_owed = False
            if (audio := self._segmenter.cut()) is not None:
                self._end_segment(audio, ends=False)

    def _end_segment(self, audio: Floats, *, ends: bool) -> None:
        self._generation += 1
        self._interim_at_ms = INTERIM_MS
        self._finals.put_nowait((audio, ends))

    # ---- what they say --------------------------------------------------------------
    def _maybe_interim(self, ms: int) -> None:
        """Ask for interim words every 400 ms or less often, never while others are awaited."""
        on_its_way = self._interim is not None and not self._interim.done()
        if ms < self._interim_at_ms or on_its_way or HEARING.is_busy:
            return
        self._interim_at_ms = ms + max(INTERIM_MS, self._interim_took_ms * REST)
        words = self._recognise_interim(self._segmenter.audio(), self._generation)
        self._interim = asyncio.create_task(words)
        self._interim.add_done_callback(self._end_by_bug)

    async def _recognise_interim(self, audio: Floats, generation: int) -> None:
        clock = asyncio.get_running_loop().time
        began = clock()
        heard = await HEARING.run(_recognise, audio, self._expects)
        self._interim_took_ms = int(1000 * (clock() - began))
        if generation == self._generation and heard.text:
            self._interim_said = True
            self._hear(events.TranscriptHeard(heard.text, False, heard.confidence))

    async def _recognise_finals(self) -> None:
        while True:
            audio, ends = await self._finals.get()
            heard = await HEARING.run(_recognise, audio, self._expects, final=True)
            if heard.text or self._interim_said:  # an empty final takes back the interim
                self._interim_said = False
                self._hear(events.TranscriptHeard(heard.text, True, heard.confidence))
            if ends:
                self._hear(events.UtteranceEnded("vad"))


def _recognise(audio: Floats, expects: Expectation, *, final: bool = False) -> Recognised:
    """Words of a segment at 8 kHz; none where they were made up out of noise."""
    speech = up_to_16k(audio)
    if final and expects is Expectation.WHEN:
        heard = recogniser().transcribe(speech, days.rivals)
    elif final and expects is Expectation.YES_NO:
        heard = recogniser().transcribe(speech, partial(days.rivals, refusing=True))
    else:
        heard = recogniser().transcribe(speech)
    if heard.confidence < SURE_ENOUGH:
        return Recognised("", heard.confidence)
    return Recognised(put_right(heard.text, expects), heard.confidence)
