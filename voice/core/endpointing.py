"""When an utterance is over: how much silence ends it, given what was asked.

Rules: the wait depends on three things. What was asked: a yes needs no thinking
time, a phone number is read out in groups. What was said: an answer that is whole
ends soon, one that breaks off ("on the, um") may go on. Who speaks: a caller who
pauses long inside turns is given longer, learned as a moving average of those
pauses and raised when we were too quick. Silence alone is never enough for digits.

    caller   "five five five"  .......  "oh one four seven"  ....
    silence                    0.9 s (held: 3 of 10 digits)  0.4 s (10 digits: over)
"""

import re
from dataclasses import dataclass, field
from enum import Enum

from voice.core.endings import DANGLING, Ending, look_at_ending, stalls
from voice.core.history import Expectation
from voice.core.letters import names_said, spelled
from voice.core.overlap import word_set, words_of


class Wholeness(Enum):
    """How finished an utterance looks."""

    WHOLE = 0
    UNCLEAR = 1
    BROKEN_OFF = 2


# Seconds of silence that end an utterance which looks: whole, unclear, broken off.
_HOLDS: dict[Expectation, tuple[float, float, float]] = {
    Expectation.NOTHING: (0.30, 0.60, 1.30),
    Expectation.OPEN: (0.30, 0.65, 1.40),
    Expectation.YES_NO: (0.20, 0.50, 1.10),
    Expectation.NAME: (0.40, 0.70, 1.20),
    Expectation.SPELLING: (0.60, 1.40, 1.60),
    Expectation.CODE: (0.40, 1.30, 1.60),
    Expectation.ZIP: (0.40, 1.30, 1.60),
    Expectation.PHONE: (0.30, 1.80, 2.00),
    Expectation.DATE_OF_BIRTH: (0.30, 1.40, 1.60),
    Expectation.VIN: (0.40, 2.00, 2.20),
    Expectation.ADDRESS: (0.50, 1.20, 1.60),
    Expectation.WHEN: (0.30, 0.70, 1.30),
    Expectation.VEHICLE: (0.35, 0.80, 1.40),
    Expectation.SCORE: (0.25, 0.60, 1.20),
}
_LONGEST_HOLD = 3.0
_USUAL_PAUSE = 0.45
_SECOND_THOUGHT = 1.2
_LEARNING_RATE = 0.25

_ORDINAL = re.compile(r"(first|second|third|\w(th|st|nd|rd))$")
_YES_NO = word_set(
    "yes yeah yea yep yup sure no nope nah correct right okay ok fine absolutely definitely "
    "please mhm mm-hm uh-huh exactly wrong incorrect"
)
_REFUSALS = word_set("no nope nah none sorry")
_DIGIT_WORDS = word_set("zero oh o one two three four five six seven eight nine")
_TENS = word_set(
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
    "thirty forty fifty sixty seventy eighty ninety hundred"
)
_YEAR = re.compile(
    r"\b(nineteen (oh \w+|ten|\w+teen|eleven|twelve|\w+ty( \w+)?)|two thousand( and)?( \w+)?"
    r"|twenty (oh \w+|ten|eleven|twelve|\w+teen))$"
)
_MONTHS = word_set(
    "january february march april may june july august september october november december"
)
_WHEN = _MONTHS | word_set(
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow noon morning "
    "afternoon evening week anytime whenever asap soon"
)
_SAID_IN_DIGITS = {
    Expectation.PHONE,
    Expectation.VIN,
    Expectation.DATE_OF_BIRTH,
    Expectation.CODE,
    Expectation.ZIP,
}
_SOMETIMES_SPELLED = {Expectation.NAME, Expectation.YES_NO}
_SHORT = {Expectation.YES_NO, Expectation.NAME, Expectation.WHEN, Expectation.VEHICLE}
"""Asked for a few words."""
_SAID_IN_PIECES = {*_SAID_IN_DIGITS, Expectation.SPELLING}
_ZIP_DIGITS = 5
_NUMBERS_WANTED = {
    Expectation.PHONE: 10,
    Expectation.VIN: 6,
    Expectation.CODE: 6,
    Expectation.ZIP: 5,
}


