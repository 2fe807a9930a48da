"""The WebSocket under Deepgram's SDK: each message is told as it is read, without a queue.

Rules: the SDK takes the factory of its sockets from outside (`transport_factory`, one for the
whole process), and goes on making addresses, keys and messages. Its own socket hands a message
through a buffer, two tasks and five turns of the event loop; beside a hundred calls each turn may
take milliseconds, and the caller waits for all of them. This one calls whoever listens while it
reads. It is opened by `open`, because a factory can't wait; what comes before anybody listens is
kept. The SDK's way of reading from a socket is not offered: nobody here uses it.
Source: the SDK's `transport.py` and `transport_interface.py`, version 7.17; RFC 6455, section 7.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from picows import (
    WSCloseCode,
    WSError,
    WSFrame,
    WSHandshakeError,
    WSListener,
    WSMsgType,
    WSTransport,
    ws_connect,
)

HANDSHAKE_S = 5.0
PING_S = 20.0
"""A line on which nothing comes in for so long is asked whether it lives."""
GOODBYE_S = 2.0
"""How long the other side may take to say goodbye, too."""

Listener = Callable[[bytes, bool], None]
"""Is given each message whole, and whether it is a text."""

_DATA = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION)


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """Made once for all calls: reading the certificates takes tens of ms. Slow the first time."""
    return ssl.create_default_context()


class SocketRefused(ConnectionError):
    """The handshake was answered with something else; `status_code` is the HTTP status, 0 unknown."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"handshake refused: {status_code}")
        self.status_code = status_code


class SocketClosed(ConnectionError):
    """There is no line any more; `code` as in RFC 6455, 1006 where nobody said goodbye."""

    def __init__(self, code: int) -> None:
        super().__init__(f"socket closed: {code}")
        self.code = code


class DirectSocket(WSListener):
    """One socket of the SDK's: its factory gives the address and the headers."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url, self._headers = url, headers
        self._transport: WSTransport | None = None
        self._listener: Listener | None = None
        self._early: list[tuple[bytes, bool]] = []
        self._parts: list[bytes] = []
        self._is_text = False
        self._code = 1006
        self._bug: Exception | None = None
        self._over = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    async def open(self) -> None:
        """Shake hands. Raises SocketRefused, OSError, TimeoutError."""
        try:
            self._transport, _ = await ws_connect(
                lambda: self,
                self._url,
                ssl_context=tls() if self._url.startswith("wss:") else None,
                extra_headers=self._headers,
                websocket_handshake_timeout=HANDSHAKE_S,
                enable_auto_ping=True,
                auto_ping_idle_timeout=PING_S,
                auto_ping_reply_timeout=PING_S,
                max_redirects=0,
                use_aiofastnet=False,  # uvloop is what the rest of a call runs on, and is measured with
            )
        except WSHandshakeError as refusal:
            status = 0 if refusal.response is None else int(refusal.response.status)
            raise SocketRefused(status) from refusal

    # ---- what comes in ------------------------------------------------------------------
    async def listen(self, listener: Listener) -> None:
        """Tell each message from the first on, until the line closes. Raises the listener's own bug."""
        self._listener = listener
        early, self._early = self._early, []
        for message in early:
            listener(*message)
        await self._over.wait()
        if self._bug is not None:
            raise self._bug

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        """A frame was read: a message, a part of one, or the other side's goodbye."""
        if frame.msg_type in _DATA:
            self._take(frame)
        elif frame.msg_type is WSMsgType.CLOSE:
            self._code = _number(frame.get_close_code()) or 1005
            transport.send_close(WSCloseCode.OK)
            transport.disconnect()

    def _take(self, frame: WSFrame) -> None:
        payload = frame.get_payload_as_bytes()
        if frame.msg_type is not WSMsgType.CONTINUATION:
            self._is_text = frame.msg_type is WSMsgType.TEXT
        if self._parts or not frame.fin:
            self._parts.append(payload)
        if not frame.fin:
            return
        if self._parts:
            payload = b"".join(self._parts)
            self._parts.clear()
        self._tell(payload, self._is_text)

    def _tell(self, payload: bytes, is_text: bool) -> None:
        if self._listener is None:
            self._early.append((payload, is_text))
        elif not self._over.is_set():
            try:
                self._listener(payload, is_text)
            except Exception as bug:  # noqa: BLE001 - raised where it is listened
                self._bug = bug
                self._over.set()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        """The line is gone."""
        self._over.set()
        self._writable.set()

    # ---- what goes out ------------------------------------------------------------------
    @property
    def is_free(self) -> bool:
        """Whether the line is open, and what was sent has left."""
        line = self._transport
        return (
            line is not None
            and not line.is_disconnected
            and not line.underlying_transport.get_write_buffer_size()
        )

    def put(self, audio: bytes) -> None:
        """Send audio without waiting, on a line that is free."""
        if self._transport is not None:
            self._transport.send(WSMsgType.BINARY, audio)

    async def send(self, data: bytes | str) -> None:
        """Send a message, once the line takes it. Raises SocketClosed."""
        await self._writable.wait()
        line = self._transport
        if line is None or line.is_disconnected or line.is_close_frame_sent:
            raise SocketClosed(self._code)
        line.send(WSMsgType.TEXT if isinstance(data, str) else WSMsgType.BINARY, data)

    def pause_writing(self) -> None:
        """Too much waits to be sent."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has left."""
        self._writable.set()

    async def close(self) -> None:
        """Say goodbye, and wait a moment for the other side's. Raises nothing."""
        line = self._transport
        if line is None or line.is_disconnected:
            return
        line.send_close(WSCloseCode.OK)
        with contextlib.suppress(TimeoutError, WSError):
            async with asyncio.timeout(GOODBYE_S):
                await line.wait_disconnected()
        line.disconnect(graceful=False)


def _number(code: Any) -> int:
    """A close code as a number; those that the library has no name for are numbers already."""
    return int(getattr(code, "value", code) or 0)
