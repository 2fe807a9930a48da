"""Claims of deeds: "you're booked", "I've cancelled that", "somebody will call you".

Rules: pure. A claim that names a day is good where a visit or receipt of that kind holds
it, with its time and its service, however often it is repeated. A claim that names none
speaks of what was last asked for: it is good only while the newest receipt is of its kind
and nothing has been asked for since. A wish is not looked for in what a caller said after
a write; anything but thanks, a plain no or a goodbye may be one. Who claims too early is
corrected with what really stands.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from voice.context import Receipt
from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.dialogue import heard, spoken
from voice.dialogue.agreement import Answer, adds_nothing
from voice.dialogue.agreement import judge as judge_answer
from voice.dialogue.grounds import (
    STANDING,
    Falsehood,
    Grounds,
    cue,
    days_in,
    is_time,
    names_one_of,
    times_in,
)

WRITTEN = frozenset({"booked", "moved", "confirmed", "cancelled"})
"""Kinds of receipts that a write to a visit leaves."""
_WRITES = frozenset(
    {"book_appointment", "reschedule_appointment", "confirm_appointment", "cancel_appointment"}
)
_STARTS_ANEW = _WRITES | {"get_available_slots", "change_phone", "add_contact"}
_UNPROVEN = "Let me check that first."


@dataclass(frozen=True, slots=True)
class Deed:
    """A kind of claim and the receipts that back it."""

    code: str
    cue: re.Pattern[str]
    kinds: frozenset[str]


_ANY = WRITTEN | {"changed", "callback", "opted_out", "texted"}
_I_HAVE = (
    r"\b(i'?ve|i have|we'?ve|we have|has been|have been|is now|are now|was|were|successfully)\b"
)

DEEDS: tuple[Deed, ...] = (
    Deed("booked", cue(
        r"\b(you'?re|you are|they'?re|it'?s|it is|that'?s|i'?ve|i have|we'?ve|has been|have been|is now|now|visits? (is|are)|appointments? (is|are))\b"
        r".{0,24}\b(booked|scheduled|set up|reserved|locked in|secured|penciled in|on the (calendar|schedule|books))\b"
        r"|\b(booking|appointment|visit) (is|has been) (complete\w*|made|set|in)\b|\bsee you (on|then|there|tomorrow)\b"
        r"|\b(i|we) (just )?(booked|scheduled|reserved)\b|\b(got|put|signed|added) you (down|in|up|booked)\b"), frozenset({"booked", "moved"})),
    Deed("confirmed", cue(
        r"\b(you'?re|it'?s|that'?s|is|are|i'?ve|has been)\b.{0,16}\bconfirmed\b"), STANDING),
    Deed("moved", cue(rf"{_I_HAVE}.{{0,20}}\b(moved|rescheduled)\b|\b(i|we) (just )?(moved|rescheduled)\b"), frozenset({"moved"})),
    Deed("changed", cue(rf"{_I_HAVE}.{{0,20}}\b(changed|updated)\b"), frozenset({"moved", "changed"})),
    Deed("cancelled", cue(
        rf"({_I_HAVE}|\b(is|it'?s|that'?s|are|now)\b).{{0,20}}\bcancel(l)?ed\b|\b(i|we) (just )?cancel(l)?ed\b"),
        frozenset({"cancelled"})),
    Deed("done", cue(
        r"\ball set\b|^\W*((okay|great|perfect|alright)\W+)?done\W*$|\bconsider it done\b|\bgood to go\b"
        r"|\b(it|that)('?s| is| has been) (all )?(done|taken care of|sorted|finali[sz]ed)\b(?! (in|by|within|under|at|on))"), _ANY),
    Deed("passed_on", cue(rf"{_I_HAVE} (passed|let|told|notified|left)\b.{{0,30}}\b(advisor|manager|team|them|message)\b"),
        frozenset({"callback"})),
)  # fmt: skip


def deed(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Something is said to be done: there must be a receipt of it, or it must stand in the record."""
    for kind in DEEDS:
        if claims(sentence, kind.cue):
            false = _unbacked(kind, sentence, grounds)
            if false is not None:
                return false
    return _called_back(sentence, grounds) or _opted_out(sentence, grounds)


