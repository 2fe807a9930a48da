"""How long a call waits for anything, and what is said when it waited too long.

Rules: every duration is in seconds; every wait of a call is one of these. The
words are the only ones that the core ever makes up by itself. Silence prompts are
6 s, 6 s and 8 s; a filler comes only after 0.8 s of a running tool.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Phrases:
    """What code says by itself. None of it states a fact about the shop or the customer."""

    still_there: str = "Are you still there?"
    hold_on: str = "I'll hold on a moment."
    idle_goodbye: str = "I'll let you go for now. Please call back any time. Goodbye."
    say_again: str = "Sorry, could you say that again?"
    one_moment: str = "Sorry, one moment."
    trouble: str = "I'm sorry, I'm having trouble on my side. I'll put you through to an advisor."
    cannot_hear: str = "I'm sorry, I can't hear you well. I'll put you through to an advisor."
    time_is_up: str = (
        "I'm sorry, we've come to the end of our time. I'll put you through to an advisor."
    )
    fillers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What may be said while a tool is slow, by the tool's name; "" is for all others."""


DEFAULT_FILLERS: Mapping[str, tuple[str, ...]] = {
    "": ("One moment, please.", "Let me check that for you.", "Bear with me a second."),
}


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """The timing of a conversation, in seconds."""

    # Waiting for the caller.
    still_there: float = 6.0
    hold_on: float = 6.0
    idle_goodbye: float = 8.0
    noise_grace: float = 3.0
    """How much longer a silence prompt waits while something is audible on the line."""

    # Deciding that the caller is done (see endpointing.py for the holds).
    recogniser_silence: float = 0.3
    """Silence that lies behind a `speech_final` when it arrives."""
    word_gap: float = 1.0
    """Silence that lies behind an `utterance_end` when it arrives."""
    finalize_wait: float = 0.7
    """How long an interim may stay without its final once the turn is otherwise over."""
    lost_endpoint: float = 3.5
    """Words older than this end the turn even if nobody said that it ended."""
    longest_turn: float = 60.0
    keypad_gap: float = 3.0
    """Time between two keys after which the number is taken as it stands."""
    hearing_loss: float = 10.0

    # Answering.
    speculate: bool = True
    speculations: int = 3
    """Replies begun before the end of one turn, at most."""
    reply_first: float = 6.0
    """From asking for a reply to its first piece."""
    reply_next: float = 6.0
    """Between two pieces of a reply."""
    tool: float = 15.0
    tool_steps: int = 8
    """Tools in a row without a word of the caller, at most."""
    filler_after: float = 0.8
    filler_again: float = 6.0
    speech: float = 5.0
    """From asking for audio, or from the last piece of it, to the next piece."""
    mark_grace: float = 2.0
    """How long a mark may be late before what was sent counts as played."""

    # Speech of both at once.
    too_long: float = 0.9
    """Speech without words over the agent that is longer than a cough."""
    too_long_unclear: float = 1.6
    """The same, with words that may become a nod or an echo."""
    too_long_backchannel: float = 2.5
    """The same, with nods only."""
    pause: float = 1.5
    """A pause without words after which the agent goes on where it stopped."""
    answer_tail: float = 1.5
    """A "yes" this close to the end of a question is its answer, not a nod."""
    playout_lag: float = 0.1
    """How far the caller's ear is behind what has been sent and should have played."""

    longest_call: float = 15 * 60.0
    phrases: Phrases = field(default_factory=lambda: Phrases(fillers=DEFAULT_FILLERS))
