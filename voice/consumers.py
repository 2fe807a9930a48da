"""The media stream's socket: frames to the session, the session's words to the phone.

Rules: decides nothing. `receive` never waits, because Channels hands over one
message at a time and fifty of them come every second. Work starts only when the
start message has shown a stream token that belongs to this call and was never
used before. A malformed frame is counted and dropped.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from calls.signature import stream_is_signed
from voice import assembly, media, phone_pass
from voice.core import events as ev
from voice.metrics import BAD_FRAMES
from voice.session import CallSession

log = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATIENCE_S = 9.0
"""How long a closed socket waits for its call's last writes."""
EARLY_FRAMES = 250
"""Frames kept while the call is being set up: five seconds."""


def _by_asgi(text: str) -> bool:
    """A server that offers no way past its queues."""
    return False


class StreamPhone:
    """The caller's end of a media stream: messages leave in order, at once where the line is free,
    else by one task."""

    def __init__(
        self,
        stream_sid: str,
        send: Callable[[str], Awaitable[None]],
        send_at_once: Callable[[str], bool] = _by_asgi,
    ) -> None:
        self._stream_sid = stream_sid
        self._send, self._send_at_once = send, send_at_once
        self._queue: deque[str] = deque()
        self._is_sending = False
        self._ready = asyncio.Event()

    def play(self, audio: bytes) -> None:
        """Queue audio: mu-law, 8000 Hz, any length."""
        self._put(media.media(self._stream_sid, audio))

    def mark(self, name: str) -> None:
        """Ask for this name back when everything before it has been played."""
        self._put(media.mark(self._stream_sid, name))

    def clear(self) -> None:
        """Stop at once; what has not left yet never does."""
        self._queue.clear()
        self._put(media.clear(self._stream_sid))

    def _put(self, message: str) -> None:
        if not self._queue and not self._is_sending and self._send_at_once(message):
            return
        self._queue.append(message)
        self._ready.set()

    async def deliver(self) -> None:
        """Send what is queued, for as long as the socket lives."""
        while True:
            await self._ready.wait()
            self._ready.clear()
            self._is_sending = True
            while self._queue:
                await self._send(self._queue.popleft())
            self._is_sending = False


class MediaStreamConsumer(AsyncWebsocketConsumer):
    """One call's media stream."""

    channel_layer_alias = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take messages one after the other for as long as the socket lives.

        Channels would make a task for every message and wait for a channel layer beside it;
        at fifty frames a second and call that is a tenth of all the work, for nothing.
        """
        self.scope, self.channel_layer, self.base_send = scope, None, send
        with contextlib.suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Handle a message right here.

        Channels would first wait for the process's one database thread, for every
        frame: one slow query anywhere would hold up the audio of all calls.
        """
        await getattr(self, message["type"].replace(".", "_"))(message)

    async def connect(self) -> None:
        """Accept Twilio and the browser phone, nobody else."""
        self._session: CallSession | None = None
        self._running: asyncio.Task[None] | None = None
        self._early: deque[bytes] = deque(maxlen=EARLY_FRAMES)
        self._gone: str | None = None
        self._direct: media.Direct | None = self.scope.get("extensions", {}).get(media.DIRECT)
        if stream_is_signed(self.scope) or phone_pass.holds(self.scope):
            if self._direct is not None:
                self._direct.listen(self._take_text)
            await self.accept()
        else:
            log.warning("stream_refused", extra={"code": "unsigned"})
            await self.close()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One frame of the protocol, from a server that cannot be listened to."""
        self._take_text(text_data or "")

    def _take_text(self, text: str | bytes) -> None:
        try:
            message = media.parse(text)
        except media.MediaProtocolError as problem:
            BAD_FRAMES.labels(problem.code).inc()
            return
        if type(message) is media.Media:  # nearly all of them
            self._hear(message.audio)
        else:
            self._take(message)

    def _take(self, message: media.Message) -> None:
        match message:
            case media.Mark(name=name):
                self._post(ev.MarkReached(name))
            case media.Dtmf(digit=digit):
                self._post(ev.KeyPressed(digit))
            case media.Start() if self._running is None:
                self._running = asyncio.create_task(self._run(message))
            case media.Stop():
                self._hang_up("stream_stopped")
            case _:
                pass

    def _hear(self, audio: bytes) -> None:
        if self._session is not None:
            self._session.hear(audio)
        elif self._running is not None:
            self._early.append(audio)

    def _post(self, event: ev.Event) -> None:
        if self._session is not None:
            self._session.post(event)

    def _hang_up(self, reason: str) -> None:
        self._gone = self._gone or reason
        if self._session is not None:
            self._session.hang_up(reason)

    async def _run(self, start: media.Start) -> None:
        """The whole call, from its token to its last record; then the socket is closed."""
        structlog.contextvars.bind_contextvars(call_sid=start.call_sid)
        say = _by_asgi if self._direct is None else self._direct.say
        phone = StreamPhone(start.stream_sid, self.send, say)
        delivery = asyncio.create_task(phone.deliver())
        try:
            await self._converse(start, phone)
        except assembly.StreamRefused as refusal:
            log.warning("stream_refused", extra={"code": refusal.code})
        except Exception:
            log.exception("call_broke")
            await assembly.rescue(start.call_sid)
        finally:
            delivery.cancel()
            with contextlib.suppress(Exception):  # the peer may be gone already
                await self.close()

    async def _converse(self, start: media.Start, phone: StreamPhone) -> None:
        live = await assembly.open_call(start, phone)
        if self._gone is not None:  # hung up while the call was being set up
            await live.abandon(self._gone)
            return
        self._session = live.session
        while self._early:
            live.session.hear(self._early.popleft())
        await live.run()

    async def disconnect(self, code: int) -> None:
        """The socket is gone: let the call finish its writes."""
        self._hang_up("socket_closed")
        if self._running is not None:
            await asyncio.wait({self._running}, timeout=PATIENCE_S)
