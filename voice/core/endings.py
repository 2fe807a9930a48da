"""Whether the last words of a text ask for more: "on the", "I'd like to", "um".

Rules: a word that people pause after ("that", "in", "you", "am") is no sign of it by itself:
"cancel that", "bring it in", "with you" and "10 AM" are whole. So a last word of the list goes
on, unless what stands before it closes the sentence (it is over) or may close it (nobody
can tell). In doubt it goes on: to wait a second too long is better than to cut somebody off.
Only the last sentence counts. Judged on other people's sentences: `python -m benchmarks.turn_taking`.

    "tomorrow at 10 AM"            over            "bring my Civic in"     may be over
    "I think so", "yes, it is"     over            "the help I have"       may be over
    "I am", "so that", "can you"   goes on         "bring it to the"       goes on
"""

import re
from enum import Enum

from voice.core.overlap import word_set, words_of


class Ending(Enum):
    """What the last words say about what comes next."""

    OVER = 0
    MAY_BE_OVER = 1
    GOES_ON = 2


def look_at_ending(text: str) -> Ending:
    """Whether the last sentence of `text` is over, by its words alone. No words: it goes on."""
    words = words_of(_SENTENCES.split(text.strip())[-1])
    said = " ".join(words)
    if not words or _STALLS.search(said) or _PLACED.search(said):
        return Ending.GOES_ON
    if words[-1] not in DANGLING or any(each.search(said) for each in _OVER):
        return Ending.OVER
    may_be_over = any(each.search(said) for each in _MAY_BE_OVER)
    return Ending.MAY_BE_OVER if may_be_over else Ending.GOES_ON


def stalls(text: str) -> bool:
    """Whether the caller asks for time: "let me see", "hang on"."""
    return _STALLS.search(" ".join(words_of(text))) is not None


DANGLING = word_set(
    "a an the my your his her our their and or but so because if that which who um uh er erm "
    "hmm like to for of at in on with from by about is it's i i'm i'd i'll i've was are am "
    "were be been need want have has had can could will would do does did not we you they he "
    "she let let's it's this these those maybe around between then than as also plus just "
    "when where how after before until well so guys making getting having doing wondering "
    "trying saying"
)
_SENTENCES = re.compile(r"(?<=[.?!])\s+(?=\S)")


def _pattern(text: str) -> re.Pattern[str]:
    """A pattern over words with one space between, at their end; {groups} stand for word lists."""
    return re.compile(f"(?:{text.format(**_LISTS)})$")


