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

_RULES: tuple[tuple[Intent, re.Pattern[str]], ...] = (
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
            r"\b(?:do i have|what do i have|what's|what is|anything|any|show me|when is my|give me|i want|tell me|check|what)\b"
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
    (
        Intent.BOOK,
        re.compile(
            rf"\b{_MAKE_VERB}\b(?! it\b)(?: [\w']+){{0,4}}? (?:an? |another |the |some )?(?:new |other )?(?:appointments?|appt)\b"
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
