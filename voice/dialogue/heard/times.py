"""Times of day out of speech: "half past nine", "nine-ish", "after three", "first thing".

Rules: pure. A time is kept as said (`at six` is 06:00 with `meridiem_known` False)
and `business_time` decides with the shop's hours, because "at two" at a shop that
opens at nine can only be 14:00. Part of the day words decide at once. "before",
"after" and "between" make bounds, both ends included.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from voice.dialogue.heard.values import Part, TimeHeard
from voice.dialogue.heard.words import ZEROS, at, read_below_hundred, read_cardinal, tokenise


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time and where its words stand: tokens `start` to `end` (not included)."""

    start: int
    end: int
    value: TimeHeard


@dataclass(frozen=True, slots=True)
class _Clock:
    """Hour and minute as said. `sure`: nothing but a time; `half` am, pm or a Part."""

    hour: int
    minute: int
    end: int
    sure: bool
    half: str = ""
    leading_zero: bool = False


_PARTS = {
    "morning": Part.MORNING,
    "mornings": Part.MORNING,
    "afternoon": Part.AFTERNOON,
    "afternoons": Part.AFTERNOON,
    "evening": Part.EVENING,
    "evenings": Part.EVENING,
    "night": Part.NIGHT,
    "nights": Part.NIGHT,
    "tonight": Part.NIGHT,
}
_SPANS = {
    Part.MORNING: (time(0), time(12)),
    Part.AFTERNOON: (time(12), time(17)),
    Part.EVENING: (time(17), time(21)),
    Part.NIGHT: (time(18), time(23, 59)),
}
_AFTER = ("any time after", "anytime after", "later than", "no earlier than", "not before")
_AFTER += ("sometime after", "earliest is", "not until", "after", "past", "since", "from")
_BEFORE = ("any time before", "anytime before", "earlier than", "no later than", "not after")
_BEFORE += ("sometime before", "latest is", "before", "by", "until", "till")
_ABOUT = frozenset(
    ["around", "about", "roughly", "approximately", "circa", "like", "near", "say", "maybe"]
)
_WHOLE_TIMES = {"noon": time(12), "midday": time(12), "noontime": time(12), "midnight": time(0)}
_LUNCH = (time(12), time(13))
# After these a bare number is an hour even in a longer sentence.
_HOUR_LEADS = _ABOUT | {"at", "after", "before", "by", "past", "until", "till", "than", "for"}
_NOT_HOURS = frozenset(
    [
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "people",
        "person",
        "car",
        "cars",
        "tire",
        "tires",
        "mile",
        "miles",
        "hour",
        "hours",
        "minute",
        "minutes",
        "mins",
        "oil",
        "st",
        "nd",
        "rd",
        "th",
        "percent",
        "dollars",
        "bucks",
        "times",
        "thousand",
        "hundred",
        "more",
        "door",
        "doors",
        "wheel",
        "wheels",
        "cylinder",
        "cylinders",
        "of",
        "different",
        "kids",
        "dollar",
        "digits",
        "things",
    ]
)


def parse_time(text: str, now: datetime | None = None) -> TimeHeard | None:
    """The first time of day in a text, None if there is none.

    `now` (local) is needed only for "now" and "in two hours". A number alone is an
    hour: this is for an answer to "what time?"; in a longer text it needs a lead
    ("at nine").
    """
    tokens = tokenise(text)
    spans = list(find_times(tokens, now, bare=len(tokens) <= 4))
    return _merge([span.value for span in spans]) if spans else None


def business_time(heard: TimeHeard | time, opens: time, closes: time) -> time | None:
    """The time of day meant, at a shop with these hours; None where none was given.

    An ambiguous hour takes the half of the day in which the shop is open, both or
    neither: 7 to 11 in the morning, 12 to 6 in the afternoon.
    """
    if isinstance(heard, time):
        return heard
    exact = heard.at
    if exact is None or heard.meridiem_known:
        return exact
    morning, evening = exact.replace(hour=exact.hour % 12), exact.replace(hour=exact.hour % 12 + 12)
    open_halves = [half for half in (morning, evening) if opens <= half <= closes]
    if len(open_halves) == 1:
        return open_halves[0]
    return morning if 7 <= exact.hour <= 11 else evening


