"""A weekday that was asked for and misheard: weighed against what was heard, by its sound.

Rules: pure. Only where a day was asked for, only for a few words of which none says when,
chooses or refuses: "I can't do Tuesday" and "the first one" stay what they are. A day takes
the place of the words heard where the recogniser finds it nearly as likely by the sound,
and every other day far less. Measured on five voices, 45 days misheard or not and 80 other
answers: a day lies within 5 of what was heard and 2.5 before the next day, other words lie
7 and more behind. Whatever comes of it is offered and read back before anything is written.
"""

from collections.abc import Mapping, Sequence

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
BEHIND = 5.0
"""How much less likely, as a natural logarithm, the day may be than the words heard."""
BEFORE = 2.5
"""How much likelier than any other day it has to be."""
MOST_WORDS = 5
LONGEST_DAY = 3
"""Words heard that a day may have been taken for, at most."""

_BEFORE_DAY = frozenset("next this on no".split())
_AFTER_DAY = frozenset("morning afternoon evening at please".split())
_SAYS_MORE = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow week weekend month noon "
    "january february march april may june july august september october november december "
    "first second third last later latest earlier earliest soon sooner soonest asap either neither none both any "
    "anytime anyday whatever whenever one two yes yeah yep no nope not don't can't won't okay ok sure "
    "wait hold sorry repeat again person human cancel stop call advisor price help thanks bye goodbye".split()
)


def rivals(heard: str, *, refusing: bool = False) -> Mapping[str, str]:
    """What may have been said instead, each text with its day; none where the words say enough.

    `refusing`: only after a "no", as in "no, Wednesday please".
    """
    words = heard.rstrip(" .,!?").split()
    plain = [word.lower().strip(".,!?;") for word in words]
    head = 1 if plain and plain[0] in _BEFORE_DAY else 0
    says_more = _SAYS_MORE & set(plain[head:])
    if not head < len(words) <= MOST_WORDS or says_more or (refusing and plain[0] != "no"):
        return {}
    found: dict[str, str] = {}
    for start in {0, head} if plain[0] != "no" else {1}:
        for end in range(start + 1, min(start + LONGEST_DAY, len(words)) + 1):
            for tail in _tails(words[end:], plain[end:]):
                found |= {" ".join([*words[:start], day, *tail]) + ".": day for day in DAYS}
    return found


def _tails(words: Sequence[str], plain: Sequence[str]) -> Sequence[Sequence[str]]:
    """What may follow the day: the words behind it, where they may stand there."""
    if not words:
        return ((), ("please",))
    return (words,) if plain[0] in _AFTER_DAY else ()


def likeliest(heard: str, chance: float, days: Mapping[str, str], chances: Sequence[float]) -> str:
    """The words heard, or the rival that takes their place; chances are logarithms."""
    ranked = sorted(zip(chances, days, strict=True), reverse=True)
    best, text = ranked[0]
    others = [other for other, rival in ranked if days[rival] != days[text]]
    if best < chance - BEHIND or (others and best < others[0] + BEFORE):
        return heard
    return text
