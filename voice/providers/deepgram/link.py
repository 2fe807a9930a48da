"""One line to Deepgram through its SDK: opening, closing, and what went wrong.

Rules: the SDK takes most of a second to import, so it is imported by `warm`, in a
thread, before the first call; one SDK client serves the whole process, because it
holds nothing of a call. Its sockets are ours (socket.py). Texts are read as the JSON that they are: the
classes that the SDK makes of them read "Cleared" and "Error" as Flushed, and cost a third of a millisecond each.
A field that is missing or of another type says nothing. Source: the SDK's
`listen/v1/socket_client.py` and `speak/v1/socket_client.py`, version 7.17.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson
from picows import WSError

from voice.providers.base import ProviderError
from voice.providers.deepgram.socket import DirectSocket, SocketClosed, tls

if TYPE_CHECKING:
    from deepgram import AsyncDeepgramClient

CONNECT_S = 5.0
PERMANENT = frozenset({400, 401, 402, 403, 404})
"""Handshake answers that a second try will not change."""


Fields = dict[str, Any]
Message = bytes | Fields


class Socket(Protocol):
    """What every SDK socket has."""

    @property
    def _websocket(self) -> Any:
        """The socket that `DirectSocket` made for it."""


S = TypeVar("S", bound=Socket)


@lru_cache(maxsize=8)
def client_for(api_key: str, base_url: str) -> AsyncDeepgramClient:
    """The process's SDK client for this key and http(s) base; the ws(s) base follows from it."""
    from deepgram import AsyncDeepgramClient
    from deepgram.environment import DeepgramClientEnvironment

    http = base_url.rstrip("/")
    socket = "ws" + http.removeprefix("http")
    place = DeepgramClientEnvironment(base=http, production=socket, agent=socket, agent_rest=http)
    return AsyncDeepgramClient(api_key=api_key, environment=place, transport_factory=DirectSocket)


def warm(api_key: str, base_url: str) -> None:
    """Import the SDK and everything a call needs of it. Slow: never on the event loop."""
    client = client_for(api_key, base_url)
    _ = (client.listen.v1, client.listen.v2, client.speak.v1)
    tls()


def as_provider_error(provider: str, error: BaseException) -> ProviderError:
    """What an SDK, socket or network error means for the call."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status:
        return ProviderError(provider, f"http_{status}", retryable=status not in PERMANENT)
    if isinstance(error, SocketClosed):
        return ProviderError(provider, f"closed_{error.code}", retryable=True)
    if isinstance(error, TimeoutError):
        return ProviderError(provider, "timeout", retryable=True)
    return ProviderError(provider, "network", retryable=True)


def network_errors() -> tuple[type[BaseException], ...]:
    """Everything by which the SDK says that the other side failed."""
    from deepgram.core.api_error import ApiError

    return (ApiError, WSError, OSError, TimeoutError)


class Link(Generic[S]):
    """An open line. `socket` is the SDK's object, by which requests are made."""

    def __init__(self, provider: str, socket: S, wire: DirectSocket, stack: AsyncExitStack) -> None:
        self.provider, self.socket = provider, socket
        self._wire, self._stack = wire, stack

    @classmethod
    async def open(cls, provider: str, connecting: AbstractAsyncContextManager[S]) -> Link[S]:
        """Shake hands. Raises ProviderError."""
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(CONNECT_S):
                socket = await stack.enter_async_context(connecting)
                wire: DirectSocket = socket._websocket
                await wire.open()
        except network_errors() as error:
            raise as_provider_error(provider, error) from error
        return cls(provider, socket, wire, stack)

    @property
    def is_free(self) -> bool:
        """Whether the line is open and would take audio at once."""
        return self._wire.is_free

    def put(self, audio: bytes) -> None:
        """Send audio on a line that is free.

        Through the SDK it would be several awaits, fifty times a second and call.
        """
        self._wire.put(audio)

    async def listen(self, take: Callable[[Message], None]) -> None:
        """Tell each message as it is read, until the line closes. Raises nothing but `take`'s own bug."""

        def hear(payload: bytes, is_text: bool) -> None:
            if not is_text:
                take(payload)
            elif fields := _read(payload):
                take(fields)

        await self._wire.listen(hear)

    async def close(self) -> None:
        """Close for good. Never raises; waits 2 s at most for the other side."""
        await self._stack.aclose()


def _read(text: bytes) -> Fields:
    """A message's fields; none where it is no JSON object."""
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return fields if isinstance(fields, dict) else {}


def words(fields: Fields, name: str) -> str:
    """A text of a message, "" where there is none."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def number(fields: Fields, name: str, missing: float = 0.0) -> float:
    """A number of a message."""
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) else missing


def part(fields: Fields, name: str) -> Fields:
    """An object inside a message."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def parts(fields: Fields, name: str) -> list[Fields]:
    """The objects of a list inside a message."""
    value = fields.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
