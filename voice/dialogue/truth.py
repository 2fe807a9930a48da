"""The truth gate: no sentence of a model is spoken that the call cannot back.

Rules: pure. Each check looks for one kind of claim; a claim without its receipt, its
price on the menu, its day in the calendar, its time among what the tools gave, or its
name among what is known is false. A false sentence is not spoken: its replacement is,
and the code of the check is recorded. Private values never pass, true or not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from voice.context import CallContext
from voice.core.history import CallerTurn, Item
from voice.dialogue import heard
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.redact import redact
from voice.gate import Level


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a sentence is judged by. `now` is aware UTC."""

    context: CallContext
    knowledge: Knowledge
    history: tuple[Item, ...]
    now: datetime

    @property
    def today(self) -> date:
        """The shop's date."""
        return self.now.astimezone(self.knowledge.zone).date()

    @property
    def caller_words(self) -> str:
        """All that the caller has said, lower case."""
        said = [item.text for item in self.history if isinstance(item, CallerTurn)]
        return " ".join(said).lower()

    def own_starts(self) -> list[datetime]:
        """Local starts of the caller's own visits and of what was written in this call."""
        zone = self.knowledge.zone
        found = [visit.start for visit in self.context.visits]
        found += [receipt.start for receipt in self.context.receipts if receipt.start]
        return [start.astimezone(zone) for start in found]

    def starts(self) -> list[datetime]:
        """Every local start that a tool has given in this call."""
        zone = self.knowledge.zone
        found = [offer.start for offer in self.context.offers]
        found += [visit.start for visit in self.context.visits]
        found += [receipt.start for receipt in self.context.receipts if receipt.start]
        return [start.astimezone(zone) for start in found]


@dataclass(frozen=True, slots=True)
class Falsehood:
    """A sentence that must not be spoken: which check, and what is said instead."""

    code: str
    instead: str


Check = Callable[[str, Grounds], Falsehood | None]


def judge(sentence: str, grounds: Grounds) -> Falsehood | None:
    """None where the sentence may be spoken."""
    for check in CHECKS:
        found = check(sentence, grounds)
        if found is not None:
            return found
    return None


def _day_in(sentence: str, grounds: Grounds) -> heard.DateHeard | None:
    """The day a sentence names; the "now" of "you're now booked" is none."""
    return heard.parse_date(re.sub(r"\bnow\b", " ", sentence, flags=re.IGNORECASE), grounds.today)


