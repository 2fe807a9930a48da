"""What happened in a call: the only things the core ever learns.

Rules: names are past tense. An event that no longer matters is ignored by the
core, never an error, because the edges race; its ids (`reply_id`, `clause_id`,
`tool_call_id`, mark names) decide whether it still matters.
"""

from dataclasses import dataclass

from voice.core.history import Expectation


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The media stream is open. `greeting` is spoken at once, by code, without a model.

    With `uninterruptible` (an outbound call's legal sentence) speech over it is
    kept for later and does not stop it.
    """

    greeting: str
    uninterruptible: bool = False
    expects: Expectation = Expectation.OPEN


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """Voice activity began. Noise does this too."""


@dataclass(frozen=True, slots=True)
class SpeechStopped:
    """Voice activity ended (our own VAD; not yet the end of the utterance).

    `silence` is how many seconds of it lie behind when this is told. With `words_follow`
    the ear is at work on the final words already, and is not asked for them.
    """

    silence: float = 0.0
    words_follow: bool = False


@dataclass(frozen=True, slots=True)
class TranscriptHeard:
    """Words of the caller. An interim replaces the interim before it; a final is frozen."""

    text: str
    final: bool
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """Endpointing decided. `cause`: speech_final, utterance_end, vad, flux, deadline."""

    cause: str = "speech_final"


@dataclass(frozen=True, slots=True)
class EndExpected:
    """The recogniser thinks the turn is nearly over (Flux's eager end of turn): speculate."""


@dataclass(frozen=True, slots=True)
class ReplyText:
    """Words of a reply, as they stream in. `whole`: a sentence ends with them."""

    reply_id: int
    text: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ToolRequested:
    """A reply asks for a tool. With `private`, the arguments never enter the history."""

    reply_id: int
    tool_call_id: str
    name: str
    arguments: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class ReplyFinished:
    """A reply is complete. `expects` None: the core infers it from the words."""

    reply_id: int
    expects: Expectation | None = None


@dataclass(frozen=True, slots=True)
class ReplyFailed:
    """The model failed or was too late; what it had said so far stands."""

    reply_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class ToolFinished:
    """A tool came back.

    `say`, where given, is spoken by code, word for word, in place of a model's
    sentence (a read-back, a receipt). `then` says who goes on afterwards: "model"
    (request the next reply), "listen" (the caller), "hang_up" or "hand_over".
    """

    tool_call_id: str
    result: str
    say: str | None = None
    then: str = "model"
    expects: Expectation | None = None


@dataclass(frozen=True, slots=True)
class ClauseAudio:
    """Audio of a clause: mu-law, 8000 Hz, mono, any length."""

    clause_id: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class ClauseFinished:
    """All audio of a clause has been made."""

    clause_id: int


@dataclass(frozen=True, slots=True)
class SpeechFailed:
    """The voice could not make this clause."""

    clause_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class MarkReached:
    """The phone played everything before this mark, or dropped it at a clear."""

    name: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """A key of the caller's phone: 0-9, * or #."""

    digit: str


@dataclass(frozen=True, slots=True)
class HearingLost:
    """Speech recognition is gone. `for_good`: it could not be brought back."""

    for_good: bool = False


@dataclass(frozen=True, slots=True)
class HearingRestored:
    """Speech recognition is back; audio kept meanwhile has been replayed to it."""


@dataclass(frozen=True, slots=True)
class PaceChanged:
    """The caller needs more time, or less: `pace` multiplies waits for them (1 is usual)."""

    pace: float


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The instant in `Conversation.deadline` has come."""


@dataclass(frozen=True, slots=True)
class CloseRequested:
    """Something outside wants the call to end: `how` is hang_up or hand_over; `say` comes first."""

    how: str
    say: str = ""


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The caller is gone (stop, socket closed, status callback)."""

    reason: str = "caller_hung_up"


Event = (
    CallStarted
    | SpeechStarted
    | SpeechStopped
    | TranscriptHeard
    | UtteranceEnded
    | EndExpected
    | ReplyText
    | ToolRequested
    | ReplyFinished
    | ReplyFailed
    | ToolFinished
    | ClauseAudio
    | ClauseFinished
    | SpeechFailed
    | MarkReached
    | KeyPressed
    | HearingLost
    | HearingRestored
    | PaceChanged
    | DeadlinePassed
    | CloseRequested
    | CallEnded
)