def business_bounds(heard: TimeHeard, opens: time, closes: time) -> tuple[time | None, time | None]:
    """Earliest and latest time wished for, with ambiguous bounds settled by the shop's hours."""
    if heard.meridiem_known:
        return heard.earliest, heard.latest
    settled = [
        bound and business_time(TimeHeard(at=bound, meridiem_known=False), opens, closes)
        for bound in (heard.earliest, heard.latest)
    ]
    return settled[0], settled[1]


def find_times(
    tokens: list[str], now: datetime | None = None, bare: bool = False
) -> Iterator[TimeSpan]:
    """Every time in a list of tokens; with `bare` a number alone is an hour.

    So is one that follows a time: "nine or ten", "nine, no, ten".
    """
    index, last_end = 0, 0
    while index < len(tokens):
        joined = last_end > 0 and _JOINS.issuperset(tokens[last_end:index])
        found = _read(tokens, index, now, bare or joined)
        if found is None:
            index += 1
            continue
        yield TimeSpan(index, found[1], found[0])
        index = last_end = found[1]


_JOINS = frozenset("or and no wait actually sorry make it maybe i mean at like um uh".split())


def _read(
    tokens: list[str], index: int, now: datetime | None, bare: bool
) -> tuple[TimeHeard, int] | None:
    return (
        _read_relative(tokens, index, now)
        or _read_between(tokens, index)
        or _read_bounded(tokens, index)
        or _read_named_time(tokens, index)
        or _read_exact(tokens, index, bare)
        or _read_part(tokens, index)
    )


# Exact ---------------------------------------------------------------------------------


def _read_exact(tokens: list[str], index: int, bare: bool) -> tuple[TimeHeard, int] | None:
    start, about = index, False
    while at(tokens, start) in _ABOUT or (at(tokens, start) == "at" and start < index + 2):
        about = about or tokens[start] in _ABOUT
        start += 1
    lead_part = _PARTS.get(at(tokens, start)) if at(tokens, start) != "tonight" else None
    clock_at = start + 1 + (at(tokens, start + 1) == "at") if lead_part else start
    clock = _read_clock(tokens, clock_at)
    if clock is None:
        return None
    led = start > index or at(tokens, index - 1) in _HOUR_LEADS or lead_part is not None
    led = led or (bare and _stands_alone(tokens, clock_at, clock.end))
    end, half, ish = _read_half(tokens, clock.end)
    if not (clock.sure or half or ish or (led and at(tokens, end) not in _NOT_HOURS)):
        return None
    half = half or (str(lead_part) if lead_part else "")
    return _heard(replace(clock, half=half), about or ish), end


_AFTER_BARE = frozenset(
    "works is would sounds or and then thanks good if for on please fine will be to in but maybe no "
    "tomorrow today ok okay so it's wait actually sorry if".split()
)
_BEFORE_ONE = frozenset(
    "first second third the that this other which last either no any another new a".split()
)


def _stands_alone(tokens: list[str], start: int, end: int) -> bool:
    """Whether a bare number can be an hour: not in "four new tires" or "the first one"."""
    if tokens[start] == "one" and at(tokens, start - 1) in _BEFORE_ONE:
        return False
    following = at(tokens, end)
    return following in _AFTER_BARE or following in _PARTS or not following


def _heard(clock: _Clock, about: bool = False) -> TimeHeard:
    hour, known = _settle(clock)
    return TimeHeard(at=time(hour, clock.minute), meridiem_known=known, approximate=about)


def _settle(clock: _Clock) -> tuple[int, bool]:
    """The hour of 24, and whether the words decided between morning and evening."""
    hour, half = clock.hour, clock.half
    if hour > 12:
        return hour, True
    if half in ("am", "morning"):
        return hour % 12, True
    if half in ("pm", "afternoon", "evening"):
        return hour % 12 + 12, True
    if half == "night":
        return (hour if hour < 6 else hour % 12 if hour == 12 else hour + 12), True
    return hour, hour == 0 or clock.leading_zero