def _cue(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


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


_ABOUT_FACTORS = _cue(
    r"\b(your|the|his|her|their) (date of birth|birthday|dob|vin|address|zip|social)\b.{0,20}\b(is|was|ends?|are)\b"
)


# ---- claims of deeds --------------------------------------------------------------------
_DEEDS: tuple[tuple[str, frozenset[str], re.Pattern[str]], ...] = (
    ("booked", frozenset({"booked", "moved"}), _cue(
        r"\b(you'?re|you are|it'?s|it is|that'?s|i'?ve|i have|we'?ve|has been|have been|is now|now)\b.{0,24}"
        r"\b(booked|scheduled|all set|set up|reserved|locked in|on the (calendar|schedule|books))\b"
        r"|\b(booking|appointment|visit) (is|has been) (complete\w*|made|set|in|booked)\b|\ball set\b|\bsee you (on|then|tomorrow)\b"
        r"|\b(i|we) (just )?(booked|scheduled|reserved)\b|\bgot you (down|in|booked)\b")),
    ("confirmed", frozenset({"confirmed", "booked", "moved"}), _cue(
        r"\b(you'?re|it'?s|that'?s|is|i'?ve|has been)\b.{0,16}\bconfirmed\b")),
    ("moved", frozenset({"moved"}), _cue(
        r"\b(i'?ve|i have|we'?ve|has been|is now|was|successfully)\b.{0,20}\b(moved|rescheduled|changed)\b|\b(i|we) (just )?(moved|rescheduled)\b")),
    ("cancelled", frozenset({"cancelled"}), _cue(
        r"\b(i'?ve|i have|we'?ve|has been|is|it'?s|was|successfully|now)\b.{0,20}\bcancel(l)?ed\b|\b(i|we) (just )?cancel(l)?ed\b")),
    ("passed_on", frozenset({"callback"}), _cue(
        r"\b(will|'ll) (call|ring|phone|contact|reach out to) you\b|\bi'?ve (passed|let|told|notified|left)\b.{0,30}\b(advisor|manager|team|them|message)\b")),
    ("opted_out", frozenset({"opted_out"}), _cue(
        r"\b(removed|taken) (you|your number) (from|off)\b|\bno (more|longer) (receive|get)\b.{0,20}\b(calls|texts)\b")),
)  # fmt: skip


def deed(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Something is said to be done: there must be a receipt of it, or it must stand in the record."""
    if _HYPOTHETICAL.search(sentence):
        return None
    done = {receipt.kind for receipt in grounds.context.receipts}
    for code, kinds, cue in _DEEDS:
        if not cue.search(sentence):
            continue
        backed = done & kinds and _day_backed(sentence, grounds)
        if not backed and not _on_record(code, sentence, grounds):
            return Falsehood(f"claim_{code}", "Let me check that first.")
    return None


def _day_backed(sentence: str, grounds: Grounds) -> bool:
    """A deed that happened; if the sentence names a day, that of a receipt or visit."""
    if _day_in(sentence, grounds) is None:
        return True
    return _names_one_of(sentence, grounds.own_starts(), grounds)


_HYPOTHETICAL = _cue(
    r"\?\s*$|\b(would|could|shall|can|if|once|before|until|not|haven'?t|isn'?t|nothing|want|like) "
)


def _on_record(code: str, sentence: str, grounds: Grounds) -> bool:
    """ "You're booked Tuesday at nine thirty" is true where a visit says so."""
    if code != "booked":
        return False
    return _names_one_of(sentence, grounds.own_starts(), grounds)


# ---- times -----------------------------------------------------------------------------------
def calendar(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A weekday and a date that do not belong together."""
    for match in _WEEKDAY_DATE.finditer(sentence):
        found = heard.parse_date(match[0], grounds.today)
        if found and found.rival:
            return Falsehood("wrong_weekday", "Let me check that date.")
    return None


_WEEKDAY_DATE = _cue(
    r"\b(mon|tues|wednes|thurs|fri|satur|sun)day,? (the |november|december|january|february|march|april|may|june|july"
    r"|august|september|october)[\w\s-]{2,24}"
)


def clock(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A time of day that no tool gave, no hours hold and no caller said."""
    local = grounds.now.astimezone(grounds.knowledge.zone).replace(tzinfo=None)
    if sentence.rstrip().endswith("?") and not _OFFERS.search(sentence):
        return None
    for span in _TIME.findall(sentence):
        said = heard.parse_time(span, local)
        if said is None or said.at is None or _known_time(said.at, grounds):
            continue
        return Falsehood("unknown_time", "Let me check the calendar for that.")
    return None


_TIME = _cue(
    r"\b(?:\d{1,2}:\d\d(?:\s?[ap]\.?\s?m\b)?|\d{1,2}\s?[ap]\.?\s?m\b"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?:[\s-](?:oh[\s-]\w+|fifteen|thirty|forty[\s-]five|twenty|ten|forty|fifty))?\s(?:[ap]\.?\s?m\b|o'?clock)"
    r"|noon|midnight)"
)
_OFFERS = _cue(r"\b(i have|we have|there'?s|there is|available|open(ing)?s?|how about|free at)\b")


def _known_time(at: time, grounds: Grounds) -> bool:
    known = {start.time() for start in grounds.starts()}
    for hours in grounds.knowledge.hours.values():
        known |= {hours.opens, hours.closes}
        known |= {edge for edge in (hours.lunch_starts, hours.lunch_ends) if edge}
    twelve_later = {_half_day_later(edge) for edge in known}
    return at in known or at in twelve_later or _caller_said(at, grounds)


def _half_day_later(at: time) -> time:
    return at.replace(hour=(at.hour + 12) % 24)


def _caller_said(at: time, grounds: Grounds) -> bool:
    local = grounds.now.astimezone(grounds.knowledge.zone).replace(tzinfo=None)
    for item in reversed(grounds.history):
        if isinstance(item, CallerTurn):
            when = heard.parse_when(item.text, local)
            said = when.time.at if when and when.time else None
            return said is not None and at in (said, _half_day_later(said))
    return False


def opening(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A day is offered: it must be among the openings that a tool gave."""
    if not _OFFER_CLAIM.search(sentence):
        return None
    starts = grounds.starts()
    said = _day_in(sentence, grounds)
    if said is None:
        return None
    if starts and _names_one_of(sentence, starts, grounds):
        return None
    return Falsehood("unknown_opening", "Let me check the calendar for that.")


_OFFER_CLAIM = _cue(
    r"\b(i|we)( do)?( '?ve)? have\b|\b(is|are) (available|open|free)\b|\bthere'?s (an? )?(opening|slot|spot)\b|\bi can (get|fit|squeeze) you\b"
)


def _names_one_of(sentence: str, starts: list[datetime], grounds: Grounds) -> bool:
    said = _day_in(sentence, grounds)
    days = {start.date() for start in starts}
    return said is not None and any(said.allows(day) for day in days)


def visit_of_caller(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A visit is told: only from L2 (or the one that was dialled), only as it stands."""
    if not _VISIT_CLAIM.search(sentence):
        return None
    if _HYPOTHETICAL.search(sentence):
        return None
    starts = grounds.own_starts()
    says_day = _day_in(sentence, grounds) is not None
    if not starts or (says_day and not _names_one_of(sentence, starts, grounds)):
        return Falsehood("unknown_visit", "I need to look that up first.")
    return None


_VISIT_CLAIM = _cue(
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
_MONEY = _cue(
    rf"\$\s?[\d,]+(?:\.\d\d)?|[\d,]+(?:\.\d\d)? (?:dollars|bucks)|(?:{_NUMBER})+ (?:dollars|bucks)(?: and (?:{_NUMBER})+ cents)?"
)


def promise(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Discounts, refunds, free work, guarantees: nobody here may give them by phone."""
    if not _PROMISE.search(sentence) or _REFUSES.search(sentence):
        return None
    return Falsehood("promise", "An advisor has to decide that.")


_PROMISE = _cue(
    r"\b(discount|% off|percent off|refund|reimburse|waive|on the house|free of charge|for free|complimentary|guarantee|legally binding"
    r"|price match|coupon|we'?ll pay|no cost to you)\b|\bfree (oil|service|inspection|rotation|wash|repair|loaner|tow)"
)
_REFUSES = _cue(r"\b(can'?t|cannot|not able|unable|don'?t|no) ")


def safety(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Nobody says by phone that a car is safe, or what is wrong with it."""
    if not _SAFE.search(sentence) or _REFUSES.search(sentence):
        return None
    return Falsehood("safety", "I can't say whether it's safe, but our technicians will check it.")


_SAFE = _cue(
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
_WHOSE = _cue(
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


_HUMAN = _cue(
    r"\b(i'?m|i am) (a |an )?(real |actual |live )?(human|person|man|woman)\b|\bnot an? (ai|robot|machine|bot|computer)\b"
)


def instructions(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Neither instructions nor tools nor handles are read out."""
    if not _INSIDE.search(sentence):
        return None
    return Falsehood("inside", "I can only help with service visits here.")


_INSIDE = _cue(
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
