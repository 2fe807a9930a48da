"""Yes, no, perhaps, and "no wait, Thursday": what an answer decides.

Rules: pure. A yes that asks for something else is a yes with a change, and never
lets a write run. The first clear word decides, with the turns people use: "yeah
no" is no, "no, that's right" is yes, "no problem" is yes, "not really" is no.
Silence, a question or another subject is None, never a guess.
"""

import re

from voice.dialogue.heard.calendar_words import MONTHS, WEEKDAYS
from voice.dialogue.heard.times import find_times
from voice.dialogue.heard.values import Answer, CorrectionHeard, YesNoHeard
from voice.dialogue.heard.words import plain, tokenise

_CLEAN = re.compile(r"[^\w\s'/:$.-]|(?<!\d)\.|\.(?!\d)|(?<=\w)-(?=\s|$)")


def _said(text: str) -> str:
    said = re.sub(r"\s+", " ", _CLEAN.sub(" ", plain(text))).strip()
    return _BARE.sub(lambda match: _APOSTROPHES[match[0]], said)


# What recognisers write without its apostrophe.
_APOSTROPHES = {
    word.replace("'", ""): word
    for word in (
        "don't can't won't isn't doesn't didn't haven't wasn't couldn't wouldn't i'm that's it's "
        "you're i've what's"
    ).split()
    if word != "it's"
}
_BARE = re.compile(rf"\b(?:{'|'.join(_APOSTROPHES)})\b")


_FILLERS = re.compile(
    r"^(?:(?:um+|uh+(?![ -]?huh)|er+|ah+|oh|well|so|hmm+|like|hey|okay so|you know|let me see"
    r"|let's see|i mean|and|ma'am|sir|actually|honestly)\b ?)+"
)

