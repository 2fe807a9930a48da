"""Deepgram's /v1/listen as it behaves towards a phone call.

Rules: time is media time (bytes received / 8 per ms), so a call may be played
faster than life; messages, their order and their shapes are those of the
documentation; every known way to misbehave is a field of `Listening`.
Source: developers.deepgram.com, "Live audio" and "Endpointing and interim results".
"""

import asyncio
import inspect
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from simulators.deepgram.sound import BYTES_PER_MS, FRAME_BYTES, FRAME_MS, is_loud

Transcriber = Callable[[bytes], str | Awaitable[str]]
"""Words of a stretch of mu-law audio."""

LEAD_IN_MS = 200
SPEECH_AFTER_MS = 40


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody says `text` from `at_s` for `seconds` of media time."""

    at_s: float
    text: str
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class Listening:
    """How one connection behaves. Times in s of the clock unless named ms (media time).

    `script` wins over `transcriber`; with neither, audio is heard but has no words.
    `split_finals` cuts an utterance into that many finals; `die_after_ms` closes
    with 1011 at that media time, `abort_after_ms` drops the line without a word;
    On /v2 a turn
    is over after `end_ms` of silence, and said to be about over after `eager_ms`.
    `hang_s` takes no audio for so long after the handshake and then drops the line.
    """

    script: tuple[Utterance, ...] = ()
    transcriber: Transcriber | None = None
    interim_every_ms: int = 500
    result_delay_s: float = 0.0
    final_delay_s: float = 0.0
    handshake_delay_s: float = 0.0
    handshake_status: int | None = None
    split_finals: int = 1
    never_speech_final: bool = False
    never_utterance_end: bool = False
    empty_speech_final: bool = False
    ignore_finalize: bool = False
    noise_every_ms: int | None = None
    unknown_messages: bool = False
    die_after_ms: int | None = None
    abort_after_ms: int | None = None
    hang_s: float | None = None
    idle_close_s: float = 10.0
    eager_ms: int = 240
    end_ms: int = 500
    never_ends_turn: bool = False
    configure_delay_s: float = 0.0


@dataclass(slots=True)
class Heard:
    """What one connection received, for assertions. `audio` is kept only where asked for."""

    query: dict[str, list[str]]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    received_ms: int = 0
    frames_at: list[float] = field(default_factory=list)
    """When each frame came, s of the loop's clock; kept where audio is."""
    controls: list[str] = field(default_factory=list)
    finals: list[str] = field(default_factory=list)
    audio: bytearray = field(default_factory=bytearray)
    closed: bool = False


def is_voice(how: Listening, frame: bytes, now_ms: int) -> bool:
    """Whether somebody speaks in the frame that ends at `now_ms`."""
    if not how.script:
        return is_loud(frame)
    return any(u.at_s * 1000 < now_ms <= (u.at_s + u.seconds) * 1000 for u in how.script)


async def words_of(how: Listening, audio: bytes, start_ms: int, now_ms: int) -> str:
    """The words said between two instants of media time."""
    if how.script:
        return _scripted_words(how.script, start_ms / 1000, now_ms / 1000)
    if how.transcriber is None:
        return ""
    words = how.transcriber(audio)
    return await words if inspect.isawaitable(words) else words


def _scripted_words(script: tuple[Utterance, ...], start_s: float, now_s: float) -> str:
    said = []
    for utterance in script:
        words = utterance.text.split()
        for n, word in enumerate(words, start=1):
            ends_s = utterance.at_s + utterance.seconds * n / len(words)
            if start_s < ends_s <= now_s + 0.001:
                said.append(word)
    return " ".join(said)


