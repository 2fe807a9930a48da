"""ElevenLabs' streaming speech, as far as a telephone needs it.

Rules: a key is needed, only one voice exists, audio is a hum in mu-law 8000 Hz and comes
in chunks; a client that leaves is counted in `cancelled`. Source: elevenlabs.io/docs,
"Stream speech", "Get voice".
"""

import json
from dataclasses import dataclass
from typing import Any

from simulators.deepgram.sound import hum
from simulators.http_server import HttpSimulator
from simulators.wire import Connection, Request


@dataclass(frozen=True, slots=True)
class Manner:
    """How requests are answered. Times in s; `status` other than 200 refuses every one."""

    first_audio_s: float = 0.0
    chunk_s: float = 0.0
    chunk_bytes: int = 800
    status: int = 200
    break_off_after: int | None = None
    """Chunks after which the line drops."""


class ElevenLabsSimulator(HttpSimulator):
    """`async with ElevenLabsSimulator() as elevenlabs:` then point the adapter at `.url`."""

    voice_id = "simulated"

    def __init__(self, manner: Manner | None = None, *, port: int = 0) -> None:
        super().__init__(port)
        self._manner = manner or Manner()
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """The base of all addresses."""
        return self.address

    async def _answer(self, peer: Connection, request: Request) -> None:
        path = request.path.partition("?")[0]
        status = self._refuses(path, request)
        if status:
            await peer.answer(status, {"detail": {"status": "refused", "message": str(status)}})
        elif request.method == "GET":
            await peer.answer(200, {"voice_id": self.voice_id, "name": "Simulated"})
        else:
            body = json.loads(request.body)
            self.asked.append(body)
            await self._speak(peer, str(body["text"]))

    def _refuses(self, path: str, request: Request) -> int:
        if self._manner.status != 200:
            return self._manner.status
        if not request.headers.get("xi-api-key"):
            return 401
        if self.voice_id not in path.split("/"):
            return 404
        speaks = request.method == "POST"
        return 422 if speaks and "output_format=ulaw_8000" not in request.path else 0

    async def _speak(self, peer: Connection, text: str) -> None:
        audio, size = hum(text), self._manner.chunk_bytes
        await peer.pause(self._manner.first_audio_s)
        await peer.start_stream({}, "audio/basic")
        for n, at in enumerate(range(0, len(audio), size)):
            if n == self._manner.break_off_after:
                peer.abort()
                return
            await peer.send_chunk(audio[at : at + size])
            await peer.pause(self._manner.chunk_s)
        await peer.end_stream()
