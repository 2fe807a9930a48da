"""Was that a yes? The judgement on which every write depends.

Rules: pure; careful in one direction only. A turn agrees when every word of it
belongs to the ways people agree, and it holds at least one real yes. Any other
content (a day, a number, "but", "wait", a question) makes it unclear, and an
unclear turn writes nothing: the agent asks again. A no anywhere is a no.
"""

import re
from collections.abc import Sequence
from enum import StrEnum

from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse


class Answer(StrEnum):
    """What a turn says to a yes-or-no question."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"


# Longest first, so that "not right" is not read as "right".
_NO = (
    r"no(?!w)\b|nope|nah|not\b|don'?t|do not|doesn'?t|isn'?t|wasn'?t|never ?mind|wrong|incorrect"
    r"|cancel|stop|forget it|hold on|wait|leave it|negative|rather"
)
_YES = (
    r"yes+|yeah+|yea|yah|yep|yup|ya|uh[- ]?huh|mm[- ]?hm+|mhm+|correct|exactly|right|absolutely"
    r"|definitely|certainly|of course|sure(?: thing)?|ok(?:ay)?|alright|all right|perfect|great"
    r"|good|fine|wonderful|excellent|affirmative|go ahead|go for it|do it|do that|book it"
    r"|book that|sounds (?:good|great|fine|right|perfect)|works|that'?ll work|that will work"
    r"|please do|confirm(?:ed)?|you bet|i will|let'?s do (?:it|that)|you got it|indeed|agreed|one|1|si|sí"
)
_FILLER = (
    r"see you(?: then| there)?|i'?ll|um+|uh+|er+|ah+|oh|well|and|so|that|that'?s|thats|it|it'?s|its|is|this|i|i'?m|am|do|does"
    r"|please|thanks|thank you|very|much|all|the|a|for me|me|sounds|looks|would be|be|will|you"
    r"|ma'?am|sir|just|then|let'?s|we|can|to|go|ahead|book|there|hi|hello|totally|super|my|friend"
    r"|have|got|everything|way|in|yes|by"
)
_NO_RE = re.compile(rf"\b(?:{_NO})\b", re.IGNORECASE)
# "No, that's right" and "no problem" agree.
_NO_BUT_YES = re.compile(
    r"\b(?:no problem|no worries|no,? (?:that'?s|thats|that is|it'?s) (?:right|correct|good|fine|great|perfect)"
    r"|can'?t wait|why not|not a problem)\b",
    re.IGNORECASE,
)
_YES_RE = re.compile(rf"(?<![\w'])(?:{_YES})(?![\w'])", re.IGNORECASE)
_FILLER_RE = re.compile(rf"(?<![\w'])(?:{_FILLER})(?![\w'])", re.IGNORECASE)


def judge(text: str) -> Answer:
    """A caller's turn as an answer to a yes-or-no question."""
    plain = re.sub(r"[^\w\s'-]", " ", text.replace("’", "'").lower())
    plain = _NO_BUT_YES.sub(" yes ", " ".join(plain.split()))
    if "2" in plain.split():
        return Answer.NO
    if _NO_RE.search(plain):
        return Answer.NO
    if not _YES_RE.search(plain) or "?" in text:
        return Answer.UNCLEAR
    rest = _FILLER_RE.sub(" ", _YES_RE.sub(" ", plain))
    return Answer.UNCLEAR if re.search(r"\w", rest) else Answer.YES


_CLOSERS_RE = re.compile(
    r"(?<![\w'])(?:no|nope|nah|not|nothing|else|anything|that'?ll|be it|everything|good ?bye|bye(?:[- ]bye)?(?: now)?"
    r"|day|night|evening|afternoon|morning|weekend|good one|nice|awesome|cool|lovely|appreciate|helped|helpful|your help|thanks again"
    r"|you too|lot|talk|later|take care|today|for|need|needed|i'?ve|done|set|cheers|really|wow|been)(?![\w'])",
    re.IGNORECASE,
)


def adds_nothing(text: str) -> bool:
    """Whether a turn is thanks, a plain yes or no or a goodbye, with no other content at all.

    Careful in one direction: whatever it does not know may be a wish.
    """
    plain = re.sub(r"[^\w\s'-]", " ", text.replace("’", "'").lower())
    if "?" in text or _DOES.search(plain):
        return False
    rest = _FILLER_RE.sub(" ", _YES_RE.sub(" ", _CLOSERS_RE.sub(" ", plain)))
    return not re.search(r"\w", rest)


_DOES = re.compile(r"\b(?:book|do|can|could|one more|also|need (?:a|an|my|the|one|it))\b")
"""Words of doing, harmless only in a yes to what was read back."""


def was_heard(turn: AgentTurn, words: str) -> bool:
    """Whether all of these words were played out within the turn, in order and unbroken."""
    heard, wanted = _tokens(turn.heard), _tokens(words)
    span = len(wanted)
    return bool(wanted) and any(heard[i : i + span] == wanted for i in range(len(heard) - span + 1))


def _tokens(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def answer_to(words: str, history: Sequence[Item]) -> Answer | None:
    """The caller's answer to exactly these words, None where there is none.

    There is one only when the agent's last turn played all of the words out and
    the caller has spoken since, with nothing between but tools.
    """
    talk = [item for item in history if not isinstance(item, ToolUse)]
    last_agent = next(
        (i for i in range(len(talk) - 1, -1, -1) if isinstance(talk[i], AgentTurn)), None
    )
    if last_agent is None or last_agent + 1 >= len(talk):
        return None
    agent = talk[last_agent]
    if not isinstance(agent, AgentTurn) or not was_heard(agent, words):
        return None
    answers = [judge(item.text) for item in talk[last_agent + 1 :] if isinstance(item, CallerTurn)]
    if Answer.NO in answers:
        return Answer.NO
    return Answer.UNCLEAR if Answer.UNCLEAR in answers else Answer.YES


def agreed_to(words: str, history: Sequence[Item]) -> bool:
    """Whether these words were heard in full and answered with a plain yes."""
    return answer_to(words, history) is Answer.YES
