"""An ear in the cloud with a voice activity detector of our own beside it.

Rules: the cloud's ear hears every frame and finds the words; ours only tells when
somebody begins and stops, a network round trip and 100 ms of silence sooner, so that the
final words are asked for and a reply is thought of while the cloud still waits. Its
onsets replace the cloud's. Where no detector can be had, the cloud's ear serves alone.
Once the line has been silent for longer than any wait of the cloud's, frames go out five
at a time, for most of a call is one side's silence; the first sound sends all at once.
"""

import asyncio
import logging

from voice.core import events
from voice.core.history import Expectation
from voice.providers.activity import Activity, Began, Stopped
from voice.providers.base import HearingEvent, ProviderError, SpeechToText
from voice.providers.local.silero import VoiceActivity, session
from voice.providers.teller import Teller

log = logging.getLogger(__name__)

SURELY_SILENT_MS = 1500
"""Longer than the cloud's longest wait for the end of an utterance, which a late frame would stretch."""
GATHERED_BYTES = 800
"""100 ms; the vendor asks for pieces of 20 to 250."""


class WatchedSpeechToText(Teller):
    """One caller's ear."""

    def __init__(self, ear: SpeechToText) -> None:
        super().__init__()
        self._ear = ear
        ear.tell(self._pass_on)
        self._activity: Activity | None = None
        self._gathered = b""

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
                self._hear(events.SpeechStarted())
            case Stopped(silence=silence):
                self._hear(events.SpeechStopped(silence))

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

    def _pass_on(self, event: HearingEvent) -> None:
        if not (isinstance(event, events.SpeechStarted) and self._activity):
            self._hear(event)

    async def listen(self) -> None:
        """Return when the cloud's ear has ended. Raises its bug."""
        await self._ear.listen()

    async def close(self) -> None:
        """Close for good. Never raises."""
        await self._ear.close()
