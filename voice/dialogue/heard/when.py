"""When: dates and times of a whole utterance, with alternatives, exclusions and corrections.

Rules: pure, `now` is local. "Tuesday at nine or Thursday at two" is two options;
"Tuesday or Wednesday morning" gives both the morning; "not Tuesday" is excluded;
"Tuesday, no wait, Wednesday" is Wednesday. A time that follows a date belongs to it.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from voice.dialogue.heard.dates import find_dates
from voice.dialogue.heard.times import find_times
from voice.dialogue.heard.values import DateHeard, Moment, TimeHeard, WhenHeard
from voice.dialogue.heard.words import at, plain, tokenise

# Nobody means more dates and times than this in one breath.
MAX_PIECES = 12
_SOONEST = re.compile(
    r"\b(?:as soon as (?:possible|you can|you're able)|asap|a s a p|soonest|earliest|first available"
    r"|next available|right away|immediately|the sooner the better|sooner the better|quick as"
    r"|soon as (?:possible|you can)|next opening|first opening|first slot)\b"
)
_WHENEVER = re.compile(
    r"\b(?:whenever|any ?time(?! (?:after|before|on))|any day|doesn't matter|don't care|i'm flexible"
    r"|no preference|either one|either is|either works|whatever (?:works|you have|is))\b"
)
_EXCLUDERS = frozenset(
    "not except no can't cannot won't excluding avoid never besides without isn't doesn't".split()
)
_TAKE_BACK = tuple(
    tuple(pair.split())
    for pair in (
        "no wait,wait no,i mean,i meant,scratch that,make it,make that,sorry no,no sorry,no actually"
        ",strike that,my mistake"
    ).split(",")
)
_TAKE_BACK_WORDS = frozenset({"actually", "rather", "correction", "oops", "instead"})


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    value: DateHeard | TimeHeard
    excluded: bool = False


def parse_when(text: str, now: datetime) -> WhenHeard | None:
    """Everything a text says about when, None if nothing. `now` is local to the shop."""
    tokens = tokenise(text)
    pieces = _without_taken_back(tokens, _pieces(tokens, now)[:MAX_PIECES])
    said = plain(text)
    wanted = [piece for piece in pieces if not piece.excluded]
    options = tuple(_combine(tokens, wanted))
    excluded = tuple(_combine(tokens, [piece for piece in pieces if piece.excluded]))
    soonest, whenever = bool(_SOONEST.search(said)), bool(_WHENEVER.search(said))
    if not (options or excluded or soonest or whenever):
        return None
    return WhenHeard(options, excluded, soonest, whenever)


def _pieces(tokens: list[str], now: datetime) -> list[_Piece]:
    """Dates first; times only in the words that no date took."""
    dates = [_Piece(s.start, s.end, s.value) for s in find_dates(tokens, now.date())]
    taken = {index for piece in dates for index in range(piece.start, piece.end)}
    pieces = list(dates)
    for start, end in _gaps(len(tokens), taken):
        after_date = start > 0 and start - 1 in taken
        bare = end - start == len(tokens) and len(tokens) <= 4
        gap = tokens[start:end]
        lead = ["at"] if after_date and gap[:1] and _hour_like(gap) else []
        for span in find_times(lead + gap, now, bare):
            begin = max(start, start + span.start - len(lead))
            pieces.append(_Piece(begin, start + span.end - len(lead), span.value))
    pieces += _part_of_named_day(tokens, dates)
    pieces.sort(key=lambda piece: piece.start)
    pieces = pieces[:MAX_PIECES]
    return [replace(piece, excluded=_is_excluded(tokens, piece, pieces)) for piece in pieces]


def _hour_like(gap: list[str]) -> bool:
    """ "Tuesday nine thirty": a number right after a date is an hour."""
    return any(True for _ in find_times(["at", *gap[:3]], None, bare=False)) and gap[0] not in (
        "at",
        "in",
        "after",
        "before",
        "between",
        "from",
        "around",
        "about",
        "or",
        "and",
    )


def _part_of_named_day(tokens: list[str], dates: list[_Piece]) -> list[_Piece]:
    """ "this morning", "tonight": the date's words hold a time too."""
    found = []
    for piece in dates:
        words = tokens[piece.start : piece.end]
        if words[-1] in ("morning", "afternoon", "evening", "tonight"):
            part = next(find_times([words[-1]]), None)
            if part:
                found.append(_Piece(piece.end - 1, piece.end, part.value))
    return found


def _gaps(length: int, taken: set[int]) -> list[tuple[int, int]]:
    gaps, start = [], None
    for index in range(length + 1):
        free = index < length and index not in taken
        if free and start is None:
            start = index
        if not free and start is not None:
            gaps.append((start, index))
            start = None
    return gaps


def _is_excluded(tokens: list[str], piece: _Piece, pieces: list[_Piece]) -> bool:
    """Whether a "not" stands before it, with nothing in between that turns it around."""
    before = [other.end for other in pieces if other.end <= piece.start]
    begin = max(before, default=0)
    words = tokens[begin : piece.start]
    if before:
        words = words[_refusal_length(tokens, begin) :]  # that one's, not this one's
        if not words:
            return False
    if _joined_to_excluded(tokens, piece, pieces):
        return True
    turned = {"but", "how", "maybe", "make", "wait", "actually", "instead", "sorry", "mean"}
    negations = [index for index in range(len(words)) if _excludes(words, index)]
    if not negations:
        return _is_refused_after(tokens, piece)
    rest = negations[-1] + 1 + (words[negations[-1]] == "anything")
    return not turned & set(words[rest:])


