"""The Deepgram simulator: one port that speaks /v1/listen, /v2/listen and /v1/speak.

Rules: `listening` and `speaking` say how connections behave; a sequence is
one entry per connection, the last one for all that follow, so "dies once, then works"
is two entries. What was received stays in `heard` and `spoken` for assertions.
"""

import asyncio
import http
import json
from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeVar

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from simulators.deepgram.flux import FluxListener
from simulators.deepgram.listen import Heard, Listener, Listening
from simulators.deepgram.speak import Speaker, Speaking, Spoken

GOOD_EAR, GOOD_VOICE = Listening(), Speaking()
Plan = TypeVar("Plan")
ERRORS = {
    400: "INVALID_QUERY_PARAMETER",
    401: "INVALID_AUTH",
    402: "ASR_PAYMENT_REQUIRED",
    403: "INSUFFICIENT_PERMISSIONS",
    429: "TOO_MANY_REQUESTS",
    500: "INTERNAL_SERVER_ERROR",
}


class DeepgramSimulator:
    """`async with DeepgramSimulator() as deepgram:` then point the SDK at `deepgram.url`."""

    def __init__(
        self,
        *,
        listening: Listening | Sequence[Listening] = GOOD_EAR,
        speaking: Speaking | Sequence[Speaking] = GOOD_VOICE,
        api_key: str | None = None,
        port: int = 0,
        keep_audio: bool = False,
    ) -> None:
        self._listening = _as_plans(listening)
        self._speaking = _as_plans(speaking)
        self._api_key, self._port, self._keep_audio = api_key, port, keep_audio
        self._server: Server | None = None
        self._plans: dict[ServerConnection, Listening | Speaking] = {}
        self._asked = {"/v1/listen": 0, "/v2/listen": 0, "/v1/speak": 0}
        self.heard: list[Heard] = []
        self.spoken: list[Spoken] = []
        self.open_sockets = 0

    @property
    def url(self) -> str:
        """The http base, as `DEEPGRAM_BASE_URL` wants it."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._serve,
            "127.0.0.1",
            self._port,
            process_request=self._greet,
            compression=None,
            ping_interval=None,
            close_timeout=1,
        )
        self._port = next(iter(self._server.sockets)).getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _greet(self, socket: ServerConnection, request: Request) -> Response | None:
        """Answer the handshake: None lets it through."""
        path = request.path.partition("?")[0]
        if path not in self._asked:
            return _refusal(404)
        if not self._is_authorised(request):
            return _refusal(401)
        plan = self._next_plan(path)
        if plan.handshake_delay_s:
            await asyncio.sleep(plan.handshake_delay_s)
        if plan.handshake_status:
            return _refusal(plan.handshake_status)
        self._plans[socket] = plan
        return None

    def _is_authorised(self, request: Request) -> bool:
        given = request.headers.get("Authorization", "")
        scheme, _, key = given.partition(" ")
        known = scheme.lower() in {"token", "bearer"}
        return known and bool(key) and self._api_key in (None, key)

    def _next_plan(self, path: str) -> Listening | Speaking:
        n, self._asked[path] = self._asked[path], self._asked[path] + 1
        if path == "/v1/speak":
            return _nth(self._speaking, n)
        return _nth(self._listening, n)

    async def _serve(self, socket: ServerConnection) -> None:
        plan = self._plans.pop(socket)
        path = socket.request.path if socket.request else ""
        self.open_sockets += 1
        try:
            if isinstance(plan, Speaking):
                speaker = Speaker(socket, path, plan)
                self.spoken.append(speaker.spoken)
                await speaker.run()
            else:
                kind = FluxListener if path.startswith("/v2/") else Listener
                listener = kind(socket, path, plan, self._keep_audio)
                self.heard.append(listener.heard)
                await listener.run()
        finally:
            self.open_sockets -= 1


def _as_plans(given: Plan | Sequence[Plan]) -> Sequence[Plan]:
    return given if isinstance(given, Sequence) else (given,)


def _nth(plans: Sequence[Plan], n: int) -> Plan:
    return plans[min(n, len(plans) - 1)]


def _refusal(status: int) -> Response:
    code = ERRORS.get(status, "NOT_FOUND")
    body = json.dumps({"err_code": code, "err_msg": code.lower(), "request_id": "simulated"})
    headers = Headers(
        {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "dg-error": code,
            "Connection": "close",
        }
    )
    return Response(status, http.HTTPStatus(status).phrase, headers, body.encode())