_LISTS = {
    "who": r"(?:i|you|we|they|he|she|it|that|this|there|everybody|everyone)",
    "yes": r"(?:yes|yeah|yea|yep|yup|no|nope|nah|correct|right|sure|of course|absolutely|okay|ok)",
    "polite": r"(?: (?:sir|ma'am|thanks|thank you|please|actually|of course|yes|yeah|no))*",
    "does": r"(?:is|are|am|was|were|do|does|did|have|has|had|can|could|will|would)",
    "asks": r"(?:what|which|who|whose|where|when|why|how)",
    "filler": r"(?:(?:so|and|well|okay|ok|oh|um|uh|hi|hello|yes|yeah|no|but|sorry) )*",
    # Where a question leaves its object behind: "what can you help me with", "what do you have".
    "stranded": r"(?:(?:me|you|it|them|him|her|that) (?:for|at|in|on|with|from|by|about)"
    r"|(?:talk|talking|speak|speaking|listen|refer|referred|referring|go|going) to"
    r"|(?:looking|calling|asking|waiting|here|used|registered|booked|scheduled|come|came|know"
    r"|enrolled|interested|familiar|work|works|live) (?:for|at|in|on|with|from|by|about)"
    r"|{who} (?:have|has|had|do|does|did|can|be|been|like)|do (?:that|this))",
}
_LISTS["stranded"] = _LISTS["stranded"].format(who=_LISTS["who"])
_STALLS = re.compile(
    r"\b(let me( see| think| check| look| find| get| grab)?|let's see|hang on|hold on|bear with me"
    r"|(one|a|just a) (sec|second|minute|moment))$"
)
# "what do you have on": a day, or an hour, comes.
_PLACED = _pattern(
    r"\b(?:have|open|anything|something|appointments?|available|openings?|slots?|free|time|times)"
    r" (?:for|on|at|in|to|from|by)"
)
_OVER = (
    # The morning: "10 AM", "ten thirty am".
    _pattern(
        r"\b(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|thirty"
        r"|forty-?five|o'clock|the) am"
    ),
    _pattern(
        r"\b(?:think|hope|guess|believe|suppose|say|said|do|or|told|afraid|maybe|probably|much) so"
    ),
    _pattern(
        r"\b(?:definitely|absolutely|certainly|course|probably|maybe|rather|prefer|hope|guess"
        r"|suppose|think|afraid|better|or|why) not"
    ),
    # A short answer: "yes, it is", "no I do not".
    _pattern(r"^{filler}{yes}{polite} {who} (?:is|do|does|did)(?: not)?"),
    _pattern(r"\bno need"),
    _pattern(r"\b(?:how|who) are you|\bhow are you doing"),
    _pattern(r"\b(?:thank|see|tell|call|love) you"),
    _pattern(
        r"\b(?:with|to|for|from|of|about|by|around|between|without|hear|heard|understand|understood"
        r"|told|help|reach|using|treating|appreciate|trust|bother|bothering|miss|meet|and) you"
    ),
    # "tomorrow then", but not "and then".
    re.compile(r"\b(?!(?:and|but|so|or|well|if|because|until|since|by|just|even)\b)\S+ then$"),
    # What only its place can hold: "is it on", "the car came in".
    _pattern(
        r"\b(?:is|are|was|come|came|comes|coming|stays|stayed|turned|goes|went|it|them|car|truck)"
        r" (?:in|on|by)"
    ),
)
_MAY_BE_OVER = (
    _pattern(r"^{filler}{yes}{polite} {who} {does}(?: not)?"),
    _pattern(r"^{filler}{who} (?:do|does|did)(?: not)?"),
    # "bring my Civic in", "stop by"
    _pattern(
        r"\b(?:bring|bringing|brought|get|getting|take|taking|drop|dropping|drive|check|checked"
        r"|squeeze|squeezed|fit|book|booked|call|called|come)(?: \S+){{0,4}} in"
    ),
    _pattern(r"\b(?:come|stop|swing|drop|go) by"),
    _pattern(r"\b(?:from now|from then|later|light|light's|lights|that's|going|carry|go) on"),
    # "looked at", "taken care of"
    _pattern(r"\blooked at|\b(?:work|worked) on|\b(?:care|think|heard|know) of"),
    _pattern(r"\b(?:deal|dealt|done|help|helped|happy|satisfied|familiar|wrong) with"),
    # "cancel that": not what a clause or a noun follows ("I think that", "for this")
    _pattern(
        r"\b(?:repeat|repeating|cancel|do|doing|did|done|hear|catch|get|change|stop|understand|undo"
        r"|want|fix|keep|skip|take|use|try|make|move|forget|book|schedule|missed|appreciate"
        r"|reschedule|add|remove|about|with|than|of|for|after|before|from|like|need|have|love) that"
    ),
    _pattern(r"\b(?:repeat|cancel|do|doing|stop|about|with|like|than|fix) (?:this|these|those)"),
    _pattern(r"\b(?:don't|didn't|not|never|can't|couldn't)(?: \S+)? \S+ that"),
    # "as soon as you can", "whatever you have", "all I need"
    _pattern(r"\bif you (?:can|could|have|like|want)|\bas {who} (?:can|could)"),
    _pattern(
        r"\b(?:wherever|whenever|whatever|whichever|than|all|anything|everything|what) (?:that )?{who}"
        r" (?:can|could|do|does|did|have|had|want|need|like)"
    ),
    _pattern(r"\b{asks} {who} (?:is|are|was|were|am|do|did)"),
    _pattern(
        r"\b(?:don't know|not sure|no idea|can't remember|don't remember|can't say|don't recall)"
        r"(?: of| exactly)? (?:where|when|how|who)"
    ),
    _pattern(
        r"\b(?:hours?|minutes?|days?|weeks?|months?|years?|night|as|than|ever|never|like)"
        r" (?:before|after)"
    ),
    _pattern(r"^{filler}{asks} (?:is|was) that"),
    _pattern(r"^{filler}{asks}\b(?! (?:about|if)\b)(?: \S+)+ {stranded}"),
    _pattern(r"\b(?:know|sure|understand|idea|remember|tell \S+) {asks}(?: \S+)+ {stranded}"),
)
