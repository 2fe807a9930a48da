"""An ear, a voice and a model that have somebody to stand in for them.

Rules: choices are asked in order, the first that works serves; what failed is logged
and counted, never papered over. The last choice is always asked, so that a call is
never without trying. A voice that fails in a clause says the whole clause again in the
next voice; an ear that is lost for good is replaced by the next, which is told again
what no final had covered. A provider that is down is probed in the background.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, Protocol, TypeVar

from voice.core import events
from voice.core.history import Expectation, Item
from voice.metrics import PROVIDER_FAILURES
from voice.providers.base import (
    ChatModel,
    HearingEvent,
    Play,
    Prompt,
    ProviderError,
    ReplyPiece,
    SpeechToText,
    TextToSpeech,
)
from voice.providers.circuit import Circuit, circuit
from voice.providers.teller import Teller

log = logging.getLogger(__name__)

REPLAYED_FRAMES = 400
"""Frames (8 s) that a replacement for a lost ear is told again at most."""


class Connectable(Protocol):
    """What an ear and a voice have in common."""

    async def connect(self) -> None:
        """Raises ProviderError."""

    async def close(self) -> None:
        """Never raises."""


T = TypeVar("T", bound=Connectable)
S = TypeVar("S", bound=Connectable)
_probes: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """A provider by name, and how to make one for this call."""

    name: str
    make: Callable[[], T]

    async def probe(self) -> None:
        """See whether it would serve a call. Raises ProviderError."""
        made = self.make()
        try:
            await made.connect()
        finally:
            await made.close()


def _now() -> float:
    return asyncio.get_running_loop().time()


def _note_failure(
    state: Circuit, error: ProviderError, probe: Callable[[], Awaitable[None]]
) -> None:
    """Count a failure; if that opens the circuit, look after it in the background."""
    was_open = state.is_open
    state.failed(_now(), retryable=error.retryable)
    PROVIDER_FAILURES.labels(state.name).inc()
    log.warning("provider_failed", extra={"provider": state.name, "reason": error.reason})
    if state.is_open and not was_open:
        task = asyncio.create_task(_probe_until_well(state, probe))
        _probes.add(task)
        task.add_done_callback(_probes.discard)


async def _probe_until_well(state: Circuit, probe: Callable[[], Awaitable[None]]) -> None:
    while state.is_open:
        await asyncio.sleep(state.pause_s(_now()))
        try:
            await probe()
        except ProviderError as error:
            state.failed(_now(), retryable=error.retryable)
        else:
            state.worked()
            log.info("provider_is_back", extra={"provider": state.name})


class _Standing(Generic[S]):
    """Who serves a call now, and who would be next."""

    def __init__(self, choices: tuple[Choice[S], ...]) -> None:
        if not choices:
            raise ValueError("a call needs at least one provider")
        self._left = list(choices)
        self._turn = asyncio.Lock()
        self.choice = choices[0]
        self.now_serving: S | None = None

    @property
    def name(self) -> str:
        """Who serves, by name."""
        return self.choice.name

    async def serve(self) -> S:
        """Whoever serves, else the next choice that works. Raises the last one's ProviderError.

        The first words may be wanted while the connection is still being made.
        """
        async with self._turn:
            return self.now_serving or await self._serve_next()

    async def _serve_next(self) -> S:
        while True:
            if not self._left:
                raise ProviderError(self.name, "nobody_left", retryable=False)
            self.choice = self._left.pop(0)
            if circuit(self.choice.name).is_open and self._left:
                continue
            made = self.choice.make()
            try:
                await made.connect()
            except ProviderError as error:
                await made.close()
                self.note_failure(error)
                if not self._left:
                    raise
            else:
                circuit(self.choice.name).worked()
                self.now_serving = made
                return made

    @property
    def has_more(self) -> bool:
        """Whether anybody is left to stand in."""
        return bool(self._left)

    def note_failure(self, error: ProviderError) -> None:
        """The one that serves, or was to, has failed."""
        _note_failure(circuit(self.choice.name), error, self.choice.probe)

    async def close(self) -> None:
        """Close whoever serves. Never raises."""
        if self.now_serving is not None:
            serving, self.now_serving = self.now_serving, None
            await serving.close()


class FallbackTextToSpeech:
    """A voice that is replaced when it fails."""

    def __init__(self, *choices: Choice[TextToSpeech]) -> None:
        self._standing = _Standing(choices)

    @property
    def name(self) -> str:
        """Whose voice this is now."""
        return self._standing.name

    async def connect(self) -> None:
        """Connect the first voice that works. Raises ProviderError."""
        await self._standing.serve()

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """Say one clause. Raises ProviderError when no voice is left."""
        while True:
            voice = await self._standing.serve()
            try:
                await voice.speak(text, play, last=last)
                return
            except ProviderError as error:
                self._standing.note_failure(error)
                if not self._standing.has_more:
                    raise
                await self._standing.close()

    async def close(self) -> None:
        """Close for good. Never raises."""
        await self._standing.close()


class FallbackSpeechToText(Teller):
    """An ear that is replaced when it is lost for good."""

    def __init__(self, *choices: Choice[SpeechToText]) -> None:
        super().__init__()
        self._standing = _Standing(
            tuple(Choice(each.name, partial(self._make, each.make)) for each in choices)
        )
        self._unheard: deque[bytes] = deque(maxlen=REPLAYED_FRAMES)
        self._expects = Expectation.OPEN
        self._is_lost = False
        """Whether whoever listened is lost for good, and nobody stands in yet."""

    def _make(self, make: Callable[[], SpeechToText]) -> SpeechToText:
        ear = make()
        ear.tell(self._pass_on)
        return ear

    @property
    def name(self) -> str:
        """Whose ear this is now."""
        return self._standing.name

    async def connect(self) -> None:
        """Connect the first ear that works; it hears what was said meanwhile. Raises ProviderError."""
        self._catch_up(await self._standing.serve())

    def _catch_up(self, ear: SpeechToText) -> None:
        for frame in self._unheard:
            ear.send(frame)

    def send(self, audio: bytes) -> None:
        """Take a frame."""
        self._unheard.append(audio)
        if ear := self._standing.now_serving:
            ear.send(audio)

    def expect(self, expects: Expectation) -> None:
        """Hint what kind of answer comes next."""
        self._expects = expects
        if ear := self._standing.now_serving:
            ear.expect(expects)

    def finalize(self) -> None:
        """Ask for the final words now."""
        if ear := self._standing.now_serving:
            ear.finalize()

    def _pass_on(self, event: HearingEvent) -> None:
        if isinstance(event, events.HearingLost) and event.for_good:
            self._is_lost = True
        elif not self._is_lost:
            if isinstance(event, events.TranscriptHeard) and event.final:
                self._unheard.clear()
            self._hear(event)

    async def listen(self) -> None:
        """Return when it is closed, or nobody is left to listen. Raises a bug of whoever listened."""
        while ear := self._standing.now_serving:
            await ear.listen()
            if not self._is_lost:
                return
            if not await self._replace():
                self._hear(events.HearingLost(for_good=True))
                return
            self._hear(events.HearingRestored())

    async def _replace(self) -> bool:
        """Let the next ear listen, beginning with what nobody has heard. Whether there is one."""
        self._standing.note_failure(ProviderError(self.name, "lost", retryable=True))
        await self._standing.close()
        if not self._standing.has_more:
            return False
        self._is_lost = False
        try:
            ear = await self._standing.serve()
        except ProviderError:
            return False
        ear.expect(self._expects)
        self._catch_up(ear)
        return True

    async def close(self) -> None:
        """Close for good. Never raises."""
        await self._standing.close()


class GuardedChatModel:
    """A model that is not waited for while it is known to be down.

    Whoever asks has its own answer to a ProviderError (the local dialogue); this only
    makes it come at once.
    """

    def __init__(self, name: str, model: ChatModel, probe: Callable[[], Awaitable[None]]) -> None:
        self._name, self._model, self._probe = name, model, probe

    async def reply(
        self, prompt: Prompt, history: tuple[Item, ...]
    ) -> AsyncGenerator[ReplyPiece, None]:
        """Stream one reply. Raises ProviderError, at once while the provider is down."""
        state = circuit(self._name)
        if state.is_open:
            raise ProviderError(self._name, "known_to_be_down", retryable=True)
        try:
            async with contextlib.aclosing(self._model.reply(prompt, history)) as pieces:
                async for piece in pieces:
                    yield piece
            state.worked()
        except ProviderError as error:
            _note_failure(state, error, self._probe)
            raise

    async def close(self) -> None:
        """Close for good. Never raises."""
        await self._model.close()
