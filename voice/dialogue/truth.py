"""The truth gate: no sentence of a model is spoken that the call cannot back.

Rules: pure. Each check looks for one kind of claim; a claim without its receipt, its
price on the menu, its day in the calendar, its time among what the tools gave, or its
name among what is known is false. A false sentence is not spoken: its replacement is,
and the code of the check is recorded. Private values never pass, true or not.
"""

import re
from datetime import time

from voice.core.history import CallerTurn
from voice.dialogue import heard
from voice.dialogue.deeds import claims, deed
from voice.dialogue.grounds import (
    Check,
    Falsehood,
    Grounds,
    cue,
    days_in,
    half_day_later,
    names_one_of,
    times_in,
)
from voice.dialogue.redact import redact
from voice.gate import Level


def judge(sentence: str, grounds: Grounds) -> Falsehood | None:
    """None where the sentence may be spoken."""
    for check in CHECKS:
        found = check(sentence, grounds)
        if found is not None:
            return found
    return None


# ---- private values ------------------------------------------------------------------
def private_value(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A date of birth, VIN, address, card or number, whosever it is."""
    shop = re.sub(r"\D", "", grounds.knowledge.phone)[-10:]
    digits = heard.parse_digits(sentence) or ""
    if shop and shop in digits:
        return None
    if redact(sentence) == sentence and not _ABOUT_FACTORS.search(sentence):
        return None
    return Falsehood("private_value", "I can't say that over the phone.")


_ABOUT_FACTORS = cue(
    r"\b(your|the|his|her|their) (date of birth|birthday|dob|vin|address|zip|social)\b.{0,20}\b(is|was|ends?|are)\b"
)


# ---- times -----------------------------------------------------------------------------------
def calendar(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A weekday and a date that do not belong together."""
    for match in _WEEKDAY_DATE.finditer(sentence):
        found = heard.parse_date(match[0], grounds.today)
        if found and found.rival:
            return Falsehood("wrong_weekday", "Let me check that date.")
    return None


_WEEKDAY_DATE = cue(
    r"\b(mon|tues|wednes|thurs|fri|satur|sun)day,? (the |november|december|january|february|march|april|may|june|july"
    r"|august|september|october)[\w\s-]{2,24}"
)


def clock(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A time of day that no tool gave, no hours hold and no caller said."""
    if sentence.rstrip().endswith("?") and not _OFFERS.search(sentence):
        return None
    if all(
        said.at is None or _known_time(said.at, grounds) for said in times_in(sentence, grounds)
    ):
        return None
    return Falsehood("unknown_time", "Let me check the calendar for that.")


_OFFERS = cue(r"\b(i have|we have|there'?s|there is|available|open(ing)?s?|how about|free at)\b")


def _known_time(at: time, grounds: Grounds) -> bool:
    known = {start.time() for start in grounds.starts()}
    for hours in grounds.knowledge.hours.values():
        known |= {hours.opens, hours.closes}
        known |= {edge for edge in (hours.lunch_starts, hours.lunch_ends) if edge}
    twelve_later = {half_day_later(edge) for edge in known}
    return at in known or at in twelve_later or _caller_said(at, grounds)


def _caller_said(at: time, grounds: Grounds) -> bool:
    for item in reversed(grounds.history):
        if isinstance(item, CallerTurn):
            when = heard.parse_when(item.text, grounds.local)
            said = when.time.at if when and when.time else None
            return said is not None and at in (said, half_day_later(said))
    return False


def opening(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A day is offered: it must be among the openings that a tool gave."""
    if not _OFFER_CLAIM.search(sentence):
        return None
    if not days_in(sentence, grounds) or names_one_of(sentence, grounds.starts(), grounds):
        return None
    return Falsehood("unknown_opening", "Let me check the calendar for that.")


_OFFER_CLAIM = cue(
    r"\b(i|we)( do)?( '?ve)? have\b|\b(is|are) (available|open|free)\b|\bthere'?s (an? )?(opening|slot|spot)\b|\bi can (get|fit|squeeze) you\b"
)


def visit_of_caller(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A visit is told: only from L2 (or the one that was dialled), only as it stands."""
    if not claims(sentence, _VISIT_CLAIM):
        return None
    starts = grounds.own_starts()
    if _WAS.search(sentence):
        starts += grounds.written("was", "cancelled")
    says_day = bool(days_in(sentence, grounds))
    if starts and (not says_day or names_one_of(sentence, starts, grounds)):
        return None
    return Falsehood("unknown_visit", "I need to look that up first.")


_WAS = cue(r"\b(was|had)\b")
_VISIT_CLAIM = cue(
    r"\b(your|the|her|his|their) (next |upcoming |current )?(appointment|visit|booking) (is|was)\b"
    r"|\byou (have|had|'?ve got) (an? )?(appointment|visit|booking)\b|\b(s?he|they) (is|are|has|have)\b.{0,12}\b(booked|appointment|coming)\b"
)


# ---- money and promises ---------------------------------------------------------------------------
def price(sentence: str, grounds: Grounds) -> Falsehood | None:
    """An amount of money that is on no line of the menu."""
    prices = {fact.price_cents for fact in grounds.knowledge.services.values()}
    for said in _MONEY.findall(sentence):
        cents = heard.parse_money(said)
        if cents is not None and cents not in prices:
            return Falsehood("unknown_price", "An advisor can give you the exact price.")
    return None


_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|and|-|\s)"
_MONEY = cue(
    rf"\$\s?[\d,]+(?:\.\d\d)?|[\d,]+(?:\.\d\d)? (?:dollars|bucks)|(?:{_NUMBER})+ (?:dollars|bucks)(?: and (?:{_NUMBER})+ cents)?"
)


def promise(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Discounts, refunds, free work, guarantees: nobody here may give them by phone."""
    if not _PROMISE.search(sentence) or _REFUSES.search(sentence):
        return None
    return Falsehood("promise", "An advisor has to decide that.")


_PROMISE = cue(
    r"\b(discount|% off|percent off|refund|reimburse|waive|on the house|free of charge|for free|complimentary|guarantee|legally binding"
    r"|price match|coupon|we'?ll pay|no cost to you)\b|\bfree (oil|service|inspection|rotation|wash|repair|loaner|tow)"
)
_REFUSES = cue(r"\b(can'?t|cannot|not able|unable|don'?t|no) ")


def safety(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Nobody says by phone that a car is safe, or what is wrong with it."""
    if not _SAFE.search(sentence) or _REFUSES.search(sentence):
        return None
    return Falsehood("safety", "I can't say whether it's safe, but our technicians will check it.")


_SAFE = cue(
    r"\b(safe to drive|fine to drive|okay to drive|ok to drive|nothing to worry|it'?s probably (just )?(your|the|a)|sounds like (your|the|a) \w+ (is|are|has) )"
)


# ---- who and what we are -------------------------------------------------------------------------------
def names(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A person's name that neither the caller said nor the level opens."""
    context = grounds.context
    known = {context.first_name.lower(), context.greet_name.lower()}
    known |= set(re.findall(r"[a-z']+", f"{context.party_name} {grounds.caller_words}".lower()))
    if _WHOSE.search(sentence) and context.level not in _PROVED:
        return Falsehood("whose_account", "Thank you.")
    for match in _NAME.finditer(sentence):
        if match["name"].lower() not in known | _NO_NAMES:
            return Falsehood("unknown_name", "Thank you.")
    return None


_NAME = re.compile(
    r"(?:\b(?:[Hh]i|[Hh]ello|[Tt]hanks|[Tt]hank you|[Ww]elcome back|[Ss]peaking with|[Aa]ccount (?:of|for|belongs to)|"
    r"[Rr]egistered to|[Bb]elongs to|[Uu]nder the name(?: of)?|[Nn]ame is|[Mm]r\.?|[Mm]rs\.?|[Mm]s\.?)),?\s+(?P<name>[A-Z][a-z']+)"
)
_WHOSE = cue(
    r"\b(account|record|profile|file|number|phone|car|vehicle)\b.{0,16}\b(belongs? to|is (registered|listed|filed)"
    r"|(is |in |under )(the )?name)\b"
)
"""Whose account it is, is nobody's business who has not proved it is theirs."""
_PROVED = frozenset({Level.VERIFIED, Level.STEPPED_UP})
_NO_NAMES = frozenset(
    {"bart", "bart's", "there", "sir", "ma'am", "for", "that", "i", "what", "your", "the", "we"}
)


def car(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A car that the caller has not named and no record shows."""
    if not grounds.knowledge.may_name_a_car(sentence):
        return None
    found = grounds.knowledge.match_car(sentence)
    if not found.make or found.unlisted:
        return None
    model, make = found.model.lower(), found.make.lower()
    plain = sentence.lower()
    if make not in plain and (len(model) < 3 or model not in plain):
        return None
    labels = " ".join(
        [c.label for c in grounds.context.cars] + [v.car_label for v in grounds.context.visits]
    ).lower()
    said = grounds.caller_words
    flat = re.sub(r"[^a-z0-9]", "", said + labels)
    if make in said + labels or (model and re.sub(r"[^a-z0-9]", "", model) in flat):
        return None
    if "example" in plain:
        return None
    return Falsehood("unknown_car", "Which car is it?")


def humanity(sentence: str, grounds: Grounds) -> Falsehood | None:
    """What this is, is never denied."""
    if not _HUMAN.search(sentence):
        return None
    return Falsehood("claims_human", "I'm an AI assistant. I can get you a person any time.")


_HUMAN = cue(
    r"\b(i'?m|i am) (a |an )?(real |actual |live )?(human|person|man|woman)\b|\bnot an? (ai|robot|machine|bot|computer)\b"
)


def instructions(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Neither instructions nor tools nor handles are read out."""
    if not _INSIDE.search(sentence):
        return None
    return Falsehood("inside", "I can only help with service visits here.")


_INSIDE = cue(
    r"\b(system prompt|my instructions|my prompt|as an ai language model|function call|tool call|json|op_?code|(op|car|visit)\d+\b"
    r"|lookup_customer|book_appointment|verification level|how you speak:|one question per turn)"
)

CHECKS: tuple[Check, ...] = (
    private_value,
    instructions,
    humanity,
    deed,
    visit_of_caller,
    calendar,
    opening,
    clock,
    price,
    promise,
    safety,
    names,
    car,
)