@dataclass(slots=True)
class Endpointing:
    """How long to wait for this caller, who may need more time than others."""

    pace: float = 1.0
    """A multiplier of every wait: above 1 for a caller who needs time."""
    _pause: float = _USUAL_PAUSE
    _names: frozenset[str] = frozenset()
    """What the turn before may have named: who is asked to spell spells that."""
    _looked: tuple[Expectation, str, Expectation, Wholeness] | None = field(
        default=None, compare=False, repr=False
    )
    """The last look: the same words are asked about after every event of a call."""

    def look(self, expects: Expectation, text: str) -> Wholeness:
        """How finished the words look as an answer of this caller's to what was asked."""
        return self._look(expects, text)[1]

    def hold(self, expects: Expectation, text: str) -> float:
        """Seconds of silence that end an utterance with these words."""
        expects, wholeness = self._look(expects, text)
        hold = _HOLDS[expects][wholeness.value]
        if wholeness is not Wholeness.WHOLE:
            hold *= max(1.0, self._pause / _USUAL_PAUSE)
        return min(hold * self.pace, _LONGEST_HOLD * max(1.0, self.pace))

    def _look(self, expects: Expectation, text: str) -> tuple[Expectation, Wholeness]:
        """What the words are an answer to, and how finished they look as one."""
        if self._looked is None or self._looked[:2] != (expects, text):
            answers = _read_as(expects, text)
            self._looked = (expects, text, answers, look_at(answers, text, self._names))
        return self._looked[2:]

    def remember(self, text: str) -> None:
        """A turn is over: its words may be spelled in the next."""
        self._names, self._looked = names_said(words_of(text)), None

    def learn_pause(self, seconds: float, expects: Expectation = Expectation.OPEN) -> None:
        """The caller paused inside a turn and went on; who spells or dictates always does."""
        if 0.1 <= seconds <= _LONGEST_HOLD and expects not in _SAID_IN_PIECES:
            self._pause += _LEARNING_RATE * (seconds - self._pause)

    def was_too_quick(self, seconds: float) -> None:
        """The turn was taken from the caller, who went on after this much silence.

        After a longer one it is a second thought, and the turn had been over.
        """
        if 0.0 < seconds < _SECOND_THOUGHT:
            self._pause = max(self._pause, seconds)


def _read_as(expects: Expectation, text: str) -> Expectation:
    """What the words are an answer to: people do not always give what they were asked for."""
    if expects in _SAID_IN_DIGITS and _is_a_sentence(text):
        return Expectation.OPEN  # "I don't have one": not a number, nor the start of it
    if expects is Expectation.ADDRESS and _refuses(words_of(text)):
        return Expectation.OPEN
    if expects in _SOMETIMES_SPELLED and spelled(words_of(text)):
        return Expectation.SPELLING  # "no, it's Ruiz, R U I Z"
    return expects


def look_at(expects: Expectation, text: str, names: frozenset[str] = frozenset()) -> Wholeness:
    """How finished the words look as an answer to what was asked; `names` were said before."""
    words = words_of(text)
    if not words:
        return Wholeness.UNCLEAR
    if expects in _SAID_IN_DIGITS:
        return _look_at_number(expects, words, text)
    letters = spelled(words) if expects is Expectation.SPELLING else ""
    if letters:
        return Wholeness.WHOLE if letters in names | names_said(words) else Wholeness.UNCLEAR
    ending = _ending(expects, text)
    if ending is Ending.GOES_ON:
        return Wholeness.BROKEN_OFF
    whole = ending is Ending.OVER and _satisfies(expects, words, text)
    return Wholeness.WHOLE if whole else Wholeness.UNCLEAR