def _read_half(tokens: list[str], index: int) -> tuple[int, str, bool]:
    """What follows a clock time: "oclock", "ish", "am", "in the morning", "at night"."""
    end, ish = index, False
    while at(tokens, end) in ("oclock", "ish", "sharp", "exactly", "o'clock"):
        ish = ish or tokens[end] == "ish"
        end += 1
    if at(tokens, end) in ("am", "pm"):
        return end + 1, tokens[end], ish
    skip = end
    while at(tokens, skip) in ("in", "the", "at", "of", "during"):
        skip += 1
    if at(tokens, skip) in _PARTS and skip - end < 4:
        return skip + 1, str(_PARTS[tokens[skip]]), ish
    if end > index and not ish:
        return end, " ", ish
    return end, "", ish


def _read_clock(tokens: list[str], index: int) -> _Clock | None:
    token = at(tokens, index)
    if ":" in token or "." in token:
        return _from_colon(token, index + 1)
    return _read_to_past(tokens, index) or _read_hour_first(tokens, index)


def _from_colon(token: str, end: int) -> _Clock | None:
    hour, _, minute = token.replace(".", ":").partition(":")
    if not hour.isdecimal() or not minute.isdecimal() or len(minute) != 2 or len(hour) > 2:
        return None
    return _clock(int(hour), int(minute), end, sure=True, leading_zero=hour[0] == "0")


def _clock(
    hour: int, minute: int, end: int, sure: bool, leading_zero: bool = False
) -> _Clock | None:
    valid = 0 <= hour <= 23 and 0 <= minute <= 59
    return _Clock(hour, minute, end, sure, "", leading_zero) if valid else None


def _read_to_past(tokens: list[str], index: int) -> _Clock | None:
    """ "quarter to two", "half past nine", "20 mins after 10", "ten of four"."""
    start = index + (at(tokens, index) == "a")
    word = at(tokens, start)
    fixed = {"half": 30, "quarter": 15}.get(word)
    number = read_below_hundred(tokens, start) if fixed is None else (fixed, start + 1)
    if number is None or not 1 <= number[0] <= 30:
        return None
    minute, turn = number
    named = at(tokens, turn) in ("minute", "minutes", "mins", "min")
    turn += named
    direction = at(tokens, turn)
    back = direction in ("to", "till", "til", "before", "of")
    if not back and direction not in ("past", "after"):
        return None
    hour = _read_hour(tokens, turn + 1)
    unlikely = not (named or fixed or direction == "past" or minute in (5, 10, 15, 20, 25))
    if hour is None or unlikely or (direction == "of" and not fixed):
        return None
    total = (hour[0] * 60 + (-minute if back else minute)) % (24 * 60)
    # "quarter to one" is 12:45, not 0:45.
    shown = total // 60 or (12 if hour[0] == 1 else 0)
    return _clock(shown, total % 60, hour[1], sure=True)


def _read_hour(tokens: list[str], index: int) -> tuple[int, int] | None:
    word = at(tokens, index)
    if word in _WHOLE_TIMES:
        return (12 if word != "midnight" else 24), index + 1
    if word in ZEROS:
        return 0, index + 1
    number = read_below_hundred(tokens, index)
    return number if number and number[0] <= 24 else None


def _read_hour_first(tokens: list[str], index: int) -> _Clock | None:
    """ "nine", "nine thirty", "nine oh five", "18 45", "930", "half nine"."""
    token = at(tokens, index)
    if token == "half" and (hour := _read_hour(tokens, index + 1)):
        return _clock(hour[0], 30, hour[1], sure=True)
    if token.isdecimal() and token.isascii() and len(token) in (3, 4):
        return _clock(int(token[:-2]), int(token[-2:]), index + 1, False, token[0] == "0")
    if token in ZEROS and not at(tokens, index + 1)[:1].isdigit():
        return None
    hour = read_below_hundred(tokens, index)
    if hour is None or hour[0] > 23:
        return _split_merged_hour(tokens, index)
    minute = _read_minute(tokens, hour[1])
    zero_led = len(token) == 2 and token[0] == "0"
    if minute is None:
        return _clock(hour[0], 0, hour[1], sure=False, leading_zero=zero_led)
    return _clock(hour[0], minute[0], minute[1], sure=True, leading_zero=zero_led)