class Listener:
    """One /v1/listen connection."""

    def __init__(
        self, socket: ServerConnection, path: str, how: Listening, keep_audio: bool
    ) -> None:
        self.heard = Heard(parse_qs(path.partition("?")[2]))
        self._socket, self._how, self._keep_audio = socket, how, keep_audio
        self._endpointing_ms = self._number("endpointing", 10)
        self._utterance_end_ms = self._number("utterance_end_ms", 0)
        self._rest = b""
        self._segment = bytearray()
        self._segment_start_ms = 0
        self._voiced_ms = self._silent_ms = 0
        self._speaking = False
        self._since_interim_ms = 0
        self._last_word_ms = 0
        self._utterance_open = False
        self._late: set[asyncio.Task[None]] = set()

    def _number(self, name: str, default: int) -> int:
        value = self.heard.query.get(name, [str(default)])[0]
        return int(value) if value.isdigit() else 10**9

    async def run(self) -> None:
        """Serve until either side closes."""
        try:
            await self._serve()
        except ConnectionClosed:
            pass
        finally:
            self.heard.closed = True
            for task in self._late:
                task.cancel()

    async def _serve(self) -> None:
        if self._how.hang_s is not None:
            await asyncio.sleep(self._how.hang_s)
            self._socket.transport.abort()
            return
        while True:
            try:
                async with asyncio.timeout(self._how.idle_close_s):
                    message = await self._socket.recv()
            except TimeoutError:
                await self._socket.close(1011, "NET-0001: did not receive audio in time")
                return
            if isinstance(message, bytes):
                await self._hear(message)
            elif not await self._control(message):
                return

    async def _control(self, message: str) -> bool:
        kind = str(json.loads(message).get("type"))
        self.heard.controls.append(kind)
        if kind == "Finalize" and not self._how.ignore_finalize:
            await self._flush(from_finalize=True)
        if kind == "CloseStream":
            await self._flush(from_finalize=False)
            await self._send({"type": "Metadata", "request_id": self.heard.request_id})
            await self._socket.close(1000)
        return kind != "CloseStream"

    async def _hear(self, audio: bytes) -> None:
        if self._keep_audio:
            self.heard.audio += audio
        data = self._rest + audio
        whole = len(data) - len(data) % FRAME_BYTES
        self._rest = data[whole:]
        for at in range(0, whole, FRAME_BYTES):
            await self._frame(data[at : at + FRAME_BYTES])

    async def _frame(self, frame: bytes) -> None:
        now_ms = self.heard.received_ms = self.heard.received_ms + FRAME_MS
        await self._misbehave(now_ms)
        self._segment += frame
        if self._keep_audio:
            self.heard.frames_at.append(asyncio.get_running_loop().time())
        if is_voice(self._how, frame, now_ms):
            await self._voice(now_ms)
        else:
            await self._silence(now_ms)

    async def _misbehave(self, now_ms: int) -> None:
        how = self._how
        if how.noise_every_ms and now_ms % how.noise_every_ms == 0:
            await self._speech_started(now_ms)
        if how.unknown_messages and now_ms % 500 == 0:
            await self._send({"type": "Horoscope", "sign": "Leo"})
        if how.die_after_ms is not None and now_ms >= how.die_after_ms:
            await self._socket.close(1011, "NET-0000: internal error")
            await self._socket.recv()
        if how.abort_after_ms is not None and now_ms >= how.abort_after_ms:
            self._socket.transport.abort()
            await self._socket.wait_closed()
            await self._socket.recv()

    async def _voice(self, now_ms: int) -> None:
        self._silent_ms = 0
        self._voiced_ms += FRAME_MS
        self._last_word_ms = now_ms
        if self._voiced_ms < SPEECH_AFTER_MS:
            return
        if not self._speaking:
            self._speaking = self._utterance_open = True
            self._since_interim_ms = 0
            await self._speech_started(now_ms)
        self._since_interim_ms += FRAME_MS
        if self._since_interim_ms >= self._how.interim_every_ms:
            self._since_interim_ms = 0
            await self._result(await self._words(), final=False)

    async def _silence(self, now_ms: int) -> None:
        self._voiced_ms = 0
        self._silent_ms += FRAME_MS
        if self._speaking:
            if self._silent_ms >= self._endpointing_ms and not self._how.never_speech_final:
                await self._end_by_silence()
            elif self._silent_ms >= self._utterance_end_ms > 0:
                await self._flush(from_finalize=False)
        elif not self._utterance_open:
            self._keep_lead_in(now_ms)
        if self._utterance_open and self._silent_ms >= self._utterance_end_ms > 0:
            await self._utterance_end()

    def _keep_lead_in(self, now_ms: int) -> None:
        excess = len(self._segment) - LEAD_IN_MS * BYTES_PER_MS
        if excess > 0:
            del self._segment[:excess]
        self._segment_start_ms = now_ms - len(self._segment) // BYTES_PER_MS

    async def _speech_started(self, now_ms: int) -> None:
        if self.heard.query.get("vad_events") == ["true"]:
            await self._send(
                {"type": "SpeechStarted", "channel": [0, 1], "timestamp": now_ms / 1000}
            )

    async def _words(self) -> str:
        return await words_of(
            self._how, bytes(self._segment), self._segment_start_ms, self.heard.received_ms
        )

    async def _end_by_silence(self) -> None:
        text = await self._words()
        if self._how.empty_speech_final:
            await self._final(text, speech_final=False)
            text = ""
        words = text.split()
        size = max(1, -(-len(words) // self._how.split_finals))
        pieces = [" ".join(words[n : n + size]) for n in range(0, len(words), size)] or [""]
        for piece in pieces[:-1]:
            await self._final(piece, speech_final=False)
        await self._final(pieces[-1], speech_final=True)
        self._utterance_open = self._utterance_end_ms > 0

    async def _flush(self, *, from_finalize: bool) -> None:
        """A final without an endpoint, of whatever is buffered; nothing where there is nothing."""
        text = await self._words() if self._utterance_open else ""
        if text or (from_finalize and self._speaking):
            await self._final(text, speech_final=False, from_finalize=from_finalize)

    async def _final(self, text: str, *, speech_final: bool, from_finalize: bool = False) -> None:
        self._speaking = False
        self.heard.finals.append(text)
        await self._result(text, final=True, speech_final=speech_final, from_finalize=from_finalize)
        self._segment.clear()
        self._segment_start_ms = self.heard.received_ms

    async def _utterance_end(self) -> None:
        self._utterance_open = False
        if not self._how.never_utterance_end:
            await self._send(
                {
                    "type": "UtteranceEnd",
                    "channel": [0, 1],
                    "last_word_end": self._last_word_ms / 1000,
                }
            )

    async def _result(
        self, text: str, *, final: bool, speech_final: bool = False, from_finalize: bool = False
    ) -> None:
        if not final and (not text or self.heard.query.get("interim_results") != ["true"]):
            return
        start_s = self._segment_start_ms / 1000
        message = {
            "type": "Results",
            "channel_index": [0, 1],
            "start": start_s,
            "duration": round(self.heard.received_ms / 1000 - start_s, 3),
            "is_final": final,
            "speech_final": speech_final,
            "from_finalize": from_finalize,
            "channel": {"alternatives": [_alternative(text, start_s)]},
            "metadata": {"request_id": self.heard.request_id},
        }
        await self._send(message, self._how.final_delay_s if final else 0.0)

    async def _send(self, message: dict[str, Any], delay_s: float = 0.0) -> None:
        delay_s += self._how.result_delay_s
        if not delay_s:
            await self._socket.send(json.dumps(message))
            return
        task = asyncio.create_task(self._send_late(message, delay_s))
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _send_late(self, message: dict[str, Any], delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        try:
            await self._socket.send(json.dumps(message))
        except ConnectionClosed:
            return


def _alternative(text: str, start_s: float) -> dict[str, Any]:
    words = [
        {
            "word": word.lower().strip(".,?!"),
            "start": start_s + n * 0.3,
            "end": start_s + n * 0.3 + 0.25,
            "confidence": 0.98,
            "punctuated_word": word,
        }
        for n, word in enumerate(text.split())
    ]
    return {"transcript": text, "confidence": 0.98 if text else 0.0, "words": words}
