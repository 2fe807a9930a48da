"""One speaking connection: one clause at a time, and silence when told.

Rules: audio carries no ids, so a connection makes one clause at a time and everything
between Clear and Cleared is thrown away. A connection whose Cleared does not come
within 300 ms is given up, because its next audio could be the old clause's.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

from voice.providers.base import ProviderError
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
        self._audio: asyncio.Queue[bytes | Exception | None] | None = None
        self._cleared = asyncio.Event()
        self._stray_flushes = 0
        self._reader = asyncio.create_task(self._read())

    async def speak(self, text: str) -> AsyncGenerator[bytes, None]:
        """Audio of one clause. Raises ProviderError, or FlushRefused before any audio."""
        self.is_free = False
        self._audio = asyncio.Queue()
        finished = False
        try:
            await self._ask(text)
            wait_s = FIRST_AUDIO_S
            while (audio := await self._next(wait_s)) is not None:
                wait_s = NEXT_AUDIO_S
                yield audio
            finished = self.is_free = True
        finally:
            self._audio = None
            if not finished:
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

    async def _next(self, wait_s: float) -> bytes | None:
        if self._audio is None:
            return None
        try:
            async with asyncio.timeout(wait_s):
                audio = await self._audio.get()
        except TimeoutError as error:
            self.is_open = False
            raise ProviderError(PROVIDER, "stalled", retryable=True) from error
        if isinstance(audio, Exception):
            raise audio
        return audio

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
            self._pass(ProviderError(PROVIDER, "closed", retryable=True))
            self._cleared.set()

    def _take(self, message: Message) -> None:
        if isinstance(message, bytes):
            self._stray_flushes = 0 if self._audio else self._stray_flushes
            self._pass(message)
            return
        match message.get("type"):
            case "Flushed":
                self._flushed()
            case "Cleared":
                self._cleared.set()
            case "Warning" if message.get("code") == "EXCESSIVE_FLUSH":
                self._pass(FlushRefused())
            case "Error":
                self._pass(ProviderError(PROVIDER, "error", retryable=True))
            case _:
                pass  # Metadata, and whatever is added to the protocol one day

    def _flushed(self) -> None:
        """The clause is complete, unless this belongs to one that was cut short before."""
        if self._stray_flushes:
            self._stray_flushes -= 1
        else:
            self._pass(None)

    def _pass(self, audio: bytes | Exception | None) -> None:
        if self._audio is not None:
            self._audio.put_nowait(audio)
