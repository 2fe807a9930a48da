"""Digits out of speech: phone numbers, ZIP codes, house numbers.

Rules: pure. "oh" is zero, "double seven" 77, "five hundred fifty five" 555, "twenty
nineteen" 2019. Words that merely sound like a digit ("to", "for", "ate") count only
between digits, or at the edge of them.
"""

import re

from voice.dialogue.heard.values import AddressHeard, PhoneHeard
from voice.dialogue.heard.words import (
    HOMOPHONES,
    TENS,
    UNITS,
    ZEROS,
    at,
    plain,
    read_below_hundred,
)

TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
PIECE = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
_TAKEN_BACK = frozenset({"no", "sorry", "wait", "actually", "correction", "oops", "scratch"})


def pieces(text: str) -> list[str]:
    return PIECE.findall(plain(text))


def parse_digits(text: str) -> str | None:
    """All digits of a text in order, None where it has none."""
    runs = _runs(pieces(text))
    return "".join(digits for digits, _ in runs) or None


def _runs(tokens: list[str]) -> list[tuple[str, int]]:
    """Runs of digits and the word index at which each begins."""
    runs: list[tuple[str, int]] = []
    index, current, begun = 0, "", 0
    while index < len(tokens):
        found = read_digits(tokens, index, bool(current))
        if found is None:
            if current:
                runs.append((current, begun))
            current = ""
            index += 1
            continue
        begun = begun if current else index
        current, index = current + found[0], found[1]
    return [*runs, (current, begun)] if current else runs


def read_digits(tokens: list[str], index: int, running: bool) -> tuple[str, int] | None:
    word = tokens[index]
    if word.isdecimal():
        return (_ascii(word), index + 1)
    if word in TIMES:
        once = _read_one(tokens, index + 1)
        return (once[0] * TIMES[word], once[1]) if once else None
    if word in HOMOPHONES:
        return _read_homophone(tokens, index, running)
    if word in ZEROS:
        return _read_zero(tokens, index, running)
    return _read_number(tokens, index)


def _ascii(word: str) -> str:
    return "".join(str(int(character)) for character in word)


def _read_one(tokens: list[str], index: int) -> tuple[str, int] | None:
    """One digit, for "double ..."."""
    word = at(tokens, index)
    if word in ZEROS:
        return "0", index + 1
    if UNITS.get(word, 10) < 10:
        return str(UNITS[word]), index + 1
    if len(word) == 1 and word.isdecimal():
        return _ascii(word), index + 1
    return (str(HOMOPHONES[word]), index + 1) if word in HOMOPHONES else None


def _read_zero(tokens: list[str], index: int, running: bool) -> tuple[str, int] | None:
    """ "oh" is a digit next to digits; "oh, five" too, "oh well" is not."""
    if tokens[index] in ("oh", "o") and not running and not _is_digit(at(tokens, index + 1)):
        return ("0", index + 1) if len(tokens) == 1 else None
    return "0", index + 1


def _is_digit(word: str) -> bool:
    numeral = word.isdecimal() or word in UNITS or word in TENS
    return numeral or word in ZEROS or word in TIMES


def _read_homophone(tokens: list[str], index: int, running: bool) -> tuple[str, int] | None:
    """ "to" between digits is 2; so it is at the end of digits and before them at the start."""
    before = running
    following = at(tokens, index + 1)
    after = _is_digit(following) or following in HOMOPHONES
    at_start = index == 0 or tokens[index - 1] in (
        "is",
        "it's",
        "its",
        "um",
        "uh",
        "yeah",
        "digits",
    )
    at_end = index == len(tokens) - 1
    if (before and (after or at_end)) or (after and at_start and not before):
        return str(HOMOPHONES[tokens[index]]), index + 1
    return None


def _read_number(tokens: list[str], index: int) -> tuple[str, int] | None:
    """A spoken number: "forty two" 42, "five hundred fifty five" 555, "eight hundred" 800."""
    head = read_below_hundred(tokens, index)
    if head is None:
        return None
    value, end = head
    scale = at(tokens, end)
    if scale not in ("hundred", "thousand") or value == 0:
        return str(value), end
    power = 100 if scale == "hundred" else 1000
    end += 1
    begins = end + (at(tokens, end) == "and")
    rest = read_below_hundred(tokens, begins)
    if rest is None or rest[0] == 0 or _goes_on(tokens, rest):
        return str(value * power), end
    if scale == "thousand" and rest[0] < 10 and at(tokens, rest[1]) == "hundred":
        hundreds, after = _read_number(tokens, begins) or ("0", begins)
        return str(value * power + int(hundreds)), after
    return str(value * power + rest[0]), rest[1]


def _goes_on(tokens: list[str], rest: tuple[int, int]) -> bool:
    """After "eight hundred", "five five five" are digits of their own, not 805."""
    return rest[0] < 10 and _is_digit(at(tokens, rest[1]))


def parse_phone(text: str) -> PhoneHeard | None:
    """A North American phone number, perhaps only part of it.

    Corrected digits ("... 0147, no, 0148") replace the end of what was said before.
    """
    tokens = pieces(text)
    digits = ""
    for run, start in _runs(tokens):
        words_before = set(tokens[max(0, start - 3) : start])
        if digits and words_before & _TAKEN_BACK and len(run) <= len(digits):
            digits = run if len(run) >= 10 else digits[: -len(run)] + run
        else:
            digits += run
    if not digits:
        return None
    return PhoneHeard(digits, _e164(digits))


def _e164(digits: str) -> str | None:
    national = digits[1:] if len(digits) == 11 and digits[0] == "1" else digits
    valid = len(national) == 10 and national[0] in "23456789" and national[3] in "23456789"
    return f"+1{national}" if valid else None


def parse_zip(text: str) -> str | None:
    """A five-digit ZIP code (a ZIP+4 is cut), None unless exactly that was said."""
    runs = [digits for digits, _ in _runs(pieces(text))]
    whole = [digits[:5] for digits in runs if len(digits) in (5, 9)]
    if whole:
        return whole[-1]
    joined = "".join(runs)
    return joined if len(joined) == 5 else None


def parse_street_number_and_zip(text: str) -> AddressHeard | None:
    """Street number and ZIP code of an address: first run of digits and the last of five.

    "twelve forty five Oak Street, nine oh two one oh" -> ("1245", "90210").
    """
    runs = [digits for digits, _ in _runs(_address_pieces(text))]
    if len(runs) == 1 and 6 <= len(runs[0]) <= 11:
        return AddressHeard(runs[0][:-5], runs[0][-5:])
    zips = [index for index, digits in enumerate(runs) if len(digits) in (5, 9)]
    if len(runs) < 2 or not zips or zips[-1] == 0:
        return None
    number = runs[0].lstrip("0")
    return AddressHeard(number, runs[zips[-1]][:5]) if 0 < len(number) <= 6 else None


def _address_pieces(text: str) -> list[str]:
    """Without numbered streets ("45 5th Avenue"), whose digits are no house number."""
    return PIECE.findall(re.sub(r"\b\d+(?:st|nd|rd|th)\b", " ", plain(text)))
