"""What is not settled yet: a call about to end, a floor about to change hands.

Rules: plain facts, made by a move and used up by the next.
"""

from dataclasses import dataclass

from voice.core.speaking import Remnant


@dataclass(frozen=True, slots=True)
class Closing:
    """The call is to end once everything was said. `firm`: the caller cannot stop it."""

    how: str
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Yielded:
    """The caller has taken the floor from the agent, and it is not yet sure that they meant to."""

    remnants: list[Remnant]
    """What was not said, to be said after all."""
    ask_again: bool
    """Whether a reply was lost by it."""
    closing: Closing | None
    """The goodbye that it interrupted."""
