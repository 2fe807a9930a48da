"""One WebSocket to Deepgram through its SDK: opening, closing, and what went wrong.

Rules: the SDK takes most of a second to import, so it is imported by `warm`, in a
thread, before the first call; one SDK client serves the whole process, because it
holds nothing of a call. Text frames are read as the JSON that they are, off the SDK's own socket: the
classes it makes of them read "Cleared" and "Error" as Flushed, and cost a third of a millisecond each.
A field that is missing or of another type says nothing. Source: the SDK's
`listen/v1/socket_client.py` and `speak/v1/socket_client.py`, version 7.17.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import orjson
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.frames import Frame, Opcode

from voice.providers.base import ProviderError

if TYPE_CHECKING:
    from deepgram import AsyncDeepgramClient

CONNECT_S = 5.0
CLOSE_S = 2.0
PERMANENT = frozenset({400, 401, 402, 403, 404})
"""Handshake answers that a second try will not change."""


Fields = dict[str, Any]
Message = bytes | Fields


class Socket(Protocol):
    """What every SDK socket has."""

    @property
    def _websocket(self) -> Any:
        """The connection that it sends on and reads from."""


S = TypeVar("S", bound=Socket)


@lru_cache(maxsize=8)
def client_for(api_key: str, base_url: str) -> AsyncDeepgramClient:
    """The process's SDK client for this key and http(s) base; the ws(s) base follows from it."""
    from deepgram import AsyncDeepgramClient
    from deepgram.environment import DeepgramClientEnvironment

    http = base_url.rstrip("/")
    socket = "ws" + http.removeprefix("http")
    place = DeepgramClientEnvironment(base=http, production=socket, agent=socket, agent_rest=http)
    return AsyncDeepgramClient(api_key=api_key, environment=place)


def warm(api_key: str, base_url: str) -> None:
    """Import the SDK and everything a call needs of it. Slow: never on the event loop."""
    client = client_for(api_key, base_url)
    _ = (client.listen.v1, client.listen.v2, client.speak.v1)


def as_provider_error(provider: str, error: BaseException) -> ProviderError:
    """What an SDK, socket or network error means for the call."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return ProviderError(provider, f"http_{status}", retryable=status not in PERMANENT)
    if isinstance(error, ConnectionClosed):
        code = error.rcvd.code if error.rcvd else 1006
        return ProviderError(provider, f"closed_{code}", retryable=True)
    if isinstance(error, TimeoutError):
        return ProviderError(provider, "timeout", retryable=True)
    return ProviderError(provider, "network", retryable=True)


def network_errors() -> tuple[type[BaseException], ...]:
    """Everything by which the SDK says that the other side failed."""
    from deepgram.core.api_error import ApiError

    return (ApiError, WebSocketException, OSError, TimeoutError)


class Link(Generic[S]):
    """An open SDK socket. `socket` is the SDK's object."""

    def __init__(self, provider: str, socket: S, stack: AsyncExitStack) -> None:
        self.provider, self.socket = provider, socket
        self._stack = stack

    @classmethod
    async def open(cls, provider: str, connecting: AbstractAsyncContextManager[S]) -> Link[S]:
        """Shake hands. Raises ProviderError."""
        stack = AsyncExitStack()
        try:
            async with asyncio.timeout(CONNECT_S):
                socket = await stack.enter_async_context(connecting)
        except network_errors() as error:
            raise as_provider_error(provider, error) from error
        return cls(provider, socket, stack)

    @property
    def is_free(self) -> bool:
        """Whether the line is open and would take audio at once."""
        websocket = self.socket._websocket
        return bool(websocket.open) and not websocket.transport.get_write_buffer_size()

    def put(self, audio: bytes) -> None:
        """Send audio on a line that is free.

        Through the SDK it would be a task and several awaits, fifty times a second and call.
        """
        frame = Frame(Opcode.BINARY, audio).serialize(mask=True)
        self.socket._websocket.transport.write(frame)

    async def messages(self) -> AsyncIterator[Message]:
        """Messages until the socket closes, however it closes. Raises nothing."""
        with contextlib.suppress(ConnectionClosed, OSError):
            async for raw in self.socket._websocket:
                if isinstance(raw, bytes):
                    yield raw
                elif fields := _read(raw):
                    yield fields

    async def close(self) -> None:
        """Close for good. Never raises; waits 2 s at most for the other side."""
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._stack.aclose()
        except network_errors():
            self._abort()

    def _abort(self) -> None:
        """Drop a line whose other side does not say goodbye; the SDK itself would wait for it."""
        transport = self.socket._websocket.transport
        if transport is not None:
            transport.abort()


def _read(text: str) -> Fields:
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
