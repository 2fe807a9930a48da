"""Digits and characters out of speech: phones, ZIP codes, VIN tails, references, spellings.

Rules: pure. "oh" is zero, "double seven" 77, "five hundred fifty five" 555, "twenty
nineteen" 2019. Words that merely sound like a digit ("to", "for", "ate") count only
between digits, or at the edge of them. A VIN has no I, O or Q: "oh" and "O" are
zero there, "I" is one, a Q is refused.
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

_TIMES = {"double": 2, "triple": 3, "treble": 3, "quadruple": 4}
_PIECE = re.compile(r"\d+|[^\W\d_]+(?:'[^\W\d_]+)*")
_TAKEN_BACK = frozenset({"no", "sorry", "wait", "actually", "correction", "oops", "scratch"})


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(plain(text))


def parse_digits(text: str) -> str | None:
    """All digits of a text in order, None where it has none."""
    runs = _runs(_pieces(text))
    return "".join(digits for digits, _ in runs) or None


def _runs(tokens: list[str]) -> list[tuple[str, int]]:
    """Runs of digits and the token index at which each begins."""
    runs: list[tuple[str, int]] = []
    index, current, begun = 0, "", 0
    while index < len(tokens):
        found = _read_digits(tokens, index, bool(current))
        if found is None:
            if current:
                runs.append((current, begun))
            current = ""
            index += 1
            continue
        begun = begun if current else index
        current, index = current + found[0], found[1]
    return [*runs, (current, begun)] if current else runs


def _read_digits(tokens: list[str], index: int, running: bool) -> tuple[str, int] | None:
    token = tokens[index]
    if token.isdecimal():
        return (_ascii(token), index + 1)
    if token in _TIMES:
        once = _read_one(tokens, index + 1)
        return (once[0] * _TIMES[token], once[1]) if once else None
    if token in HOMOPHONES:
        return _read_homophone(tokens, index, running)
    if token in ZEROS:
        return _read_zero(tokens, index, running)
    return _read_number(tokens, index)


def _ascii(token: str) -> str:
    return "".join(str(int(character)) for character in token)


def _read_one(tokens: list[str], index: int) -> tuple[str, int] | None:
    """One digit, for "double ..."."""
    token = at(tokens, index)
    if token in ZEROS:
        return "0", index + 1
    if UNITS.get(token, 10) < 10:
        return str(UNITS[token]), index + 1
    if len(token) == 1 and token.isdecimal():
        return _ascii(token), index + 1
    return (str(HOMOPHONES[token]), index + 1) if token in HOMOPHONES else None


def _read_zero(tokens: list[str], index: int, running: bool) -> tuple[str, int] | None:
    """ "oh" is a digit next to digits; "oh, five" too, "oh well" is not."""
    if tokens[index] in ("oh", "o") and not running and not _is_digit(at(tokens, index + 1)):
        return ("0", index + 1) if len(tokens) == 1 else None
    return "0", index + 1


def _is_digit(token: str) -> bool:
    numeral = token.isdecimal() or token in UNITS or token in TENS
    return numeral or token in ZEROS or token in _TIMES


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
    rest = read_below_hundred(tokens, end + (at(tokens, end) == "and"))
    if rest is None or rest[0] == 0 or _goes_on(tokens, rest):
        return str(value * power), end
    return str(value * power + rest[0]), rest[1]


def _goes_on(tokens: list[str], rest: tuple[int, int]) -> bool:
    """After "eight hundred", "five five five" are digits of their own, not 805."""
    return rest[0] < 10 and _is_digit(at(tokens, rest[1]))


def parse_phone(text: str) -> PhoneHeard | None:
    """A North American phone number, perhaps only part of it.

    Corrected digits ("... 0147, no, 0148") replace the end of what was said before.
    """
    tokens = _pieces(text)
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
    runs = [digits for digits, _ in _runs(_pieces(text))]
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
    return _PIECE.findall(re.sub(r"\b\d+(?:st|nd|rd|th)\b", " ", plain(text)))


# Characters ----------------------------------------------------------------------------

_NATO = [
    "alpha",
    "alfa",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliet",
    "juliett",
    "kilo",
    "lima",
    "mike",
    "november",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "victor",
    "whiskey",
    "whisky",
    "xray",
    "yankee",
    "zulu",
]
_LETTERS = {word: word[0] for word in _NATO}
_LETTERS |= dict(
    pair.split(":")
    for pair in [
        "ay:a",
        "bee:b",
        "be:b",
        "see:c",
        "sea:c",
        "cee:c",
        "dee:d",
        "eff:f",
        "ef:f",
        "gee:g",
        "aitch:h",
        "jay:j",
        "kay:k",
        "el:l",
        "ell:l",
        "em:m",
        "en:n",
        "pee:p",
        "pea:p",
        "cue:q",
        "queue:q",
        "are:r",
        "ar:r",
        "ess:s",
        "es:s",
        "tea:t",
        "tee:t",
        "you:u",
        "vee:v",
        "ex:x",
        "eks:x",
        "why:y",
        "wye:y",
        "zee:z",
        "zed:z",
    ]
)
_FILLERS = frozenset(
    [
        "it's",
        "its",
        "is",
        "the",
        "my",
        "um",
        "uh",
        "er",
        "so",
        "okay",
        "ok",
        "well",
        "that's",
        "yeah",
        "yes",
        "sure",
        "and",
        "then",
        "last",
        "first",
        "six",
        "eight",
        "digits",
        "characters",
        "of",
        "vin",
        "number",
        "vehicle",
        "i",
        "think",
        "it",
        "reads",
        "ends",
        "with",
        "in",
        "reference",
        "code",
        "confirmation",
        "booking",
        "dash",
        "hyphen",
        "space",
        "let",
        "me",
        "have",
        "here",
        "we",
        "go",
    ]
)
_LINKS = ("as", "like", "for")


def read_characters(text: str, zero_for_oh: bool = True) -> str:
    """Letters and digits spelled one by one, upper case; "S as in Sam", NATO and "double" too.

    Other words are left out. With `zero_for_oh` False, "oh" is the letter O.
    """
    tokens = _pieces(text)
    read: list[str] = []
    index = 0
    while index < len(tokens):
        characters, index = _read_character(tokens, index, zero_for_oh)
        read.append(characters)
    return "".join(read).upper()


def _read_character(tokens: list[str], index: int, zero_for_oh: bool) -> tuple[str, int]:
    token = tokens[index]
    if named := _read_as_in(tokens, index):
        return named
    if token in _TIMES:
        return _read_multiple(tokens, index, zero_for_oh)
    if token in ("oh", "o"):
        return ("0" if zero_for_oh else "o"), index + 1
    if token == "i" and at(tokens, index + 1) in ("think", "believe", "have", "see", "guess"):
        return "", index + 2
    if len(token) == 1 and (token.isascii() or token.isdecimal()):
        return token, index + 1
    if token == "x" or (token == "ex" and at(tokens, index + 1) == "ray"):
        return "x", index + 2
    number = _read_digits(tokens, index, running=index > 0)
    if number:
        return number
    return _LETTERS.get(token, ""), index + 1


def _read_multiple(tokens: list[str], index: int, zero_for_oh: bool) -> tuple[str, int]:
    """ "double T", "triple zero", and the letter "double you"."""
    following = at(tokens, index + 1)
    if tokens[index] == "double" and following in ("you", "u"):
        return "w", index + 2
    if not following or following in _TIMES:
        return "", index + 1
    once, end = _read_character(tokens, index + 1, zero_for_oh)
    return once[:1] * _TIMES[tokens[index]] + once[1:], end


def _read_as_in(tokens: list[str], index: int) -> tuple[str, int] | None:
    """ "S as in Sam", "S for Sam", "S like Sam": the letter is the word's first."""
    link = index + 1
    if at(tokens, link) not in _LINKS:
        return None
    word_at = link + 1 + (at(tokens, link + 1) == "in")
    word = at(tokens, word_at)
    if not word.isalpha() or not word.isascii():
        return None
    letter = tokens[index] if len(tokens[index]) == 1 else _LETTERS.get(tokens[index], "")
    matches = letter == word[0] and (tokens[link] != "for" or len(word) > 1)
    if not letter or word in UNITS:
        return None
    # A letter misheard ("F as in Sam") is what its word says.
    heard_wrong = tokens[link] == "as" and len(word) > 1
    return (word[0], word_at + 1) if matches or heard_wrong else None