def _split_merged_hour(tokens: list[str], index: int) -> _Clock | None:
    """ "nine hundred" (09:00), the military way."""
    return None


def _read_minute(tokens: list[str], index: int) -> tuple[int, int] | None:
    word = at(tokens, index)
    if word in ZEROS and (ones := read_below_hundred(tokens, index + 1)) and 0 < ones[0] < 10:
        return ones
    minute = read_below_hundred(tokens, index)
    if minute is None or not 10 <= minute[0] <= 59:
        return (0, index + 1) if word == "00" else None
    digits_given = word.isdecimal()
    return minute if digits_given or at(tokens, minute[1]) not in _NOT_HOURS else None


# Bounds and parts ----------------------------------------------------------------------


def _read_relative(
    tokens: list[str], index: int, now: datetime | None
) -> tuple[TimeHeard, int] | None:
    if now is None:
        return None
    if tokens[index] == "now" or " ".join(tokens[index : index + 2]) == "right now":
        return TimeHeard(at=now.time()), index + 1 + (tokens[index] == "right")
    if tokens[index] not in ("in", "within"):
        return None
    words = " ".join(tokens[index + 1 : index + 5])
    for phrase, minutes in _FRACTIONS.items():
        if words.startswith(phrase):
            return _from_now(now, minutes), index + 1 + len(phrase.split())
    article = at(tokens, index + 1) in ("a", "an")
    number = (1, index + 2) if article else read_cardinal(tokens, index + 1)
    unit = at(tokens, number[1]) if number else ""
    if number is None or number[0] > 1440:
        return None
    if unit in ("minute", "minutes", "mins", "min"):
        return _from_now(now, number[0]), number[1] + 1
    if unit in ("hour", "hours"):
        return _from_now(now, number[0] * 60), number[1] + 1
    return None


_FRACTIONS = {
    "half an hour": 30,
    "a half hour": 30,
    "an hour and a half": 90,
    "a couple of hours": 120,
    "a couple hours": 120,
    "a quarter of an": 15,
}


def _from_now(now: datetime, minutes: int) -> TimeHeard:
    return TimeHeard(at=(now + timedelta(minutes=minutes)).time())


