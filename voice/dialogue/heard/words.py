"""Words and numbers as a recogniser writes them: the ground that the other listeners stand on.

Rules: any text in, never an exception; only the first 1,200 characters are read
and every reader is linear, so no caller and no recogniser can make us slow.
Tokens are lower case without punctuation; "a.m." is `am`, "o'clock" is `oclock`,
"9ish" is `9 ish`, "24th" stays one token.
"""

import re

from voice import number_words

MAX_CHARACTERS = 1200

UNITS = {word: value for value, word in enumerate(number_words.ONES)}
TENS = {word: value * 10 for value, word in enumerate(number_words.TENS) if word}
TENS["fourty"] = 40
_ORDINAL_UNITS = {word: value for value, word in enumerate(number_words.ORDINALS) if value}
_ORDINAL_TENS = {"twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50}
ZEROS = frozenset({"oh", "o", "zero", "nought", "naught"})
# What recognisers write for a digit that was spoken on its own.
HOMOPHONES = {"to": 2, "too": 2, "for": 4, "fore": 4, "ate": 8, "won": 1, "tree": 3, "niner": 9}

_TOKEN = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?!\d)|\d{1,2}[/-]\d{1,2}[/-](?:\d{4}|\d{2})(?!\d)"
    r"|\d{1,2}/\d{1,2}(?!\d)|\d{1,2}:\d{2}(?!\d)|\d{1,3}(?:,\d{3})+(?!\d)|\d+\.\d+"
    r"|\d{1,3}(?:st|nd|rd|th)\b|\d+|[^\W\d_]+(?:'[^\W\d_]+)*|\$"
)
_HALF_OF_DAY = re.compile(r"\b([ap])(?:\. ?m\b\.?| m\b)|(?<=\d)([ap])m\b\.?")
_O_CLOCK = re.compile(r"\bo ?[\"']+ ?clock|\bo clock")
_ISH = re.compile(rf"\b({'|'.join(UNITS)}|thirty|fifteen|\d{{1,2}})[ -]?ish\b")
_PLAIN = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "–": "-", "—": " ", "\u00a0": " "})


def plain(text: str) -> str:
    """The text in lower case with plain quotes, cut to 1,200 characters."""
    return text[:MAX_CHARACTERS].translate(_PLAIN).lower()


def tokenise(text: str) -> list[str]:
    """The words of a text, see the rules of this module."""
    text = _O_CLOCK.sub(" oclock", plain(text))
    text = _HALF_OF_DAY.sub(lambda match: f" {match[1] or match[2]}m ", text)
    return _TOKEN.findall(_ISH.sub(r"\1 ish ", text))


def read_cardinal(tokens: list[str], start: int) -> tuple[int, int] | None:
    """A whole number at `start`, in words or digits: (value, index after it).

    "two hundred and five", "a thousand", "42,500", "forty two thousand five hundred".
    """
    token = tokens[start] if start < len(tokens) else ""
    if token[:1].isdigit():
        return _read_numeral(tokens, start)
    if token in ("a", "an") and at(tokens, start + 1) in ("hundred", "thousand", "million"):
        return _read_scaled(tokens, start + 1, 1)
    small = read_below_hundred(tokens, start)
    return _read_scaled(tokens, small[1], small[0]) if small else None


def _read_numeral(tokens: list[str], start: int) -> tuple[int, int] | None:
    digits = tokens[start].replace(",", "")
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 15:
        return None
    return _read_scaled(tokens, start + 1, int(digits))


def _read_scaled(tokens: list[str], index: int, value: int) -> tuple[int, int]:
    """What follows the leading part of a number: scales, and the rest after each scale."""
    total = 0
    while index < len(tokens):
        if tokens[index] == "hundred" and value < 100:
            value, index = value * 100, index + 1
            rest = read_below_hundred(tokens, _past_and(tokens, index))
        elif tokens[index] in ("thousand", "k", "grand", "million") and value < 1000 and not total:
            scale = 1_000_000 if tokens[index] == "million" else 1000
            total, value, index = value * scale, 0, index + 1
            rest = read_below_hundred(tokens, _past_and(tokens, index))
            if rest is None:
                rest = _read_hundreds_numeral(tokens, index)
        else:
            break
        if rest:
            value, index = value + rest[0], rest[1]
    return total + value, index


def _read_hundreds_numeral(tokens: list[str], index: int) -> tuple[int, int] | None:
    token = at(tokens, index)
    return (int(token), index + 1) if token.isdecimal() and len(token) == 3 else None


def _past_and(tokens: list[str], index: int) -> int:
    if at(tokens, index) == "and" and read_below_hundred(tokens, index + 1):
        return index + 1
    return index


def read_below_hundred(tokens: list[str], start: int) -> tuple[int, int] | None:
    """0 to 99 at `start`, in words or as one or two digits: (value, index after it)."""
    token = at(tokens, start)
    if token.isdecimal() and token.isascii() and len(token) <= 2:
        return int(token), start + 1
    if token in UNITS:
        return UNITS[token], start + 1
    if token in TENS:
        one = UNITS.get(at(tokens, start + 1), 0)
        return (TENS[token] + one, start + 2) if 0 < one < 10 else (TENS[token], start + 1)
    return None


def read_ordinal(tokens: list[str], start: int) -> tuple[int, int] | None:
    """An ordinal below 60 at `start`: "24th", "twenty fourth", "third"."""
    token = at(tokens, start)
    if token[:1].isdigit() and token[-2:] in ("st", "nd", "rd", "th"):
        return int(token[:-2]), start + 1
    if token in _ORDINAL_UNITS:
        return _ORDINAL_UNITS[token], start + 1
    if token in _ORDINAL_TENS:
        return _ORDINAL_TENS[token], start + 1
    one = _ORDINAL_UNITS.get(at(tokens, start + 1), 0)
    if token in TENS and 0 < one < 10:
        return TENS[token] + one, start + 2
    return None


def at(tokens: list[str], index: int) -> str:
    """The token at an index, "" beyond either end."""
    return tokens[index] if 0 <= index < len(tokens) else ""