# In order: the first that matches at the start of what is left decides.
_OPENERS: tuple[tuple[Answer, str], ...] = (
    (
        Answer.NO,
        r"(?:yeah|yes|yep|okay|ok|right|sure) (?:no|nope|nah)\b(?! (?:that's|that is|it's|problem"
        r"|worries|i'm good with|you're right|that works|doubt|for sure|definitely))",
    ),
    (
        Answer.YES,
        r"(?:that's|that is|you're|you are|it's|it is) not (?:false|wrong|incorrect|untrue|a mistake|a lie)\b"
        r"|(?:(?:no|nope|nah|yeah no|oh no) )?(?:no (?:problem|worries|issue|objection|doubt)(?:s| at all)?"
        r"|(?:it )?(?:doesn't|does not|don't) (?:matter|bother me)|(?:i )?don't mind|not a problem)",
    ),
    (
        Answer.YES,
        r"(?:no|nope|nah)(?: no)* (?:(?:yeah|yes|yep)\b|(?:that's|that is|it's|it is|that|you're|you are"
        r"|this is|everything(?:'s| is)?|all|sounds?|looks?|works)(?: (?!not\b|wrong|never|isn't|doesn't)\w+){0,2}?"
        r" ?\b(?:right|correct|all right|fine|good|great|perfect|okay|ok|works|alright|exactly it)\b"
        r"(?! (?:time|day|car|one|number)))",
    ),
    (
        Answer.UNSURE,
        r"(?:i(?:'m| am) )?(?:not (?:really |so |too |quite |entirely |completely |totally |a hundred"
        r" percent )?(?:sure|certain|positive)|unsure)|(?:i )?(?:really |honestly |just )?(?:don't|do not|dunno"
        r"|can't|couldn't|cannot|wouldn't) (?:really |honestly |even |quite )?(?:know|remember|recall|say(?! no|"
        r" yes|ing)|tell|think i know|have (?:an answer|that information|a clue|any idea|the answer))|(?:i )?"
        r"haven't (?:a|the|got a) (?:clue|idea|foggiest)|not (?:to|too|so|all that|entirely) sure|i forgot"
        r"|i forget|i(?:'m| am) (?:still )?(?:deciding|thinking about it|unclear)|dunno|maybe"
        r"|perhaps|possibly|might(?: be)?|it depends|depends|i(?:'d| would) have to (?:check|think|ask"
        r"|look)|let me (?:check|think|look|ask|see if|see what)|hard to say|could be|who knows"
        r"|no idea|beats me|i have no (?:idea|clue)|i(?:'m| am) (?:on the fence|undecided|torn)"
        r"|it might|i might|not a clue|we'll see|hold on|one (?:sec|second|moment|minute)|give me (?:a|one) (?:sec|second|minute|moment|bit)"
        r"|hang on|wait a (?:sec|second|minute)|either way|fifty fifty",
    ),
    (
        Answer.NO,
        r"(?:no|nope|nah|naw|negative|never|nuh uh|uh uh|absolutely not|definitely not|certainly not"
        r"|of course not|not (?:really|today|now|yet|at all|quite|exactly|right|correct|that|the|this"
        r"|it|for me|necessarily|anymore|interested|okay|good|true|going|gonna|a)|please don't|don't"
        r"|do not|no way|i(?:'d| would) rather not|rather not|i(?:'d| would) prefer not|i (?:don't"
        r"|do not|can't|cannot|couldn't|won't|wouldn't|didn't|haven't)|wrong|incorrect|that's (?:not"
        r"|wrong|incorrect|false)|that is (?:not|wrong|incorrect|false)|that isn't|that won't|that"
        r" doesn't|that does not|that wouldn't|it's not|it isn't|it is not|it doesn't|you(?:'ve| have)"
        r" got (?:it|that) wrong|you got (?:it|that) wrong|cancel that|forget it|false|nobody|none"
        r"|neither|i disagree|hardly|we can't|we don't|they didn't|this is(?:n't| not)|there's no"
        r"|i(?:'m| am) (?:not|afraid not|good$)|i think not|i don't think so|nothing|none of"
        r"|(?:what you (?:just )?said|that statement|the information|everything|this|that|it|which) (?:is|was|sounds|seems"
        r"|appears|looks)(?: \w+){0,2}? (?:wrong|false|incorrect|inaccurate|untrue|not|fake|a lie|mistaken)|(?:that's|that is)"
        r" (?:so |totally |completely |absolutely |just |all |very |clearly )?(?:wrong|false|incorrect|inaccurate|untrue"
        r"|fake|a lie|a mistake|mistaken)|(?:i(?:'m| am) )?afraid (?:not|that|it))\b",
    ),
    (
        Answer.YES,
        r"(?:yes|yeah|yep|yup|yea|ya|yah|yessir|yass|uh[ -]?huh|mm ?-?hm+|mhm+|mm hmm|ok|okay|okey|sure"
        r"|certainly|absolutely|definitely|totally|indeed|affirmative|correct|exactly"
        r"|precisely|perfect|please do|of course(?! not)|by all means|go (?:right )?ahead|go for it|do it"
        r"|(?:just )?(?:do|book) (?:it|that)|that(?:'s| is) (?:right|correct|it|fine|good|great|perfect"
        r"|okay|ok|me|true|the one|what i (?:want|said|need|meant)|accurate|works|exactly|a yes|affirmative|(?:absolutely"
        r"|totally|definitely|exactly|completely|very much|all|quite|indeed|so) (?:right|correct|true|fine|good|it"
        r"|accurate|perfect|the case)|a fact|the case)|(?:what you (?:just )?said|that statement|everything|all of (?:it"
        r"|that)|the information|this|that|it|it all|which) (?:is|was|sounds|seems|appears|appears to be|looks)"
        r"(?: (?!not\b|in|un|false|wrong|never)\w+){0,2}? (?:right|correct|true|accurate|a fact|the case|fine|good"
        r"|perfect)|that(?:'ll| will| would) (?:work|do|be (?:fine|good|great|perfect"
        r"|ok|okay|lovely|wonderful|me))|that works|(?:that )?sounds (?:good|great|fine|right|perfect|like a"
        r"|wonderful|okay|ok|lovely|about right|awesome)|it's (?:right|correct|fine|good|okay|true|me"
        r"|accurate|perfect)|i(?:'ll| will) take (?:it|that)|i believe so|i think so|i guess so|i suppose so"
        r"|you bet|you betcha|you got it|you(?:'re| are) (?:right|correct)|very much so|looks (?:good|right"
        r"|fine|great)|no doubt|why not|this is (?:he|she|him|her|me|correct|right|fine)|for sure|one hundred"
        r" percent|a hundred percent|100 percent|gladly|si|sí|obviously|naturally|confirmed|i confirm"
        r"|that one|roger|deal|agreed|amen|let's (?:do|go with|book|go ahead)|i agree)\b",
    ),
    (
        # These are a yes only when nothing else is said: "good" is, "good night" is not.
        Answer.YES,
        r"(?:right(?: on)?|great|good|fine|alright|all right|awesome|excellent|wonderful|lovely|please"
        r"|works|it (?:is|works|does|will|was|sure (?:is|does))|i (?:do|am|did|would|have|can|will|want"
        r" (?:it|that|to)|guess|suppose)|i'd (?:like|love) (?:that|to|it)|we (?:do|are|did|have)|he is|she"
        r" is|you can|true|cool|sweet|speaking|happy to|love to|got it|confirm|done|let's|yes'm|ten four"
        r"|10 4|surely|fine (?:by|with) me|can't complain|works for me|good to go)"
        r"(?= ?(?:thanks?|thank you|please|then|sir|ma'am|to me|for me|by me|with me|indeed|too|yes|yeah"
        r"|sure|good|fine|perfect|okay|ok|all|so|right|now|that works|let's do (?:it|that)|but|and|just"
        r"|actually|except|make it|can we|can you)*(?:$| (?:but|and|just|actually|except|make|can) .*$))",
    ),
)
_COMPILED = tuple((answer, re.compile(rf"(?:{pattern})")) for answer, pattern in _OPENERS)
# "okay" and the like only make way for what follows; a clear word after them decides.
_SOFT = re.compile(r"^(?:okay|ok|right|well|sure|alright|all right|great|good|yeah|i mean|yes)\b ?")
# Words after a yes that ask for something else, or ask at all.
_CHANGE = re.compile(
    r"\b(?:but|except|only|just|although|though|however|actually|instead|rather|unless|make it|change (?:it|the"
    r"|that)|move it|switch|add|also|and also|how|what|which|where|who|when|is (?:that|it|this|there)|are (?:you"
    r"|there)|do (?:i|you)|does|can (?:i|you|we)|could (?:i|you|we)|would (?:you|it)|one (?:more )?thing|wait|hold on"
    r"|hang on|no|not|nope|wrong)\b"
)
_NO_CHANGE = re.compile(
    r"^(?:no (?:problem|worries|rush|thanks|need|doubt)|not$|not (?:a problem|at all|bad)|what(?:ever| a\b| i (?:want|said|need))"
    r"|but (?:that's (?:fine|okay|ok|it|all)|thank|it's fine|i'm|okay|yes|sure|go ahead|it'll"
    r"|that works|that'll)|(?:just|only) (?:do it|book it|go ahead|that|me|please|fine|a (?:sec|second))"
    r"|also thank|rather (?:good|well)|though|actually (?:that's (?:right|fine|good|perfect|great"
    r"|correct)|yes|yeah|that works|perfect)|actually$|just$|only$|just great|just fine|just perfect"
    r"|(?:can|could) we (?:do (?:it|that)|go ahead)|instead$)"
)
_SOME_DAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\b\d{1,2}(?::\d\d)?\b|\btomorrow\b|\bnoon\b"
    r"|\b(?:wrong|different|another|other|later|earlier|next) (?:day|time|date|car|one|number|week)\b"
)


