"""What the core wants done: imperative, performed in order by the edge.

Rules: effects carry ids that come back in events. Nothing here knows how a thing
is done.
"""

from dataclasses import dataclass

from voice.core.history import Expectation, Item


@dataclass(frozen=True, slots=True)
class RequestReply:
    """Ask for the agent's next reply.

    `history` is a snapshot, redacted. `heard` is what the caller just said, as
    recognised (never stored, never logged; for code, not for a model), "" after a
    tool. A `speculative` reply may be thrown away; `CommitReply` makes it real.
    """

    reply_id: int
    history: tuple[Item, ...]
    heard: str = ""
    speculative: bool = False


@dataclass(frozen=True, slots=True)
class CommitReply:
    """The caller's turn is over: the speculative reply stands."""

    reply_id: int


@dataclass(frozen=True, slots=True)
class CancelReply:
    """Close the model's stream; nothing of it may arrive any more."""

    reply_id: int


@dataclass(frozen=True, slots=True)
class Synthesize:
    """Make audio of these words. `last`: no more clauses of this reply are coming."""

    clause_id: int
    text: str
    last: bool = False


@dataclass(frozen=True, slots=True)
class PlayAudio:
    """Send audio to the phone: mu-law, 8000 Hz."""

    clause_id: int
    audio: bytes


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """Ask the phone to say when it has played up to here."""

    name: str


@dataclass(frozen=True, slots=True)
class ClearPlayout:
    """Stop the phone at once and drop every clause not yet made: synthesis is cancelled too."""


@dataclass(frozen=True, slots=True)
class FinalizeHearing:
    """Ask the recogniser for its final words now."""


@dataclass(frozen=True, slots=True)
class ExpectAnswer:
    """Tell the recogniser what kind of answer comes next."""

    expects: Expectation


@dataclass(frozen=True, slots=True)
class RunTool:
    """Run a tool. Never cancelled by anything the caller does."""

    tool_call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class RecordTurn:
    """Write a finished turn (or a tool's use) to the record and to the live session."""

    item: Item


@dataclass(frozen=True, slots=True)
class CloseCall:
    """End the agent's part: `how` is hang_up or hand_over."""

    how: str


Effect = (
    RequestReply
    | CommitReply
    | CancelReply
    | Synthesize
    | PlayAudio
    | PlaceMark
    | ClearPlayout
    | FinalizeHearing
    | ExpectAnswer
    | RunTool
    | RecordTurn
    | CloseCall
)