def _read_between(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    """ "between nine and eleven", "from one to three", "nine to five"."""
    led = tokens[index] in ("between", "from")
    low = _read_exact(tokens, index + 1, bare=True) if led else None
    if low is None and not led:
        plain = _read_hour_first(tokens, index)
        if plain is None or at(tokens, plain.end) not in ("to", "through"):
            return None
        end, half, _ = _read_half(tokens, plain.end)
        low = (_heard(replace(plain, half=half)), end)
        if _read_to_past(tokens, index):
            return None
    if low is None or at(tokens, low[1]) not in ("and", "to", "till", "until", "through"):
        return None
    high = _read_exact(tokens, low[1] + 1, bare=True)
    if high is None or low[0].at is None or high[0].at is None:
        return None
    return _bounds(low[0], high[0]), high[1]


def _bounds(low: TimeHeard, high: TimeHeard) -> TimeHeard:
    """Two ends: the half of the day said once counts for both where that makes sense."""
    earliest, latest = low.at, high.at
    known = low.meridiem_known and high.meridiem_known
    if earliest and latest and high.meridiem_known and not low.meridiem_known:
        later = earliest.replace(hour=earliest.hour % 12 + 12)
        earliest = later if later < latest and latest.hour >= 12 else earliest
        known = True
    return TimeHeard(earliest=earliest, latest=latest, meridiem_known=known)


def _read_bounded(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    for phrases, is_after in ((_AFTER, True), (_BEFORE, False)):
        for phrase in phrases:
            size = phrase.count(" ") + 1
            if " ".join(tokens[index : index + size]) == phrase:
                return _bound(tokens, index + size, is_after)
    return None


def _bound(tokens: list[str], index: int, is_after: bool) -> tuple[TimeHeard, int] | None:
    if at(tokens, index) in ("lunch", "lunchtime"):
        edge = _LUNCH[1] if is_after else _LUNCH[0]
        return _one_bound(TimeHeard(at=edge), is_after), index + 1
    if at(tokens, index) in ("work", "school"):
        heard = TimeHeard(earliest=time(16)) if is_after else TimeHeard(latest=time(9, 30))
        return heard, index + 1
    found = _read_named_time(tokens, index) or _read_exact(tokens, index, bare=True)
    if found is None or found[0].at is None or at(tokens, found[1]) in _NOT_HOURS:
        return None
    heard = _one_bound(found[0], is_after)
    if at(tokens, found[1]) in ("but", "and", "or"):
        other = _read_bounded(tokens, found[1] + 1)
        if other and (other[0].earliest is None) != (heard.earliest is None):
            return _merge([heard, other[0]]), other[1]
    return heard, found[1]


def _one_bound(edge: TimeHeard, is_after: bool) -> TimeHeard:
    if is_after:
        return TimeHeard(earliest=edge.at, meridiem_known=edge.meridiem_known)
    return TimeHeard(latest=edge.at, meridiem_known=edge.meridiem_known)


_NAMED = {
    "first thing in the morning": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "first thing": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "first appointment": TimeHeard(soonest=True),
    "start of the day": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "when you open": TimeHeard(part=Part.MORNING, latest=time(12), soonest=True),
    "as early as possible": TimeHeard(soonest=True),
    "end of the day": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "end of day": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "last appointment": TimeHeard(last=True),
    "before you close": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "as late as possible": TimeHeard(last=True),
    "middle of the day": TimeHeard(earliest=time(11), latest=time(14)),
    "early morning": TimeHeard(part=Part.MORNING, latest=time(10), soonest=True),
    "early in the morning": TimeHeard(part=Part.MORNING, latest=time(10), soonest=True),
    "mid morning": TimeHeard(part=Part.MORNING, earliest=time(9, 30), latest=time(11)),
    "late morning": TimeHeard(part=Part.MORNING, earliest=time(10, 30), latest=time(12)),
    "early afternoon": TimeHeard(part=Part.AFTERNOON, earliest=time(12), latest=time(14)),
    "mid afternoon": TimeHeard(part=Part.AFTERNOON, earliest=time(14), latest=time(16)),
    "late afternoon": TimeHeard(part=Part.AFTERNOON, earliest=time(15), latest=time(17)),
    "late in the day": TimeHeard(part=Part.AFTERNOON, earliest=time(15), last=True),
    "lunch time": TimeHeard(at=time(12), approximate=True),
    "lunchtime": TimeHeard(at=time(12), approximate=True),
    "noonish": TimeHeard(at=time(12), approximate=True),
}
_NAMED_BY_WORD: dict[str, list[tuple[list[str], TimeHeard]]] = {}
for _phrase, _value in _NAMED.items():
    _NAMED_BY_WORD.setdefault(_phrase.split()[0], []).append((_phrase.split(), _value))


def _read_named_time(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    start = index
    while at(tokens, start) in _ABOUT or at(tokens, start) in ("at", "twelve", "12", "the"):
        start += 1
    word = at(tokens, start)
    if word in _WHOLE_TIMES:
        ish = at(tokens, start + 1) == "ish"
        about = ish or any(token in _ABOUT for token in tokens[index:start])
        return TimeHeard(at=_WHOLE_TIMES[word], approximate=about), start + 1 + ish
    for words, value in _NAMED_BY_WORD.get(word, ()):
        if tokens[start : start + len(words)] == words:
            return value, start + len(words)
    return None


def _read_part(tokens: list[str], index: int) -> tuple[TimeHeard, int] | None:
    part = _PARTS.get(tokens[index])
    if part is None or at(tokens, index - 1) == "good":
        return None
    earliest, latest = _SPANS[part]
    return TimeHeard(earliest=earliest, latest=latest, part=part), index + 1


def _merge(values: list[TimeHeard]) -> TimeHeard:
    """The first time, narrowed by the ones after it where they are bounds of the same day."""
    first = values[0]
    for other in values[1:]:
        if first.at or other.at:
            return first if first.at else other
        first = replace(
            first,
            earliest=other.earliest or first.earliest,
            latest=other.latest or first.latest,
            part=first.part or other.part,
            meridiem_known=first.meridiem_known and other.meridiem_known,
        )
    return first
