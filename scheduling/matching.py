"""What callers say about their car -> services of the menu.

Rules of this module:
- Safety words are judged first and apart (`triage`); a match never softens them.
- A service is found by its aliases: all words of an alias near each other, in any form and
  with small slips of a speech recogniser. The longer alias wins the words it covers.
- Two services asked for in one breath are both returned, and that is certain; two services
  that one phrase could mean are returned as uncertain, which is one question and no more.
- What is plainly a complaint but fits no service goes to diagnosis, never to maintenance.
- Without any clue nothing is returned: the agent asks again instead of guessing. The same
  goes for glass, paint and washing, which no bay here does.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from rapidfuzz import fuzz

from scheduling.triage import judge, plain_words

MOST: Final = 2
SLIP: Final = 84
"""Of 100: two words at least this alike are one word, heard badly."""
SLIP_LENGTH: Final = 5
"""Shorter words must match exactly: "oil" is not "coil"."""
TRIGRAMS_ALIKE: Final = 0.42
GAP: Final = 0.15
"""What each word between those of an alias takes from its weight."""
STRETCH: Final = 4
"""Words that may stand between those of an alias."""

DIAGNOSIS: Final = "DIAG"
NOISES: Final = "DIAG-N"
BUNDLES: Final = {frozenset({"LOF-S", "ROT"}): "LOFROT", frozenset({"LOF-C", "ROT"}): "LOFROT"}
SPECIAL: Final = {"LOF-S": ("LOF-C", "LOF-D", "LOFROT"), "BRK-I": ("BRK-F", "BRK-R", "BRK-FL")}
"""A general service gives way to the special one that is also named."""

_HEARD_AS: Final = tuple((re.compile(heard), meant) for heard, meant in (
    (r"\bbreak(s|ing)?\b(?! down)", r"brake\1"),
    (r"\b(?:tyre|tier|tired|tiers)(s?)\b", r"tire\1"),
    (r"\b(?:loaner|loner)s?\b", "loaner"),
    (r"\b(?:oil|all|oral|boil|earl) (?:exchange|chains|changing|changed|changes|chang)\b", "oil change"),
    (r"\ban? all change\b", "oil change"),
    (r"\bl ?\.?o ?\.?f\b|\bloaf\b|\bell oh eff\b", "lof"),
    (r"\ba lineman\w*\b|\balign ?men\b|\ballign\w*\b|\baliment\b", "alignment"),
    (r"\bair condition(?:ing|er)?\b|\ba c\b", "ac"),
    (r"\bre call\b", "recall"),
    (r"\btransmition\b|\btranny\b", "transmission"),
    (r"\bbattrey\b|\bbatteries\b", "battery"),
))  # fmt: skip
_THOUSANDS: Final = {
    "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_IN_THOUSANDS: Final = re.compile(rf"\b({'|'.join(_THOUSANDS)}) ?(?:thousand|k)\b")
_DIGITS_IN_THOUSANDS: Final = re.compile(r"\b(\d{1,3}) ?(?:000|k|thousand)\b")
_STOP_WORDS: Final = (
    "a an the my our his her its it is was are be been i im we you he she they me to of in on "
    "at for and or with that this there some need needs needed want wants wanted would like "
    "have has had get gets getting got do does did can could will just also really very so "
    "when whenever while if as please car cars vehicle truck suv van think s t m re ve d ll "
    "one thing up out make makes making from by about because since been being am"
)
_STOP: Final = frozenset(_STOP_WORDS.split())
_KEEP: Final = frozenset(["no", "not", "won", "out", "up", "in", "on"])
_WEAK: Final = frozenset(
    [
        "engine",
        "repair",
        "loud",
        "exhaust",
        "transmission",
        "muffler",
        "maintenance",
        "inspection",
        "starter",
        "clutch",
        "sensor",
        "fuse",
        "balance",
        "coolant",
        "brake",
        "tire",
        "electrical",
        "light",
        "work",
        "service",
        "suspension",
        "leak",
        "noise",
        "plug",
        "steer",
        "heat",
        "lube",
    ]
)
_COMPLAINT: Final = re.compile(
    r"\b(?:problem|issue|trouble|wrong|broke\w*|fix\w*|repair\w*|light|noise|sound\w*|leak\w*|smell\w*"
    r"|weird|strange|funny|fail\w*|stuck|damage\w*|crack\w*|won t|doesn t|not working|stopped"
    r"|acting|runs?|running|start\w*|engine|motor|sensor|replace\w*|bad)\b"
)
_ELSEWHERE: Final = re.compile(
    r"\b(?:(?:wind ?sh\w*ld|glass)(?! w)|dent(?:s|ed)?|bumper|paint|scratch(?:es|ed)|body ?work"
    r"|car wash|wash(?:ed)?|detail(?:ing|ed)?|upholstery|tint(?:ing)?)\b"
)
"""Glass, paint and washing: not on a service menu, so an advisor's business."""
STRONG: Final = 1.5


