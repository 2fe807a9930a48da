"""Replies streamed from a chat completions API, with deadlines of our own.

Rules: the first piece comes within 2.5 s and the whole reply within 8 s, or the reply
has failed. A request that is slow or fails before its first piece is asked once more
(a hedge) and the first to answer wins; once a piece has been passed on nothing is asked
again. A stream is closed however it ends, because an abandoned one goes on costing. A
stream that ends without a finish reason was cut off, though the SDK does not say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from voice.core.history import Item
from voice.providers.base import Prompt, ProviderError, ReplyEnd, ReplyPiece, ToolCall, Words
from voice.providers.openai.chunks import Heard, says_something
from voice.providers.openai.client import (
    PROVIDER,
    SharedClient,
    as_provider_error,
    vendor_errors,
)
from voice.providers.openai.messages import build, tool_definitions

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream

log = logging.getLogger(__name__)

GREET_S = 3.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a reply may take, in s: the first piece, all of it, and when to ask twice."""

    first_token_s: float = 2.5
    total_s: float = 8.0
    hedge_after_s: float = 1.3


class OpenAIChatModel:
    """One call's model."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str = "gpt-4o",
        patience: Patience = Patience(),
        temperature: float = 0.3,
        max_tokens: int = 400,
    ) -> None:
        self._model, self._patience = model, patience
        self._temperature, self._max_tokens = temperature, max_tokens
        self._shared = SharedClient.acquire(api_key, base_url)
        self._greeting = asyncio.create_task(self._greet())
        self.hedges = 0

    async def _greet(self) -> None:
        """Open a connection while the phone still rings; that it fails matters only later."""
        with contextlib.suppress(ProviderError):
            await self.check()

    async def reply(
        self, prompt: Prompt, history: tuple[Item, ...]
    ) -> AsyncGenerator[ReplyPiece, None]:
        """Stream one reply: words as they come, tools when complete. Raises ProviderError."""
        heard = Heard()
        request = self._request(prompt, history)
        try:
            # Closed by hand: leaving a generator's loop does not close what it was reading.
            async with contextlib.aclosing(self._words(request, heard)) as stream:
                async for words in stream:
                    yield Words(words)
        except vendor_errors() as error:
            raise as_provider_error(error) from error
        for call in _complete_calls(heard):
            yield call
        yield ReplyEnd(usage=heard.usage, model=heard.model)

    async def check(self) -> None:
        """See whether the provider answers and knows the model. Raises ProviderError."""
        client = await self._shared.get()
        try:
            await client.with_options(timeout=GREET_S).models.retrieve(self._model)
        except vendor_errors() as error:
            raise as_provider_error(error) from error

    async def close(self) -> None:
        """Close for good. Never raises."""
        self._greeting.cancel()
        await asyncio.wait([self._greeting])
        await self._shared.release()

    # ---- one request ------------------------------------------------------------------
    def _request(self, prompt: Prompt, history: tuple[Item, ...]) -> bytes:
        """The request as it goes out. Written here, and once for both tries: the SDK would walk
        through every message and every schema for values to convert, and there are none."""
        request: dict[str, Any] = {
            "model": self._model,
            "messages": build(prompt, history),
            "stream": True,
            "stream_options": {"include_usage": True, "include_obfuscation": False},
            "temperature": self._temperature,
            "max_completion_tokens": self._max_tokens,
            "prompt_cache_key": prompt.version[:64],
        }
        if prompt.tools:
            request["tools"] = tool_definitions(prompt.tools)
            request["parallel_tool_calls"] = False
        return orjson.dumps(request)

    async def _words(self, request: bytes, heard: Heard) -> AsyncGenerator[str, None]:
        deadline = asyncio.get_running_loop().time() + self._patience.total_s
        stream, first = await self._begin(request)
        try:
            chunk: object | None = first
            while chunk is not None:
                if words := heard.take(chunk):
                    yield words
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(aiter(stream), None)
        finally:
            await stream.close()

    # ---- the first piece, and the hedge ---------------------------------------------------
    async def _begin(self, request: bytes) -> tuple[AsyncStream[object], object]:
        """The stream that answers first, with its first piece; all others are closed."""
        client = await self._shared.get()
        racing = {asyncio.create_task(_attempt(client, request))}
        try:
            async with asyncio.timeout(self._patience.first_token_s):
                done = await self._race(racing, self._patience.hedge_after_s)
                if done is None:
                    self.hedges += 1
                    log.info("reply_hedged")
                    racing.add(asyncio.create_task(_attempt(client, request)))
                    done = await self._race(racing, None)
            if done is None:
                raise ProviderError(PROVIDER, "no_answer", retryable=True)
            return done
        finally:
            await _close_losers(racing)

    @staticmethod
    async def _race(
        racing: set[asyncio.Task[tuple[Any, Any]]], timeout_s: float | None
    ) -> tuple[Any, Any] | None:
        """The first that succeeds; None if it is time to ask once more. Raises what is final."""
        loop = asyncio.get_running_loop()
        until = None if timeout_s is None else loop.time() + timeout_s
        while racing:
            left = None if until is None else max(0.0, until - loop.time())
            done, _ = await asyncio.wait(racing, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if not done:
                return None
            task = done.pop()
            racing.discard(task)
            if (error := task.exception()) is None:
                return task.result()
            if not _may_ask_again(error, last=until is None and not racing):
                raise error
        return None


def _may_ask_again(error: BaseException, *, last: bool) -> bool:
    if last or not isinstance(error, vendor_errors()) or not isinstance(error, Exception):
        return False
    return as_provider_error(error).retryable


async def _attempt(client: AsyncOpenAI, request: bytes) -> tuple[AsyncStream[object], object]:
    """Ask, and wait for the first piece that says something."""
    from openai import AsyncStream

    stream = await client.post(
        "/chat/completions",
        cast_to=object,
        content=request,
        options={"headers": {"Content-Type": "application/json"}},
        stream=True,
        stream_cls=AsyncStream[object],
    )
    try:
        async for chunk in stream:
            if says_something(chunk):
                return stream, chunk
    except BaseException:
        await stream.close()
        raise
    await stream.close()
    raise ValueError("the stream ended before it began")


async def _close_losers(racing: set[asyncio.Task[tuple[Any, Any]]]) -> None:
    for task in racing:
        task.cancel()
    for result in await asyncio.gather(*racing, return_exceptions=True):
        if isinstance(result, tuple):
            await result[0].close()


def _complete_calls(heard: Heard) -> list[ToolCall]:
    """The tool calls of a reply that came to its end. Raises ProviderError if it did not."""
    if heard.finish is None:
        raise ProviderError(PROVIDER, "cut_off", retryable=True)
    if heard.finish == "content_filter":
        raise ProviderError(PROVIDER, "content_filter", retryable=False)
    if heard.finish == "length" and heard.calls:
        raise ProviderError(PROVIDER, "cut_off", retryable=True)
    if not heard.calls and not heard.any_words:
        raise ProviderError(PROVIDER, "empty", retryable=True)
    return [
        # A tool without arguments may come with none at all.
        ToolCall(call["id"] or f"call_{index}", call["name"], call["arguments"] or "{}")
        for index, call in sorted(heard.calls.items())
    ]
