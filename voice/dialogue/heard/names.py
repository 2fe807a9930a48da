"""Names and vehicles out of speech.

Rules: pure; a name is what is left when the phrases around it are gone ("my name
is", "this is", "yeah it's"). A spelling beats the word it spells. Numbers,
questions and answers are no names: None.
"""

import re

from jellyfish import jaro_winkler_similarity

from voice.dialogue.heard.characters import parse_spelling, read_characters
from voice.dialogue.heard.values import NameHeard, VehicleHeard
from voice.dialogue.heard.words import UNITS, ZEROS, at, plain, read_below_hundred, tokenise

_LEAD = re.compile(
    r"^(?:(?:yes|yeah|yep|sure|okay|ok|hi|hello|hey|um|uh|so|well|of course|no problem|oh|and"
    r"|good (?:morning|afternoon|evening)|my (?:full )?name(?:'s| is)|the name(?:'s| is)"
    r"|name(?:'s| is)|this is|it is|it's|its|i am|i'm|that is|that's|you can call me|call me"
    r"|my (?:first|last) name(?:'s| is)|(?:the )?(?:first|last) name(?:'s| is)?|it would be"
    r"|it'll be|it should be under|under|i go by|the appointment is under|speaking|name"
    r"|put it under|for)\b[\s,.:!-]*)+"
)
_TAIL = re.compile(
    r"[\s,.]*\b(?:here|speaking|calling|please|thanks|thank you|and i(?:'m| am| need| want| have"
    r"| was)|i(?:'m| am| need| want| have| would|'d)|and the|calling about|from|that's (?:spelled )?"
    r"with|is my name|and my|but everyone).*$"
)
_LAST = re.compile(r"\b(?:and )?(?:my |the )?last name(?: is|'s)?\b|\bsurname(?: is)?\b")
_FIRST = re.compile(r"\b(?:my |the )?first name(?: is|'s)?\b")
_SPELLED = re.compile(r"\b(?:that's |it's |that is |which is )?(?:spelled|spelt|spelling)\b")
NOT_NAMES = frozenset(
    "yes no yeah nope what who why how when where appointment car oil change sorry hello hi "
    "okay sure correct right cancel book schedule maybe tomorrow today not don't i you it a "
    "the later nothing thanks repeat person human agent help need want my is this that "
    "never been there here first second third time times one synthetic conventional diesel drop off wait waiting"
    " skip whatever anytime soon earlier earliest both either neither new customer before ago once twice think guess"
    " know sure well actually really good fine great perfect morning afternoon noon week day today monday tuesday"
    " wednesday thursday friday saturday sunday car truck brakes brake tires tire service rather private"
    " please huh um uh your can could do does have was were are they she he we to".split()
)
_PARTICLES = frozenset("de la del van von der den da di st le el al bin ben mac".split())


def parse_name(text: str) -> NameHeard | None:
    """First and last name; one word alone is a first name ("" for the other part)."""
    said = _PUNCTUATION.sub(" ", plain(text)).strip()
    last_first = _LAST.search(said)
    if last_first and not _spelling_only(said[last_first.end() :]):
        return _parts_named(said, last_first)
    body, spelled = _split_spelling(_strip(said))
    words = _name_words(body)
    if not words:
        return _from_spelling(body, spelled)
    return _build(words, spelled)


_PUNCTUATION = re.compile(r"[!?;:\"()]+|(?<=[a-z]{2})[.,]|,")


def _strip(said: str) -> str:
    return _TAIL.sub("", _LEAD.sub("", said)).strip(" ,.-")


def split_spelled(letters: str, first: str, last: str) -> tuple[str, str]:
    """A whole name's letters parted where that sounds most like the name that was heard.

    "Danaruiz" and "Donna Louise" -> ("Dana", "Ruiz").
    """
    said, first, last = letters.lower(), first.lower(), last.lower()

    def likeness(cut: int) -> float:
        head, tail = said[:cut], said[cut:]
        return jaro_winkler_similarity(head, first) + jaro_winkler_similarity(tail, last)

    cut = max(range(1, max(2, len(said))), key=likeness)
    return said[:cut].capitalize(), said[cut:].capitalize()


def _spelling_only(text: str) -> bool:
    return not text.strip(" ,.")


def _parts_named(said: str, last: re.Match[str]) -> NameHeard | None:
    """ "first name Dana last name Ruiz"."""
    head = _strip(_FIRST.sub(" ", said[: last.start()]).strip())
    tail, spelled = _split_spelling(_strip(said[last.end() :].strip()))
    first = _capitalise(_name_words(head)[:1])
    words = _name_words(tail)
    family = spelled or _capitalise(words) or (parse_spelling(tail) or "")
    if not first and not family:
        return None
    return NameHeard(first, family, spelled=bool(spelled))


def _split_spelling(body: str) -> tuple[str, str]:
    """The words, and what was spelled after them ("ruiz r u i z")."""
    marker = _SPELLED.search(body)
    if marker:
        return body[: marker.start()].strip(" ,"), parse_spelling(body[marker.end() :]) or ""
    tokens = body.split()
    for index in range(len(tokens)):
        rest = tokens[index:]
        singles = sum(len(word.strip(".,-")) == 1 for word in rest)
        if len(rest) >= 3 and singles >= len(rest) - 1 and len(rest[0].strip(".,-")) == 1:
            return " ".join(tokens[:index]), parse_spelling(" ".join(rest)) or ""
    hyphened = re.search(r"\b[a-z](?:-[a-z]){2,}\b", body)
    if hyphened:
        return body[: hyphened.start()].strip(), parse_spelling(hyphened[0].replace("-", " ")) or ""
    return body, ""