def _unbacked(kind: Deed, sentence: str, grounds: Grounds) -> Falsehood | None:
    code = f"claim_{kind.code}"
    days = days_in(sentence, grounds)
    if days and kind.code != "passed_on":
        starts = _starts_of(kind, grounds)
        also = grounds.written("was") if kind.code in ("moved", "changed") else []
        held = bool(starts) and names_one_of(sentence, [*starts, *also], grounds)
        meant = [start for start in starts if any(day.allows(start.date()) for day in days)]
        return (
            None if held and _right_work(sentence, meant, grounds) else Falsehood(code, _UNPROVEN)
        )
    newest = next((r for r in reversed(grounds.receipts) if r.kind in _ANY), None)
    if newest is None or newest.kind not in kind.kinds or not _enough(sentence, kind, grounds):
        return Falsehood(code, _so_far(kind, grounds))
    if not _nothing_since(grounds) or not _names_it(sentence, kind, newest, grounds):
        return Falsehood(code, _so_far(kind, grounds))
    return None


def _starts_of(kind: Deed, grounds: Grounds) -> list[datetime]:
    """The local starts of which such a claim is true."""
    visits = grounds.context.visits
    zone = grounds.knowledge.zone
    match kind.code:
        case "booked" | "done":
            return grounds.own_starts()
        case "confirmed":
            sure = [v.start.astimezone(zone) for v in visits if v.status == "confirmed"]
            return [*sure, *grounds.written(*STANDING)]
        case _:
            return grounds.written(*kind.kinds)


# ---- is it a claim at all? ------------------------------------------------------------------
def claims(sentence: str, pattern: re.Pattern[str]) -> bool:
    """Whether the sentence states it: a question, a condition or an offer states nothing.

    Only the words of the same clause count: "I've booked that, anything else?" is a claim.
    """
    plain = sentence.replace("’", "'")
    return any(not _states_nothing(plain, match) for match in pattern.finditer(plain))


def _states_nothing(sentence: str, match: re.Match[str]) -> bool:
    begin = max((m.end() for m in _BREAK.finditer(sentence, 0, match.start() + 1)), default=0)
    end = _BREAK.search(sentence, match.end())
    before = sentence[begin : match.end()]
    after = sentence[match.end() : end.start() if end else len(sentence)]
    conditional = _ONCE.match(sentence[:begin]) or _IF_AGREED.search(after)
    return bool(_SUPPOSED.search(before) or _ASKED.match(before) or conditional)


_BREAK = cue(r"[,;:!—–]|\s-\s|\b(and|but|so|then|because)\b")
_SUPPOSED = cue(
    r"\b(would|could|shall|should|might|can|if|once|before|until|unless|whether|when|as soon as|not|haven'?t|hasn'?t|isn'?t|aren'?t"
    r"|nothing|never|want|like|let me|let's|i'?ll (get|have|make|go)|we'?ll (get|have|make)|going to|in order to|to (get|be|have)|ready to)\b"
)
_ASKED = cue(
    r"\s*(did|do|does|is|are|am|was|were|has|have|will|may|what|when|which|who|how|where|why)\b(?! been)"
)
_ONCE = cue(
    r"^\W*((okay|great|sure|alright)\W+)?(once|as soon as|after|if (you (say|agree|confirm)|(that|this|it) )"
    r"|if you('d| would) like)[^,;:]*[,;:]$"
)
_IF_AGREED = cue(r"^.{0,12}\b(once|if|when|as soon as|after) (you|that|we|i)\b|\bnot yet\b")


def _enough(sentence: str, kind: Deed, grounds: Grounds) -> bool:
    """ "I've booked both" needs two receipts."""
    done = [receipt for receipt in grounds.receipts if receipt.kind in kind.kinds]
    return len(done) > 1 or not _BOTH.search(sentence)


_BOTH = cue(r"\b(both|two|all three|each|them all|all of (them|it))\b(?! (o'?clock|[ap]\.? ?m))")


# ---- of which write? --------------------------------------------------------------------------
def _nothing_since(grounds: Grounds) -> bool:
    """Whether nothing was asked for or begun after what was last done."""
    if grounds.context.proposal is not None:
        return False
    after = _after_last_done(grounds.history)
    if after is None:
        return False
    return not any(_may_be_a_wish(after, n) for n in range(len(after)))


def _after_last_done(history: tuple[Item, ...]) -> tuple[Item, ...] | None:
    """What followed the last tool that did something."""
    for n in range(len(history) - 1, -1, -1):
        item = history[n]
        if isinstance(item, ToolUse) and _did(item):
            return history[n + 1 :]
    return None


def is_write(use: ToolUse) -> bool:
    """Whether this tool call wrote to a visit."""
    return use.name in _WRITES and _did(use)


def _did(use: ToolUse) -> bool:
    return bool(use.result and orjson.loads(use.result).get("done"))


def _may_be_a_wish(items: tuple[Item, ...], n: int) -> bool:
    item = items[n]
    if isinstance(item, ToolUse):
        return item.name in _STARTS_ANEW
    if not isinstance(item, CallerTurn):
        return False
    said = [turn for turn in items[:n] if isinstance(turn, AgentTurn)]
    agrees = judge_answer(item.text) is Answer.YES and bool(said) and "?" in said[-1].text
    return agrees or not adds_nothing(item.text)


