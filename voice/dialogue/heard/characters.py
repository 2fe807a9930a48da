"""Letters and digits one by one: VIN tails, references, spelled names.

Rules: pure; "S as in Sam", NATO words, "double T" and the words that letters sound
like ("are you eye zee"). A VIN has no I, O or Q: "oh" and "O" are zero there, "I"
is one, a Q is refused. A reference has no 0, O, 1 or I.
"""

import re

from voice.dialogue.heard.digits import PIECE, TIMES, pieces, read_digits
from voice.dialogue.heard.words import UNITS, at, plain

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
    "it's its is the my um uh er so okay ok well that's yeah yes sure and then last first "
    "six eight digits characters of vin number vehicle i think it reads ends with in "
    "reference code confirmation booking dash hyphen space let me have here we go".split()
)
_LINKS = ("as", "like", "for")


def read_characters(text: str, zero_for_oh: bool = True) -> str:
    """Letters and digits spelled one by one, upper case; "S as in Sam", NATO and "double" too.

    Other words are left out. With `zero_for_oh` False, "oh" is the letter O.
    """
    tokens = pieces(text)
    read: list[str] = []
    index = 0
    while index < len(tokens):
        characters, index = _read_character(tokens, index, zero_for_oh)
        read.append(characters)
    return "".join(read).upper()


def _read_character(tokens: list[str], index: int, zero_for_oh: bool) -> tuple[str, int]:
    word = tokens[index]
    if named := _read_as_in(tokens, index):
        return named
    if word in TIMES:
        return _read_multiple(tokens, index, zero_for_oh)
    if word in ("oh", "o"):
        return ("0" if zero_for_oh else "o"), index + 1
    if word == "i" and at(tokens, index + 1) in ("think", "believe", "have", "see", "guess"):
        return "", index + 2
    if len(word) == 1 and (word.isascii() or word.isdecimal()):
        return word, index + 1
    if word == "x" or (word == "ex" and at(tokens, index + 1) == "ray"):
        return "x", index + 2
    number = read_digits(tokens, index, running=index > 0)
    if number:
        return number
    return _LETTERS.get(word, ""), index + 1


def _read_multiple(tokens: list[str], index: int, zero_for_oh: bool) -> tuple[str, int]:
    """ "double T", "triple zero", and the letter "double you"."""
    following = at(tokens, index + 1)
    if tokens[index] == "double" and following in ("you", "u"):
        return "w", index + 2
    if not following or following in TIMES:
        return "", index + 1
    once, end = _read_character(tokens, index + 1, zero_for_oh)
    return once[:1] * TIMES[tokens[index]] + once[1:], end


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
    tokens = PIECE.findall(_spread(plain(text)))
    cut = 0
    while cut < len(tokens) and _is_lead(tokens, cut):
        cut += 1
    return " ".join(tokens[cut:])


_MIXED = re.compile(r"\b(?!\d+(?:st|nd|rd|th)\b)(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{3,17}\b")


def _spread(text: str) -> str:
    """ "1HGCM8..." as characters of their own."""
    return _MIXED.sub(lambda match: " ".join(match[0]), text)


def _is_lead(tokens: list[str], index: int) -> bool:
    word, following = tokens[index], at(tokens, index + 1)
    if word in ("six", "eight"):
        said_before = index > 0 and tokens[index - 1] in ("last", "first")
        return said_before or following in ("digits", "characters", "numbers")
    if word == "i":
        return following in ("think", "believe", "have", "see", "guess")
    if word == "are":
        return index > 0 and tokens[index - 1] in ("six", "eight", "digits", "characters")
    return word in _FILLERS or word in ("numbers", "believe", "guess", "six", "code")


def parse_spelling(text: str) -> str | None:
    """A word spelled out, capitalised: "R U I Z" or "are you eye zee" -> "Ruiz".

    Needs at least two letters, and nothing but letters (no digits).
    """
    tokens = [word for word in pieces(text) if word not in ("and", "that's", "dash", "um")]
    letters = read_characters(" ".join(tokens).replace(" eye ", " i "), zero_for_oh=False)
    spelled = "".join(character for character in letters if character.isalpha())
    few_words_left = len(spelled) * 2 >= len([t for t in tokens if t not in ("as", "in")])
    return spelled.capitalize() if len(spelled) >= 2 and few_words_left else None
