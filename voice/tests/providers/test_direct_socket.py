"""The socket under Deepgram's SDK: whole messages, in order, told as they are read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from voice.providers.deepgram import socket as sockets
from voice.providers.deepgram.socket import DirectSocket, SocketClosed, SocketRefused

Peer = Callable[[ServerConnection], Awaitable[None]]
Message = tuple[bytes, bool]


@asynccontextmanager
async def connected(peer: Peer) -> AsyncIterator[DirectSocket]:
    """A socket to a server that behaves like this."""
    async with serve(peer, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        socket = DirectSocket(f"ws://127.0.0.1:{port}/v1/listen?model=x", {"Authorization": "key"})
        await socket.open()
        try:
            yield socket
        finally:
            await socket.close()


async def all_of(socket: DirectSocket) -> list[Message]:
    """What the other side says until it says goodbye."""
    heard: list[Message] = []
    async with asyncio.timeout(10):
        await socket.listen(lambda payload, is_text: heard.append((payload, is_text)))
    return heard


messages = st.lists(st.tuples(st.text(max_size=300), st.booleans(), st.integers(1, 4)), max_size=8)


@given(messages)
@settings(max_examples=25)
def test_every_message_is_told_whole_and_in_order(sent: list[tuple[str, bool, int]]) -> None:
    async def say(line: ServerConnection) -> None:
        for text, is_text, pieces in sent:
            size = len(text) // pieces + 1
            parts = [text[at : at + size] for at in range(0, len(text), size)] or [""]
            if is_text:
                await line.send(parts)
            else:
                await line.send([part.encode() for part in parts])

    async def run() -> None:
        async with connected(say) as socket:
            assert await all_of(socket) == [(text.encode(), is_text) for text, is_text, _ in sent]

    asyncio.run(run())


async def test_what_comes_before_anybody_listens_is_kept() -> None:
    async with connected(lambda line: line.send("early")) as socket:
        await asyncio.sleep(0.1)
        assert await all_of(socket) == [(b"early", True)]


async def test_a_listener_s_bug_is_raised_where_it_listens_and_it_is_told_nothing_more() -> None:
    async def say(line: ServerConnection) -> None:
        await line.send("one")
        await line.send("two")
        await line.wait_closed()

    heard: list[bytes] = []

    def break_down(payload: bytes, is_text: bool) -> None:
        heard.append(payload)
        raise KeyError("a bug")

    async with connected(say) as socket:
        with pytest.raises(KeyError):
            await socket.listen(break_down)
        await asyncio.sleep(0.05)
    assert heard == [b"one"]


@pytest.mark.parametrize("code", [1000, 1011, 4000])
async def test_after_a_goodbye_sending_says_with_which_code_it_came(code: int) -> None:
    async with connected(lambda line: line.close(code, "NET-0001")) as socket:
        await all_of(socket)
        assert not socket.is_free
        with pytest.raises(SocketClosed, match=str(code)):
            await socket.send("still there?")


async def test_audio_and_requests_arrive_in_the_order_in_which_they_were_sent() -> None:
    got: list[str | bytes] = []

    async def hear(line: ServerConnection) -> None:
        async for message in line:
            got.append(message)

    async with connected(hear) as socket:
        socket.put(b"\x01" * 160)
        await socket.send('{"type":"Finalize"}')
        socket.put(b"\x02" * 160)
    assert got == [b"\x01" * 160, '{"type":"Finalize"}', b"\x02" * 160]


async def test_a_refused_handshake_tells_its_status() -> None:
    def refuse(_: ServerConnection, __: Request) -> Response:
        return Response(HTTPStatus.UNAUTHORIZED, "no", Headers(), b"")

    async def nothing(line: ServerConnection) -> None:
        """Is never rung."""

    async with serve(nothing, "127.0.0.1", 0, process_request=refuse) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(SocketRefused) as refused:
            await DirectSocket(f"ws://127.0.0.1:{port}", {}).open()
    assert refused.value.status_code == HTTPStatus.UNAUTHORIZED


async def test_a_side_that_never_says_goodbye_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "GOODBYE_S", 0.1)
    released = asyncio.Event()

    async def sulk(line: ServerConnection) -> None:
        line.transport.pause_reading()
        await released.wait()
        line.transport.abort()

    async with connected(sulk) as socket:
        async with asyncio.timeout(2):
            await socket.close()
        released.set()


async def test_a_socket_that_was_never_opened_closes_and_sends_nothing() -> None:
    socket = DirectSocket("ws://127.0.0.1:1", {})
    assert not socket.is_free
    socket.put(b"\x01")
    with pytest.raises(SocketClosed):
        await socket.send("hello")
    await socket.close()
