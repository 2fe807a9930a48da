"""A silent caller is asked twice, then told a kind goodbye.

Rules: the clock runs only while it is the caller's move and nothing else is waited
for; it starts anew when the agent has been heard. Noise on the line buys a little
time once. A caller who needs time gets it here too. A turn of the caller's starts
over from the first question.
"""

from voice.core.timing import TurnSettings


class Patience:
    """How long a silent caller is waited for, and with what words."""

    def __init__(self, settings: TurnSettings) -> None:
        phrases = settings.phrases
        self._steps = (
            (settings.still_there, phrases.still_there),
            (settings.hold_on, phrases.hold_on),
            (settings.idle_goodbye, phrases.idle_goodbye),
        )
        self._noise_grace = settings.noise_grace
        self._step = 0
        self._waiting_since: float | None = None

    def note(self, now: float, *, waiting: bool) -> None:
        """Whether it is the caller's move now."""
        if not waiting:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now

    def ends_at(self, *, noisy: bool, pace: float) -> float | None:
        """When the caller is spoken to; None while somebody else has to act."""
        if self._waiting_since is None:
            return None
        wait = self._steps[self._step][0] * max(1.0, pace)
        return self._waiting_since + wait + (self._noise_grace if noisy else 0.0)

    def next_words(self) -> tuple[str, bool]:
        """What is said now, and whether it is the goodbye."""
        text = self._steps[self._step][1]
        is_goodbye = self._step == len(self._steps) - 1
        self._step = 0 if is_goodbye else self._step + 1
        return text, is_goodbye

    def restore(self) -> None:
        """The caller has taken a turn."""
        self._step = 0
