"""The SDK's client: one per process and event loop, shared by the calls that are on.

Rules: the SDK takes most of a second to import and its TLS set-up tens of ms, so both
happen in a thread, before a call needs them; connections are pooled among calls and
closed with the last of them, and kept while somebody thinks: the SDK's own five seconds would mean
a handshake in nearly every turn. Its requests go through aiohttp, which reads HTTP in C and costs
0.7 ms of a reply less. The SDK never retries by itself: on the phone, a retry that nobody decided on
is dead air.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PROVIDER = "openai"
CONNECT_S = 2.0
READ_S = 8.0
CONNECTIONS = 1000
KEPT_S = 90.0
"""How long a connection waits for the next turn of any call."""

_Key = tuple[str, str]


def warm(api_key: str, base_url: str) -> None:
    """Import the SDK and use it once, on an answer of our own. Slow: never on the event loop.

    It imports half of itself only when it is first asked something, which is in mid-call.
    """
    _make_client(api_key, base_url)
    rehearsal = threading.Thread(target=lambda: asyncio.run(_rehearse()))
    rehearsal.start()  # a loop of its own: this one's may be running
    rehearsal.join()


async def _rehearse() -> None:
    import anyio
    import httpx2
    from openai import AsyncOpenAI, AsyncStream

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, text=_ANSWER)

    anyio.Event()  # the network library looks for its own other half in the same way
    transport = httpx2.MockTransport(answer)
    async with AsyncOpenAI(
        api_key="none",
        base_url="http://rehearsal",
        http_client=httpx2.AsyncClient(transport=transport),
    ) as client:
        await client.models.retrieve("none")
        async for _ in await client.post(
            "/chat/completions",
            cast_to=object,
            content=b"{}",
            stream=True,
            stream_cls=AsyncStream[object],
        ):
            pass


_ANSWER = 'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\ndata: [DONE]\n\n'


def _make_client(api_key: str, base_url: str) -> AsyncOpenAI:
    import httpx2
    from openai import AsyncOpenAI, DefaultAioHttpClient

    timeout = httpx2.Timeout(READ_S, connect=CONNECT_S)
    limits = httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=KEPT_S)
    return AsyncOpenAI(
        api_key=api_key or "none",
        base_url=base_url,
        max_retries=0,
        timeout=timeout,
        http_client=DefaultAioHttpClient(timeout=timeout, limits=limits),
    )


class SharedClient:
    """A client and how many calls are using it."""

    _all: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[_Key, SharedClient]] = (
        WeakKeyDictionary()
    )

    def __init__(self, key: _Key) -> None:
        self._key, self._users = key, 0
        self._client: asyncio.Future[AsyncOpenAI] = asyncio.get_running_loop().run_in_executor(
            None, _make_client, *key
        )

    @classmethod
    def acquire(cls, api_key: str, base_url: str) -> SharedClient:
        """The client for this key and base, made if need be. Give it back with `release`."""
        here = cls._all.setdefault(asyncio.get_running_loop(), {})
        key = (api_key, base_url)
        shared = here.get(key) or here.setdefault(key, cls(key))
        shared._users += 1
        return shared

    async def get(self) -> AsyncOpenAI:
        """The SDK's client."""
        return await asyncio.shield(self._client)

    async def release(self) -> None:
        """One call is over; the last one closes the connections."""
        self._users -= 1
        if self._users == 0:
            self._all[asyncio.get_running_loop()].pop(self._key, None)
            await (await self._client).close()


def as_provider_error(error: Exception) -> ProviderError:
    """What an SDK error means for the call.

    A used-up quota comes as 429 like a rate limit does, but waiting does not help.
    """
    import openai

    if _is_unreachable(error):
        return ProviderError(PROVIDER, "network", retryable=True)
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return ProviderError(PROVIDER, "timeout", retryable=True)
    if isinstance(error, openai.APIStatusError):
        status = error.status_code
        passing = status in (408, 409, 429) or status >= 500
        hopeless = error.code == "insufficient_quota"
        reason = str(error.code or f"http_{status}") if hopeless else f"http_{status}"
        return ProviderError(PROVIDER, reason, retryable=passing and not hopeless)
    if isinstance(error, openai.APIConnectionError):
        return ProviderError(PROVIDER, "network", retryable=True)
    if isinstance(error, ValueError):
        return ProviderError(PROVIDER, "garbled", retryable=True)
    return ProviderError(PROVIDER, "error_midway", retryable=True)


def _is_unreachable(error: BaseException) -> bool:
    """Whether a connection failed, which the SDK's way to aiohttp tells as a time-out."""
    import aiohttp

    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, aiohttp.ClientConnectionError):
        cause = cause.__cause__
    return cause is not None and not isinstance(cause, TimeoutError)


def vendor_errors() -> tuple[type[Exception], ...]:
    """Everything by which the SDK says that the other side failed; ValueError is broken JSON."""
    import aiohttp
    import httpx2
    import openai

    return (
        openai.APIError, httpx2.HTTPError, aiohttp.ClientError, OSError, TimeoutError, ValueError,
    )  # fmt: skip