def _excludes(words: list[str], index: int) -> bool:
    """A negation that rules a time out: not "no, Thursday" or "no earlier than"."""
    word = words[index]
    if word == "no":
        return False
    if word == "anything":
        return "but" in words[index + 1 : index + 2]
    return word in _EXCLUDERS and at(words, index + 1) not in ("sure", "bad", "a", "problem")


def _joined_to_excluded(tokens: list[str], piece: _Piece, pieces: list[_Piece]) -> bool:
    """ "not Monday or Tuesday" excludes both."""
    for other in pieces:
        between = tokens[other.end : piece.start]
        same_kind = type(other.value) is type(piece.value)
        if other.end < piece.start and between in (["or"], ["and"]) and same_kind:
            return _is_excluded(tokens, other, [p for p in pieces if p.start < other.start])
    return False


def _is_refused_after(tokens: list[str], piece: _Piece) -> bool:
    """ "Tuesday doesn't work", "Tuesday is no good"."""
    return _refusal_length(tokens, piece.end) > 0


_REFUSAL = re.compile(
    r"(?:(?:morning|afternoon|at \w+) )?(?:(?:doesn't|does not|won't|don't|isn't|is not)"
    r" (?:work|good|going|gonna|suit|do)|is (?:no good|bad|out|full|not)|i can't|i'm busy|i work)\b"
)


def _refusal_length(tokens: list[str], start: int) -> int:
    """How many words from `start` on refuse what was said before them."""
    found = _REFUSAL.match(" ".join(tokens[start : start + 5]))
    return len(found[0].split()) if found else 0


def _without_taken_back(tokens: list[str], pieces: list[_Piece]) -> list[_Piece]:
    """After "no wait" and the like, a new date replaces the dates before it, a time the times."""
    kept: list[_Piece] = []
    for piece in pieces:
        begin = kept[-1].end if kept else 0
        if kept and _takes_back(tokens[begin : piece.start]):
            kind = type(piece.value)
            kept = [other for other in kept if other.excluded or type(other.value) is not kind]
        kept.append(piece)
    return kept


def _takes_back(words: list[str]) -> bool:
    pairs = set(pairwise(words))
    if any(pair in pairs for pair in _TAKE_BACK) or _TAKE_BACK_WORDS & set(words):
        return True
    return bool(words) and words[0] in ("no", "sorry", "wait") and "or" not in words


def _combine(tokens: list[str], pieces: list[_Piece]) -> list[Moment]:
    """Dates and times into moments, in the order said."""
    moments: list[Moment] = []
    last_end = 0
    for piece in pieces:
        between = tokens[last_end : piece.start]
        last_end = piece.end
        if isinstance(piece.value, DateHeard):
            _add_date(moments, piece.value, between)
        else:
            _add_time(moments, piece.value, between)
    return _share(moments)


def _add_date(moments: list[Moment], value: DateHeard, between: list[str]) -> None:
    last = moments[-1] if moments else None
    before = last.date if last else None
    if last is None or "or" in between:
        moments.append(Moment(date=value))
    elif before is None or _same(before, value) or _narrows(before, value):
        moments[-1] = replace(last, date=value)
    elif before.day and value.day and not between and not last.time:
        # "tomorrow, Friday", and tomorrow is a Saturday.
        moments[-1] = replace(last, date=replace(value, rival=before.first))
    else:
        moments.append(Moment(date=value))


def _same(one: DateHeard, other: DateHeard) -> bool:
    """ "today, Monday, November twenty-third"."""
    return one.day is not None and one.day == other.day


def _narrows(wide: DateHeard, narrow: DateHeard) -> bool:
    """ "next week, Tuesday": the second is one of the days of the first."""
    return wide.day is None and narrow.day is not None and wide.allows(narrow.day)


def _add_time(moments: list[Moment], value: TimeHeard, between: list[str]) -> None:
    last = moments[-1] if moments else None
    if last is None or (last.time and "or" in between):
        moments.append(Moment(date=last.date if last else None, time=value))
    elif last.time is None:
        moments[-1] = replace(last, time=value)
    else:
        moments[-1] = replace(last, time=_narrow(last.time, value))


def _narrow(first: TimeHeard, second: TimeHeard) -> TimeHeard:
    """Two things said about one time: "in the morning, around nine", "after two, before four"."""
    if second.at and first.at is None:
        return _with_part(second, first)
    if first.at and second.at is None:
        return _with_part(first, second)
    if first.at:
        return first
    return replace(
        first,
        earliest=second.earliest or first.earliest,
        latest=second.latest or first.latest,
        meridiem_known=first.meridiem_known and second.meridiem_known,
        soonest=first.soonest or second.soonest,
        last=first.last or second.last,
    )


def _with_part(exact: TimeHeard, part: TimeHeard) -> TimeHeard:
    if part.part is None or exact.meridiem_known or exact.at is None:
        return exact
    hour = exact.at.hour % 12 + (0 if part.part == "morning" else 12)
    return replace(exact, at=exact.at.replace(hour=hour), meridiem_known=True)


def _share(moments: list[Moment]) -> list[Moment]:
    """ "Tuesday or Wednesday morning": a time said once, last, is meant for every date."""
    if len(moments) < 2 or moments[-1].time is None:
        return moments
    if any(moment.time for moment in moments[:-1]):
        return moments
    return [replace(moment, time=moments[-1].time) for moment in moments]
