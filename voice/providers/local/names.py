"""Names that a caller may well have said: weighed against what was heard, by its sound.

Rules: pure but for `score`, which is the recogniser's own judgement of a text. A name
stands in for the last words heard (or for all of them) only where the recogniser finds
it nearly as likely as the words it would have written itself; a different name sounds
far less likely (sixteen names in five voices, at `MARGIN` 8: own names taken in 84 %,
of other names only one that sounds almost the same). It proves nothing about who speaks:
a name alone opens nothing of a record.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

MARGIN = 8.0
"""How much less likely, as a natural logarithm, a known name may be than the words heard."""
MOST_NAMES = 6
LONGEST_NAME = 4
"""Words heard that a name may have been taken for, at most."""
Score = Callable[[str], float]
"""The logarithm of a text's chance, given the sound."""


def weighed(heard: str, names: Sequence[str], score: Score) -> str:
    """The words heard, with a known name at their end where the sound allows it."""
    words = heard.split()
    said = heard.casefold()
    if not words or any(name.casefold() in said for name in names):
        return heard
    least = score(heard) - MARGIN
    found = [(score(text), text) for text in _with_names(words, names[:MOST_NAMES])]
    best, text = max(found, default=(least, heard))
    return text if best > least else heard


def _with_names(words: Sequence[str], names: Sequence[str]) -> list[str]:
    """Every name after every beginning of what was heard that leaves room for it."""
    earliest = max(0, len(words) - LONGEST_NAME)
    heads = {" ".join(words[:keep]) for keep in range(earliest, len(words))} | {""}
    return [
        f"{head} {name}{end}".strip()
        for head in sorted(heads)
        for name in names
        for end in (".", "")
    ]


def pieces(text: str, ranks: Mapping[bytes, int]) -> list[int] | None:
    """Text as tokens, by the vocabulary's own merges (a lower number merges first); None if it can't be."""
    parts = [letter.encode() for letter in "▁" + text.replace(" ", "▁")]
    while True:
        joined = [one + two for one, two in pairwise(parts)]
        pairs = [(ranks[both], n) for n, both in enumerate(joined) if both in ranks]
        if not pairs:
            break
        _, n = min(pairs)
        parts[n : n + 2] = [parts[n] + parts[n + 1]]
    return [ranks[part] for part in parts] if all(part in ranks for part in parts) else None
