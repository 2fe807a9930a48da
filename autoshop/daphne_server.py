"""Daphne with a SIGTERM that lets live calls end.

Stock Daphne drops its sockets (the peer sees 1006) and never runs a consumer's
`disconnect`, so a call in progress would not be finished in the database. This
subclass closes every socket with 1012, tells each consumer, and waits.
"""

import asyncio
import sys
from typing import Any

from daphne.endpoints import build_endpoint_description_strings
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer

SERVICE_RESTART = 1012


class GracefulDaphne(Server):
    """The server; `grace_seconds` is how long consumers get to finish."""

    grace_seconds = 10

    @classmethod
    def serve(cls, application: str, host: str, port: int) -> None:
        """Run until told to stop."""
        module, _, name = application.partition(":")
        __import__(module)
        endpoints = build_endpoint_description_strings(host=host, port=port)
        server = cls(
            application=getattr(sys.modules[module], name),
            endpoints=endpoints,
            application_close_timeout=cls.grace_seconds,
            server_name="",
        )
        server.run()

    def kill_all_applications(self) -> Any:
        """Twisted calls this before it shuts down, and waits for what it returns."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        """Close every socket, tell its consumer, wait for the consumers to return."""
        ending = [
            self._end(protocol, details["application_instance"])
            for protocol, details in list(self.connections.items())
            if isinstance(protocol, WebSocketProtocol) and details.get("application_instance")
        ]
        running = [task for task in ending if not task.done()]
        if running:
            await asyncio.wait(running, timeout=self.grace_seconds)
        super().kill_all_applications()

    def _end(self, protocol: Any, task: "asyncio.Task[None]") -> "asyncio.Task[None]":
        if not task.done():
            # autobahn's own sendClose refuses the codes 1001 to 2999.
            protocol.sendCloseFrame(code=SERVICE_RESTART)
            self.protocol_disconnected(protocol)  # what the app still sends is dropped, not raised
            message = {"type": "websocket.disconnect", "code": SERVICE_RESTART}
            protocol.application_queue.put_nowait(message)
        return task
