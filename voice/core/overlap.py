"""What it means when the caller is heard while the agent has the floor.

Rules: words decide, not loudness. A command ("stop", "no", "wait") always takes the
floor. A nod ("mm-hm", "okay") never does. The agent's own words coming back through
the caller's loudspeaker are an echo. A lone small word ("the", "um") is not enough
to tell; more will come, or speech will go on too long for a cough. Everything
else is the caller taking the floor.
"""

import re
from enum import Enum


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as one text."""
    return frozenset(text.split())


_NODS = word_set(
    "mm mmm mhm mmhm mmhmm hm hmm uhhuh uh-huh mm-hm mm-hmm m-hm ah aha oh ooh okay ok k kay yeah yea yep yup "
    "yes right sure alright cool great good perfect fine nice exactly correct true wonderful awesome "
    "excellent lovely gotcha understood indeed absolutely definitely really wow"
)
_NOD_PHRASES = re.compile(
    r"\b(?:got it|i see|all right|sounds good|makes sense|i understand|of course|thank you|thanks"
    r"|uh[ -]huh|mm[ -]hmm?|m[ -]hm|very good|go on|go ahead|that's (?:right|fine)|that works"
    r"|no problem)(?![\w'-])"
)
_FAREWELLS = word_set("bye goodbye bye-bye thanks cheers later you too have a good day one nice")
_COMMANDS = word_set(
    "stop wait no nope nah hold hang pause quiet cancel actually sorry excuse listen hello human "
    "operator person representative agent advisor wrong incorrect repeat pardon what huh"
)
_TOO_SMALL = word_set(
    "a an the um uh er erm and so but i i'm it it's is in on to of at my we he she that this well like"
)
_ANSWERS = word_set("yes yeah yea yep yup sure correct right okay ok absolutely definitely exactly")
_ECHO_WORDS = 3
_ECHO_REACH = 10  # words; an echo comes back at once, an answer repeats what was said before
_WORD = re.compile(r"[a-z0-9]+(?:['\-][a-z0-9]+)*")


class Overlap(Enum):
    """Why the caller is heard while the agent speaks."""

    NOTHING = "nothing"  # no words: noise, a cough, or words still on their way
    NOD = "nod"  # a backchannel: go on
    ECHO = "echo"  # the agent's own words: go on
    UNCLEAR = "unclear"  # too little to tell: wait for more
    COMMAND = "command"  # stop at once
    TAKEOVER = "takeover"  # stop at once

    @property
    def takes_floor(self) -> bool:
        """Whether the agent must stop."""
        return self in (Overlap.COMMAND, Overlap.TAKEOVER)


def words_of(text: str) -> list[str]:
    """The words of a text: lower case, no punctuation."""
    return _WORD.findall(text.lower().replace("’", "'"))


def judge(
    text: str, *, agent_words: list[str], closing: bool = False, confidence: float = 1.0
) -> Overlap:
    """What these words of the caller mean, said while `agent_words` were playing.

    `agent_words` are the words that the agent has said up to now. While `closing`, a farewell
    is a nod too. Words the recogniser doubts (below 0.5) need company.
    """
    words = words_of(text)
    if not words:
        return Overlap.NOTHING
    words = _without_echo(words, words_of(" ".join(agent_words)))
    if not words:
        return Overlap.ECHO
    rest = _without_nods(words, closing=closing)
    if not rest:
        return Overlap.NOD
    if any(word in _COMMANDS for word in rest):
        return Overlap.COMMAND
    content = [word for word in rest if word not in _TOO_SMALL]
    doubtful = confidence < 0.5 and len(rest) < 2
    return Overlap.UNCLEAR if doubtful or (not content and len(rest) < 2) else Overlap.TAKEOVER


def is_answer(text: str) -> bool:
    """Whether the words can stand as a yes to a question (a nod that means something)."""
    return any(word in _ANSWERS for word in words_of(text)) or words_of(text)[:1] in (
        ["mm-hm"],
        ["mhm"],
        ["uh-huh"],
    )


def _without_nods(words: list[str], *, closing: bool) -> list[str]:
    text = _NOD_PHRASES.sub(" ", " ".join(words))
    allowed = _NODS | _FAREWELLS if closing else _NODS
    return [word for word in text.split() if word not in allowed]


def _without_echo(words: list[str], agent_words: list[str]) -> list[str]:
    """The words without the longest run, at their beginning, of what the agent is just saying.

    Fewer than three words in a row are no echo: a caller picks from what was offered
    by saying it ("Thursday").
    """
    longest = 0
    for start in range(len(agent_words)):
        run = 0
        for said, mine in zip(words, agent_words[start:], strict=False):
            if said != mine:
                break
            run += 1
        if start + run >= len(agent_words) - _ECHO_REACH:
            longest = max(longest, run)
    return words[longest:] if longest >= _ECHO_WORDS else words