def parse_yes_no(text: str) -> YesNoHeard | None:
    """The answer to a yes/no question, None where the words are no answer."""
    said = _said(text)
    rest = _FILLERS.sub("", said)
    found = _match(rest)
    if found is None:
        return None
    answer, end = found
    answer, end = _soft_first(rest, answer, end)
    because, tail = rest[:end], rest[end:].strip()
    if answer is Answer.NO:
        return YesNoHeard(answer, because, _after_no(tail))
    return YesNoHeard(answer, because, _after_yes(tail))


def _after_yes(tail: str) -> str:
    """What a yes asks for besides: "but make it Thursday", and "Tuesday" said without assent."""
    for found in _CHANGE.finditer(tail):
        if not _NO_CHANGE.search(tail[found.start() :]):
            return tail[found.start() :].strip()
    return tail if _names_a_moment(tail) and not _ASSENT.search(tail) else ""


_ASSENT = re.compile(
    r"\b(?:works?|fine|good|great|perfect|correct|right|okay|sounds|please|yes|will do|is it|that's it|suits?)\b"
)


def _names_a_moment(text: str) -> bool:
    tokens = tokenise(text)
    named = any(token in WEEKDAYS or token in MONTHS or token in _DAYS for token in tokens)
    return named or any(True for _ in find_times(tokens, bare=len(tokens) <= 4))


