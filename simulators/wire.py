"""Just enough HTTP/1.1 to serve a streaming API and to break off in the middle of it.

Rules: one request at a time per connection, bodies by Content-Length, answers with a
fixed length or chunked; a peer that goes away is noticed while we are still sending.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden"}
EVENTS = "text/event-stream; charset=utf-8"
LARGEST_BODY = 8 * 1024 * 1024


class PeerGone(Exception):
    """The client closed its connection."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Connection:
    """One client's connection, with requests in turn."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def next_request(self) -> Request | None:
        """The next request, None when the client has closed."""
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        length = min(int(headers.get("content-length", "0")), LARGEST_BODY)
        return Request(method, path, headers, await self._reader.readexactly(length))

    async def answer(
        self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        """A whole JSON answer."""
        data = json.dumps(body).encode()
        fields = {"content-type": "application/json", "content-length": str(len(data))}
        await self._head(status, {**fields, **(headers or {})})
        await self._write(data)

    async def start_stream(self, headers: dict[str, str], kind: str = EVENTS) -> None:
        """Begin a chunked answer, of events unless `kind` says otherwise."""
        fields = {"content-type": kind, "transfer-encoding": "chunked"}
        await self._head(200, {**fields, **headers})

    async def send_event(self, data: str) -> None:
        """One server-sent event. Raises PeerGone."""
        await self.send_chunk(f"data: {data}\n\n".encode())

    async def send_chunk(self, data: bytes) -> None:
        """One chunk of a chunked answer. Raises PeerGone."""
        await self._write(b"%x\r\n%s\r\n" % (len(data), data))

    async def end_stream(self) -> None:
        """The last chunk."""
        await self._write(b"0\r\n\r\n")

    async def pause(self, seconds: float) -> None:
        """Wait, but not for somebody who has hung up. Raises PeerGone."""
        if self.is_gone():
            raise PeerGone
        until = asyncio.get_running_loop().time() + seconds
        while (left := until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(min(left, 0.02))
            if self.is_gone():
                raise PeerGone

    def is_gone(self) -> bool:
        """Whether the client has closed its side."""
        return self._reader.at_eof() or self._writer.is_closing()

    def abort(self) -> None:
        """Drop the line, as a broken network does."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close politely."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except ConnectionError:
            return

    async def _head(self, status: int, headers: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Error')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        await self._write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    async def _write(self, data: bytes) -> None:
        if self.is_gone():
            raise PeerGone
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError as error:
            raise PeerGone from error
