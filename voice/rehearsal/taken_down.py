"""What became of a rehearsed call, whether it went by text or by voice: what the judge reads.

Rules: everything is derived from the core's history, the responder and the call's clock;
nothing is kept twice.
"""

from zoneinfo import ZoneInfo

from voice.core.conversation import Conversation
from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.dialogue.responder import Responder


class TakenDown:
    """The reading side of a call."""

    __slots__ = ()
    responder: Responder
    now: float
    _core: Conversation

    @property
    def history(self) -> tuple[Item, ...]:
        """All that was said and done."""
        return self._core.history.items

    @property
    def spoken(self) -> str:
        """Everything the agent was heard to say."""
        return "\n".join(item.heard for item in self.history if isinstance(item, AgentTurn))

    @property
    def zone(self) -> ZoneInfo:
        """The shop's zone."""
        return self.responder.zone

    @property
    def seconds(self) -> float:
        """How long the call has lasted."""
        return self.now

    def transcript(self) -> str:
        """The call as lines of text."""
        return "\n".join(transcript_line(item) for item in self.history)


def transcript_line(item: Item) -> str:
    """One item of a transcript, for people to read."""
    match item:
        case CallerTurn(text=text):
            return f"  caller: {text}"
        case AgentTurn(text=text, heard=heard, interrupted=interrupted):
            return f"  agent:  {heard}{f' --   (meant: {text})' if interrupted else ''}"
        case ToolUse(name=name, arguments=arguments, result=result):
            return f"  [{name} {arguments} -> {result}]"
