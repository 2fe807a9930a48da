"""Words that make a car unsafe or urgent: they win over everything else a caller says.

Rules of this module: pure and closed; a table of phrases over plain words, no scoring. It
would rather send a safe car to an advisor than let an unsafe one be booked for Thursday.
"Urgent" is for a solid warning light or a one-off failure: the earliest opening and an
advisor's eye. Nothing here ever says that a car is safe.
"""

import re
from typing import Final

UNSAFE: Final = "unsafe"
URGENT: Final = "urgent"

_BRAKES = r"(?:brakes?|breaks?|braking|brake pedal|break pedal|pedal)"
_GONE = (
    r"(?:gone|went out|gone out|go out|going out|out completely|fail(?:ed|ing|ure|s)?|don t work"
    r"|dont work|doesn t work|not work(?:ing)?|aren t work(?:ing)?|stopped work(?:ing)?"
    r"|quit(?: work(?:ing)?)?|don t (?:stop|catch|grab|hold)|won t (?:stop|work|catch|grab|hold)"
    r"|wont (?:stop|work)|lost|cut out|broken|broke|locked up|lock up|locking up|seized)"
)
_SMELL = r"(?:smell(?:s|ing|ed)?|odou?r|fumes?|reek(?:s|ing)?|stinks?)"
_FUEL = r"(?:gas|gasoline|fuel|petrol|diesel)"

