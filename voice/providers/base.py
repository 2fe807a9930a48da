"""The three things a phone agent rents or brings: an ear, a voice and a mind.

Rules: a provider object serves one call and is closed with it. `connect` is
called while the phone still rings. Every wait inside a provider has a time-out.
What goes wrong is a `ProviderError`; any other exception is a bug. Nothing here
knows Django, a database or a telephone.
"""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Protocol

from voice.core import events
from voice.core.history import Expectation, Item


class ProviderError(Exception):
    """A provider failed. `retryable`: the same request may work a moment later."""

    def __init__(self, provider: str, reason: str, *, retryable: bool) -> None:
        super().__init__(f"{provider}: {reason}")
        self.provider = provider
        self.reason = reason
        self.retryable = retryable


HearingEvent = (
    events.SpeechStarted
    | events.SpeechStopped
    | events.TranscriptHeard
    | events.UtteranceEnded
    | events.EndExpected
    | events.HearingLost
    | events.HearingRestored
)
Hear = Callable[[HearingEvent], None]
"""Is called on the event loop, as soon as something was heard; it waits for nothing."""
Play = Callable[[bytes], None]
"""Is called on the event loop with audio as soon as it was made; it waits for nothing."""


class SpeechToText(Protocol):
    """One caller's ear. Audio is mu-law, 8000 Hz, mono."""

    def tell(self, hear: Hear) -> None:
        """Tell `hear` from now on what is heard: before `connect`, or what comes first is lost."""

    async def connect(self) -> None:
        """Open the connection. Raises ProviderError."""

    def send(self, audio: bytes) -> None:
        """Take a frame (usually 160 bytes, 20 ms). Never blocks: queues, drops the oldest when full."""

    def expect(self, expects: Expectation) -> None:
        """Hint what kind of answer comes next."""

    def finalize(self) -> None:
        """Ask for the final words now."""

    async def listen(self) -> None:
        """Return when the ear has ended: closed, or lost for good. Raises the bug that made it deaf.

        It reconnects by itself, and says so by HearingLost and HearingRestored.
        """

    async def close(self) -> None:
        """Close for good. Never raises."""


class TextToSpeech(Protocol):
    """One agent's voice: words in, mu-law 8000 Hz out."""

    async def connect(self) -> None:
        """Open the connection. Raises ProviderError."""

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """Say a clause: `play` is given its audio in order, and nothing after this has returned.

        Cancelling drops the rest (barge-in). Raises ProviderError. `last`: nothing more of this reply
        is coming.
        """

    async def close(self) -> None:
        """Close for good. Never raises."""


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a reply, as they come. `whole`: a sentence ends with them and can be spoken as it stands."""

    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool the reply asks for; `arguments` is JSON text. `private`: keep them out of history and model."""

    id: str
    name: str
    arguments: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Usage:
    """What a reply cost. Tokens as the provider counts them."""

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The last piece of every reply. `expects` None: infer it from the words."""

    expects: Expectation | None = None
    usage: Usage = Usage()
    model: str = ""


ReplyPiece = Words | ToolCall | ReplyEnd


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it: `parameters` is a strict JSON Schema object."""

    name: str
    description: str
    parameters: dict[str, object]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is given besides the history.

    `static` is the same for every call of a flow (it is what prompt caching
    keeps); `situation` is this call's facts and comes last.
    """

    static: str
    situation: str
    tools: tuple[ToolSpec, ...]
    version: str


class ChatModel(Protocol):
    """A model that continues a conversation: GPT-4o, or what speaks its protocol."""

    def reply(self, prompt: Prompt, history: tuple[Item, ...]) -> AsyncGenerator[ReplyPiece, None]:
        """Stream one reply; closing the iterator early closes the provider's stream. Raises ProviderError."""

    async def close(self) -> None:
        """Close for good. Never raises."""
