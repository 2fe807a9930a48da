"""What the planner is given and what it decides: plain values.

Rules: pure. A plan is one reply: words, at most one tool, what kind of answer is
awaited, and the context that holds once the reply is real.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from voice.context import CallContext
from voice.core.history import Expectation, Item
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.local.understand import Understanding
from voice.dialogue.state import Dialogue, Need, SpokenCar, Wish


@dataclass(frozen=True, slots=True)
class Use:
    """A tool to use; `private` keeps its arguments out of history, logs and models."""

    name: str
    arguments: Mapping[str, Any]
    private: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn to answer. `heard` None: the caller said nothing, a tool has come back.

    `lead` is said before whatever the reply turns out to be; `finished`: the goal is done.
    """

    context: CallContext
    history: tuple[Item, ...]
    heard: Understanding | None
    knowledge: Knowledge
    now: datetime
    lead: str = ""
    finished: bool = False

    @property
    def talk(self) -> Dialogue:
        """Where the conversation stands."""
        return self.context.dialogue

    @property
    def today(self) -> date:
        """The shop's date."""
        return self.now.astimezone(self.knowledge.zone).date()

    def local(self, at: datetime) -> datetime:
        """An instant in the shop's zone."""
        return at.astimezone(self.knowledge.zone)

    def at(self, **changes: Any) -> "Turn":
        """The same turn with changes to the dialogue's state."""
        talk = replace(self.talk, **changes)
        return replace(self, context=replace(self.context, dialogue=talk))

    def saying(self, words: str) -> "Turn":
        """The same turn with words to be said first."""
        return replace(self, lead=f"{self.lead} {words}".strip())

    def done(self) -> "Turn":
        """The same turn with its goal done."""
        return replace(self, finished=True)

    def with_context(self, **changes: Any) -> "Turn":
        """The same turn with changes to the call's context."""
        return replace(self, context=replace(self.context, **changes))


@dataclass(frozen=True, slots=True)
class Plan:
    """One reply."""

    context: CallContext
    words: str = ""
    use: Use | None = None
    expects: Expectation | None = None

    def after(self, words: str) -> "Plan":
        """The same plan with words before it."""
        return replace(self, words=f"{words} {self.words}".strip()) if words else self


Answered = Turn | Plan | None
"""An answer taken in, one that is a tool call already, or none."""

Step = Callable[[Turn], "Plan | Turn | None"]
"""One step of a flow: a reply, a changed turn to go on with, or None (nothing to do here)."""


def use(turn: Turn, name: str, *, private: bool = False, **arguments: Any) -> Plan:
    """A plan that only uses a tool."""
    return Plan(turn.context, use=Use(name, arguments, private))


def say(turn: Turn, words: str, expects: Expectation = Expectation.OPEN) -> Plan:
    """A plan that only speaks."""
    return Plan(turn.context, words, expects=expects)


def forget_visit(turn: Turn) -> Turn:
    """What belonged to the visit just dealt with is forgotten; who is calling is not."""
    return turn.at(
        need=Need(), car="", spoken_car=SpokenCar(), wish=Wish(), searched=False, offer="",
        waiting=None, ride="", visit="", change="",
    )  # fmt: skip
