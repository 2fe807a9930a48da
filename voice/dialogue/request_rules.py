"""Requests that a verb and its object settle, whatever stands around them.

Rules: pure, first match wins, tried only after the rules that must not be missed. A
visit is whatever people call it: appointment, booking, reservation, visit, slot.
"""

import re

from voice.dialogue.intents.names import Intent

_VISIT = (
    r"(?:appointments?|appt|bookings?|booked|reservations?|reserved|visit|time slot|slot|(?:my|the|our|a) meeting|my (?:oil change|service"
    r"|rotation|inspection|table|time)|the table|table i (?:booked|reserved|have)|dinner plans)"
)
_NEAR = r"(?:\W+[\w']+){0,6}?\W+"
_CANCEL_VERB = (
    r"(?:cancel(?:l?ed|l?ing|lation)?|call(?:ed)? off|scrap|nix|undo|delete|remove|get rid of|drop|erase|void|kill"
    r"|repeal|take (?:me |us )?off|take back|forget|close out|scratch|withdraw|revoke|terminate|eliminate|axe|end)"
)
_MOVE_VERB = (
    r"(?:(?<!oil )(?<!tire )chang(?:e|ing)|mov(?:e|ing)|reschedul(?:e|ing)|switch|shift|push(?: back)?|postpone|delay|bring forward"
    r"|swap|modify|alter|amend|adjust|update|rebook|extend|edit|put off|set back|tweak|correct)"
)
_CONFIRM_VERB = (
    r"(?:confirm(?:ed|ing)?|verify|verification|double check|make (?:certain|sure)|still (?:on|valid|set|good|booked"
    r"|there|have)|check (?:that|if|on|whether|my|and)|see if|assure me|ensure|is valid|went through|in the system)"
)
_MAKE_VERB = r"(?:make|set ?up|schedule|book|arrange|need|want|get|have|like|reserve|create|place|request|looking for|set)"
_NO_LONGER = (
    r"(?:(?:no longer|don't|do not|won't|not gonna|not going to) (?:need|want|be needing|require|be coming for|use)"
    r"|(?:isn't|is not|not) (?:necessary|needed)|can't make|cannot make|unable to make)"
)

_PARTS = (
    r"(?:cars?|trucks?|vans?|suvs?|vehicles?|engine|motor|brakes?|tires?|wheels?|steering|transmission|clutch|gears?|battery"
    r"|alternator|starter|exhaust|muffler|suspension|shocks?|struts?|radiator|coolant|headlights?|tail ?lights?|heater|a c|ac"
    r"|air conditioning|windshield|window|door|dash(?:board)?|hood|oil|fluid|belt|horn|wipers?|pedal|rotors?|it)"
)
_AILS = (
    r"(?:squeal\w*|squeak\w*|grind\w*|clunk\w*|rattl\w*|knock\w*|vibrat\w*|shak(?:es|ing)|shudder\w*|pull(?:s|ing) to"
    r"|stall(?:s|ed|ing)|misfir\w*|leak(?:s|ing|ed)|overheats|hesitat\w*|slip(?:s|ping)|whin(?:es|ing)|humming|wobbl\w*"
    r"|(?:won't|doesn't|isn't) (?:start|turn over|work|go into|blow|blowing|charging|shift)|acting up|making (?:a |an |some )?"
    r"(?:\w+ )?(?:noise|sound)|burning smell|smells? (?:funny|weird|like (?:burning|rubber|sulfur))|keeps dying|goes dead)"
)

