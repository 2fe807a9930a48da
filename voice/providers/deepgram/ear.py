"""What both of Deepgram's ears share: a line that is kept open, and a tape of the call.

Rules: audio is put on a tape, and goes out at once where the line is free; else one task sends
it, so that it stays in order. A message is understood, and told, in the turn of the event loop that
reads it. A broken line is reported, opened again and told everything that no final covered.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import Generic

from voice.core import events
from voice.providers.base import ProviderError
from voice.providers.deepgram.link import (
    Fields,
    Link,
    Message,
    S,
    as_provider_error,
    network_errors,
    warm,
)
from voice.providers.deepgram.tape import Tape
from voice.providers.teller import Teller

log = logging.getLogger(__name__)

SEND_S = 3.0
"""A frame that cannot be handed over for so long means that the line is dead."""
RETRY_S = (0.0, 0.25, 0.5, 1.0, 2.0, 3.0, 3.0)
"""Pauses before each try to get the ear back; after the last one it is lost for good."""


class KeptEar(Teller, ABC, Generic[S]):
    """A caller's ear over a line that may break."""

    idle_s: float
    """After so long without audio or requests, `_idle` says what the line needs."""
    least_send = 1
    """Bytes that are collected before they are sent."""
    largest_send = 8000

    def __init__(
        self, *, api_key: str, base_url: str, retry_s: tuple[float, ...] = RETRY_S
    ) -> None:
        super().__init__()
        self._api_key, self._base_url, self._retry_s = api_key, base_url, retry_s
        self._tape = Tape()
        self._wake = asyncio.Event()
        self._busy_since: float | None = None
        """When what is being handed over now was begun, s of the loop's clock."""
        self._quiet_since = 0.0
        self._link: Link[S] | None = None
        self._serving: Link[S] | None = None
        """The line that takes audio now."""
        self._keeper: asyncio.Task[None] | None = None

    @abstractmethod
    async def _open(self) -> Link[S]:
        """Shake hands. Raises ProviderError."""

    @abstractmethod
    async def _send_media(self, socket: S, chunk: bytes) -> None:
        """Send audio."""

    @abstractmethod
    async def _send_request(self, socket: S) -> bool:
        """Send one control message that is owed; whether there was any."""

    @abstractmethod
    async def _idle(self, socket: S) -> None:
        """Keep a line alive on which nothing is said."""

    @abstractmethod
    def _take(self, message: Fields) -> None:
        """Understand one message."""

    def _restored(self) -> None:
        """A new line listens; whoever waits for something of the old one may think again."""

    async def connect(self) -> None:
        """Open the connection. Raises ProviderError."""
        await asyncio.to_thread(warm, self._api_key, self._base_url)
        self._link = await self._open()
        self._keeper = asyncio.create_task(self._keep(self._link))
        self._keeper.add_done_callback(self._end_by_bug)

    def send(self, audio: bytes) -> None:
        """Take a frame; the oldest are dropped when the line has been down for long."""
        self._tape.record(audio)
        if self._tape.unsent >= self.least_send and not self._send_at_once():
            self._wake.set()

    def _send_at_once(self) -> bool:
        """Send what waits, unless something goes before it. Whether nothing is left to be sent."""
        link = self._serving
        if link is None or self._busy_since is not None or not link.is_free:
            return False
        link.put(self._tape.next_chunk(self.largest_send))
        self._quiet_since = asyncio.get_running_loop().time()
        return self._tape.unsent < self.least_send

    async def close(self) -> None:
        """Close for good. Never raises."""
        if self._keeper:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        if self._link:
            await self._link.close()
        self._end()

    # ---- the line ---------------------------------------------------------------
    async def _keep(self, link: Link[S]) -> None:
        """Serve one connection after another until the ear is closed or lost for good."""
        while True:
            await self._serve(link)
            await link.close()
            self._hear(events.HearingLost())
            if (again := await self._reopen()) is None:
                self._hear(events.HearingLost(for_good=True))
                self._end()
                return
            self._link = link = again
            self._tape.rewind()
            self._wake.set()
            self._hear(events.HearingRestored())
            self._restored()

    async def _reopen(self) -> Link[S] | None:
        for pause in self._retry_s:
            await asyncio.sleep(pause)
            try:
                return await self._open()
            except ProviderError as error:
                log.warning("ear_not_back", extra={"reason": error.reason})
                if not error.retryable:
                    return None
        return None

    async def _serve(self, link: Link[S]) -> None:
        """Send and receive until either fails. Raises nothing but cancellation and bugs."""
        self._busy_since, self._quiet_since = None, asyncio.get_running_loop().time()
        work = (self._send_all(link), link.listen(self._take_message), self._watch(link))
        tasks = [asyncio.create_task(each) for each in work]
        self._serving = link
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._serving = None
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _send_all(self, link: Link[S]) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._tape.unsent >= self.least_send:
                    self._busy_since = clock()
                    await self._send_media(link.socket, self._tape.next_chunk(self.largest_send))
                while await self._send_request(link.socket):
                    pass
                self._busy_since, self._quiet_since = None, clock()
        except network_errors() as error:
            self._log_loss(link, as_provider_error(link.provider, error).reason)

    async def _watch(self, link: Link[S]) -> None:
        """Returns when the line takes nothing any more; keeps it alive while nothing is said.

        One look now and then instead of a time-out for each of fifty frames a second.
        """
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(min(self.idle_s, SEND_S) / 2)
            if self._busy_since is not None:
                if clock() - self._busy_since > SEND_S:
                    self._log_loss(link, "stuck")
                    return
            elif clock() - self._quiet_since >= self.idle_s:
                self._quiet_since = clock()
                try:
                    await self._idle(link.socket)
                except network_errors() as error:
                    self._log_loss(link, as_provider_error(link.provider, error).reason)
                    return

    @staticmethod
    def _log_loss(link: Link[S], reason: str) -> None:
        log.warning("ear_lost", extra={"provider": link.provider, "reason": reason})

    def _take_message(self, message: Message) -> None:
        if not isinstance(message, bytes):
            self._take(message)
