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
    "mm mmm mhm mmhm mmhmm hm hmm uhhuh uh-huh mm-hm mm-hmm m-hm ah aha oh ooh okay ok k kay "
    "yeah yea yep yup yes right sure alright cool great good perfect fine nice exactly "
    "correct true wonderful awesome brilliant fantastic terrific super excellent lovely "
    "gotcha understood indeed absolutely definitely really wow"
)
_NOD_PHRASES = (
    "got it|i see|all right|sounds good|sounds great|makes sense|i understand|of course|thank you|"
    "thanks|thanks a lot|uh huh|mm hm|mm hmm|m hm|very good|very well|go on|go ahead|keep going|"
    "that's right|that's fine|that's good|that's great|that's okay|that's true|that works|"
    "works for me|no problem|no worries|fair enough|for sure|will do|good to know|oh my|"
    "all right then|alright then|okay then"
).split("|")
_FAREWELL_PHRASES = (
    "bye|goodbye|bye bye|see you|see you then|you too|have a good one|have a good day|"
    "have a nice day|have a great day|take care|talk to you later|cheers"
).split("|")


def _patterns(*phrases: str) -> list[str]:
    """Phrases as they are looked for in a text with two spaces between words, longest first."""
    found = (f" {phrase.replace(' ', '  ')} " for phrase in phrases)
    return sorted(found, key=len, reverse=True)


_PATTERNS = _patterns(*_NOD_PHRASES)
_CLOSING_PATTERNS = _patterns(*_NOD_PHRASES, *_FAREWELL_PHRASES)
_COMMANDS = word_set(
    "stop wait no nope nah hold hang pause quiet cancel actually sorry excuse listen hello "
    "human operator person representative agent advisor wrong incorrect repeat pardon what "
    "huh"
)
_TOO_SMALL = word_set(
    "a an the um uh er erm and so but i i'm it it's is in on to of at my we he she that this "
    "well like"
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
    text: str,
    *,
    agent_words: list[str],
    closing: bool = False,
    confidence: float = 1.0,
    growing: bool = False,
) -> Overlap:
    """What these words of the caller mean, said while the agent has the floor.

    `agent_words` are the words that the agent has said up to now. While `closing`, a
    farewell is a nod too. Words the recogniser doubts (below 0.5) need company. While the
    words are `growing`, what may become a nod or an echo is waited for.
    """
    words = words_of(text)
    if not words:
        return Overlap.NOTHING
    own = words_of(" ".join(agent_words))
    words = words[_echo_length(words, own) :]
    if not words:
        return Overlap.ECHO
    rest = _without_nods(words, closing=closing)
    if not rest:
        return Overlap.NOD
    if any(word in _COMMANDS for word in rest):
        return Overlap.COMMAND
    if growing and (_may_become_nod(rest, closing=closing) or _begins_echo(rest, own)):
        return Overlap.UNCLEAR
    too_small = len(rest) == 1 and (rest[0] in _TOO_SMALL or confidence < 0.5)
    return Overlap.UNCLEAR if too_small else Overlap.TAKEOVER


def is_answer(text: str) -> bool:
    """Whether the words can stand as a yes to a question (a nod that means something)."""
    return any(word in _ANSWERS for word in words_of(text)) or words_of(text)[:1] in (
        ["mm-hm"],
        ["mhm"],
        ["uh-huh"],
    )


def _without_nods(words: list[str], *, closing: bool) -> list[str]:
    """The words without nods, phrases first ("thank you"), then single ones ("okay")."""
    # Two spaces between words, so that a phrase does not take the space of its neighbour.
    text = f" {'  '.join(words)} "
    for phrase in _CLOSING_PATTERNS if closing else _PATTERNS:
        if phrase in text:
            text = text.replace(phrase, " ")
    return [word for word in text.split() if word not in _NODS]


def _may_become_nod(words: list[str], *, closing: bool) -> bool:
    """Whether the words are the beginning of a nod: "got", "sounds"."""
    text = " ".join(words)
    phrases = (*_NOD_PHRASES, *_FAREWELL_PHRASES) if closing else _NOD_PHRASES
    return any(phrase.startswith(f"{text} ") for phrase in phrases)


def _begins_echo(words: list[str], own: list[str]) -> bool:
    """Whether one or two words are what the agent has just said, so that more may follow."""
    if len(words) >= _ECHO_WORDS:
        return False
    recent = own[-_ECHO_REACH:]
    return any(recent[at : at + len(words)] == words for at in range(len(recent)))


def _echo_length(words: list[str], own: list[str]) -> int:
    """How many words, at the beginning, are what the agent is just saying.

    Fewer than three in a row are no echo: a caller picks from what was offered by saying
    it ("Thursday").
    """
    longest = 0
    for start in range(len(own)):
        run = 0
        for said, mine in zip(words, own[start:], strict=False):
            if said != mine:
                break
            run += 1
        if start + run >= len(own) - _ECHO_REACH:
            longest = max(longest, run)
    return longest if longest >= _ECHO_WORDS else 0
