"""Deepgram's /v1/speak as it behaves towards a phone call.

Rules: text is buffered until Flush; audio carries no ids; one Flushed per accepted
Flush, in order; the twenty-first Flush within a minute is refused with a Warning;
Clear drops text and audio and is answered with Cleared.
Source: developers.deepgram.com, "Text to speech: streaming", "TTS websocket limits".
"""

import asyncio
import inspect
import json
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from simulators.deepgram.sound import BYTES_PER_MS, hum

Voice = Callable[[str], bytes | Awaitable[bytes]]
"""Mu-law audio (8000 Hz) of a text."""

FLUSHES, WINDOW_S = 20, 60.0
LONGEST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Speaking:
    """How one connection behaves.

    `first_audio_s` passes between Flush and the first byte; `realtime_factor` is how
    much faster than life audio is made (None: at once). `die_after_bytes` closes
    with 1011 in the middle of a sentence; `swallow_flushes` never answers them.
    """

    voice: Voice = hum
    first_audio_s: float = 0.0
    realtime_factor: float | None = None
    chunk_bytes: int = 1600
    handshake_delay_s: float = 0.0
    handshake_status: int | None = None
    die_after_bytes: int | None = None
    abort_after_bytes: int | None = None
    never_cleared: bool = False
    late_audio_after_clear: int = 0
    stray_flushed: bool = False
    """Answer a cleared flush after all, shortly after Cleared."""
    swallow_flushes: bool = False
    error_on_flush: bool = False
    flushes: int = FLUSHES
    window_s: float = WINDOW_S
    idle_close_s: float = 60.0


@dataclass(slots=True)
class Spoken:
    """What one connection was asked, for assertions."""

    query: dict[str, list[str]]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    texts: list[str] = field(default_factory=list)
    controls: list[str] = field(default_factory=list)
    refused_flushes: int = 0
    cancelled: int = 0
    sent_bytes: int = 0
    closed: bool = False


class Speaker:
    """One /v1/speak connection."""

    def __init__(self, socket: ServerConnection, path: str, how: Speaking) -> None:
        self.spoken = Spoken(parse_qs(path.partition("?")[2]))
        self._socket, self._how = socket, how
        self._buffer: list[str] = []
        self._flushed_at: deque[float] = deque()
        self._jobs: asyncio.Queue[str] = asyncio.Queue()
        self._busy = False
        self._sequence = 0
        self._worker: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until either side closes."""
        try:
            await self._send({"type": "Metadata", **self._metadata()})
            self._worker = asyncio.create_task(self._work())
            await self._serve()
        except ConnectionClosed:
            pass
        finally:
            self.spoken.closed = True
            if self._worker:
                self._worker.cancel()

    def _metadata(self) -> dict[str, Any]:
        return {
            "request_id": self.spoken.request_id,
            "model_name": self.spoken.query.get("model", ["?"])[0],
            "model_version": "2026-01-01",
            "model_uuid": self.spoken.request_id,
            "additional_model_uuids": [],
        }

    async def _serve(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._how.idle_close_s):
                    message = await self._socket.recv()
            except TimeoutError:
                await self._socket.close(1011, "NET-0004: no text in time")
                return
            if isinstance(message, str) and not await self._obey(json.loads(message)):
                return

    async def _obey(self, message: dict[str, Any]) -> bool:
        kind = str(message.get("type"))
        self.spoken.controls.append(kind)
        match kind:
            case "Speak":
                return await self._take_text(str(message.get("text", "")))
            case "Flush":
                return await self._flush()
            case "Clear":
                await self._clear()
            case "Close":
                await self._socket.close(1000)
                return False
            case _:
                await self._send({"type": "Warning", "code": "DATA-0000", "description": kind})
        return True

    async def _take_text(self, text: str) -> bool:
        if len(text) > LONGEST_TEXT:
            await self._fail("DATA-0002", "text too long")
            return False
        self._buffer.append(text)
        return True

    async def _flush(self) -> bool:
        if self._how.error_on_flush:
            await self._fail("DATA-0001", "no voice today")
            return False
        now = time.monotonic()
        while self._flushed_at and now - self._flushed_at[0] >= self._how.window_s:
            self._flushed_at.popleft()
        if len(self._flushed_at) >= self._how.flushes:
            self.spoken.refused_flushes += 1
            warning = {"code": "EXCESSIVE_FLUSH", "description": "20 flushes in 60 seconds"}
            await self._send({"type": "Warning", **warning})
            return True
        self._flushed_at.append(now)
        text = "".join(self._buffer)
        self._buffer.clear()
        self.spoken.texts.append(text)
        if not self._how.swallow_flushes:
            self._jobs.put_nowait(text)
        return True

    async def _clear(self) -> None:
        was_busy = self._busy or not self._jobs.empty()
        if self._worker and was_busy:
            self.spoken.cancelled += 1
            self._worker.cancel()
            await asyncio.wait([self._worker])
            self._jobs = asyncio.Queue()
            self._busy = False
            self._worker = asyncio.create_task(self._work())
        self._buffer.clear()
        if self._how.late_audio_after_clear:
            await self._socket.send(b"\x55" * self._how.late_audio_after_clear)
        if not self._how.never_cleared:
            await self._send({"type": "Cleared", "sequence_id": self._sequence})
        if was_busy and self._how.stray_flushed:
            await asyncio.sleep(0.05)  # when the next clause has been asked for
            await self._send({"type": "Flushed", "sequence_id": self._sequence})

    async def _work(self) -> None:
        try:
            while True:
                text = await self._jobs.get()
                self._busy = True
                await self._synthesise(text)
                await self._send({"type": "Flushed", "sequence_id": self._sequence})
                self._sequence += 1
                self._busy = False
        except ConnectionClosed:
            return

    async def _synthesise(self, text: str) -> None:
        made = self._how.voice(text) if text.strip() else b""
        audio = await made if inspect.isawaitable(made) else made
        if self._how.first_audio_s:
            await asyncio.sleep(self._how.first_audio_s)
        for at in range(0, len(audio), self._how.chunk_bytes):
            chunk = audio[at : at + self._how.chunk_bytes]
            await self._misbehave()
            await self._socket.send(chunk)
            self.spoken.sent_bytes += len(chunk)
            if self._how.realtime_factor:
                await asyncio.sleep(len(chunk) / BYTES_PER_MS / 1000 / self._how.realtime_factor)

    async def _misbehave(self) -> None:
        sent = self.spoken.sent_bytes
        if self._how.die_after_bytes is not None and sent >= self._how.die_after_bytes:
            await self._socket.close(1011, "NET-0000: internal error")
        if self._how.abort_after_bytes is not None and sent >= self._how.abort_after_bytes:
            self._socket.transport.abort()
            await self._socket.wait_closed()

    async def _fail(self, code: str, description: str) -> None:
        await self._send({"type": "Error", "err_code": code, "description": description})
        await self._socket.close(1011, f"{code}: {description}")

    async def _send(self, message: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(message))
