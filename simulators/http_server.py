"""A simulator's life: a port that is open for as long as somebody is inside `async with`."""

import asyncio
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from simulators.wire import Connection, PeerGone, Request


class HttpSimulator(ABC):
    """Answers requests on a port of its own (any free one where `port` is 0).

    `cancelled` counts the clients that went away before they had their whole answer.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._peers: set[asyncio.Task[None]] = set()
        self.cancelled = 0

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def open_connections(self) -> int:
        """How many clients are connected."""
        return len(self._peers)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server:
            self._server.close()
        for peer in list(self._peers):
            peer.cancel()
        await asyncio.gather(*self._peers, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._peers.add(task)
            task.add_done_callback(self._peers.discard)
        peer = Connection(reader, writer)
        try:
            while request := await peer.next_request():
                await self._answer(peer, request)
        except PeerGone:
            self.cancelled += 1
        except asyncio.CancelledError:
            pass  # the simulator closes; asyncio logs a cancelled connection as an error
        finally:
            await peer.close()

    @abstractmethod
    async def _answer(self, peer: Connection, request: Request) -> None:
        """Answer one request. Raises PeerGone where the client has left."""
