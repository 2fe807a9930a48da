"""What one turn of a caller says, in the terms of the flows.

Rules: pure; reads words only, knows nothing of the call. Everything is a guess
with a type: which guess counts depends on the question that was asked, and that
is decided in `absorb`. `text` is what was recognised and is never stored.
"""

import re
from typing import Any
from dataclasses import dataclass
from datetime import datetime

from voice.dialogue import heard
from voice.dialogue.agreement import Answer, judge
from voice.dialogue.intent import Intent
from voice.dialogue.redact import redact
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.local.wishes import wish_of
from voice.dialogue.state import Need, SpokenCar, Wish


@dataclass(frozen=True, slots=True)
class Understanding:
    """One caller turn. `choice`: 1 or 2 (first, second), 0 where none was made.

    `text` is raw and for code alone; `safe` is the same without private values.
    """

    text: str
    safe: str = ""
    answer: Answer = Answer.UNCLEAR
    intent: Intent | None = None
    sure: float = 0.0
    also: tuple[Intent, ...] = ()
    goals: tuple[str, ...] = ()
    need: Need = Need()
    car: SpokenCar = SpokenCar()
    wish: Wish = Wish()
    name: tuple[str, str] = ("", "")
    phone: str = ""
    choice: int = 0
    waiting: bool | None = None
    corrects: bool = False
    adds: bool = False
    repeat: bool = False
    unsure: bool = False
    goodbye: bool = False
    back: bool = False
    question: bool = False

    @property
    def yes(self) -> bool:
        """A plain yes."""
        return self.answer is Answer.YES

    @property
    def no(self) -> bool:
        """A no, with or without more."""
        return self.answer is Answer.NO


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# A goal is what the caller wants done. The order is the order of strength: who says
# "cancel my appointment" is not booking one, although the word appointment is there.
GOAL_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "status",
        _cue(
            r"\b(is|are|when will|how('s| is)|what'?s the status|status (of|on)|any (news|update)|check(ing)? on)\b"
            r".{0,30}\b(ready|done|finished|car|vehicle|truck|repair|coming along)\b|\bready (yet|for pick ?up)\b"
            r"|\bpick (up )?my (car|truck|vehicle)|pick(ing)? (it|her) up\b"
        ),
    ),
    (
        "history",
        _cue(
            r"\b(when (was|did)|what (was|did)|last time)\b.{0,40}\b(last|do|done|serviced|service|change[d]?|you guys)\b"
            r"|\bservice history\b|\bwhat('s| is) (it )?due\b|\bdue for\b.{0,12}\?"
        ),
    ),
    (
        "find",
        _cue(
            r"\b(when|what time|what day|do i have|is there|check|confirm|look up|remind me)\b.{0,24}\b(my|an?|the) "
            r"(next |upcoming )?(appointment|visit|booking)\b|\bwhen am i (coming|booked|scheduled)\b"
        ),
    ),
    (
        "move",
        _cue(
            r"\b(re-?schedul\w*|resched\w*|move|push|switch|change|bump|shift|postpone)\b.{0,40}"
            r"\b(appointment|appt|visit|booking|time|day|date|service|oil change|it|monday|tuesday|wednesday|thursday|friday)\b"
            r"|\b(different|another|later|earlier|better|new) (day|time|date)\b"
            r"|\bre-?schedul\w*\b|\bcan'?t (make|come|do)\b|\bwon'?t be able to (make|come)\b|\bnot going to make it\b"
        ),
    ),
    (
        "cancel",
        _cue(
            r"\bcancel\b.{0,40}|\bcall (it )?off\b|\bdon'?t need (the|my|that) (appointment|visit|booking)\b"
            r"|\bget rid of (my|the) appointment\b"
        ),
    ),
    (
        "price",
        _cue(r"\b(how much|price|pricing|cost|costs|charge|fee|quote|estimate|rate|expensive)\b"),
    ),
    (
        "info",
        _cue(
            r"\b(hours|open|close|closed|closing|where are you|address|located|location|directions|shuttle|loaner|rental"
            r"|tow(ing)? (number|service|truck)|payment|credit cards?|pay with|waiting (room|area)|wi-?fi|parking|after hours"
            r"|drop[- ]?box|key drop|saturdays?\?|weekends?)\b"
        ),
    ),
    (
        "message",
        _cue(
            r"\b(leave|take|pass on) (a|my)? ?message\b|\bcall me back\b|\bcallback\b|\bhave (someone|somebody|him|her|them) call\b"
            r"|\bspeak to .{0,20}(sales|parts|finance|body shop|accounting|billing)\b"
        ),
    ),
    (
        "book",
        _cue(
            r"\b(book|schedule|set up|make|get|need|want|like|bring|come in|take|have|looking for|due for|time for|drop)\b.{0,60}"
            r"\b(appointment|service|serviced|oil|change|rotat\w*|brake\w*|inspect\w*|tires?|tune|battery|check\w*|look(ed)? at|fix\w*"
            r"|repair\w*|in|align\w*|maintenance|diagnos\w*|recall|wipers?|filter)\b|\bappointment\b"
        ),
    ),
)
_REPEAT = _cue(
    r"\b(repeat|say (that|it) again|come again|pardon|didn'?t (catch|hear|get)|what did you say|what was that|one more time)\b"
    r"|^\W*(what|huh|sorry|excuse me)\W*$|^what\?"
)
_UNSURE = _cue(
    r"\b(not sure|don'?t know|no idea|don'?t remember|can'?t remember|do not know|i forget|whatever you|hard to say"
    r"|don'?t have (it|that)|you tell me|no clue)\b"
)
_GOODBYE = _cue(
    r"^\W*(no,? )?(that'?s (all|it|everything)|that is all|that will be all|nothing else|i'?m (good|all set|done)|all set|all good"
    r"|good ?bye|bye( bye)?|have a (good|great|nice)|see you|talk (to you )?later|thanks,? bye)\b|\bgood ?bye\b|\bbye[- ]?bye\b"
    r"|\bthat'?s (all|it|everything)( i need(ed)?)?\b"
)
_ADDS = _cue(
    r"\b(also|as well|too|in addition|add|plus|while (you'?re|it'?s) (at it|there)|and (an?|the))\b"
)
_WAIT = _cue(
    r"\b(i'?ll|i will|i can|i'?d|gonna|going to|want to|prefer to|like to|rather)? ?(just )?wait(ing)?( (here|there|for it))?\b|\bstay\b|\bsit\b"
)
_DROP = _cue(
    r"\b(drop(ping)?( it| her| the car)? ?off|drop[- ]?off|leave (it|her|the car)|leaving it|shuttle|loaner|pick (it|her) up later)\b"
)
_CORRECTS = _cue(
    r"\b(no wait|wait,? no|actually|i mean(t)?|sorry,? (i|it|make)|scratch that|change (that|it)|make (it|that)|instead|rather"
    r"|correction|let me (correct|change)|not (the|a|my)|on second thought)\b"
)
_BACK = _cue(
    r"\b(go back|back up|start over|start again|never ?mind|forget (it|that|about)|leave it (as|like|the way)|keep it|changed my mind)\b"
)
_FIRST = _cue(
    r"\b(first (one|option|time|slot)?|the (former|earlier|earliest)|earlier one|sooner)\b|^\W*(one|1|option one)\W*$"
)
_SECOND = _cue(
    r"\b(second (one|option|time|slot)?|the latter|the later( one)?|later one|other one|last one)\b|^\W*(two|2|option two)\W*$"
)
_ORDINAL_DATE = _cue(
    r"\b(first|second) of\b|\b(january|february|march|april|may|june|july|august|september|october|november|december) (first|second)\b"
)
_QUESTION = _cue(
    r"\?\s*$|^\W*(what|when|where|how|do you|can you|is there|are you|could you|who|why)\b"
)