_UNSAFE_PHRASES: Final = (
    # brakes
    rf"{_BRAKES}(?: \w+){{0,4}} to (?:the |my )?(?:floor|ground|floorboard)",
    r"(?:pedal|brakes?|breaks?)(?: \w+){0,3} (?:sinks?|sinking|drops?)",
    rf"(?:no|without|lost|losing|lose) (?:my |the |all |any )?(?:{_BRAKES}|brake pressure)\b(?! (?:pads?|rotors?|noise|lights?|fluid|check|inspection|issues?|problems?))",
    rf"{_BRAKES}(?: (?:just|have|has|are|is|were|completely|totally|all|suddenly|kind|of|my|on|me|they))* {_GONE}",
    r"(?:can t|cannot|cant|couldn t|won t|wont|doesn t|not able to|unable to|barely|hardly) (?:really )?stop(?:ping)?\b(?! (?:by|in|making|the noise|it from|leaking|shaking))",
    rf"(?:fail(?:ed|ing|ure)|faulty|failed) (?:of )?(?:the |my )?{_BRAKES}",
    rf"{_BRAKES} fail\w*",
    # fire and smoke
    r"smok(?:e|es|ing|ed|y)\b",
    r"\b(?:on fire|caught fire|fire|flames?|burning up|burst into)\b",
    r"burn(?:ing|t|ed)? (?:\w+ ){0,2}smell|smell(?:s|ing|ed)?(?: \w+){0,4} burn(?:ing|t|ed)?|burning (?:oil|rubber|plastic|wires?)",
    # fuel
    rf"{_SMELL}(?: \w+){{0,4}} {_FUEL}\b",
    rf"{_FUEL}(?: \w+)? {_SMELL}",
    rf"leak(?:s|ing|ed)?(?: \w+){{0,2}} {_FUEL}\b(?! (?:mileage|station))|{_FUEL}(?: \w+)?(?: \w+)? leak\w*",
    rf"{_SMELL}(?: \w+){{0,3}} exhaust|exhaust(?: \w+){{0,3}} (?:fumes?|smell\w*|(?:in|inside|into) the (?:car|cabin))|carbon monoxide",
    # steering
    r"steering(?: \w+){0,4} (?:lock(?:s|ed|ing|ed up)?|seized|stuck|fail\w*|gone|went out|won t turn|wont turn|not turn\w*)",
    r"(?:can t|cannot|cant|lost|no|barely|unable to) (?:steer\w*|control of the car|turn the (?:steering )?wheel)\b",
    r"(?:steering )?wheel(?: \w+){0,3} (?:won t|wont|doesn t|not) turn",
    # heat
    r"over ?heat\w*|boil(?:s|ing|ed)? over|running (?:really |very |too |so )?hot|runs? (?:really |very |too |so )?hot|(?:getting|gets|got) (?:really |very |too |so )?hot\b(?! air)|steam\w*",
    r"(?:temperature|temp)(?: \w+){0,4} (?:red|h\b|hot|too high|pegged|maxed)",
    # lights that flash, bags that went off
    r"(?:flash|blink)\w*(?: \w+){0,4} (?:check engine|engine light|engine|light)",
    r"(?:check engine|engine)(?: \w+){0,4} (?:flash|blink)\w*",
    r"air ?bags?(?: \w+){0,2} (?:deploy\w*|went off|go(?:es|ne)? off|blew|popped)|deployed air ?bags?",
    # wheels
    r"(?:wheel|tire)s?(?: \w+){0,3} (?:loose|wobbl\w*|com(?:e|es|ing) off|came off|fell off|fall\w* off|lug)",
    r"loose (?:wheel|tire|lug)|lug nuts?(?: \w+){0,2} (?:missing|loose|broke\w*|gone|off)|blow ?out|blew (?:out )?(?:a |my |the )?tire|tire (?:blew|exploded|burst)",
    # where the car is, what it does by itself
    r"(?:strand|stuck|broke ?n? ?down|broken down|died|stopped|stall\w*)(?:ed)?(?: \w+){0,5} (?:highway|freeway|interstate|road|street|traffic|intersection|shoulder|turnpike)",
    r"(?:side|middle|shoulder) of the (?:road|highway|freeway|street|interstate)",
    r"(?:gas|accelerator|throttle)(?: pedal)?(?: \w+){0,2} (?:stuck|sticks|sticking|stays down)|accelerat\w+ (?:by itself|on its own)|unintended acceleration|speeds up (?:by itself|on its own)",
    r"(?:stall|die|shut|cut|turn)\w*(?: off| out)?(?: \w+){0,3} (?:while|when|as) (?:i m |im |i am |i was |we re |you re |i )?(?:driving|drive|moving)",
    r"\b(?:accident|crash(?:ed)?|collision|wreck(?:ed)?)\b",
)
_URGENT_PHRASES: Final = (
    r"(?:oil|brake|break|temperature|temp|coolant|battery|charging|abs|air ?bag|srs|red)(?: pressure| warning| indicator| dash\w*)* (?:light|lamp|symbol|warning)",
    r"(?:light|lamp|warning)(?: \w+){0,3} (?:for|about) (?:the |my )?(?:oil|brakes?|temperature|coolant|battery)",
    r"(?:low|no) oil(?: pressure)?\b",
    r"\bstall\w*|\bdie[sd]\b(?! (?:battery))|\bdying\b|shuts? (?:off|down)|cuts? out|shutting (?:off|down)",
    rf"{_BRAKES}(?: \w+){{0,4}} (?:grind\w*|soft|spongy|squishy|mushy|low|weak|metal)|grind\w*(?: \w+){{0,5}} {_BRAKES}|(?:soft|spongy|squishy|mushy) {_BRAKES}|takes? (?:\w+ ){{0,3}}(?:long|longer|forever) to stop|hard to stop|trouble stopping|slow to stop",
    r"won ?t start|wont start|doesn t start|does not start|not start(?:ing)?|will not start|no start|won t turn over|can t start|cant start",
    r"(?:steering)(?: \w+){0,4} (?:stiff|hard|heavy|loose|play|slip\w*)|hard to steer|power steering",
    r"los(?:es|ing|t) power|no power|limp mode|misfir\w*",
    r"leak\w*(?: \w+){0,3} (?:brake fluid|coolant|antifreeze)|(?:brake fluid|coolant|antifreeze)(?: \w+)? leak\w*",
)
_DENIED: Final = re.compile(
    r"\b(?:no|not|isn t|is not|isnt|never|without(?: any)?|hasn t been|doesn t|don t see(?: any)?) "
    r"(?:any )?(?:smoke|smoking|steam|fire|overheat\w*|running hot|over heat\w*|smell (?:of )?(?:gas|burn\w*))\b"
    r"|\bsmoke (?:detector|free)\b|\bsmog\b|\bfire ?stone\b|\bmis ?fir\w*|\bback ?fir\w*"
)
_UNSAFE: Final = tuple(re.compile(rf"(?<!\w)(?:{phrase})") for phrase in _UNSAFE_PHRASES)
_URGENT: Final = tuple(re.compile(rf"(?<!\w)(?:{phrase})") for phrase in _URGENT_PHRASES)


def judge(text: str) -> str | None:
    """ "unsafe", "urgent" or None for what a caller said about the car."""
    plain = plain_words(text)
    said = _DENIED.sub(" ", plain)
    if any(pattern.search(said) for pattern in _UNSAFE):
        return UNSAFE
    return URGENT if any(pattern.search(plain) for pattern in _URGENT) else None


def plain_words(text: str) -> str:
    """Lower case, single spaces, apostrophes and dashes as spaces: "won't" is "won t"."""
    return " ".join("".join(c if c.isalnum() else " " for c in text[:2000].lower()).split())
