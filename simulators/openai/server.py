"""The OpenAI simulator: chat completions, streamed, driven by a policy.

Rules: a request that the vendor would refuse is refused; a client that goes away
stops the generation and is counted in `cancelled`; faults are one per request, the
last for all that follow.
"""

import inspect
import json
import time
from collections.abc import Sequence
from typing import Any

from simulators.http_server import HttpSimulator
from simulators.openai.answers import ERRORS, Answer, Fault, Policy, deltas, say
from simulators.openai.rules import problem_with
from simulators.wire import Connection, Request

STALL_S = 60.0


class OpenAISimulator(HttpSimulator):
    """`async with OpenAISimulator(policy) as openai:` then point the SDK at `openai.url`.

    `first_token_s` and `token_s` are the model's pace. `requests` keeps every body
    that was accepted, `cancelled` counts generations that nobody waited for.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        faults: Fault | Sequence[Fault] = Fault.NONE,
        first_token_s: float | Sequence[float] = 0.0,
        token_s: float = 0.0,
        api_key: str | None = None,
        port: int = 0,
    ) -> None:
        super().__init__(port)
        self._policy = policy or say("Sure.")
        self._faults = [faults] if isinstance(faults, Fault) else list(faults)
        pace = first_token_s
        self._first_token_s = [pace] if isinstance(pace, int | float) else list(pace)
        self._token_s, self._api_key = token_s, api_key
        self._asked = 0
        self.requests: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.streams_open = 0

    @property
    def url(self) -> str:
        """The base, as `OPENAI_BASE_URL` wants it."""
        return f"{self.address}/v1"

    async def _answer(self, peer: Connection, request: Request) -> None:
        if self._is_unauthorised(request):
            await _refuse(peer, *ERRORS[Fault.UNAUTHORISED])
            return
        if "/models" in request.path:
            await peer.answer(
                200, {"id": "gpt-4o", "object": "model", "created": 0, "owned_by": "us"}
            )
            return
        n, self._asked = self._asked, self._asked + 1
        fault = self._faults[min(n, len(self._faults) - 1)]
        if fault in ERRORS:
            await _refuse(peer, *ERRORS[fault])
            return
        body = json.loads(request.body or b"{}")
        problem = problem_with(body)
        if problem:
            self.refused.append(problem)
            await _refuse(peer, 400, "invalid_request_error", problem)
            return
        self.requests.append(body)
        await self._complete(peer, body, fault, n)

    def _is_unauthorised(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        return not given or self._api_key not in (None, given)

    async def _complete(self, peer: Connection, body: dict[str, Any], fault: Fault, n: int) -> None:
        if fault is Fault.STALL_BEFORE_HEADERS:
            await peer.pause(STALL_S)
        made = self._policy(body["messages"], body.get("tools") or [])
        answer = await made if inspect.isawaitable(made) else made
        answer = Answer(answer) if isinstance(answer, str) else answer
        if not body.get("stream"):
            await peer.answer(200, _whole(body, answer))
            return
        self.streams_open += 1
        try:
            await self._stream(peer, body, answer, fault, n)
        finally:
            self.streams_open -= 1

    async def _stream(
        self, peer: Connection, body: dict[str, Any], answer: Answer, fault: Fault, n: int
    ) -> None:
        await peer.start_stream({"x-request-id": f"req_{n}"})
        await peer.pause(self._first_token_s[min(n, len(self._first_token_s) - 1)])
        if fault is Fault.STALL_BEFORE_FIRST:
            await peer.pause(STALL_S)
        pieces = list(deltas(answer))
        for at, (delta, finish) in enumerate(pieces):
            if at == max(1, len(pieces) // 2) and await self._break_off(peer, fault):
                return
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
            await peer.send_event(_chunk(body, n, [choice]))
            await peer.pause(self._token_s)
        if (body.get("stream_options") or {}).get("include_usage"):
            await peer.send_event(_chunk(body, n, [], _usage(body, answer)))
        await peer.send_event("[DONE]")
        await peer.end_stream()

    @staticmethod
    async def _break_off(peer: Connection, fault: Fault) -> bool:
        """Fail in the middle, where this fault does; True when nothing more is to be sent."""
        match fault:
            case Fault.STALL_MIDWAY:
                await peer.pause(STALL_S)
            case Fault.ABORT:
                peer.abort()
            case Fault.CLEAN_EOF:
                await peer.end_stream()
            case Fault.ERROR_MIDWAY:
                error = {"message": "The server had an error", "type": "server_error"}
                await peer.send_event(json.dumps({"error": error}))
                await peer.end_stream()
            case Fault.GARBAGE:
                await peer.send_event('{"id": "chatcmpl')
                await peer.end_stream()
            case _:
                return False
        return True


async def _refuse(peer: Connection, status: int, kind: str, code: str) -> None:
    error = {"message": code, "type": kind, "param": None, "code": code}
    headers = {"retry-after": "1"} if code == "rate_limit_exceeded" else {}
    await peer.answer(status, {"error": error}, {"x-request-id": "req_refused", **headers})


def _chunk(body: dict[str, Any], n: int, choices: list[dict[str, Any]], usage: Any = None) -> str:
    return json.dumps(
        {
            "id": f"chatcmpl-{n}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": body["model"],
            "service_tier": "default",
            "system_fingerprint": "fp_simulated",
            "choices": choices,
            "usage": usage,
        }
    )


def _usage(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """Counted as four characters a token; the static first message counts as cached."""
    prompt = len(json.dumps(body["messages"])) // 4
    first = len(json.dumps(body["messages"][0])) // 4
    cached = first // 128 * 128 if prompt >= 1024 else 0
    said = (len(answer.content) + sum(len(str(call.arguments)) for call in answer.calls)) // 4
    return {
        "prompt_tokens": prompt,
        "completion_tokens": said,
        "total_tokens": prompt + said,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    }


def _whole(body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    calls = [
        {
            "id": call.id or f"call_{n}",
            "type": "function",
            "function": {
                "name": call.name,
                "arguments": call.arguments
                if isinstance(call.arguments, str)
                else json.dumps(call.arguments),
            },
        }
        for n, call in enumerate(answer.calls)
    ]
    message = {"role": "assistant", "content": answer.content, "tool_calls": calls or None}
    finish = answer.finish_reason or ("tool_calls" if calls else "stop")
    return {
        "id": "chatcmpl-whole",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": _usage(body, answer),
    }