def understand(text: str, knowledge: Knowledge, now: datetime) -> Understanding:
    """Read a caller's words. `now` is aware; dates are read in the shop's zone."""
    local = now.astimezone(knowledge.zone)
    plain = text.replace("’", "'")
    choice, car = _choice(plain), knowledge.match_car(plain)
    return Understanding(
        text=text,
        safe=redact(text),
        answer=judge(plain),
        **_intents(plain),
        goals=goals_in(plain),
        need=knowledge.match_need(plain),
        car=car,
        wish=_wish(plain, local.replace(tzinfo=None), car, choice),
        name=_name(plain),
        phone=_phone(plain),
        choice=choice,
        waiting=_waiting(plain),
        corrects=bool(_CORRECTS.search(plain)),
        adds=bool(_ADDS.search(plain)),
        repeat=bool(_REPEAT.search(plain)),
        unsure=bool(_UNSURE.search(plain)),
        goodbye=bool(_GOODBYE.search(plain)),
        back=bool(_BACK.search(plain)),
        question=bool(_QUESTION.search(plain)),
    )


def _intents(text: str) -> dict[str, Any]:
    try:
        from voice.dialogue.intent import classify
    except ImportError:
        return {}
    heard_intent = classify(text)
    return {
        "intent": heard_intent.intent,
        "sure": heard_intent.confidence,
        "also": heard_intent.also,
    }


def goals_in(text: str) -> tuple[str, ...]:
    """What the caller wants done, strongest cue first; several when several are said."""
    found = [name for name, cue in GOAL_CUES if cue.search(text)]
    if "book" in found and ("move" in found or "cancel" in found or "find" in found):
        found.remove("book") if not _TWO_WISHES.search(text) else None
    return tuple(found)


_TWO_WISHES = _cue(r"\b(and|also|then|plus)\b.{0,40}\b(book|schedule|need|want|make|set up)\b")


def _wish(text: str, local: datetime, car: SpokenCar, choice: int) -> Wish:
    """When; a bare hour that may as well be a model year or "the first one" is none."""
    wish = wish_of(text, local)
    bare = wish.at is not None and wish.first_day is None
    return Wish() if bare and (choice or car.year) else wish


def _name(text: str) -> tuple[str, str]:
    name = heard.parse_name(text)
    return (name.first, name.last) if name else ("", "")


def _phone(text: str) -> str:
    phone = heard.parse_phone(text)
    return (phone.e164 or "") if phone else ""


def _choice(text: str) -> int:
    if _ORDINAL_DATE.search(text):
        return 0
    if _SECOND.search(text):
        return 2
    return 1 if _FIRST.search(text) else 0


def _waiting(text: str) -> bool | None:
    if _DROP.search(text):
        return False
    return (
        True
        if _WAIT.search(text) and not re.search(r"\bwait,|\bno wait\b|^wait\b", text, re.I)
        else None
    )