def _name_words(body: str) -> list[str]:
    words = re.findall(r"[^\W\d_]+(?:['-][^\W\d_]+)*", body)
    if not 1 <= len(words) <= 5 or re.search(r"\d", body):
        return []
    if any(word in NOT_NAMES for word in words) or any(word in UNITS for word in words):
        return []
    return words


def _from_spelling(body: str, spelled: str) -> NameHeard | None:
    """Only a spelling: of a last name, as far as we know, since that is what we ask for."""
    letters = spelled or (parse_spelling(body) if len(body.split()) >= 2 else None)
    if not letters or (len(read_characters(body)) and not letters):
        return None
    return NameHeard("", letters, spelled=True)


def _build(words: list[str], spelled: str) -> NameHeard:
    if len(words) == 1:
        if spelled and _sounds_like(words[0], spelled):
            return NameHeard("", spelled, spelled=True)
        return NameHeard(_capitalise(words), spelled, spelled=bool(spelled))
    cut = 1
    if len(words) > 2 and words[1] not in _PARTICLES:
        cut = len(words) - 1 if len(words) == 3 else 1
    first, last = words[:1], words[cut:]
    return NameHeard(_capitalise(first), spelled or _capitalise(last), spelled=bool(spelled))


def _sounds_like(word: str, spelled: str) -> bool:
    return word[:1] == spelled[:1].lower() and abs(len(word) - len(spelled)) <= 3


def _capitalise(words: list[str]) -> str:
    return " ".join(_capital(word) for word in words)


def _capital(word: str) -> str:
    return re.sub(r"(?:^|(?<=['-]))[^\W\d_]", lambda match: match[0].upper(), word)


# Vehicles ------------------------------------------------------------------------------

OLDEST_MODEL_YEAR = 1950


def parse_vehicle(text: str, this_year: int) -> VehicleHeard | None:
    """A model year and the words that remain: "oh nine Civic", "'18 Silverado".

    The year is the first that can be one (1950 to next year); the catalogue decides
    what the words mean.
    """
    tokens = tokenise(text)
    for index in range(len(tokens)):
        year = _read_model_year(tokens, index, this_year)
        if year:
            words = _vehicle_words(tokens[:index]), _vehicle_words(tokens[year[1] :])
            return VehicleHeard(year[0], " ".join(part for part in words if part))
    words_only = _vehicle_words(tokens)
    return VehicleHeard(None, words_only) if words_only else None


_VEHICLE_FILLERS = frozenset(
    "it's its a an the my i have it is that's um uh so yeah yes for this that one drive got "
    "i've we car vehicle year model make old actually well be would".split()
)


def _vehicle_words(tokens: list[str]) -> str:
    return " ".join(word for word in tokens if word not in _VEHICLE_FILLERS)


def _read_model_year(tokens: list[str], index: int, this_year: int) -> tuple[int, int] | None:
    word, following = tokens[index], at(tokens, index + 1)
    if word.isdecimal() and word.isascii() and len(word) == 4:
        return _in_range(int(word), index + 1, this_year)
    if word in ZEROS and word != "zero":
        ones = read_below_hundred(tokens, index + 1)
        return (2000 + ones[0], ones[1]) if ones and ones[0] < 10 else None
    if word == "two" and following == "thousand":
        skip = index + 2 + (at(tokens, index + 2) == "and")
        rest = read_below_hundred(tokens, skip)
        return _in_range(2000 + rest[0], rest[1], this_year) if rest else (2000, index + 2)
    return _read_two_part_year(tokens, index, this_year)


def _read_two_part_year(tokens: list[str], index: int, this_year: int) -> tuple[int, int] | None:
    """ "twenty nineteen", "nineteen ninety eight", "20 19", "'18", "ninety eight"."""
    head = _head_of_year(tokens, index)
    if head:
        end = index + 1
        if at(tokens, end) in ZEROS:
            ones = read_below_hundred(tokens, end + 1)
            if ones and ones[0] < 10:
                return _in_range(head * 100 + ones[0], ones[1], this_year)
        tail = read_below_hundred(tokens, end)
        if tail and tail[0] >= 10:
            return _in_range(head * 100 + tail[0], tail[1], this_year)
    two = read_below_hundred(tokens, index)
    if two and at(tokens, two[1]) in ("hundred", "thousand", "series"):
        return None  # a Silverado fifteen hundred
    if two is None or ((len(tokens[index]) == 1 or two[0] < 10) and tokens[index][0] != "0"):
        return None
    if two[0] in _MODEL_NUMBERS and index > 0:
        return None
    return _in_range(_full_year(two[0], this_year), two[1], this_year)


_MODEL_NUMBERS = frozenset({30, 50, 60, 70, 80, 90})


def _head_of_year(tokens: list[str], index: int) -> int | None:
    word = tokens[index]
    if word in ("twenty", "20"):
        return 20
    return 19 if word in ("nineteen", "19") else None


def _full_year(two: int, this_year: int) -> int:
    return 2000 + two if 2000 + two <= this_year + 1 else 1900 + two


def _in_range(year: int, end: int, this_year: int) -> tuple[int, int] | None:
    return (year, end) if OLDEST_MODEL_YEAR <= year <= this_year + 1 else None
