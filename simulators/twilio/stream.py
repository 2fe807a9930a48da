"""Twilio's side of one media stream (protocols: Media Streams).

Rules: connected, start, then a frame of 160 bytes every 20 ms, silence included; all
numbers are strings; every message but `connected` carries the stream's sid and the
next sequence number. What the app sends goes into the play-out buffer, and what comes
out of it is what the caller hears. In strict mode anything Twilio would call a
protocol error (31924) closes the socket.
"""

import asyncio
import base64
import binascii
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from simulators.twilio.faults import StreamFaults
from simulators.twilio.pacer import FRAME_MS, pacer
from simulators.twilio.playout import FRAME_BYTES, PlayoutBuffer

SILENCE = b"\xff" * FRAME_BYTES
_SILENCE64 = base64.b64encode(SILENCE).decode()
_CONGESTED_BYTES = 256 * 1024
_ALLOWED_KEYS = {
    "media": {"event", "streamSid", "media"},
    "mark": {"event", "streamSid", "mark"},
    "clear": {"event", "streamSid"},
}


@dataclass(slots=True)
class Heard:
    """One stretch of sound without a gap. `at_ms`: media time; `wall_s`: the loop's clock."""

    at_ms: int
    wall_s: float
    audio: bytearray = field(default_factory=bytearray)

    @property
    def end_ms(self) -> int:
        """Media time when it stopped."""
        return self.at_ms + len(self.audio) // 8


@dataclass(frozen=True, slots=True)
class Received:
    """A message from the app: `kind` is media, mark, clear or bad; `size` in bytes of audio."""

    kind: str
    wall_s: float
    at_ms: int
    name: str = ""
    size: int = 0


