"""Names that are spelled: the letters at the end of a text, and the names they may be of.

Rules: one letter is a word ("a", "I"); two or more in a row are spelled. The "a m" and "p m" of an
hour are not. A name that is spelled was nearly always said just before, so letters that give
a word of the same turn, or of the one before, are all of it.
"""

from collections.abc import Sequence
from itertools import pairwise

_HALVES_OF_A_DAY = frozenset({"am", "pm"})


def spelled(words: Sequence[str]) -> str:
    """The letters that end these words, as one: "it's r u i z" gives "ruiz"; "" for fewer than two."""
    first = len(words)
    while first and len(words[first - 1]) == 1 and words[first - 1].isalpha():
        first -= 1
    letters = "".join(words[first:])
    is_hour = letters in _HALVES_OF_A_DAY and first > 0
    return letters if len(letters) > 1 and not is_hour else ""


def names_said(words: Sequence[str]) -> frozenset[str]:
    """Every word that may be a name, and every two in a row as one: "dana ruiz" is "danaruiz" too."""
    names = [word for word in words if len(word) > 1]
    return frozenset(names) | {one + other for one, other in pairwise(names)}