_RULES: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    # What people say at a service desk and nowhere else.
    (Intent.BOOK, re.compile(r"^(?:\w+ ){0,3}(?:lof|lube)\b(?!.*\b(?:much|cost|price)\b)")),
    (
        Intent.SHOP_INFO,
        re.compile(
            r"\bcan i wait\b|\bwait (?:for|while) (?:it|my|the|you)\b.*\?|\bis this (?:the )?(?:bart's|barts|service|shop|dealership)"
            r"|\b(?:have i reached|did i reach)\b"
        ),
    ),
    (
        Intent.RESCHEDULE,
        re.compile(
            rf"\b(?:can't|cannot|won't|unable|not able|not going)\b.{{0,60}}\b(?:another|different|other|later) (?:day|time|date|week)\b"
            rf"|\b{_VISIT}\b.{{0,60}}\b(?:can|could) (?:we|i) (?:do|come|have) (?:another|a different|some other)\b"
        ),
    ),
    (
        Intent.MY_APPOINTMENT,
        re.compile(
            r"\b(?:my|the) (?:\w+ )?(?:calendar|agenda)\b(?!.*\b(?:serviced?|oil|car|vehicle)\b)"
        ),
    ),
    (
        Intent.DENY,
        re.compile(
            r"^(?:no |sorry |hmm |well |unfortunately )*(?:i|we) (?:can't|cannot|won't|won't be able to|am not able to)"
            r" (?:make|do|come)(?: it| that)?(?: in| on| at| then| for| the| this| next|$)"
        ),
    ),
    (
        Intent.CANCEL,
        re.compile(rf"\b{_CANCEL_VERB}{_NEAR}{_VISIT}\b(?! to (?:another|a different|next))"),
    ),
    (
        Intent.CANCEL,
        re.compile(
            rf"\b{_VISIT}\b.{{0,60}}\b(?:cancel(?:l?ed|lation|l?ing)?|called off|anymore|removed|deleted)\b"
        ),
    ),
    (Intent.CANCEL, re.compile(rf"\b{_NO_LONGER}{_NEAR}{_VISIT}\b")),
    (Intent.CANCEL, re.compile(rf"\b{_VISIT}\b.{{0,40}}\b{_NO_LONGER}\b")),
    (
        Intent.CANCEL,
        re.compile(
            r"\b(?:won't|wont|can't|cant|cannot|not|unable)(?: be)?(?: able)?(?: to)? (?:make|come|attend|keep)(?: it)?(?: to| for| in)?"
            r"(?: my| the| our| today's| tomorrow's)? (?:\w+ )?(?:appointment|visit|booking|reservation|meeting)\b"
        ),
    ),
    (
        Intent.MY_APPOINTMENT,
        re.compile(
            r"\b(?:do i have|what do i have|what's|what is|anything|any|show me|when is my|give me|i want|tell me|check|what|are there|have i)\b"
            r"(?!.*\b(?:schedule|set up|book|arrange|create) (?:an?|another|my|the) \w+).{0,40}"
            r"\b(?:meetings?|scheduled|on (?:my|the) (?:schedule|calendar|agenda)|my (?:schedule|calendar|agenda)"
            r"|meeting schedules?)\b(?!.*\b(?:rooms?|open|availab\w+|maintenance)\b)"
        ),
    ),
    (
        Intent.CONFIRM,
        re.compile(
            rf"\b{_CONFIRM_VERB}\b{_NEAR}(?:a |the |my )?{_VISIT}\b(?! (?:to|for) (?:another|a different))"
        ),
    ),
    (
        Intent.CONFIRM,
        re.compile(
            rf"\b(?:is|are|was|did)\b.{{0,30}}\b{_VISIT}\b.{{0,60}}\b(?:confirmed|valid|still|set|in place"
            r"|go through|booked|good|secure|scheduled|correct)\b"
        ),
    ),
    (
        Intent.CONFIRM,
        re.compile(
            rf"\b(?:is|are|was) there (?:an? |any )?{_VISIT} (?:for|under|in|at)\b"
            rf"|\b(?:do|does) (?:you|they|\w+ ?\w*) have (?:an? |my |the )?(?:reservation|booking|appointment) (?:for|under|in)\b"
        ),
    ),
    (Intent.CONFIRM, re.compile(rf"\bconfirm\b.{{0,30}}\b(?:i'm|i am|my|the) .{{0,20}}{_VISIT}")),
    (Intent.RESCHEDULE, re.compile(rf"\b{_MOVE_VERB}(?! of){_NEAR}{_VISIT}\b")),
    (
        Intent.RESCHEDULE,
        re.compile(
            rf"\b{_VISIT}\b(?!.*\b(?:oil|tires?|brakes?|filter|battery|fluid)\b).{{0,40}}\b(?:moved?|changed?|rescheduled?|postponed?|switched|pushed|amend|modify|alter)\b"
        ),
    ),
    (Intent.RESCHEDULE, re.compile(r"\b(?:reschedule|re schedule|rescheduling)\b")),
    (
        Intent.SHOP_INFO,
        re.compile(
            r"\b(?:do|does|will|can|could|would|if|is it possible|are|whether)\b(?: (?!i\b|you make me|we\b)[\w'.&]+){0,6}?"
            r" (?:take|accept|accepts|takes|allow|allows|do|does|honor|offer|offers|let (?:me|you|people|us) make|have)"
            r"(?: \w+)? (?:reservations?|walk ins?|bookings)\b"
        ),
    ),
    (
        Intent.BOOK,
        re.compile(
            rf"\b{_MAKE_VERB}\b(?! it\b)(?: [\w']+){{0,4}}? (?:an? |another |the |some )?(?:new |other )?(?:appointments?|appt)\b"
        ),
    ),
    (
        Intent.BOOK,
        re.compile(
            r"\b(?:schedule|book|arrange|set up|sign me up for)\b(?: \w+){0,3} (?:maintenance|service|servicing|oil change|inspection"
            r"|repairs?|tune ?up|mechanic|check ?up|rotation|alignment|brake job)\b"
        ),
    ),
    (
        Intent.SERVICE_HISTORY,
        re.compile(
            r"\b(?:when|how long|what (?:day|date|time|was)|date|do you (?:know|remember)|tell me|know)\b.*"
            r"\b(?:last|most recent(?:ly)?|previous(?:ly)?|latest|since|ago)\b.*\b(?:oil|serviced?|maintenance"
            r"|maintained|mechanic|checked|inspect(?:ed|ion)|looked at|tune|tires?|brakes?|shop|car|vehicle|truck"
            r"|rotated|repair(?:ed|s)?|visit|worked on|fixed|fluids?)\b(?!.*\b(?:should|need|due|next|replaced next)\b)"
        ),
    ),
    (
        Intent.SERVICE_DUE,
        re.compile(
            r"\b(?:when|how (?:often|soon|long|many miles|frequently)|what (?:date|day|time|mileage|month|point|is the next)"
            r"|at (?:what|which)|by when)\b(?!.*\b(?:last|open|close|ready|can i get|can you|my appointment)\b).*"
            r"\b(?:oil|tires?|tune|rotation|service[d]?|brakes?|filter|fluids?)\b.*\b(?:change[ds]?|changing|replaced?"
            r"|replacing|due|again|next|needed|need|swapped|new|last)\b"
            r"|\b(?:when|how (?:often|soon|many miles)|what (?:date|day|mileage|point)|at (?:what|which))\b"
            r"(?!.*\b(?:last|can i|can you|did)\b).*\b(?:need|should|due|must|have to|change|replace)\b.*\b(?:oil|tires?|tune"
            r"|rotation)\b"
        ),
    ),
    (Intent.BOOK, re.compile(rf"\b{_PARTS}\b.{{0,30}}\b{_AILS}")),
    (
        Intent.BOOK,
        re.compile(
            r"\b(?:clunk|rattle|squeal|squeak|grinding|knocking|noise|leak|burning smell)\b.{0,40}\b(?:when|from|in|under|coming)\b"
            rf".{{0,30}}\b(?:i (?:brake|stop|turn|drive|go|hit|start|accelerate)|{_PARTS}|front|rear|back)\b|\bburning smell\b"
        ),
    ),
    (
        Intent.BOOK,
        re.compile(
            r"\b(?:check engine|engine|oil|battery|abs|brake|airbag|tire|tpms|warning|service|temperature) (?:\w+ )?light"
            r" (?:is |just |came |keeps |went |has |comes |won't )(?!.*(?:mean|reset|flash|blink))"
        ),
    ),
    (
        Intent.BOOK,
        re.compile(
            r"\b(?:any|what|some|next|an|earliest|first|have)(?: \w+)? (?:openings?|availability|slots?)\b"
            r"(?!.*\b(?:job|position|meeting|table|hair|house|school|rooms?)s?\b)"
            r"|\b(?:have|got|is there) anything (?:earlier|later|sooner|open|available|else|on|for|in|tomorrow|today|this|next)\b"
            r"(?!.*\b(?:calendar|schedule[d]?|agenda)\b)|^(?:and |or )?anything (?:earlier|later|sooner|else open)\b"
            r"|^(?:and |or |hmm |well )*(?:what|how) about (?:in |on )?(?:the |this |next )?(?:\w+ )?(?:morning|afternoon|week|month"
            r"|monday|tuesday|wednesday|thursday|friday|saturday|tomorrow)\b|\bsqueeze me in\b|\bsqueeze my \w+ in\b"
        ),
    ),
    (
        Intent.OTHER_DEPARTMENT,
        re.compile(
            r"\b(?:rent(?:al)?s?|renting|hire)\b(?! (?:some|a (?:person|guy)))(?!.*\bwash\b).{0,40}\b(?:car|cars|vehicle|van|truck|suv|sedan|automobile|minivan|auto"
            r"|ford|toyota|honda|bmw|jeep|convertible)s?\b|\b(?:car|vehicle|van|auto|truck|suv)s? (?:rentals?|to rent|hire"
            r"|for rent)\b|\b(?:sales|parts|finance|body shop|leasing|title) (?:department|team|office|desk|person|guy)\b"
            r"|\b(?:need|want|book(?: me)?|like) an? (?:\w+ ){0,2}(?:car|jeep|van|suv|coupe|sedan|truck|convertible|vehicle)"
            r" (?:in|from|for|between|starting)\b(?! (?:service|an? oil|repair|maintenance|inspection))"
            r"|\btest drive\b|\btrade[ -]?in\b|\bcar payment\b"
        ),
    ),
)


def request_rule(said: str) -> Intent | None:
    """The request that its words settle, None where the model must decide."""
    for intent, pattern in _RULES:
        if pattern.search(said):
            return intent
    return None