def _names_it(sentence: str, kind: Deed, newest: Receipt, grounds: Grounds) -> bool:
    """A time or a service that the claim names without a day is that of the newest receipt."""
    if newest.start is None or newest.kind not in WRITTEN:
        return True
    start = newest.start.astimezone(grounds.knowledge.zone)
    times = times_in(_claimed_in(sentence, kind.cue), grounds)
    right_time = not times or any(is_time(said, start.time()) for said in times)
    return right_time and _right_work(sentence, [start], grounds)


def _claimed_in(sentence: str, pattern: re.Pattern[str]) -> str:
    """The claim with the rest of its clause."""
    match = pattern.search(sentence)
    if match is None:
        return ""
    end = _BREAK.search(sentence, match.end())
    return sentence[match.start() : end.start() if end else len(sentence)]


def _right_work(sentence: str, starts: list[datetime], grounds: Grounds) -> bool:
    """A service or a car that is named is that of a visit the sentence can mean."""
    plain = sentence.lower()
    cars = {c.label for c in grounds.context.cars if c.model and c.model.lower() in plain}
    seen = {v.car_label for v in grounds.context.visits if v.start in starts}
    if cars and seen and not cars & seen:
        return False
    named = [f.spoken for f in grounds.knowledge.services.values() if f.spoken.lower() in plain]
    known = _work_at(starts, grounds).lower()
    return not known or all(name.lower() in known for name in named)


def _work_at(starts: list[datetime], grounds: Grounds) -> str:
    """The words for all the work of these visits."""
    visits = [v.services for v in grounds.context.visits if v.start in starts]
    return "; ".join([*visits, *(r.words for r in grounds.receipts if r.start in starts)])


def _so_far(kind: Deed, grounds: Grounds) -> str:
    """What really was done last of this kind, to say in place of a claim of more."""
    kinds = kind.kinds & WRITTEN
    starts = grounds.written(*kinds)
    if not starts:
        return _UNPROVEN
    when = spoken.say_when(starts[-1], grounds.today)
    if kinds == {"cancelled"}:
        return f"So far, what I've cancelled is {when}."
    return f"So far, what I have for you is {when}."


# ---- promises that somebody calls, and that nobody does ---------------------------------------
def _called_back(sentence: str, grounds: Grounds) -> Falsehood | None:
    """A call back needs its task, and is promised for no sooner than it is due."""
    if not claims(sentence, _WILL_CALL):
        return None
    promised = [r for r in grounds.context.receipts if r.kind == "callback"]
    due = [r.start.astimezone(grounds.knowledge.zone) for r in promised if r.start]
    days, limit = days_in(sentence, grounds), _limit_min(sentence)
    kept = bool(promised)
    if limit is not None:
        kept = any(at <= grounds.now + timedelta(minutes=limit) for at in due)
    elif days:
        kept = any(day.allows(at.date()) for day in days for at in due)
    return None if kept else Falsehood("claim_passed_on", _UNPROVEN)


_WILL_CALL = cue(r"\b(will|'ll|is going to) (call|ring|phone|contact|reach out to) you\b")


def _limit_min(sentence: str) -> int | None:
    """Within how many minutes a call is promised, None where no limit is named."""
    if found := _WITHIN.search(sentence):
        count = heard.parse_digits(found["count"]) or "1"
        return int(count[:3]) * (60 if found["unit"].lower().startswith("hour") else 1)
    promise = _WILL_CALL.search(sentence)
    return _AT_ONCE_MIN if promise and _AT_ONCE.search(sentence, promise.end()) else None


_WITHIN = cue(
    r"\b(?:within|in)(?: the next| about| just)* (?P<count>an?|the|\d+|\w+(?:[ -]\w+)?) (?P<unit>minutes?|hours?)\b"
)
_AT_ONCE = cue(
    r"\b(right (away|back|now)|shortly|immediately|in a (moment|minute|second)|any minute)\b"
)
_AT_ONCE_MIN = 30


def _opted_out(sentence: str, grounds: Grounds) -> Falsehood | None:
    """Being off the list stays true, whatever is asked for next."""
    if any(r.kind == "opted_out" for r in grounds.context.receipts):
        return None
    return Falsehood("claim_opted_out", _UNPROVEN) if claims(sentence, _OFF_THE_LIST) else None


_OFF_THE_LIST = cue(
    r"\b(removed|taken) (you|your number) (from|off)\b|\bno (more|longer) (receive|get)\b.{0,20}\b(calls|texts)\b"
)
