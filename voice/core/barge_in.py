"""Both at once: what the agent does while the caller is heard, second by second.

Rules: words decide (overlap.py); until there are words, time does. Before its first
word the agent waits a moment for a caller who seems to speak. While it is heard, speech
that is too long for a cough makes it pause; when no words follow, it goes on from the
word where it stopped, and the same noise does not stop it again.

    agent    "your oil change is on Tues|"  (pause)      |"Tuesday at nine"
    line               ~~~~~~~~~~~~~~~~~~~~~~~~  quiet
                       |-- too_long ---|        |- 0.6 s -|
"""

from voice.core.hearing import Hearing
from voice.core.history import Expectation
from voice.core.overlap import Overlap, is_answer, judge
from voice.core.speaking import Speaking
from voice.core.timing import TurnSettings

_HOLD = 1.2  # seconds that the agent's first words wait for a caller who seems to speak
_WORDS_LAG = 0.6  # seconds that words come behind the silence after them


class BargeIn:
    """Judges what is heard over the agent."""

    def __init__(self, settings: TurnSettings, hearing: Hearing, speaking: Speaking) -> None:
        self._settings = settings
        self._hearing = hearing
        self._speaking = speaking
        self._noise_since: float | None = None
        self._began_over_agent = False
        self._left_at_onset = 0.0

    def onset(self, now: float) -> None:
        """The caller begins: remember what the agent was doing."""
        if not self._hearing.words:
            self._began_over_agent = self._speaking.audible(now)
            self._left_at_onset = self._speaking.seconds_left(now)

    def verdict(self, now: float, *, closing: bool, growing: bool = True) -> Overlap:
        """What the caller's words mean, if the agent has the floor. Not `growing`: no more come."""
        if self._hearing.typed:
            return Overlap.COMMAND
        agent_words = self._speaking.words_so_far(now) if self._began_over_agent else []
        return judge(
            self._hearing.words,
            agent_words=agent_words,
            closing=closing,
            confidence=self._hearing.confidence,
            growing=growing and self._hearing.has_interim,
        )

    def keeps_words(self) -> bool:
        """Whether the caller's words wait until the agent has finished: they cannot stop it,
        or they are the answer to a question that is nearly over."""
        speaking = self._speaking
        if not speaking.busy:
            return False
        return not speaking.interruptible or self._answers_early()

    def _answers_early(self) -> bool:
        return (
            self._speaking.expects is Expectation.YES_NO
            and self._speaking.last_words_made
            and self._speaking.paused_since is None
            and is_answer(self._hearing.words)
            and self._left_at_onset <= self._settings.answer_tail
        )

    def must_hold(self, now: float) -> bool:
        """Whether the agent, about to say its first word, should let the caller speak."""
        since, speaking = self._hearing.speaking_since, self._speaking
        if since is None or now - since >= _HOLD or speaking.held_since is not None:
            return False
        return speaking.interruptible and not speaking.audible(now)

    def hold_until(self) -> float | None:
        """How long first words are held back."""
        held_since, silent_since = self._speaking.held_since, self._hearing.silent_since
        if held_since is None:
            return None
        return held_since + _HOLD if silent_since is None else silent_since + _WORDS_LAG

    def pause_at(self, now: float, *, closing: bool) -> float | None:
        """When speech over the agent has been too long for a cough or a nod."""
        since, speaking = self._hearing.speaking_since, self._speaking
        if since is None or since == self._noise_since or speaking.paused_since is not None:
            return None
        if not self._hearing.knows_silence:
            return None  # a cough and a speech look the same: only words can tell
        if not (speaking.interruptible and speaking.audible(now)):
            return None
        match self.verdict(now, closing=closing):
            case Overlap.NOTHING:
                return since + self._settings.too_long
            case Overlap.UNCLEAR:
                return since + self._settings.too_long_unclear
            case Overlap.NOD:
                return since + self._settings.too_long_backchannel
            case _:
                return None  # the words have decided

    def resume_at(self) -> float | None:
        """When a pause was for nothing."""
        paused_since, silent_since = self._speaking.paused_since, self._hearing.silent_since
        if paused_since is None:
            return None
        if silent_since is None:
            return paused_since + self._settings.pause
        return max(paused_since, silent_since) + _WORDS_LAG

    def call_it_noise(self) -> None:
        """What is on the line now holds nobody up again."""
        self._noise_since = self._hearing.speaking_since