_DAYS = frozenset({"today", "tomorrow", "tonight", "noon"})


def _match(said: str) -> tuple[Answer, int] | None:
    for answer, pattern in _COMPILED:
        found = pattern.match(said)
        if found and found.end():
            return answer, found.end()
    return None


def _soft_first(said: str, answer: Answer, end: int) -> tuple[Answer, int]:
    """ "okay no", "well, I don't think so": what comes after a soft word decides."""
    if answer is not Answer.YES:
        return answer, end
    soft = _SOFT.match(said)
    if not soft or soft.end() >= len(said):
        return answer, end
    after = _FILLERS.sub("", said[soft.end() :])
    later = _match(after)
    if later and later[0] is not Answer.YES and not _harmless_no(after):
        return later[0], len(said) - len(after) + later[1]
    return answer, end


def _harmless_no(after: str) -> bool:
    """ "yeah, no problem", "yes, don't worry", "sure, not a bad idea"."""
    return (
        re.match(
            r"(?:don't (?:worry|forget|mind)|not (?:a )?bad|no more|i don't (?:mind|see why"
            r"|have|want to|need)|not too|nothing else|wait|let me|hold|one|hang|maybe|i'm good)",
            after,
        )
        is not None
    )


def _after_no(tail: str) -> str:
    """What a no asks for instead: "no, make it Thursday"."""
    tail = re.sub(r"^(?:no|nope|sorry|thanks|thank you|it's|that's|please)\b ?", "", tail)
    wanted = _CHANGE.search(tail)
    if wanted:
        return tail[wanted.start() :].strip()
    return tail if _SOME_DAY.search(tail) else ""


_MARKERS = re.compile(
    r"\b(?:no+,? (?:wait|sorry|actually|make (?:it|that)|i meant?|not|hold on)"
    r"|wait,? (?:no|actually|sorry|make (?:it|that))|oh wait|(?:oh )?sorry,? (?:no|i meant?|make (?:it|that)|not)"
    r"|i meant(?: to say)?|i mean|actually|scratch that|strike that|forget that|never ?mind(?: that)?|correction"
    r"|let me (?:correct|rephrase|change) (?:that|it)|make (?:it|that)|change (?:it|that) to|on second thought"
    r"|rather|i misspoke|my mistake|my bad|oops|excuse me|i take that back|hold on|wait)\b[,. ]*"
)
_IDLE_TAIL = re.compile(r"^(?:a (?:sec|second|minute|moment)|no|sorry|please|that|it|um|uh)?\W*$")


def parse_correction(text: str) -> CorrectionHeard | None:
    """What the caller says in place of what was said before; None where nothing is taken back.

    The last marker counts: "Tuesday, no wait, Wednesday, actually Thursday" -> "thursday".
    """
    said = plain(text).strip()
    last: re.Match[str] | None = None
    markers: list[str] = []
    for found in _MARKERS.finditer(said):
        last = found
        markers.append(found[0].strip(" ,."))
    if last is None:
        return None
    new = said[last.end() :].strip(" ,.!?")
    new = re.sub(r"^(?:no|sorry|it's|its|that should be|it should be|um|uh)\b[, ]*", "", new)
    if _IDLE_TAIL.match(new):
        new = ""
    if not new and markers[-1] in ("actually", "rather", "i mean", "excuse me"):
        return None
    return CorrectionHeard(new, markers[-1])
