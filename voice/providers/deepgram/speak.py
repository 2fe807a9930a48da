"""Deepgram's /v1/speak as the agent's voice.

Rules: every clause is flushed by itself, so that what was heard can be told clause by
clause; the flushes come out of a budget, and a second and third connection is opened
before the budget of the first runs out, never after. A clause cut short is cleared in
the background while the next one may already use another connection. A clause that
failed before its first byte is tried once more on a fresh connection.
"""

import asyncio
import logging
from collections.abc import Coroutine

from voice.providers.base import Play, ProviderError
from voice.providers.deepgram.budget import FLUSHES, WINDOW_S, FlushBudget
from voice.providers.deepgram.link import Link, client_for, warm
from voice.providers.deepgram.mouth import PROVIDER, FlushRefused, Mouth

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 3
SHORT_AT = 6
"""With so few flushes left in all, another connection is opened."""
FREE_S = 1.0
REOPEN_S = 5.0
"""A connection that closes by itself is replaced at once, but not more often than this."""


class DeepgramTextToSpeech:
    """One agent's voice."""

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str = "aura-asteria-en",
        flushes: int = FLUSHES,
        window_s: float = WINDOW_S,
    ) -> None:
        self._api_key, self._base_url, self._model = api_key, base_url, model
        self._flushes, self._window_s = flushes, window_s
        self._mouths: list[Mouth] = []
        self._opening = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()
        self._reopened_at = -REOPEN_S
        self._closed = False

    async def connect(self) -> None:
        """Open the first connection. Raises ProviderError."""
        async with self._opening:
            if not any(mouth.is_open for mouth in self._mouths):
                await self._open()

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """Say one clause, mu-law 8000 Hz. Raises ProviderError."""
        if not any(letter.isalnum() for letter in text):
            return  # nothing to say: a voice would never answer
        said_any = False

        def pass_on(audio: bytes) -> None:
            nonlocal said_any
            said_any = True
            play(audio)

        for attempt in (1, 2, 3):
            mouth = await self._free_mouth()
            try:
                await self._speak_with(mouth, text, pass_on)
                return
            except FlushRefused:
                mouth.budget.exhaust(self._now())
                self._later(self._clear(mouth))
            except ProviderError as error:
                if said_any or not error.retryable or attempt > 1:
                    raise
                log.warning("voice_tried_again", extra={"reason": error.reason})
        raise ProviderError(PROVIDER, "no_flushes_left", retryable=True)

    async def _speak_with(self, mouth: Mouth, text: str, play: Play) -> None:
        try:
            await mouth.speak(text, play)
        except asyncio.CancelledError:
            self._later(self._clear(mouth))
            raise
        if self._flushes_left() < SHORT_AT:
            self._later(self._open_another())

    async def close(self) -> None:
        """Close for good. Never raises."""
        self._closed = True
        for task in tuple(self._background):
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await asyncio.gather(*(mouth.close() for mouth in self._mouths))

    # ---- connections ----------------------------------------------------------------
    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _flushes_left(self) -> int:
        now = self._now()
        return sum(mouth.budget.left(now) for mouth in self._mouths if mouth.is_open)

    def _usable(self) -> Mouth | None:
        """The free connection with most flushes left."""
        now = self._now()
        free = [m for m in self._mouths if m.is_open and m.is_free and m.budget.left(now) > 0]
        return max(free, key=lambda mouth: mouth.budget.left(now), default=None)

    async def _free_mouth(self) -> Mouth:
        """A connection to speak with: a free one, one that is just being cleared, or a new one."""
        self._forget_broken()
        if mouth := self._usable():
            return mouth
        if self._background:  # a Clear takes 300 ms at most, a connection hardly longer
            await asyncio.wait(
                self._background, timeout=FREE_S, return_when=asyncio.FIRST_COMPLETED
            )
            self._forget_broken()
        async with self._opening:  # perhaps the first connection is just being made
            return self._usable() or await self._open()

    def _forget_broken(self) -> None:
        for mouth in [mouth for mouth in self._mouths if not mouth.is_open]:
            self._mouths.remove(mouth)
            self._later(mouth.close())

    async def _open(self) -> Mouth:
        """Raises ProviderError. Only with the lock held."""
        if len(self._mouths) >= MOST_CONNECTIONS:
            raise ProviderError(PROVIDER, "no_flushes_left", retryable=True)
        await asyncio.to_thread(warm, self._api_key, self._base_url)
        client = client_for(self._api_key, self._base_url)
        connecting = client.speak.v1.connect(
            model=self._model,
            encoding="mulaw",
            sample_rate=8000,
            request_options={"additional_query_parameters": {"container": "none"}},
        )
        link = await Link.open(PROVIDER, connecting)
        mouth = Mouth(link, FlushBudget(self._flushes, self._window_s), self._line_lost)
        self._mouths.append(mouth)
        return mouth

    async def _open_another(self) -> None:
        """A spare connection; that it cannot be had matters only once it is needed."""
        try:
            async with self._opening:
                if len(self._mouths) < MOST_CONNECTIONS and self._flushes_left() < SHORT_AT:
                    await self._open()
        except ProviderError as error:
            log.warning("no_spare_voice", extra={"reason": error.reason})

    def _line_lost(self) -> None:
        """A connection ended by itself: too long idle, too old, or broken."""
        any_open = any(mouth.is_open for mouth in self._mouths)
        if self._closed or any_open or self._now() - self._reopened_at < REOPEN_S:
            return
        self._reopened_at = self._now()
        self._forget_broken()
        self._later(self._open_another())

    async def _clear(self, mouth: Mouth) -> None:
        await mouth.clear()
        if mouth.is_open or self._closed:
            return
        self._forget_broken()
        if not self._mouths:
            await self._open_another()

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
