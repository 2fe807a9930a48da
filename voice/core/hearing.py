"""The caller's side: words as they are recognised, and when they are a turn.

Rules: an interim replaces the interim before it; finals pile up until the turn is
taken. Recogniser and voice activity race, so silence is taken from whichever knows
first: our own voice activity (`SpeechStopped`), `speech_final` (0.3 s of silence lie
behind it) or `utterance_end` (a gap of 1 s between words, immune to noise). Then
endpointing.py says how much silence is enough. A turn whose last words were still
interim is not held up for long; their final, when it comes too late, is not heard
twice. Words that got old end the turn even if nobody said that it ended.
"""

from dataclasses import dataclass

from voice.core.endpointing import Endpointing
from voice.core.history import Expectation
from voice.core.overlap import words_of
from voice.core.timing import TurnSettings

_BLIP = 0.25  # seconds; shorter than any word
_LATE = 3.0  # seconds in which a recogniser gives the final of an interim, if it ever does


@dataclass(frozen=True, slots=True)
class CallerWords:
    """A finished turn of the caller, raw: to be redacted before it is kept."""

    text: str
    started_at: float
    ended_at: float


class Hearing:
    """What the caller is saying."""

    def __init__(self, settings: TurnSettings, endpointing: Endpointing) -> None:
        self._settings = settings
        self._endpointing = endpointing
        self._expects = Expectation.OPEN
        self._finals: list[str] = []
        self._interim = ""
        self.confidence = 1.0
        self.typed = False
        """Whether the words came from the keypad."""
        self._late: list[str] = []
        """Words taken, or dropped, as interim whose final may still come."""
        self._late_until = 0.0
        self._segment: list[str] = []
        """All words of the interim now, taken ones too."""
        self.started_at = 0.0
        """When the words began."""
        self._last_word_at = 0.0
        self._onset_at = self._stopped_at = 0.0
        self._speaking_since: float | None = None
        self._silent_since: float | None = None
        self._silent_before: float | None = None
        self.knows_silence = False
        """Whether voice activity also tells when it ends (our own does; Deepgram's does not)."""

    # ---- what happened --------------------------------------------------------

    def speech_started(self, now: float) -> None:
        """Voice activity, or noise, began."""
        self._silent_before, self._silent_since = self._silent_since, None
        self._speaking_since = self._onset_at = now

    def speech_stopped(self, now: float, silence: float, *, words_follow: bool) -> bool:
        """Voice activity ended, `silence` seconds ago. Whether to ask for the final words now."""
        self.knows_silence = True
        self._stopped_at = now
        since, self._speaking_since = self._speaking_since, None
        ended = now - silence
        blip = (since is None or ended - since < _BLIP) and self._silent_before is not None
        self._silent_since = self._silent_before if blip else ended
        self._silent_before = None
        if words_follow:
            return False
        return bool(self._interim) or (not blip and not self._finals)

    def transcript(self, text: str, *, final: bool, confidence: float, now: float) -> bool:
        """Words were recognised. Whether the caller's words are others than before."""
        before = words_of(self.words)
        text = self._without_late(text, now, final=final)
        self.confidence = confidence
        self._interim = "" if final else text
        if final and text:
            self._finals.append(text)
        if words_of(self.words) == before:
            return False
        if before:
            self._went_on()
        else:
            self.started_at = self._speaking_since or now
        self._note_words(now)
        return True

    def type(self, words: str, now: float) -> None:
        """The caller gave these words by keys: nothing more is to be waited for."""
        self.drop(now)
        self._finals = [words]
        self.started_at = self._last_word_at = self._silent_since = now
        self.typed = True

    def utterance_ended(self, cause: str, now: float) -> None:
        """Endpointing of the recogniser decided; how much that means is for `over_at`."""
        behind = {
            "speech_final": self._settings.recogniser_silence,
            "utterance_end": self._settings.word_gap,
            "flux": 9.0,  # a model heard the whole turn: no more silence is asked for
        }.get(cause, 0.0)
        since = now - behind
        if self._silent_since is None or since < self._silent_since:
            self._silent_since = since
        self._speaking_since = None

    # ---- what is known --------------------------------------------------------

    @property
    def words(self) -> str:
        """All words of the turn so far, raw."""
        return " ".join((*self._finals, self._interim)).strip()

    @property
    def has_interim(self) -> bool:
        """Whether the last words may still change or grow."""
        return bool(self._interim)

    @property
    def speaking(self) -> bool:
        """Whether something is audible on the line now."""
        return self._speaking_since is not None

    @property
    def speaking_since(self) -> float | None:
        """Since when something is audible."""
        return self._speaking_since

    @property
    def silent_since(self) -> float | None:
        """When the caller fell silent, None while audible or unknown."""
        return self._silent_since

    def over_at(self, expects: Expectation) -> float | None:
        """When the turn will be over if nothing more is heard. None without words."""
        if not self.words:
            return None
        if self.typed:
            return self.started_at
        self._expects = expects
        hold = self._endpointing.hold(expects, self.words)
        lost = self._last_word_at + max(self._settings.lost_endpoint, hold + 1.0)
        limit = min(lost, self.started_at + self._settings.longest_turn)
        if self._silent_since is None:
            return limit
        over = self._silent_since + hold
        if self._owes_words():
            asked_at = max(self._silent_since, self._last_word_at, self._stopped_at)
            over = max(over, asked_at + self._settings.finalize_wait)
        return min(over, limit)

    def _owes_words(self) -> bool:
        """Whether the recogniser has not said yet what it heard last."""
        unheard = self.knows_silence and self._last_word_at < self._onset_at
        return bool(self._interim) or unheard

    # ---- what becomes of it ---------------------------------------------------

    def take(self, now: float) -> CallerWords:
        """The turn is over: give its words and begin anew."""
        ended_at = self._last_word_at if self._silent_since is None else self._silent_since
        taken = CallerWords(self.words, self.started_at, min(now, max(ended_at, self.started_at)))
        self.drop(now)
        return taken

    def drop(self, now: float) -> None:
        """Forget the words. A final of them that is still to come is not heard again."""
        if self._interim:
            self._late, self._late_until = self._segment, now + _LATE
        self._finals, self._interim, self.typed = [], "", False
        self._silent_before = None

    # ---- inside ---------------------------------------------------------------

    def _went_on(self) -> None:
        """More words of a turn: if the caller had paused, that was a pause inside it.

        Before the first words it was none: then it was the agent's time to speak.
        """
        if self._silent_before is not None and self._speaking_since is not None:
            self._endpointing.learn_pause(self._speaking_since - self._silent_before, self._expects)

    def _note_words(self, now: float) -> None:
        self._silent_before = None
        if not self.knows_silence:
            self._silent_since = None
        self._last_word_at = now

    def _without_late(self, text: str, now: float, *, final: bool) -> str:
        """The text without words that were taken, or dropped, while they were interim."""
        late, words = self._late, words_of(text)
        if final or now > self._late_until:
            self._late = []
        self._segment = [] if final else words
        if not late or not words or now > self._late_until:
            return text
        self._late_until = now + _LATE
        same = _common_beginning(words, late)
        if same * 2 >= len(late):
            return " ".join(text.split()[same:]) if len(words) > len(late) else ""
        return "" if final and set(words) <= set(late) else text


def _common_beginning(some: list[str], others: list[str]) -> int:
    """How many words both begin with."""
    pairs = enumerate(zip(some, others, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(some), len(others)))
