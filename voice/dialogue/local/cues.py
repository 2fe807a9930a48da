"""The cues of a caller's words: patterns with a name, nothing more.

Rules: pure. Whole words, no case. A cue is evidence, never a decision: what it means
depends on the question that was asked.
"""

import re


def cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# A goal is what the caller wants done. The order is the order of strength: who says
# "cancel my appointment" is not booking one, although the word appointment is there.
GOAL_CUES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "change_phone",
        cue(
            r"\b(change|update|replace|correct)\b.{0,20}\b(phone|cell|mobile|telephone|contact) number\b|\b(i have|got|i've got|there's) a new"
            r" (phone|cell|mobile)? ?number\b|\b(change|update) my (phone|cell|number)\b"
        ),
    ),
    (
        "add_contact",
        cue(
            r"\b(add|authori[sz]e|allow|let|put)\b.{0,24}\b(wife|husband|son|daughter|mom|mother|dad|father|partner|brother|sister|friend|someone|somebody)\b"
            r".{0,24}\b(account|behalf|manage|contact)\b"
        ),
    ),
    (
        "text_history",
        cue(r"\b(text|send)\b.{0,12}\b(me|us)\b.{0,24}\b(service )?(history|records?)\b"),
    ),
    (
        "details",
        cue(
            r"\b(change|update|correct)\b.{0,16}\b(e-?mail|(mailing |home )?address|last name|my name)\b|\b(i'?ve|i have|we'?ve|we) moved\b(?!.{0,20}\bappointment)"
        ),
    ),
    ("recall", cue(r"\brecalls?\b|\bsafety campaign\b")),
    (
        "status",
        cue(
            r"\b(is|are|when will|how('s| is)|what'?s the status|status (of|on)|any (news|update)|check(ing)? on)\b"
            r".{0,30}\b(ready|done|finished|coming along)\b|\bready (yet|for pick ?up)\b|\bstatus of my\b"
            r"|\b(check(ing)?|update) on my (car|truck|vehicle)\b"
            r"|\bpick (up )?my (car|truck|vehicle)|pick(ing)? (it|her) up\b"
        ),
    ),
    (
        "waitlist",
        cue(
            r"\bwait(ing)?[- ]?list\b|\bcancell?ation list\b|\b(if|when) (anything|something|a (spot|slot|time)) (opens|comes) up\b"
        ),
    ),
    (
        "duration",
        cue(
            r"\bhow (long|much time)\b.{0,30}\b(take|takes|be|need|needs|last|does|will|would|is)\b(?!.{0,12}\b(open|since|ago)\b)"
        ),
    ),
    (
        "history",
        cue(
            r"\b(when (was|did)|what (was|did)|last time)\b.{0,40}\b(last|do|done|serviced|service|change[d]?|you guys)\b"
            r"|\bservice history\b|\bwhat('s| is) (it )?due\b|\bdue for\b.{0,12}\?"
        ),
    ),
    ("confirm", cue(r"\bconfirm\b.{0,24}\b(appointment|visit|booking|coming)\b")),
    (
        "find",
        cue(
            r"\b(when|what time|what day|do i have|is there|check|look up|remind me)\b.{0,24}\b(my|an?|the) "
            r"(next |upcoming |other )?(appointment|visit|booking|one)\b|\bwhen am i (coming|booked|scheduled)\b"
        ),
    ),
    (
        "move",
        cue(
            r"\b(re-?schedul\w*|postpone\w*)\b"
            r"|\b(move|push|switch|bump|shift|(?<!oil )(?<!filter )(?<!fluid )change) (back |up |forward )?"
            r"(my|the|our|that|this|one of|an|a)\b.{0,40}"
            r"\b(appointments?|appts?|visits?|bookings?|times?|days?|dates?|service|oil change|slot)\b"
            r"|\b(move|push|switch|bump|shift|change) (it|that|this)\b(?! oil)"
            r"|\b(different|another|later|better|new) (day|time|date)\b"
            r"|\bcan'?t (make|come|do)\b|\bwon'?t be able to (make|come)\b|\bnot going to make it\b"
            r"|\b(earlier|sooner|later)\b.{0,16}\b(than )?(my|the) (appointment|visit|booking)\b"
            r"|\b(my|the) (appointment|visit|booking)\b.{0,20}\b(earlier|sooner)\b"
        ),
    ),
    (
        "cancel",
        cue(
            r"\bcancel\b.{0,40}|\bcall (it )?off\b|\bdon'?t need (the|my|that) (appointment|visit|booking)\b"
            r"|\bget rid of (my|the) appointment\b"
        ),
    ),
    (
        "price",
        cue(r"\b(how much|price|pricing|cost|costs|charge|fee|quote|estimate|rate|expensive)\b"),
    ),
    (
        "info",
        cue(
            r"\b(hours|open|close|closed|closing|where are you|(find|get( to)?) (you|there)|can i wait|what can you do|christmas|thanksgiving|new year'?s|bring anything|(do|should) i (need to )?bring|address|located|location|directions|shuttle|loaner|rental"
            r"|tow(ing|ed)?|tow truck|payment|credit cards?|pay with|waiting (room|area)|wi-?fi|parking|after hours"
            r"|drop[- ]?box|key drop|saturdays?\?|weekends?)\b"
        ),
    ),
    (
        "message",
        cue(
            r"\b(leave|take|pass on) (a|my)? ?message\b|\bcall me back\b|\bcallback\b|\bhave (someone|somebody|him|her|them) call\b"
            r"|\bspeak to .{0,20}(sales|parts|finance|body shop|accounting|billing)\b"
        ),
    ),
    (
        "book",
        cue(
            r"\b(book|schedule|set up|make|get|need|want|like|bring|come in|take|have|looking for|due for|time for|drop)\b.{0,60}"
            r"\b(appointment|service|serviced|oil|change|rotat\w*|brake\w*|inspect\w*|tires?|tune|battery|check\w*|look(ed)? at|fix\w*"
            r"|repair\w*|in|align\w*|maintenance|diagnos\w*|recall|wipers?|filter)\b|\bappointment\b"
            r"|\b(book|schedule|make|set up)\b.{0,16}\b(new|another|a different) (one|visit|appointment|time)\b"
        ),
    ),
)
REPEAT = cue(
    r"\b(repeat|say (that|it) again|come again|pardon|didn'?t (catch|hear|get)|what did you say|what was that|one more time)\b"
    r"|^\W*(what|huh|sorry|excuse me)\W*$|^what\?"
)
UNSURE = cue(
    r"\b(not sure|don'?t know|no idea|don'?t remember|can'?t remember|do not know|i forget|whatever you|hard to say"
    r"|don'?t have (it|that)|you tell me|no clue)\b"
)
GOODBYE = cue(
    r"^\W*(no,? )?(that'?s (all|it|everything)|that is all|that will be all|nothing else|i'?m (good|all set|done)|all set|all good"
    r"|good ?bye|bye( bye)?|have a (good|great|nice)|see you|talk (to you )?later|thanks,? bye)\b|\bbye\W*$|\bgood ?bye\b|\bbye[- ]?bye\b"
    r"|\bthat'?s (all|it|everything)( i need(ed)?)?\b"
)
BYE_FOR_HI = cue(r"\W*bye\W+(?!bye)\w+\W+\w+\W+\w+")
ADDS = cue(
    r"\b(also|as well|too|in addition|add|plus|while (you'?re|it'?s) (at it|there)|and (an?|the))\b"
)
WAIT = cue(
    r"\b(i'?ll|i will|i can|i'?d|gonna|going to|want to|prefer to|like to|rather)? ?(just )?wait(ing)?( (here|there|for it))?\b|\bstay\b|\bsit\b"
)
DROP = cue(
    r"\b(drop(ping)?( it| her| the car)? ?off|drop[- ]?off|leave (it|her|the car)|leaving it|shuttle|loaner|pick (it|her) up later)\b"
)
CORRECTS = cue(
    r"\b(no wait|wait,? no|actually|i mean(t)?|sorry,? (i meant|make)|scratch that|change (that|it)"
    r"|make (it|that)|instead|correction|let me (correct|change)|on second thought)\b"
)
RESTART = cue(r"\b(go back|back up|start over|start again)\b")
HOLD = cue(
    r"^\W*((ok(ay)?|uh|um|yeah|sure|oh|yes)\W+)*(hold on|hang on|wait|bear with me|(just )?(a|one) (sec|second|moment|minute)"
    r"|(give me|wait|hold on|hang on) (a|one) (sec|second|moment|minute)|let me (check|look|see|think|grab|get|find)"
    r"( (it|that|my|the|on|a|pen|card|registration|wallet|glasses|calendar|schedule|up)){0,3})(\W+(please|real quick))?\W*$"
)
IS_THIS = cue(
    r"\b(is this|have i reached|did i (reach|get)|am i (calling|speaking (to|with)))\b.{0,12}\b(bart'?s?|service (department|desk|center)"
    r"|the (shop|dealership|garage|dealer))\b"
)
OWN_VISIT = cue(
    r"\b(my|our|the|an|existing|current|other|that|upcoming) (\w+ )?(appointments?|appts?|visits?|bookings?|reservations?)\b|\bre-?schedul\w*"
)
BACK = cue(
    r"\b(never ?mind|forget (it|that|about)|leave it(?! (here|with|at|there|off))|keep it|changed my mind)\b"
)
FIRST = cue(
    r"\b(first( (one|option|slot))?(?! time)|the (former|earlier|earliest)|earlier one|sooner)\b|^\W*(one|1|option one)\W*$"
)
SECOND = cue(
    r"\b(second( (one|option|slot))?|the latter|the later( one)?|later one|other one|last one)\b|^\W*(two|2|option two)\W*$"
)
ORDINAL_DATE = cue(
    r"\b(first|second) of\b|\b(january|february|march|april|may|june|july|august|september|october|november|december) (first|second)\b"
)
QUESTION = cue(
    r"\?\s*$|^\W*(what|when|where|how|do you|can you|is there|are you|could you|who|why)\b"
)
TWO_WISHES = cue(r"\b(and|also|then|plus)\b.{0,40}\b(book|schedule|need|want|make|set up)\b")
MOVED_TO = cue(
    r"\b(move|reschedul\w*|re-?schedul\w*|change|push|switch|bump|shift|from)\b.*?\bto\b(?P<to>.*\d.*|.*day.*|.*week.*|.*morning.*|.*afternoon.*|.*tomorrow.*)"
)
OLD_TIME = cue(
    r"\b(cancel|can'?t (make|come|do)|cannot (make|come)|won'?t be able|not going to make|when (is|was|am)|what time is|check on)\b"
)
NEITHER = cue(
    r"\b(neither|none of|nothing of|not (either|those)|don'?t work|doesn'?t work|won'?t work)\b"
)
EITHER = cue(r"\b(either|any (of|one)|whichever|don'?t care|doesn'?t matter|both work)\b")
SOME_ONE = cue(
    r"\b(another|other|this|that|new|same|right|which|any|every|no|some|each|the|good|wrong) one\b"
)
ADVICE = cue(
    r"\b(safe|okay|ok|alright|fine) to (keep )?driv(e|ing)\b|\bcan i (still|keep) driv(e|ing)\b|\bwhat'?s wrong with (my|the|it)\b|\bwhat (could|would|might) (be causing|cause)\b"
)
VOICEMAIL = cue(
    r"\b(leave (a|your) message|after the (beep|tone)|you('ve| have) reached|not available (to take|right now)"
    r"|mailbox|voice ?mail|record your message|can'?t (come to|get to) the phone)\b"
)
PRIVATE_ASKED = cue(
    r"\b(what('s| is| was)|read|tell|give|repeat|say|confirm)\b.{0,24}\b(my|his|her|their|full)\b.{0,12}"
    r"\b(date of birth|birthday|birth date|vin|address|phone( number)?|licen[sc]e|plate|e-?mail|card)\b"
    r"|\b(address|phone( number)?|birthday|vin)\b.{0,10}\b(do you have|on file|on record)\b.{0,14}\b(for me|for her|for him|on|$)"
)
RELATIVE = (
    r"(my|his|her) (ex-?)?(wife|husband|spouse|girlfriend|boyfriend|partner|mom|mother|dad|father|son|daughter"
    r"|brother|sister|friend|neighbou?r|boss|roommate)"
)
THIRD_PARTY = cue(
    rf"\b{RELATIVE}'?s\b.{{0,24}}\b(appointment|visit|booking|car|truck|time)\b"
    rf"|\b{RELATIVE}\b.{{0,8}}\b(has|have|had)\b.{{0,8}}\b(appointment|visit|booking)\b"
    rf"|\bwhen (is|does) ({RELATIVE}|she|he)\b|\babout {RELATIVE}\b"
)
NAMED_PARTY = re.compile(
    r"\b(?!Bart|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Today|Tomorrow|What|When|That|It|Here|There"
    r"|Who|How|Let|Honda|Toyota|Ford)(?P<name>[A-Z][a-z]+)(?: [A-Z][a-z]+)?'s?\b(?= (appointment|visit|booking|car|phone|address)|\?|\.)"
    r"|\b(?:of|for|is) (?P<other>[A-Z][a-z]+ [A-Z][a-z]+)\b(?=.{0,30}\b(coming|appointment|booked|drive)\b)"
)
NAMES_A_DAY = cue(
    r"\b(mon|tues|wednes|thurs|fri|satur|sun)day\b|\b(january|february|march|april|may|june|july|august|september|october"
    r"|november|december)\b|\d|\b(first|second) of\b|\bmorning\b|\bafternoon\b|\bo'?clock\b|\b[ap]\.?m\b"
    r"|\b(at|around) (eight|nine|ten|eleven|noon|one|two|three|four)\b"
)
SOFT = cue(r"^\W*(ok(ay)?|alright|all right|right|well|great|good|sure|so|and|um+|uh+)\b")
ASKS = cue(
    r"\?\s*$|\b(how (long|much|many|do|does)|what (is|are|time|about)|what's|when|where|do (you|i)|can (you|i)|is (there|it)|are you)\b"
)
WAITS = cue(
    r"\bwait\b(?! (no|a|one|until)\b|,|\W*$)|\bhang (out|around)\b|\bhere with (it|the car)\b"
)
VISIT_WORD = cue(r"\b(appointment|visit|booking|time)\b")
REALLY_ADDS = cue(r"\badd\b|\balso\b|\bas well\b|\bin addition\b|\bplus\b|\btoo\b")
INSTEAD = cue(r"\binstead\b|\bnot the\b|\b(change|make|switch) (it|that)\b")
SHUTTLE = cue(r"\bshuttle\b|\b(a|need a|get a|give me a) (ride|lift)\b")
LOANER = cue(r"\b(loaner|loner|courtesy|rental)( car| vehicle)?\b|\bborrow a car\b")
NO_RIDE = cue(
    r"\b(don'?t|do not|won'?t) need (a|the|any|your) (ride|shuttle|lift|loaner)\b|\b(have|got|getting) (a|my own) (ride|lift)\b"
    r"|\b(someone|somebody|my \w+|friend)('s| is| will|'ll| can)? (pick|picking|follow|following|bring|give|giving|get|getting) (me|us)\b"
    r"|\bpick(ed|ing)? me up\b|\bno (shuttle|ride|loaner|lift)\b|\bi'?m (good|fine|okay|all set)\b|\b(walk|uber|lyft|taxi|bus)\b"
)
HAGGLES = cue(
    r"\b(discounts?|coupons?|specials|match (the |their |your )?prices?|price match\w*|cheaper|best price|better (price|deal)|bucks off|percent off)\b"
    r"|\b(do|give|let|make) (it|me|that)\b.{0,16}\bfor (\$?\d+|twenty|thirty|forty|fifty|sixty|free)\b"
)
OFFER_ME = cue(
    r"\bwhat (do|have) you (have|got)\b|\bwhat'?s (open|available|free)\b|\bwhatever\b|\bwhenever\b|\byou (tell|pick|choose)\b|\bany ?(time|day)\b"
)
EARLIER_THAN = cue(
    r"\b(earlier|sooner)\b.{0,16}\b(than )?(my|the) (appointment|visit|booking)\b|\b(appointment|visit|booking)\b.{0,20}\b(earlier|sooner)\b"
)
INTRODUCES = re.compile(
    r"\b(?:[Tt]his is|[Mm]y name is|[Mm]y name's|[Yy]ou're (?:talking|speaking) (?:to|with)) (?P<name>[A-Z][a-z]+)\b"
)
