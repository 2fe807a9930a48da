"""Which of many names a word may be, misheard: likeness of letters, found without asking each.

Rules: pure. Short names and those with digits must be exact: "CX-5" is not "CX-9". Names
lie in drawers by their digits, and what was looked for once is remembered, because this
runs between a caller's last word and the answer.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rapidfuzz import fuzz, process

SHORTEST = 4
STRETCH = 3
"""So many letters may one be longer than the other."""
REMEMBERED = 16_384


class Names:
    """Names ready to be looked for."""

    def __init__(self, names: Iterable[str]) -> None:
        self._all = frozenset(names)
        self._drawers: dict[str, list[str]] = {}
        for name in sorted(self._all):
            if len(name) >= SHORTEST:
                self._drawers.setdefault(_digits(name), []).append(name)
        self.find = lru_cache(maxsize=REMEMBERED)(self._find)

    def _find(self, said: str, least: float) -> Mapping[str, float]:
        """The names at least so alike (0 to 100), and how much."""
        found: dict[str, float] = {}
        drawer = self._drawers.get(_digits(said), []) if len(said) >= SHORTEST else []
        for name, score, _ in process.extract(
            said, drawer, scorer=fuzz.ratio, score_cutoff=least, limit=None
        ):
            if abs(len(said) - len(name)) <= STRETCH:
                found[name] = score
        if said in self._all:
            found[said] = 100.0
        return found


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text)) if not text.isalpha() else ""