@dataclass(frozen=True, slots=True)
class ConcernMatch:
    """What a concern comes to.

    `ops` holds at most two services. With `certain` they are all wanted; without, one of
    them is, and the caller has to say which (one service that is uncertain is a guess to be
    confirmed). `triage` is "unsafe", "urgent" or None and comes before anything else.
    """

    ops: tuple[str, ...]
    certain: bool
    triage: str | None


@dataclass(frozen=True, slots=True)
class _Alias:
    """An alias as word stems, with what it weighs."""

    op_code: str
    words: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class _Hit:
    """An alias found in a text: which words it covers."""

    op_code: str
    covered: frozenset[int]
    weight: float


class Matcher:
    """The menu's aliases, ready to be looked for."""

    def __init__(self, menu_items: Iterable[tuple[str, Sequence[str]]]) -> None:
        phrases = [(code, alias) for code, aliases in menu_items for alias in aliases]
        self._aliases = [_alias(code, alias) for code, alias in phrases]
        self._stems = tuple({stem for alias in self._aliases for stem in alias.words})
        self._meant_by = lru_cache(maxsize=4096)(self._look_for_stems)
        self._by_first = _places_by(alias.words[:1] for alias in self._aliases)
        self._order = {code: n for n, (code, _) in reversed([*enumerate(phrases)])}
        self._codes = [code for code, _ in phrases]
        self._sizes = np.array([len(_trigrams(alias)) for _, alias in phrases])
        places = _places_by(_trigrams(alias) for _, alias in phrases)
        self._by_trigram = {one: np.array(found) for one, found in places.items()}

    def match(self, text: str) -> ConcernMatch:
        """See `match_concern`."""
        triage = judge(text)
        plain = normalise(text)
        hits = self._hits(stems(plain))
        if _ELSEWHERE.search(plain) and max((hit.weight for hit in hits), default=0.0) < STRONG:
            return ConcernMatch((), certain=False, triage=triage)
        if not hits:
            return self._guess(plain, triage)
        chosen, rivals = _choose(hits)
        ops = _tidy(chosen)
        if len(ops) == 1 and rivals:
            return ConcernMatch((ops[0], rivals[0]), certain=False, triage=triage)
        return ConcernMatch(tuple(ops[:MOST]), certain=True, triage=triage)

    def _hits(self, words: list[str]) -> list[_Hit]:
        """Every alias whose words all stand near each other."""
        out = []
        places = self._places(words)
        for n in sorted(n for stem in places for n in self._by_first.get(stem, ())):
            alias = self._aliases[n]
            covered = _cover(alias.words, places)
            if covered:
                gaps = max(covered) - min(covered) + 1 - len(covered)
                out.append(_Hit(alias.op_code, covered, alias.weight - GAP * gaps))
        return out

    def _places(self, words: list[str]) -> dict[str, list[int]]:
        """Where each stem of the menu stands in a text, looked for once for all aliases."""
        places: dict[str, list[int]] = {}
        for n, word in enumerate(words):
            for stem in self._meant_by(word):
                places.setdefault(stem, []).append(n)
        return places

    def _look_for_stems(self, word: str) -> tuple[str, ...]:
        """The stems of the menu that a word may be."""
        return tuple(stem for stem in self._stems if _same(stem, word))

    def _guess(self, plain: str, triage: str | None) -> ConcernMatch:
        """Without an alias: the nearest by trigrams, or diagnosis for a complaint."""
        best: dict[str, float] = {}
        mine = _trigrams(plain)
        places = [self._by_trigram[one] for one in mine if one in self._by_trigram]
        if places:
            shared = np.bincount(np.concatenate(places), minlength=len(self._sizes))
            alike = shared / (len(mine) + self._sizes - shared)
            for n in np.flatnonzero(alike >= TRIGRAMS_ALIKE):
                code = self._codes[n]
                best[code] = max(float(alike[n]), best.get(code, 0.0))
        ranked = sorted(best, key=lambda code: (-best[code], self._order[code]))[:MOST]
        if ranked:
            return ConcernMatch(tuple(ranked), certain=False, triage=triage)
        if triage or _COMPLAINT.search(plain):
            return ConcernMatch((DIAGNOSIS, NOISES), certain=False, triage=triage)
        return ConcernMatch((), certain=False, triage=None)