class MediaStream:
    """The socket, the caller's mouth (`say`) and ear (`heard`)."""

    def __init__(
        self,
        socket: aiohttp.ClientWebSocketResponse,
        *,
        sids: Mapping[str, str],
        parameters: Mapping[str, str],
        faults: StreamFaults,
        speed: float,
    ) -> None:
        self._socket = socket
        # aiohttp shows the transport to nobody, and Twilio's faults happen down there.
        self._transport: asyncio.WriteTransport = socket._writer.transport
        self._sids = sids
        self._parameters = parameters
        self._faults = faults
        self._pacer = pacer(speed)
        self._sequence = 0
        self._chunk = 0
        self._mouth = bytearray()
        self._spoken: list[tuple[int, asyncio.Future[None]]] = []
        self._said_bytes = 0
        self._bunched: list[str] = []
        self._late: deque[tuple[int, str]] = deque()
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []
        self._playout = PlayoutBuffer()
        self.ms = 0
        self.opened_s = 0.0
        """When the socket was open, s of the loop's clock."""
        self.heard: list[Heard] = []
        self.received: list[Received] = []
        self.marks: list[tuple[str, int]] = []
        self.frames_at: list[float] | None = None
        """When each frame left, s of the loop's clock, where somebody puts a list here."""
        self.errors: list[int] = []
        self.dropped_frames = 0
        self.closed_by = ""

    # ---- life -------------------------------------------------------------
    async def run(self) -> None:
        """Live until somebody closes."""
        self.opened_s = asyncio.get_running_loop().time()
        await self._socket.send_str('{"event":"connected","protocol":"Call","version":"1.0.0"}')
        await self._send("start", {"start": self._start()})
        self._pacer.add(self)
        try:
            async for message in self._socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    await self._bad()
                else:
                    await self._take(message.data)
        finally:
            self.closed_by = self.closed_by or "server"
            self._pacer.remove(self)
            self._release()

    def _start(self) -> dict[str, Any]:
        return {
            "streamSid": self._sids["streamSid"],
            "accountSid": self._sids["accountSid"],
            "callSid": self._sids["callSid"],
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(self._parameters),
        }

    async def stop(self, by: str) -> None:
        """Send stop and close, as Twilio does at a hang-up or a redirect."""
        if self.closed_by:
            return
        self.closed_by = by
        self._pacer.remove(self)
        ids = {key: self._sids[key] for key in ("accountSid", "callSid")}
        await self._send("stop", {"stop": ids})
        await self._socket.close()

    def drop(self) -> None:
        """Cut the line without a word."""
        self.closed_by = "fault"
        self._pacer.remove(self)
        self._transport.abort()

    def _release(self) -> None:
        for _, future in self._spoken:
            if not future.done():
                future.set_result(None)
        for _, future in self._waiters:
            if not future.done():
                future.set_result(None)

    # ---- the caller's mouth --------------------------------------------------
    def say(self, audio: bytes) -> asyncio.Future[None]:
        """Speak mu-law audio after what is being spoken; the future is done when it left."""
        self._mouth += audio
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        end = self._said_bytes + len(self._mouth)
        self._spoken.append((end, done))
        if self.closed_by:
            done.set_result(None)
        return done

    async def press(self, digit: str) -> None:
        """Press one key."""
        await self._send("dtmf", {"dtmf": {"track": "inbound_track", "digit": digit}})

    async def send_raw(self, text: str) -> None:
        """Send something that Twilio never would."""
        await self._put(text)

    @property
    def token(self) -> str:
        """The stream token that came with the TwiML."""
        return self._parameters.get("token", "")

    # ---- twenty milliseconds -------------------------------------------------
    async def tick(self) -> None:
        """The next frame out, the next frame heard, the marks that were reached."""
        self.ms += FRAME_MS
        audio, marks = self._playout.tick()
        if audio:
            self._hear(audio)
        for name in marks:
            await self._echo(name)
        await self._frame()
        while self._late and self._late[0][0] <= self.ms:
            await self._send_mark(self._late.popleft()[1])
        if self._waiters:
            self._check()
        if self._faults.drop_after_ms is not None and self.ms >= self._faults.drop_after_ms:
            self.drop()

    @property
    def frames_sent(self) -> int:
        """Frames of the caller's side that have left."""
        return self._chunk

    def _hear(self, audio: bytes) -> None:
        at_ms = self.ms - FRAME_MS
        if not self.heard or self.heard[-1].end_ms < at_ms:
            self.heard.append(Heard(at_ms, asyncio.get_running_loop().time()))
        self.heard[-1].audio += audio

    async def _frame(self) -> None:
        payload = _SILENCE64
        if self._mouth:
            frame = bytes(self._mouth[:FRAME_BYTES])
            del self._mouth[:FRAME_BYTES]
            self._said_bytes += len(frame)
            payload = base64.b64encode(frame.ljust(FRAME_BYTES, b"\xff")).decode()
        if self._congested():
            self.dropped_frames += 1
            return
        self._chunk += 1
        if self.frames_at is not None:
            self.frames_at.append(asyncio.get_running_loop().time())
        await self._write(
            f'"media":{{"track":"inbound","chunk":"{self._chunk}",'
            f'"timestamp":"{self.ms}","payload":"{payload}"}}'
        )
        self._tell_spoken()

    async def _write(self, body: str) -> None:
        self._sequence += 1
        text = (
            f'{{"event":"media","sequenceNumber":"{self._sequence}",'
            f'"streamSid":"{self._sids["streamSid"]}",{body}}}'
        )
        self._bunched.append(text)
        if len(self._bunched) >= self._faults.bunch:
            for one in self._bunched:
                await self._put(one)
            self._bunched.clear()

    def _tell_spoken(self) -> None:
        while self._spoken and self._spoken[0][0] <= self._said_bytes:
            future = self._spoken.pop(0)[1]
            if not future.done():
                future.set_result(None)

    def _congested(self) -> bool:
        """The app doesn't read: Twilio drops the caller's audio then (31930)."""
        full = self._transport.get_write_buffer_size() > _CONGESTED_BYTES
        if full and 31930 not in self.errors:
            self.errors.append(31930)
        return full

    # ---- from the app --------------------------------------------------------
    async def _take(self, text: str) -> None:
        try:
            message = json.loads(text)
            await self._obey(message)
        except (ValueError, KeyError, TypeError, binascii.Error):
            await self._bad()
        if self._waiters:
            self._check()

    async def _obey(self, message: dict[str, Any]) -> None:
        kind = message["event"]
        if self._faults.strict and set(message) - _ALLOWED_KEYS[kind]:
            raise ValueError("unknown key")
        if message["streamSid"] != self._sids["streamSid"]:
            raise ValueError("foreign stream")
        if kind == "media":
            self._queue(base64.b64decode(message["media"]["payload"], validate=True))
        elif kind == "mark":
            name = str(message["mark"]["name"])
            self._note("mark", name=name)
            for reached in self._playout.push_mark(name):
                await self._echo(reached)
        elif kind == "clear":
            self._note("clear")
            for name in self._playout.clear():
                await self._echo(name)
        else:
            raise ValueError("unknown event")

    def _queue(self, audio: bytes) -> None:
        self._note("media", size=len(audio))
        self._playout.push_audio(audio)
        if self._playout.overflowed and 31931 not in self.errors:
            self.errors.append(31931)

    def _note(self, kind: str, name: str = "", size: int = 0) -> None:
        now = asyncio.get_running_loop().time()
        self.received.append(Received(kind, now, self.ms, name, size))

    async def _bad(self) -> None:
        self._note("bad")
        self.errors.append(31924)
        if self._faults.strict:
            self.closed_by = self.closed_by or "twilio"
            self._pacer.remove(self)
            await self._socket.close()

    async def _echo(self, name: str) -> None:
        self.marks.append((name, self.ms))
        if self._faults.late_marks:
            self._late.append((self.ms + self._faults.late_marks, name))
            return
        await self._send_mark(name)
        if self._faults.duplicate_marks:
            await self._send_mark(name)

    async def _send_mark(self, name: str) -> None:
        await self._send("mark", {"mark": {"name": name}})

    async def _send(self, event: str, body: dict[str, Any]) -> None:
        self._sequence += 1
        head = {
            "event": event,
            "sequenceNumber": str(self._sequence),
            "streamSid": self._sids["streamSid"],
        }
        await self._put(json.dumps({**head, **body}, separators=(",", ":")))

    async def _put(self, text: str) -> None:
        try:
            await self._socket.send_str(text)
        except (ConnectionError, RuntimeError, aiohttp.ClientError):
            self._pacer.remove(self)

    # ---- waiting -------------------------------------------------------------
    @property
    def playing(self) -> bool:
        """Something is still to be heard."""
        return not self._playout.empty

    @property
    def waiting_ms(self) -> int:
        """How much audio is still to be heard, ms."""
        return self._playout.waiting_bytes // 8

    async def wait_for(self, fact: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `fact()` holds, the stream ends or the time is up; returns the fact."""
        if not fact() and not self.closed_by:
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            entry = (fact, future)
            self._waiters.append(entry)
            try:
                await asyncio.wait_for(future, timeout_s)
            except TimeoutError:
                self._waiters.remove(entry)
        return fact()

    def _check(self) -> None:
        met = [entry for entry in self._waiters if entry[0]()]
        for entry in met:
            self._waiters.remove(entry)
            if not entry[1].done():
                entry[1].set_result(None)
