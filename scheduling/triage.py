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
_NOT = r"(?:don t|dont|doesn t|doesnt|do not|does not|won t|wont|will not|aren t|are not|isn t|is not|not|barely|hardly|stopped|quit|refus\w+ to|fail\w* to)"
_GONE = (
    r"(?:gone|went out|gone out|go out|going out|out completely|fail(?:ed|ing|ure|s)?|lost|cut out"
    r"|broken|broke|lock(?:ed|ing|s)?(?: up)?|seized|unresponsive"
    rf"|{_NOT}(?: (?:always|really|even|seem|to|be|very|completely|properly|just|all|sometimes))*"
    r" (?:stop|work|catch|grab|hold|brake|respon|engag)\w*)"
)
_BETWEEN = (
    r"(?: (?:just|have|has|had|are|is|was|were|completely|totally|all|suddenly|kind|sort|of|my|on|me"
    r"|they|it|it s|already|sometimes|really|almost|keep|keeps|feel|feels|like|so|the))*"
)
_SMELL = r"(?:smell(?:s|ing|ed)?|odou?r|fumes?|reek(?:s|ing)?|stinks?)"
_FUEL = r"(?:gas|gasoline|fuel|petrol|diesel)"
_ROAD = (
    r"(?:highway|freeway|interstate|road|street|traffic|intersection|shoulder|turnpike|expressway)"
)
_DEGREE = (
    r"(?:really |very |too |so |a little |a bit |pretty |super |extremely |completely |kinda )*"
)