def _places_by(keys: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """For each key the places at which it stands."""
    found: dict[str, list[int]] = {}
    for n, each in enumerate(keys):
        for key in each:
            found.setdefault(key, []).append(n)
    return found


def normalise(text: str) -> str:
    """Plain words, with the usual mishearings put right and mileages as one number."""
    plain = plain_words(text)
    for heard, meant in _HEARD_AS:
        plain = heard.sub(meant, plain)
    plain = _IN_THOUSANDS.sub(lambda found: f"{_THOUSANDS[found[1]]}000", plain)
    return _DIGITS_IN_THOUSANDS.sub(r"\g<1>000", plain)


def stems(plain: str) -> list[str]:
    """The words that carry meaning, without their endings."""
    return [_stem(word) for word in plain.split() if word in _KEEP or word not in _STOP]


@lru_cache(maxsize=4096)
def _stem(word: str) -> str:
    """A word without the endings that do not matter here: "rotating" and "rotated" are one."""
    for ending in ("ings", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


def _alias(op_code: str, phrase: str) -> _Alias:
    """An alias, weighed by its words: a single general word says little."""
    words = tuple(stems(normalise(phrase)))
    weight = float(len(words))
    if len(words) == 1 and words[0] in {_stem(word) for word in _WEAK}:
        weight = 0.5
    return _Alias(op_code, words, weight)


def _cover(alias: tuple[str, ...], stands: Mapping[str, list[int]]) -> frozenset[int]:
    """The places of an alias's words in a text, or nothing if one is missing or far off."""
    places: list[int] = []
    for wanted in alias:
        found = [n for n in stands.get(wanted, ()) if n not in places]
        if not found:
            return frozenset()
        last = places[-1] if places else found[0]
        places.append(min(found, key=lambda n: abs(n - last)))
    order = sorted(places)
    if any(after - before > STRETCH for before, after in pairwise(order)):
        return frozenset()
    return frozenset(places)


def _same(one: str, other: str) -> bool:
    """Whether two stems are one word, heard badly at worst."""
    if one == other:
        return True
    if min(len(one), len(other)) < SLIP_LENGTH or one[0] != other[0]:
        return False
    return fuzz.ratio(one, other) >= SLIP


def _choose(hits: list[_Hit]) -> tuple[list[str], list[str]]:
    """Services whose aliases cover most, word by word; and rivals for the first one's words."""
    ranked = sorted(hits, key=lambda hit: (-hit.weight, min(hit.covered)))
    taken: set[int] = set()
    chosen: list[_Hit] = []
    for hit in ranked:
        if not hit.covered & taken:
            chosen.append(hit)
            taken |= hit.covered
    best = chosen[0]
    rivals = [
        hit.op_code
        for hit in ranked
        if hit.op_code != best.op_code and hit.weight == best.weight and hit.covered == best.covered
    ]
    return list(dict.fromkeys(hit.op_code for hit in chosen)), list(dict.fromkeys(rivals))


def _tidy(ops: list[str]) -> list[str]:
    """One service where two would be the same work: bundles, and the general beside the special."""
    for general, special in SPECIAL.items():
        if general in ops and any(code in ops for code in special):
            ops = [code for code in ops if code != general]
    for parts, bundle in BUNDLES.items():
        if parts <= set(ops):
            ops = [bundle, *(code for code in ops if code not in parts)]
    return ops


@lru_cache(maxsize=4096)
def _trigrams(text: str) -> frozenset[str]:
    """Every three neighbouring letters, word edges included."""
    return frozenset(
        padded[n : n + 3]
        for padded in (f"  {word} " for word in text.split())
        for n in range(len(padded) - 2)
    )
