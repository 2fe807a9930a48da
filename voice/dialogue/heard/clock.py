"""A time on the clock: "half past nine", "nine oh five", "5pm", "ten in the morning"."""

from dataclasses import dataclass, replace
from datetime import time

from voice.dialogue.heard.values import Part, TimeHeard
from voice.dialogue.heard.words import ZEROS, at, read_below_hundred


@dataclass(frozen=True, slots=True)
class Clock:
    """Hour and minute as said. `sure`: nothing but a time; `half` am, pm or a Part."""

    hour: int
    minute: int
    end: int
    sure: bool
    half: str = ""
    leading_zero: bool = False


PARTS = {
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
ABOUT = frozenset("around about roughly approximately circa like near say maybe".split())
WHOLE_TIMES = {"noon": time(12), "midday": time(12), "noontime": time(12), "midnight": time(0)}
# After these a bare number is an hour even in a longer sentence.
_HOUR_LEADS = ABOUT | {"at", "after", "before", "by", "past", "until", "till", "than", "for"}
NOT_HOURS = frozenset(
    "day days week weeks month months year years people person car cars tire tires mile "
    "miles hour hours minute minutes mins oil st nd rd th percent dollars bucks times "
    "thousand hundred more door doors wheel wheels cylinder cylinders of different kids "
    "dollar digits things".split()
)


def read_exact(tokens: list[str], index: int, bare: bool) -> tuple[TimeHeard, int] | None:
    start, about = index, False
    while at(tokens, start) in ABOUT or (at(tokens, start) == "at" and start < index + 2):
        about = about or tokens[start] in ABOUT
        start += 1
    lead_part = PARTS.get(at(tokens, start)) if at(tokens, start) != "tonight" else None
    clock_at = start + 1 + (at(tokens, start + 1) == "at") if lead_part else start
    clock = _read_clock(tokens, clock_at)
    if clock is None:
        return None
    led = start > index or at(tokens, index - 1) in _HOUR_LEADS or lead_part is not None
    led = led or (bare and _stands_alone(tokens, clock_at, clock.end))
    end, half, ish = read_half(tokens, clock.end)
    if not (clock.sure or half or ish or (led and at(tokens, end) not in NOT_HOURS)):
        return None
    half = half or (str(lead_part) if lead_part else "")
    return as_heard(replace(clock, half=half), about or ish), end


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
    return following in _AFTER_BARE or following in PARTS or not following


def as_heard(clock: Clock, about: bool = False) -> TimeHeard:
    hour, known = _settle(clock)
    return TimeHeard(at=time(hour, clock.minute), meridiem_known=known, approximate=about)


def _settle(clock: Clock) -> tuple[int, bool]:
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


def read_half(tokens: list[str], index: int) -> tuple[int, str, bool]:
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
    if at(tokens, skip) in PARTS and skip - end < 4:
        return skip + 1, str(PARTS[tokens[skip]]), ish
    if end > index and not ish:
        return end, " ", ish
    return end, "", ish


def _read_clock(tokens: list[str], index: int) -> Clock | None:
    word = at(tokens, index)
    if ":" in word or "." in word:
        return _from_colon(word, index + 1)
    return read_to_past(tokens, index) or read_hour_first(tokens, index)


def _from_colon(word: str, end: int) -> Clock | None:
    hour, _, minute = word.replace(".", ":").partition(":")
    if not hour.isdecimal() or not minute.isdecimal() or len(minute) != 2 or len(hour) > 2:
        return None
    return _clock(int(hour), int(minute), end, sure=True, leading_zero=hour[0] == "0")


def _clock(
    hour: int, minute: int, end: int, sure: bool, leading_zero: bool = False
) -> Clock | None:
    valid = 0 <= hour <= 23 and 0 <= minute <= 59
    return Clock(hour, minute, end, sure, "", leading_zero) if valid else None


def read_to_past(tokens: list[str], index: int) -> Clock | None:
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
    if word in WHOLE_TIMES:
        return (12 if word != "midnight" else 24), index + 1
    if word in ZEROS:
        return 0, index + 1
    number = read_below_hundred(tokens, index)
    return number if number and number[0] <= 24 else None


def read_hour_first(tokens: list[str], index: int) -> Clock | None:
    """ "nine", "nine thirty", "nine oh five", "18 45", "930", "half nine"."""
    word = at(tokens, index)
    if word == "half" and (hour := _read_hour(tokens, index + 1)):
        return _clock(hour[0], 30, hour[1], sure=True)
    if word.isdecimal() and word.isascii() and len(word) in (3, 4):
        return _clock(int(word[:-2]), int(word[-2:]), index + 1, False, word[0] == "0")
    if word in ZEROS and not at(tokens, index + 1)[:1].isdigit():
        return None
    hour = read_below_hundred(tokens, index)
    if hour is None or hour[0] > 23:
        return None
    minute = _read_minute(tokens, hour[1])
    zero_led = len(word) == 2 and word[0] == "0"
    if minute is None:
        return _clock(hour[0], 0, hour[1], sure=False, leading_zero=zero_led)
    return _clock(hour[0], minute[0], minute[1], sure=True, leading_zero=zero_led)


def _read_minute(tokens: list[str], index: int) -> tuple[int, int] | None:
    word = at(tokens, index)
    if word in ZEROS and (ones := read_below_hundred(tokens, index + 1)) and 0 < ones[0] < 10:
        return ones
    minute = read_below_hundred(tokens, index)
    if minute is None or not 10 <= minute[0] <= 59:
        return (0, index + 1) if word == "00" else None
    digits_given = word.isdecimal()
    return minute if digits_given or at(tokens, minute[1]) not in NOT_HOURS else None