def parse_vin_tail(text: str) -> str | None:
    """The last six or eight characters of a VIN (or all 17), upper case, else None."""
    characters = read_characters(_without_lead(text)).replace("O", "0").replace("I", "1")
    if len(characters) not in (6, 8, 17) or "Q" in characters:
        return None
    return characters if sum(map(str.isdigit, characters)) >= 3 else None


def parse_reference(text: str) -> str | None:
    """A booking reference of six characters (no 0, O, 1 or I in it), else None."""
    characters = read_characters(_without_lead(text))
    return characters if re.fullmatch(r"[2-9A-HJ-NP-Z]{6}", characters) else None


def _without_lead(text: str) -> str:
    """What follows "it's", "the last six are", "my reference number is"."""
    tokens = _PIECE.findall(_spread(plain(text)))
    cut = 0
    while cut < len(tokens) and _is_lead(tokens, cut):
        cut += 1
    return " ".join(tokens[cut:])


_MIXED = re.compile(r"\b(?!\d+(?:st|nd|rd|th)\b)(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{3,17}\b")


def _spread(text: str) -> str:
    """ "1HGCM8..." as characters of their own."""
    return _MIXED.sub(lambda match: " ".join(match[0]), text)


def _is_lead(tokens: list[str], index: int) -> bool:
    token, following = tokens[index], at(tokens, index + 1)
    if token in ("six", "eight"):
        said_before = index > 0 and tokens[index - 1] in ("last", "first")
        return said_before or following in ("digits", "characters", "numbers")
    if token == "i":
        return following in ("think", "believe", "have", "see", "guess")
    if token == "are":
        return index > 0 and tokens[index - 1] in ("six", "eight", "digits", "characters")
    return token in _FILLERS or token in ("numbers", "believe", "guess", "six", "code")


def parse_spelling(text: str) -> str | None:
    """A word spelled out, capitalised: "R U I Z" or "are you eye zee" -> "Ruiz".

    Needs at least two letters, and nothing but letters (no digits).
    """
    tokens = [token for token in _pieces(text) if token not in ("and", "that's", "dash", "um")]
    letters = read_characters(" ".join(tokens).replace(" eye ", " i "), zero_for_oh=False)
    spelled = "".join(character for character in letters if character.isalpha())
    few_words_left = len(spelled) * 2 >= len([t for t in tokens if t not in ("as", "in")])
    return spelled.capitalize() if len(spelled) >= 2 and few_words_left else None