_UNSAFE_PHRASES: Final = (
    # brakes that do not brake
    rf"{_BRAKES}(?: \w+){{0,4}} to (?:the |my )?(?:floor|ground|floorboard)",
    rf"{_BRAKES}(?: \w+){{0,3}} (?:sinks?|sinking|drops?)\b",
    rf"(?:no|without|lost|losing|lose) (?:my |the |all |any )?(?:{_BRAKES}|brake pressure)\b"
    r"(?! (?:pads?|rotors?|noise|lights?|fluid|check|inspection|issues?|problems?))",
    rf"{_BRAKES}{_BETWEEN} {_GONE}",
    r"(?:can t|cannot|cant|couldn t|won t|wont|doesn t|not able to|unable to|barely|hardly)"
    r" (?:really )?stop(?:ping)?\b(?! (?:by|in|making|the noise|it from|leaking|shaking))",
    rf"(?:fail(?:ed|ing|ure)|faulty) (?:of )?(?:the |my )?{_BRAKES}",
    rf"{_NOT} (?:brake|break)\b|refus\w+ to (?:brake|break|stop)",
    rf"delay(?: \w+){{0,6}} {_BRAKES}|{_BRAKES}(?: \w+){{0,4}} delay",
    rf"{_BRAKES}(?: \w+){{0,8}} (?:pump|slam on|stomp on|stand on) (?:them|it|the|on)"
    r"|(?:have|has|having) to (?:pump|slam on|stomp on|stand on) (?:my |the )?(?:brakes?|breaks?|them)",
    # fire and smoke
    r"smok(?:e|es|ing|ed|y)\b",
    r"\b(?:on fire|caught fire|catch(?:es|ing)? fire|fire|flames?|burning up|burst into)\b",
    r"burn(?:ing|t|ed)? (?:\w+ ){0,2}smell|smell(?:s|ing|ed)?(?: \w+){0,4} burn(?:ing|t|ed)?"
    r"|burning (?:rubber|plastic|wires?)|spark(?:s|ing)\b",
    # fuel
    rf"{_SMELL}(?: \w+){{0,4}} {_FUEL}\b",
    rf"{_FUEL}(?: \w+)? {_SMELL}",
    rf"leak(?:s|ing|ed)?(?: \w+){{0,2}} {_FUEL}\b(?! mileage)|{_FUEL}(?: \w+)?(?: \w+)? leak\w*",
    rf"{_SMELL}(?: \w+){{0,3}} exhaust|exhaust(?: \w+){{0,3}} (?:fumes?|smell\w*"
    r"|(?:in|inside|into) the (?:car|cabin))|carbon monoxide",
    # steering that does not steer
    r"steering(?: \w+){0,5} (?:lock(?:s|ed|ing)?|seized|stuck|fail\w*|gone|went out)\b",
    rf"steering(?: wheel)?(?: (?:just|sometimes|often|suddenly))* {_NOT}"
    r" (?:\w+ )?(?:turn|respon|regist|work|steer|mov)\w*",
    r"(?:can t|cannot|cant|lost|losing|no|barely|unable to|couldn t|won t be able to|wont be able to)"
    r" (?:steer\w*|control of the (?:car|wheel|vehicle)|turn the (?:steering )?wheel)\b",
    rf"wheel(?: \w+){{0,3}} {_NOT} (?:turn|mov)\w*",
    r"wheel(?: \w+){0,12} (?:stuck|block\w*)|(?:wheel|steering)(?: \w+){0,3} trouble turning",
    # heat
    r"over ?heat\w*|boil(?:s|ing|ed)? over|heat(?:s|ing|ed)? up|steam\w*",
    rf"(?:run(?:s|ning)?|get(?:s|ting)?|got|is|s|completely) {_DEGREE}hot\b(?! air)",
    r"(?:temperature|temp)(?: \w+){0,6} (?:red|h|hot|high|pegged|maxed|going up|goes up|rising|rises"
    r"|climb\w*|spik\w*)\b",
    # lights that flash, bags that went off
    r"(?:flash|blink)\w*(?: \w+){0,4} (?:check engine|engine)",
    r"engine(?: light)?(?: \w+){0,6} (?:flash|blink)\w*",
    r"air ?bags?(?: \w+){0,2} (?:deploy\w*|went off|go(?:es|ne)? off|blew|popped)|deployed air ?bags?",
    # wheels
    r"(?:wheel|tire)s?(?: \w+){0,3} (?:loose|wobbl\w*|com(?:e|es|ing) off|came off|fell off|fall\w* off)",
    r"wobbl\w*(?: \w+){0,5} (?:wheel|tire)s?|loose (?:wheel|tire|lug)"
    r"|lug nuts?(?: \w+){0,2} (?:missing|loose|broke\w*|gone|off)",
    r"blow ?out|blew (?:out )?(?:a |my |the )?tire|tire (?:blew|exploded|burst)",
    # where the car is, and what it does by itself
    r"(?:strand|stuck|broke ?n? ?down|broken down|die[sd]|dying|stopped|stall)(?:ed|s|ing)?"
    rf"(?: out)?(?: \w+){{0,12}} {_ROAD}",
    rf"(?:side|middle|shoulder) of (?:the |an |a )?{_ROAD}",
    r"(?:gas|accelerator|throttle)(?: pedal)?(?: \w+){0,2} (?:stuck|sticks|sticking|stays down)",
    r"(?:accelerat\w+|speeds? up)(?: \w+){0,6} (?:by itself|on its own|without my)"
    r"|unintended acceleration",
    r"(?:stall\w*|die[sd]|dying|(?:shut|cut|turn)\w* (?:\w+ )?(?:off|out|down))(?: \w+){0,5}"
    r" (?:while|when|as) (?:i m |im |i am |i was |we re |you re |i )?(?:driving|drive|moving)",
    r"\b(?:accident|crash(?:ed)?|collision|wreck(?:ed)?)\b",
)
_URGENT_PHRASES: Final = (
    r"(?:oil|brake|break|temperature|temp|coolant|battery|charging|abs|air ?bag|srs|red)"
    r"(?: pressure| power| warning| indicator| dash\w*)* (?:light|lamp|symbol|warning)",
    r"(?:light|lamp|warning)(?: \w+){0,3} (?:for|about) (?:the |my )?(?:oil|brakes?|temperature|coolant|battery)",
    r"(?:low|no) oil(?: pressure)?\b",
    r"\bstall\w*|\bdie[sd]\b|\bdying\b|(?:shut|cut|turn)\w* (?:off|down|out)\b",
    rf"{_BRAKES}(?: \w+){{0,4}} (?:grind\w*|soft|spongy|squishy|mushy|low|weak|metal|going|bad)"
    rf"|grind\w*(?: \w+){{0,5}} {_BRAKES}|(?:soft|spongy|squishy|mushy) {_BRAKES}"
    r"|(?:takes?|taking|took) (?:\w+ ){0,3}(?:long|longer|forever|while)(?: \w+){0,2} to stop"
    r"|long time to stop|(?:hard|slow|trouble) (?:to )?stop\w*|braking (?:\w+ )?slow\w*",
    r"(?:won t|wont|doesn t|does not|did not|didn t|not|will not|can t|cant|no|couldn t|wouldn t)"
    r" (?:\w+ ){0,3}(?:start\w*|turn over|crank\w*)",
    r"steering(?: \w+){0,4} (?:stiff|hard|heavy|loose|play|slip\w*)|hard to (?:steer|turn)|power steering",
    r"los(?:es|ing|s of|t) (?:of )?power|no power|limp mode|misfir\w*|brok\w* down",
    r"leak\w*(?: \w+){0,3} (?:brake fluid|coolant|anti ?freeze)|(?:brake fluid|coolant|anti ?freeze)(?: \w+)? leak\w*",
)
_DENIED: Final = re.compile(
    r"\b(?:no|not|isn t|is not|isnt|never|without(?: any)?|hasn t been|doesn t|don t see(?: any)?) "
    r"(?:any )?(?:smoke|smoking|steam|fire|overheat\w*|running hot|over heat\w*|smell (?:of )?(?:gas|burn\w*))\b"
    r"|\bsmoke (?:detector|free)\b|\bsmog\b|\bfire ?stone\b|\bmis ?fir\w*|\bback ?fir\w*"
    r"|\bbrak\w* (?:and|or|then) break\w*|\bbrake lights?(?: \w+){0,4} (?:don t|aren t|not|out|won t|doesn t)\b[^.]*"
    r"|\bspark plugs?\b|\bno (?:problem|issue)s? (?:with|stopping)\b"
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
