"""The floor: the thinnest server that can hold the same conversation.

    python -m benchmarks.thin_server PORT DEEPGRAM_URL OPENAI_URL

Rules: nothing but forwarding. Caller audio to the recogniser, its final words to the
model, the model's words to the voice, the voice's audio to the phone; no turn-taking,
no ledger, no tools, no record. What our own server costs is measured against it.
"""

import asyncio
import base64
import contextlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

LISTEN = (
    "/v1/listen?model=nova-2-phonecall&encoding=mulaw&sample_rate=8000&channels=1"
    "&interim_results=true&endpointing=300&utterance_end_ms=1000&vad_events=true"
)
SPEAK = "/v1/speak?model=aura-asteria-en&encoding=mulaw&sample_rate=8000"
TWIML = (
    '<Response><Connect><Stream url="ws://127.0.0.1:{port}/media-stream/" /></Connect></Response>'
)


class ThinServer:
    """One process of it, as an ASGI application."""

    def __init__(self, port: int, deepgram_url: str, openai_url: str) -> None:
        self._port, self._openai_url = port, openai_url
        self._deepgram_url = deepgram_url.replace("http", "ws", 1)
        self._http = httpx.AsyncClient(limits=httpx.Limits(max_connections=None))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a webhook or carry a call."""
        if scope["type"] == "http":
            await self._answer(send)
        elif scope["type"] == "websocket":
            await self._carry(receive, send)

    async def _answer(self, send: Send) -> None:
        body = TWIML.format(port=self._port).encode()
        headers = [(b"content-type", b"text/xml")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _carry(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        key = {"Authorization": "Token key"}
        async with (
            connect(self._deepgram_url + LISTEN, additional_headers=key) as ear,
            connect(self._deepgram_url + SPEAK, additional_headers=key) as voice,
        ):
            work: list[asyncio.Task[None]] = []
            with contextlib.suppress(Exception):
                while (event := await receive())["type"] == "websocket.receive":
                    frame = orjson.loads(event["text"])
                    if frame["event"] == "media":
                        await ear.send(base64.b64decode(frame["media"]["payload"]))
                    elif frame["event"] == "start":
                        sid = frame["streamSid"]
                        work = [
                            asyncio.create_task(self._think(ear, voice)),
                            asyncio.create_task(self._play(voice, sid, send)),
                        ]
                        await self._say(voice, "Hello.")
            for task in work:
                task.cancel()

    async def _think(self, ear: ClientConnection, voice: ClientConnection) -> None:
        words: list[str] = []
        async for raw in ear:
            message = orjson.loads(raw)
            if message.get("type") != "Results" or not message.get("is_final"):
                continue
            words.append(message["channel"]["alternatives"][0]["transcript"])
            if message.get("speech_final"):
                await self._say(voice, await self._ask(" ".join(words)))
                words.clear()

    async def _ask(self, text: str) -> str:
        body = {"model": "gpt-4o", "stream": True, "messages": [{"role": "user", "content": text}]}
        said: list[str] = []
        url, headers = f"{self._openai_url}/chat/completions", {"Authorization": "Bearer key"}
        async with self._http.stream("POST", url, json=body, headers=headers) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    choices = orjson.loads(line[6:])["choices"]
                    said.append(choices[0]["delta"].get("content") or "" if choices else "")
        return "".join(said)

    async def _say(self, voice: ClientConnection, text: str) -> None:
        await voice.send(orjson.dumps({"type": "Speak", "text": text}).decode())
        await voice.send('{"type":"Flush"}')

    async def _play(self, voice: ClientConnection, sid: str, send: Send) -> None:
        async for audio in voice:
            if isinstance(audio, bytes):
                payload = base64.b64encode(audio).decode()
                frame = {"event": "media", "streamSid": sid, "media": {"payload": payload}}
                await send({"type": "websocket.send", "text": orjson.dumps(frame).decode()})


def main() -> None:
    """Serve until stopped."""
    port, deepgram_url, openai_url = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    app = ThinServer(port, deepgram_url, openai_url)
    uvicorn.run(
        app, port=port, ws="websockets-sansio", loop="uvloop", log_level="warning", lifespan="off"
    )


if __name__ == "__main__":
    main()