def _ending(expects: Expectation, text: str) -> Ending:
    """What the last words and the recogniser's punctuation say about what comes next."""
    text = text.rstrip()
    if text.endswith(("-", "–", "…", "...")):
        return Ending.GOES_ON
    ending = look_at_ending(text)
    if text.endswith(","):  # "Wednesday,": recognisers put one where no more comes, too
        short = expects in _SHORT and ending is Ending.OVER
        return Ending.MAY_BE_OVER if short else Ending.GOES_ON
    return Ending.OVER if text.endswith("?") and not stalls(text) else ending


def count_digits(text: str) -> int:
    """How many digits were said: "double five oh 12" has five."""
    count, factor = 0, 1
    for word in words_of(text):
        for part in word.split("-"):
            if part in ("double", "triple"):
                factor = 2 if part == "double" else 3
                continue
            count += factor * _digits_in(part)
            factor = 1
    return count


def _is_a_sentence(text: str) -> bool:
    """Whether words were given where digits were asked for."""
    words = words_of(text)
    if _MONTHS & set(words) or _ending(Expectation.OPEN, text) is Ending.GOES_ON:
        return False
    if _refuses(words):
        return True
    others = [word for word in words if not _digits_in(word) and not _ORDINAL.search(word)]
    return len(others) >= 3 and len(words) - len(others) < 2


def _refuses(words: list[str]) -> bool:
    """ "No", "sorry, I don't have it": no number, and none to come."""
    return words[:1] != [] and words[0] in _REFUSALS and not any(map(_digits_in, words))


def _digits_in(word: str) -> int:
    if word in _DIGIT_WORDS:
        return 1
    if word in _TENS:  # "forty two" is two digits: one here, one for the "two"
        return 2 if word in ("ten", "eleven", "twelve") or word.endswith("teen") else 1
    return sum(each.isdigit() for each in word)


def _look_at_number(expects: Expectation, words: list[str], text: str) -> Wholeness:
    if not any(_digits_in(word) for word in words) and not _MONTHS & set(words):
        # No number at all: "I don't know it", "it's, um".
        return Wholeness.BROKEN_OFF if words[-1] in DANGLING else Wholeness.UNCLEAR
    if expects is Expectation.DATE_OF_BIRTH:
        whole = _names_a_year(words) and (bool(_MONTHS & set(words)) or count_digits(text) >= 6)
        return Wholeness.WHOLE if whole else Wholeness.UNCLEAR
    whole = count_digits(text) >= _NUMBERS_WANTED[expects]
    return Wholeness.WHOLE if whole else Wholeness.BROKEN_OFF


def _names_a_year(words: list[str]) -> bool:
    """Whether a year ends it: "1985", "04/12/85", "nineteen eighty five", "two thousand one"."""
    if re.fullmatch(r"(19|20)?\d\d", words[-1]):
        return len(words) > 1
    after = _YEAR.search(" ".join(words))
    return after is not None and after.start() > 0


def _satisfies(expects: Expectation, words: list[str], text: str) -> bool:
    if expects is Expectation.YES_NO and _YES_NO & set(words):
        return True
    if expects is Expectation.WHEN and (_WHEN & set(words)):
        return True
    if expects is Expectation.SCORE and count_digits(text):
        return True
    if expects is Expectation.SPELLING:
        return False
    if expects is Expectation.ADDRESS and _ends_in_a_zip_code(words):
        return True
    # The recogniser's own punctuation, where it gives any.
    return text.rstrip().endswith((".", "?", "!")) and len(words) > 1


def _ends_in_a_zip_code(words: list[str]) -> bool:
    """Whether five digits end it, and a street or its number came first: "12 Elm Street, 48201"."""
    if re.fullmatch(r"\d{5}", words[-1]):
        return len(words) > 1
    digits = 0
    for word in reversed(words):
        if not _digits_in(word):
            return digits >= _ZIP_DIGITS
        digits += _digits_in(word)
    return False  # "four two four eight two oh one": where the number ends, nobody can tell
