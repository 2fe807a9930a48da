"""An ear in the cloud with a voice activity detector of our own beside it.

Rules: the cloud's ear hears every frame first and finds the words; ours only tells when
somebody begins and stops, a network round trip and 100 ms of silence sooner, so that the
final words are asked for and a reply is thought of while the cloud still waits. Its
onsets replace the cloud's. Where no detector can be had, the cloud's ear serves alone.
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


class WatchedSpeechToText:
    """One caller's ear."""

    def __init__(self, ear: SpeechToText) -> None:
        self._ear = ear
        self._activity: Activity | None = None
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
        self._ear.send(audio)
        if self._activity is None:
            return
        match self._activity.feed(audio):
            case Began():
                self._out.put_nowait(events.SpeechStarted())
            case Stopped(silence=silence):
                self._out.put_nowait(events.SpeechStopped(silence))

    def expect(self, expects: Expectation) -> None:
        """Hint what kind of answer comes next."""
        self._ear.expect(expects)

    def finalize(self) -> None:
        """Ask for the final words now."""
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
