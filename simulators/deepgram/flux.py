"""Deepgram's /v2/listen (Flux): turns instead of transcripts.

Rules: the transcript of a turn is cumulative; EagerEndOfTurn is followed by either
TurnResumed or EndOfTurn, and EndOfTurn repeats its transcript; a turn during which audio
stops coming never ends. Source: developers.deepgram.com, "Flux: state machine".
"""

import asyncio
import contextlib
import json
from typing import Any
from urllib.parse import parse_qs

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from simulators.deepgram.listen import Heard, Listening, is_voice, words_of
from simulators.deepgram.sound import BYTES_PER_MS, FRAME_BYTES, FRAME_MS

UPDATE_MS = 250
LEAD_IN_MS = 200


class FluxListener:
    """One /v2/listen connection."""

    def __init__(
        self, socket: ServerConnection, path: str, how: Listening, keep_audio: bool
    ) -> None:
        self.heard = Heard(parse_qs(path.partition("?")[2]))
        self._socket, self._how, self._keep_audio = socket, how, keep_audio
        self._wants_eager = "eager_eot_threshold" in self.heard.query
        self._timeout_ms = int(self.heard.query.get("eot_timeout_ms", ["5000"])[0])
        self._rest = b""
        self._turn_audio = bytearray()
        self._turn_start_ms = self._voiced_ms = self._silent_ms = self._since_update_ms = 0
        self._in_turn = self._is_eager = False
        self._sequence = self._turn = 0
        self._configuring: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Serve until either side closes."""
        try:
            await self._send({"type": "Connected"})
            await self._serve()
        except ConnectionClosed:
            pass
        finally:
            self.heard.closed = True
            if self._configuring:
                self._configuring.cancel()

    async def _serve(self) -> None:
        while True:
            message = await self._socket.recv()
            if isinstance(message, bytes):
                await self._hear(message)
            elif not await self._control(json.loads(message)):
                return

    async def _control(self, message: dict[str, Any]) -> bool:
        kind = str(message.get("type"))
        self.heard.controls.append(kind)
        match kind:
            case "ForceEndTurn":
                if self._in_turn:
                    await self._end_turn("manual")
            case "Configure":
                thresholds = message.get("thresholds") or {}
                await self._configure(thresholds)
            case "CloseStream":
                await self._socket.close()
                return False
        return True

    async def _configure(self, thresholds: dict[str, Any]) -> None:
        """One request at a time; another before the answer is refused."""
        if self._configuring and not self._configuring.done():
            self.heard.controls.append("ConfigureRefused")
            await self._send({"type": "ConfigureFailure", "code": "CONFIGURE_ALREADY_PENDING"})
            return
        self._timeout_ms = int(thresholds.get("eot_timeout_ms") or self._timeout_ms)
        self._configuring = asyncio.create_task(self._confirm(thresholds))

    async def _confirm(self, thresholds: dict[str, Any]) -> None:
        await asyncio.sleep(self._how.configure_delay_s)
        with contextlib.suppress(ConnectionClosed):
            await self._send({"type": "ConfigureSuccess", "thresholds": thresholds})

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
        if self._how.die_after_ms is not None and now_ms >= self._how.die_after_ms:
            await self._send({"type": "Error", "code": "INTERNAL_SERVER_ERROR", "description": ""})
            await self._socket.close(1011, "INTERNAL_SERVER_ERROR")
            await self._socket.recv()
        self._turn_audio += frame
        if is_voice(self._how, frame, now_ms):
            await self._voice()
        elif self._in_turn:
            await self._silence()
        else:
            self._voiced_ms = 0
            del self._turn_audio[: -LEAD_IN_MS * BYTES_PER_MS]
            self._turn_start_ms = now_ms - len(self._turn_audio) // BYTES_PER_MS
        await self._update()

    async def _voice(self) -> None:
        self._voiced_ms += FRAME_MS
        self._silent_ms = 0
        if self._is_eager:
            self._is_eager = False
            await self._tell("TurnResumed")
        if not self._in_turn and self._voiced_ms >= 200 and await self._words():
            self._in_turn = True
            self._since_update_ms = 0
            await self._tell("StartOfTurn")

    async def _silence(self) -> None:
        self._silent_ms += FRAME_MS
        if self._how.never_ends_turn:
            if self._silent_ms >= self._timeout_ms:
                await self._end_turn("timeout")
        elif self._silent_ms >= self._how.end_ms:
            await self._end_turn("model")
        elif self._wants_eager and not self._is_eager and self._silent_ms >= self._how.eager_ms:
            self._is_eager = True
            await self._tell("EagerEndOfTurn")

    async def _update(self) -> None:
        self._since_update_ms += FRAME_MS
        if self._in_turn and not self._is_eager and self._since_update_ms >= UPDATE_MS:
            self._since_update_ms = 0
            await self._tell("Update")

    async def _end_turn(self, trigger: str) -> None:
        await self._tell("EndOfTurn", trigger=trigger)
        self.heard.finals.append(await self._words())
        self._in_turn = self._is_eager = False
        self._voiced_ms = self._silent_ms = 0
        self._turn_audio.clear()
        self._turn_start_ms = self.heard.received_ms
        self._turn += 1

    async def _words(self) -> str:
        return await words_of(
            self._how, bytes(self._turn_audio), self._turn_start_ms, self.heard.received_ms
        )

    async def _tell(self, event: str, **more: Any) -> None:
        text = await self._words()
        await self._send(
            {
                "type": "TurnInfo",
                "event": event,
                "turn_index": self._turn,
                "audio_window_start": self._turn_start_ms / 1000,
                "audio_window_end": self.heard.received_ms / 1000,
                "transcript": text,
                "words": [{"word": word, "confidence": 0.97} for word in text.split()],
                "end_of_turn_confidence": 0.9 if event == "EndOfTurn" else 0.1,
                **more,
            }
        )

    async def _send(self, message: dict[str, Any]) -> None:
        ids = {"request_id": self.heard.request_id, "sequence_id": self._sequence}
        self._sequence += 1
        await self._socket.send(json.dumps({**message, **ids}))
