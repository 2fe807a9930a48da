"""One speaking connection: one clause at a time, and silence when told.

Rules: audio carries no ids, so a connection makes one clause at a time and everything
between Clear and Cleared is thrown away. A connection whose Cleared does not come
within 300 ms is given up, because its next audio could be the old clause's.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from voice.providers.base import Play, ProviderError
from voice.providers.deepgram.budget import FlushBudget
from voice.providers.deepgram.link import Link, Message, as_provider_error, network_errors

if TYPE_CHECKING:
    from deepgram.speak.v1.socket_client import AsyncV1SocketClient

log = logging.getLogger(__name__)

PROVIDER = "deepgram_speak"
FIRST_AUDIO_S = 3.0
NEXT_AUDIO_S = 3.0
SEND_S = 3.0
CLEARED_S = 0.3
LONGEST_TEXT = 1900


class FlushRefused(Exception):
    """The connection has no flushes left; nothing was said."""


class Mouth:
    """An open /v1/speak connection."""

    def __init__(
        self,
        link: "Link[AsyncV1SocketClient]",
        budget: FlushBudget,
        when_lost: Callable[[], None],
    ) -> None:
        self.budget = budget
        self.is_open = True
        self.is_free = True
        """Ready for a clause: not speaking and not being cleared."""
        self._link, self._when_lost = link, when_lost
        self._play: Play | None = None
        """Who is given the audio of the clause that is being said."""
        self._said = asyncio.Event()
        self._failure: Exception | None = None
        self._heard_at = 0.0
        self._cleared = asyncio.Event()
        self._stray_flushes = 0
        self._reader = asyncio.create_task(self._read())

    async def speak(self, text: str, play: Play) -> None:
        """Say one clause. Raises ProviderError, or FlushRefused before any audio."""
        self.is_free = False
        self._play, self._failure = play, None
        self._said.clear()
        try:
            await self._ask(text)
            await self._wait_until_said()
            self.is_free = True
        finally:
            self._play = None
            if not self.is_free:
                self._stray_flushes += 1

    async def _ask(self, text: str) -> None:
        from deepgram.speak.v1.types import SpeakV1Text

        self.budget.spend(asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(SEND_S):
                for at in range(0, len(text), LONGEST_TEXT):
                    # Texts are joined as they stand, so each ends with a space of its own.
                    piece = text[at : at + LONGEST_TEXT] + " "
                    await self._link.socket.send_text(SpeakV1Text(type="Speak", text=piece))
                await self._link.socket.send_flush()
        except network_errors() as error:
            self.is_open = False
            raise as_provider_error(PROVIDER, error) from error

    async def _wait_until_said(self) -> None:
        clock = asyncio.get_running_loop().time
        self._heard_at, wait_s = clock(), FIRST_AUDIO_S
        while not self._said.is_set():
            due = self._heard_at + wait_s
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._said.wait()
            if not self._said.is_set() and self._heard_at + wait_s <= due:
                self.is_open = False
                raise ProviderError(PROVIDER, "stalled", retryable=True)
            wait_s = NEXT_AUDIO_S
        if self._failure is not None:
            raise self._failure

    async def clear(self) -> None:
        """Drop a clause that was cut short. Afterwards the connection is free, or given up."""
        self._cleared.clear()
        try:
            async with asyncio.timeout(CLEARED_S):
                await self._link.socket.send_clear()
                await self._cleared.wait()
            self.is_free = True
        except network_errors() as error:
            log.warning(
                "voice_not_cleared", extra={"reason": as_provider_error(PROVIDER, error).reason}
            )
            self.is_open = False

    async def close(self) -> None:
        """Close for good. Never raises."""
        self.is_open = False
        self._reader.cancel()
        await asyncio.wait([self._reader])
        await self._link.close()

    # ---- what it says -------------------------------------------------------------
    async def _read(self) -> None:
        try:
            await self._link.listen(self._take)
            self.is_open = False
            self._when_lost()
        finally:
            self.is_open = False
            self._end(ProviderError(PROVIDER, "closed", retryable=True))
            self._cleared.set()

    def _take(self, message: Message) -> None:
        if isinstance(message, bytes):
            self._pass_on(message)
            return
        match message.get("type"):
            case "Flushed":
                self._flushed()
            case "Cleared":
                self._cleared.set()
            case "Warning" if message.get("code") == "EXCESSIVE_FLUSH":
                self._end(FlushRefused())
            case "Error":
                self._end(ProviderError(PROVIDER, "error", retryable=True))
            case _:
                pass  # Metadata, and whatever is added to the protocol one day

    def _flushed(self) -> None:
        """The clause is complete, unless this belongs to one that was cut short before."""
        if self._stray_flushes:
            self._stray_flushes -= 1
        else:
            self._end(None)

    def _pass_on(self, audio: bytes) -> None:
        if self._play is not None:
            self._stray_flushes = 0
            self._heard_at = asyncio.get_running_loop().time()
            self._play(audio)

    def _end(self, failure: Exception | None) -> None:
        """The clause is said, or will not be."""
        if self._play is not None and not self._said.is_set():
            self._failure = failure
            self._said.set()
