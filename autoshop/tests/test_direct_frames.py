"""Texts reach a listener once, in order and whole, however the network cuts their bytes."""

import asyncio
from itertools import pairwise
from typing import Any

import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState
from websockets.frames import Frame, Opcode

from autoshop.direct_frames import FOREIGN, NOT_WHOLE, DirectFrames, frame_end
from voice.media import DIRECT

HANDSHAKE = (
    b"GET /media-stream HTTP/1.1\r\nHost: shop\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
Scope = dict[str, Any]


class Wire:
    """The transport: keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, name: str, default: object = None) -> None:
        return None

    def pause_reading(self) -> None:
        """The queue's way to say that a message waits."""

    def resume_reading(self) -> None:
        """The queue is empty again."""


class Peer:
    """A socket of ours, with a listener or without, and what came out of it."""

    def __init__(self, *, listens: bool = True) -> None:
        self.heard: list[bytes] = []
        self.queued: list[Scope] = []
        self._listens = listens

    async def open(self) -> None:
        config = uvicorn.Config(
            self._application, lifespan="off", log_config=None, interface="asgi3"
        )
        config.load()
        self.wire = Wire()
        self.socket = DirectFrames(config, ServerState(), {})
        self.socket.connection_made(self.wire)  # type: ignore[arg-type]
        self.socket.data_received(HANDSHAKE)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert b"101" in self.wire.written

    async def _application(self, scope: Scope, receive: Any, send: Any) -> None:
        await receive()
        if self._listens:
            scope["extensions"][DIRECT].listen(self.heard.append)
        await send({"type": "websocket.accept"})
        while self.queued[-1:] == [] or self.queued[-1]["type"] != "websocket.disconnect":
            self.queued.append(await receive())


def frames_of(text: bytes, pieces: int) -> bytes:
    """A text as so many frames, masked as a client must."""
    ends = [len(text) * n // pieces for n in range(pieces + 1)]
    return b"".join(
        Frame(
            Opcode.TEXT if begin == 0 and n == 0 else Opcode.CONT, text[begin:end], n == pieces - 1
        ).serialize(mask=True)
        for n, (begin, end) in enumerate(pairwise(ends))
    )


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The bytes in the pieces in which they are read."""
    ends = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[begin:end] for begin, end in pairwise(ends)]


texts = st.integers(0, 400).map(lambda n: b"x%d" % n + b"y" * n)
messages = st.lists(st.tuples(texts, st.integers(1, 3), st.booleans()), max_size=8)


@given(messages, st.lists(st.integers(0, 5000), max_size=12))
def test_every_text_is_heard_once_in_order_however_it_is_cut(
    sent: list[tuple[bytes, int, bool]], places: list[int]
) -> None:
    async def run() -> None:
        peer = Peer()
        await peer.open()
        data = b""
        for text, pieces, pinged in sent:
            data += frames_of(text, pieces)
            data += Frame(Opcode.PING, b"still there").serialize(mask=True) if pinged else b""
        for piece in cut(data, places):
            peer.socket.data_received(piece)
        assert peer.heard == [text for text, _, _ in sent]
        assert peer.queued == []
        pongs = peer.wire.written.count(b"still there")
        assert pongs == sum(pinged for _, _, pinged in sent)
        peer.socket.connection_lost(None)

    asyncio.run(run())


async def test_a_text_longer_than_a_telephone_sends_is_heard_and_so_is_what_follows() -> None:
    peer = Peer()
    await peer.open()
    long = b"z" * 70_000
    for piece in cut(
        frames_of(b"before", 1) + frames_of(long, 1) + frames_of(b"after", 1), [9, 70]
    ):
        peer.socket.data_received(piece)
    assert peer.heard == [b"before", long, b"after"]


async def test_a_goodbye_comes_after_what_was_said_before_it() -> None:
    peer = Peer()
    await peer.open()
    bye = Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True)
    peer.socket.data_received(frames_of(b"last words", 1) + bye + frames_of(b"too late", 1))
    await asyncio.sleep(0)
    assert peer.heard == [b"last words"]
    assert [each["type"] for each in peer.queued] == ["websocket.disconnect"]


async def test_an_unmasked_frame_ends_the_connection_as_the_protocol_wants() -> None:
    peer = Peer()
    await peer.open()
    peer.socket.data_received(Frame(Opcode.TEXT, b"bare-faced").serialize(mask=False))
    await asyncio.sleep(0)
    assert peer.heard == []
    assert peer.wire.is_closed


async def test_without_a_listener_messages_wait_in_the_queue_as_ever() -> None:
    peer = Peer(listens=False)
    await peer.open()
    peer.socket.data_received(frames_of(b"hello", 1))
    await asyncio.sleep(0)
    assert peer.queued == [{"type": "websocket.receive", "text": "hello"}]


def test_a_frame_ends_where_its_length_says() -> None:
    short, long = frames_of(b"ab", 1), frames_of(b"c" * 300, 1)
    assert (frame_end(short), frame_end(short + long)) == (8, 8)
    assert (frame_end(long), frame_end(long[:-1]), frame_end(b"\x81")) == (
        308,
        NOT_WHOLE,
        NOT_WHOLE,
    )
    assert frame_end(frames_of(b"d" * 70_000, 1)) == FOREIGN


async def test_what_is_said_leaves_at_once_and_whole() -> None:
    peer = Peer()
    await peer.open()
    peer.wire.written = b""
    assert peer.socket.say("good day")
    assert peer.wire.written == b"\x81\x08good day"


async def test_on_a_full_line_nothing_is_said_past_what_waits() -> None:
    peer = Peer()
    await peer.open()
    peer.socket.pause_writing()
    assert not peer.socket.say("good day")
    peer.socket.resume_writing()
    assert peer.socket.say("good day")


async def test_after_a_goodbye_nothing_is_said() -> None:
    peer = Peer()
    await peer.open()
    peer.socket.data_received(Frame(Opcode.CLOSE, b"\x03\xe8").serialize(mask=True))
    written = peer.wire.written
    assert not peer.socket.say("one more thing")
    assert peer.wire.written == written
