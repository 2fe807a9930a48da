"""How a simulated caller sounds: synthetic voices, and a human reader for digits and letters.

Rules: never the agent's own voice. Whoever rings keeps one voice for the whole call,
chosen by the persona's seed: a natural one (the model's, moved to another throat) or one
of flite's, which are hard to understand; what is digits or letters alone is read by the human, in
groups as people read them. Text becomes words as a person would say them.
"""

import re
from collections.abc import Callable
from functools import partial

from voice.dialogue.spoken_text import speakable
from voice.rehearsal import people

Mouth = Callable[[str, bool], bytes]
"""Words as audio, mu-law, 8000 Hz; True for words that are said again, and slower."""
SLOWER = 1.25

_GROUP = re.compile(r"(?<![\d:/$.-])(?!(?:19|20)\d\d(?!\d))\d{3,}(?![\d:/])")
_ONE_EACH = re.compile(r"(?:[A-Za-z]|\d+)(?:[ ,.]+(?:[A-Za-z]|\d+))*[ ,.]*")
_DIGITS = "zero one two three four five six seven eight nine".split()


VOICES = ("low", "high", *people.VOICES)


def voice_of(seed: int) -> str:
    """Which voice the caller with this seed has."""
    return VOICES[seed % len(VOICES)]


def mouth_of(seed: int) -> Mouth:
    """What the caller with this seed sounds like."""
    return partial(_say, voice=voice_of(seed))


def _say(text: str, again: bool, *, voice: str) -> bytes:
    if people.ALLISON is not None and _ONE_EACH.fullmatch(text) and len(text) > 1:
        return people.read_characters(re.sub(r"[ ,.]+", " ", text).strip())
    pace = SLOWER if again else 1.0
    if voice in people.SPEAKERS:
        return people.say_naturally(aloud(text), speaker=voice, pace=pace)
    return people.say(aloud(text), voice=voice, pace=pace)


def aloud(text: str) -> str:
    """The text in words: long numbers digit by digit, dates, years and models as said."""
    return speakable(_GROUP.sub(lambda group: " ".join(_DIGITS[int(d)] for d in group[0]), text))
