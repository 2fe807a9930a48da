"""An ear in the cloud with a voice activity detector of our own beside it.

Rules: the cloud's ear hears every frame and finds the words; ours only tells when
somebody begins and stops, a network round trip and 100 ms of silence sooner, so that the
final words are asked for and a reply is thought of while the cloud still waits. Its
onsets replace the cloud's. Where no detector can be had, the cloud's ear serves alone.
Once the line has been silent for longer than any wait of the cloud's, frames go out five
at a time, for most of a call is one side's silence; the first sound sends all at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

from voice.core import events
from voice.core.history import Expectation
from voice.providers.activity import Activity, Began, Stopped
from voice.providers.base import HearingEvent, ProviderError, SpeechToText
from voice.providers.local.silero import VoiceActivity, session

log = logging.getLogger(__name__)

SURELY_SILENT_MS = 1500
"""Longer than the cloud's longest wait for the end of an utterance, which a late frame would stretch."""
GATHERED_BYTES = 800
"""100 ms; the vendor asks for pieces of 20 to 250."""


class WatchedSpeechToText:
    """One caller's ear."""

    def __init__(self, ear: SpeechToText) -> None:
        self._ear = ear
        self._activity: Activity | None = None
        self._gathered = b""
        self._out: asyncio.Queue[HearingEvent | BaseException | None] = asyncio.Queue()
        self._relay: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """Open the connection. Raises ProviderError."""
        try:
            await asyncio.to_thread(session)
            self._activity = Activity(VoiceActivity())
        except ProviderError as error:
            log.warning("no_voice_activity", extra={"reason": error.reason})
        await self._ear.connect()

    def send(self, audio: bytes) -> None:
        """Take a frame."""
        if self._activity is None:
            self._ear.send(audio)
            return
        change = self._activity.feed(audio)
        self._gathered += audio
        if self._activity.silent_ms < SURELY_SILENT_MS or len(self._gathered) >= GATHERED_BYTES:
            self._send_gathered()
        match change:
            case Began():
                self._out.put_nowait(events.SpeechStarted())
            case Stopped(silence=silence):
                self._out.put_nowait(events.SpeechStopped(silence))

    def _send_gathered(self) -> None:
        if self._gathered:
            self._ear.send(self._gathered)
            self._gathered = b""

    def expect(self, expects: Expectation) -> None:
        """Hint what kind of answer comes next."""
        self._ear.expect(expects)

    def finalize(self) -> None:
        """Ask for the final words now."""
        self._send_gathered()
        self._ear.finalize()

    async def events(self) -> AsyncIterator[HearingEvent]:
        """What was heard, by both, until closed."""
        self._relay = asyncio.create_task(self._pass_on())
        while (event := await self._out.get()) is not None:
            if isinstance(event, BaseException):
                raise event
            yield event

    async def _pass_on(self) -> None:
        """The cloud's events; its bug is ours."""
        try:
            async for event in self._ear.events():
                if not (isinstance(event, events.SpeechStarted) and self._activity):
                    self._out.put_nowait(event)
        except Exception as bug:  # noqa: BLE001 - raised where the events are read
            self._out.put_nowait(bug)
        self._out.put_nowait(None)

    async def close(self) -> None:
        """Close for good. Never raises."""
        await self._ear.close()
        if self._relay is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._relay
