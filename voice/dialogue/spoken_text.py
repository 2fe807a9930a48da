"""Any sentence made speakable: the last step before a voice.

Rules: pure and linear in time; whatever a model or a record wrote (markdown,
"11/24", "9:30 AM", "$89.95", "St.", "A/C", an emoji, a URL) leaves as plain words.
Text that is already words leaves as it came. The order of the steps matters:
the more specific pattern goes first, so that "$89.95" is money before it is a number.
"""

import re
from collections.abc import Callable
from datetime import date, time

from voice.dialogue import spoken
from voice.number_words import ONES

MAX_CHARACTERS = 2000

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]

_MONTH_NAMES = {name[:3].lower(): number for number, name in enumerate(spoken.MONTHS, 1)}
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAY_SHORT = {name[:3].lower(): name for name in spoken.WEEKDAYS} | {
    "tues": "Tuesday",
    "thur": "Thursday",
    "thurs": "Thursday",
}
_WORDS = {
    "a/c": "A C",
    "w/o": "without",
    "w/": "with",
    "appt": "appointment",
    "appts": "appointments",
    "approx": "about",
    "asap": "as soon as possible",
    "btw": "by the way",
    "e.g": "for example",
    "i.e": "that is",
    "etc": "and so on",
    "mi": "miles",
    "min": "minutes",
    "mins": "minutes",
    "hrs": "hours",
    "hr": "hour",
    "mph": "miles per hour",
    "mpg": "miles per gallon",
    "psi": "P S I",
    "vs": "versus",
    "mr": "Mister",
    "mrs": "Missus",
    "ms": "Miz",
    "jr": "Junior",
    "sr": "Senior",
    "dept": "department",
    "qty": "quantity",
    "4wd": "four wheel drive",
    "2wd": "two wheel drive",
    "awd": "all wheel drive",
    "fwd": "front wheel drive",
    "rwd": "rear wheel drive",
    "4x4": "four by four",
    "24/7": "around the clock",
    "vin": "VIN",
    "zip": "ZIP",
    "suv": "S U V",
    "ev": "E V",
    "abs": "A B S",
    "llc": "L L C",
    "inc": "Incorporated",
    "usa": "U S A",
    "rav4": "RAV four",
}
# Capitals that voices read as a word or rightly on their own.
_LEFT_IN_CAPITALS = {"VIN", "ZIP", "RAM", "RAV", "OK", "I", "A", "AM", "PM"}


def speakable(text: str) -> str:
    """The text as words only, for any voice; at most 2,000 characters are read."""
    plain = _without_markup(text[:MAX_CHARACTERS])
    for pattern, say in _RULES:
        plain = pattern.sub(say, plain)
    plain = "".join(character for character in plain if _can_be_spoken(character))
    plain = re.sub(r"\s+", " ", plain).replace(" -", "-")
    return re.sub(r" +([,.;:?!])", r"\1", plain).strip()


def _without_markup(text: str) -> str:
    text = text.translate(_PLAIN_CHARACTERS)
    text = re.sub(r"```[^`]*```", " ", text)
    text = re.sub(r"!?\[([^\]\[]{0,300})\]\([^)\s]{0,500}\)", r"\1", text)
    text = re.sub(r"\b(?:https?://|www\.)\S+", "our website", text)
    text = re.sub(r"(?m)^[ \t]*(?:[-*+•]|\d{1,2}[.)])[ \t]+", "", text)
    text = re.sub(r"(?m)^[ \t]*#{1,6}[ \t]*", "", text)
    return re.sub(r"[*_`~|<>]+", " ", text) if re.search(r"[*_`~|<>]", text) else text


_PLAIN_CHARACTERS = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "–": "-",
        "—": ", ",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2011": "-",
        "½": " and a half",
        "×": " by ",
    }
)


def _can_be_spoken(character: str) -> str | bool:
    return character.isalpha() or character.isspace() or character in ".,;:?!'-"


def _money(match: re.Match[str]) -> str:
    dollars = int(match[1].replace(",", "")[:12])
    cents = int((match[2] or "0").ljust(2, "0"))
    return spoken.say_money(dollars * 100 + cents)


def _money_range(match: re.Match[str]) -> str:
    low = spoken.say_count(int(match[1]))
    return f"{low} to {spoken.say_money(int(match[2]) * 100)}"


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2] or 0)
    half = (match[3] or "").lower()
    if hour > 23 or minute > 59:
        return match[0]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
        return spoken.say_time(time(hour, minute))
    if hour > 12 or (match[1].startswith("0") and len(match[1]) == 2):
        return spoken.say_time(time(hour, minute))
    words = spoken.say_time(time(hour, minute))
    return words if words == "noon" else words[:-4] + ("" if minute else " o'clock")


def _hour_range(match: re.Match[str]) -> str:
    return f"{match[1]} to {match[2]}"


def _phone(match: re.Match[str]) -> str:
    return spoken.say_phone("".join(match.groups()))


def _numeric_date(match: re.Match[str]) -> str:
    month, day, year = int(match[1]), int(match[2]), match[3]
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return match[0]
    words = f"{spoken.MONTHS[month - 1]} {spoken.say_ordinal(day)}"
    if year is None:
        return words
    full = int(year) + (0 if len(year) == 4 else 2000)
    return f"{words}, {spoken.say_year(full)}"


def _iso_date(match: re.Match[str]) -> str:
    try:
        return spoken.say_birth_date(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return match[0]


def _month_day(match: re.Match[str]) -> str:
    month = spoken.MONTHS[_MONTH_NAMES[match[1][:3].lower()] - 1]
    day = int(match[2])
    if not 1 <= day <= 31:
        return f"{month} {match[2]}"
    year = f", {spoken.say_year(int(match[3]))}" if match[3] else ""
    return f"{month} {spoken.say_ordinal(day)}{year}"


def _day_month(match: re.Match[str]) -> str:
    month = spoken.MONTHS[_MONTH_NAMES[match[2][:3].lower()] - 1]
    return f"{month} {spoken.say_ordinal(int(match[1]))}"


def _ordinal(match: re.Match[str]) -> str:
    return spoken.say_ordinal(int(match[1]))


def _weekday(match: re.Match[str]) -> str:
    return _WEEKDAY_SHORT[match[1].lower()]


def _to(match: re.Match[str]) -> str:
    return " to "


def _thousands(match: re.Match[str]) -> str:
    return f"{_say_decimal(match[1])} thousand"


def _truck(match: re.Match[str]) -> str:
    """A truck's 1500 is fifteen hundred."""
    return f"{spoken.say_count(int(match[1]) * 10 + 5)} hundred"


def _percent(match: re.Match[str]) -> str:
    return f"{_say_decimal(match[1])} percent"


def _decimal(match: re.Match[str]) -> str:
    return _say_decimal(match[0])


def _say_decimal(text: str) -> str:
    whole, _, fraction = text.replace(",", "").partition(".")
    said = spoken.say_count(int(whole[:12] or "0"))
    return f"{said} point {spoken.say_digits(fraction[:6])}" if fraction else said


def _year(match: re.Match[str]) -> str:
    return spoken.say_year(int(match[0]))


def _whole(match: re.Match[str]) -> str:
    digits = match[0].replace(",", "")
    if (len(digits) > 6 and "," not in match[0]) or (digits[0] == "0" and len(digits) > 1):
        return f" {spoken.say_digits(digits)} "
    return f" {spoken.say_count(int(digits[:15]))} "


def _street(match: re.Match[str]) -> str:
    return f"{match[1]} {spoken.STREETS[match[2].lower()]}"


def _doctor(match: re.Match[str]) -> str:
    return "Doctor "


def _word(match: re.Match[str]) -> str:
    return _WORDS[match[1].lower()]


def _code(match: re.Match[str]) -> str:
    """A model name or a code that mixes letters and digits: "F-150" -> "F one fifty"."""
    letters, digits = match[1], match[2]
    head = (
        letters if len(letters) > 3 or letters.upper() in _LEFT_IN_CAPITALS else " ".join(letters)
    )
    return f"{head} {_say_model_number(digits)}"


def _say_model_number(digits: str) -> str:
    if digits[0] == "0" or len(digits) > 4:
        return spoken.say_digits(digits)
    if len(digits) == 3 and digits[1:] != "00":
        return f"{ONES[int(digits[0])]} {_oh(digits[1:])}"
    if len(digits) == 4:
        return (
            spoken.say_year(int(digits))
            if digits[2:] != "00"
            else f"{spoken.say_count(int(digits[:2]))} hundred"
        )
    return spoken.say_count(int(digits))


def _oil_grade(match: re.Match[str]) -> str:
    return f"{_say_model_number(match[1][:-1])} W {_say_model_number(match[2])}"


def _oh(two: str) -> str:
    return f"oh {ONES[int(two)]}" if two[0] == "0" else spoken.say_count(int(two))


def _mixed(match: re.Match[str]) -> str:
    """Any other mix of digits and letters, a reference or a VIN: character by character."""
    return spoken.say_characters(match[0])


def _capitals(match: re.Match[str]) -> str:
    word = match[0].replace("-", "")
    return match[0] if word in _LEFT_IN_CAPITALS else " ".join(word)


def _symbol(match: re.Match[str]) -> str:
    return {
        "&": " and ",
        "%": " percent ",
        "+": " plus ",
        "@": " at ",
        "=": " is ",
        "#": " number ",
    }[match[0]]


def _slash(match: re.Match[str]) -> str:
    return f"{match[1]} or {match[2]}"


def _rule(pattern: str, say: Callable[[re.Match[str]], str]) -> _Rule:
    return re.compile(pattern, re.IGNORECASE), say


# A full stop that ends the sentence stays; one that only ends the abbreviation goes.
_STOP = r"(?:\.(?!\s*$|\s+(?-i:[A-Z])))?"
_AM_PM = rf"([ap])\.? ?m\b{_STOP}"
_STREET = "|".join(("st", "ave", "blvd", "rd", "dr", "ln", "ct", "pl", "pkwy", "hwy", "cir"))
_SHORT = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))
_RULES: tuple[_Rule, ...] = (
    _rule(r"\$ ?(\d{1,6}) ?(?:-|to) ?\$?(\d{1,6})(?![\d.,]*\d)", _money_range),
    _rule(r"\$ ?(\d[\d,]{0,11})(?:\.(\d{1,2}))?(?!\d)", _money),
    _rule(r"(?<![\d.])(?:\+?1[ .-]?)?\(?(\d{3})\)?[ .-]{0,2}(\d{3})[ .-]?(\d{4})(?!\d)", _phone),
    _rule(r"\b(\d{4})-(\d{2})-(\d{2})\b", _iso_date),
    _rule(r"(?<![\d/])(?!24/7)(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])", _numeric_date),
    _rule(rf"\b{_MONTH}\.? (\d{{1,2}})(?:st|nd|rd|th)?(?:,? ((?:19|20)\d\d))?\b", _month_day),
    _rule(rf"\b(\d{{1,2}})(?:st|nd|rd|th)? (?:of )?{_MONTH}\b", _day_month),
    _rule(
        rf"\b(\d{{1,2}}(?::\d\d)?(?: ?[ap]\.?m\b\.?)?) ?- ?(\d{{1,2}}(?::\d\d)? ?[ap]\.?m\b{_STOP})",
        _hour_range,
    ),
    _rule(rf"\b(\d{{1,2}})(?::(\d\d))? ?{_AM_PM}", _clock),
    _rule(r"\b(\d{1,2}):(\d\d)()(?!\d)", _clock),
    _rule(r"\b(\d{1,6})(?:st|nd|rd|th)\b", _ordinal),
    (re.compile(r"\b(Mon|Tues?|Wed|Thur?s?|Fri|Sat(?=[.-])|Sun(?=[.-]))\b\.?"), _weekday),
    (re.compile(r"(?<=-)(Sat|Sun)\b\.?"), _weekday),
    (re.compile(r"(?<=day)-(?=[A-Z][a-z]{2,5}day\b)"), _to),
    _rule(r"(?<![\d,.])(\d[\d,]{0,14}(?:\.\d{1,6})?) ?%", _percent),
    _rule(rf"(?<!\w)({_SHORT})(?![\w']){_STOP}", _word),
    (re.compile(r"\bDr\.? (?=[A-Z])"), _doctor),
    (re.compile(rf"\b([A-Z]\w+) ((?i:{_STREET}))\b{_STOP}"), _street),
    _rule(r"\b(\d{1,3}(?:\.\d)?)k\b", _thousands),
    (re.compile(r"\b([A-Za-z]{1,5})-?(\d{1,4})\b(?![-\w])"), _code),
    (re.compile(r"\b(\d{1,2}W)-(\d{2})\b"), _oil_grade),
    (re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{2,17}\b"), _mixed),
    _rule(r"(?<![$\d.,-])(\d{1,4}) ?- ?(\d{1,4})(?![\d.,-]*\d)", _hour_range),
    _rule(r"(?<![$\d.,])([1-3])500(?![.,]?\d| (?:miles|mi|dollars|cars))\b", _truck),
    _rule(r"\b(?:19[3-9]\d|20[0-4]\d)\b(?![.,]\d)", _year),
    _rule(r"(?<![\d,.])\d[\d,]{0,14}\.\d{1,12}", _decimal),
    _rule(r"\d{1,3}(?:,\d{3})+|\d+", _whole),
    (re.compile(r"\b[A-Z]{1,2}-[A-Z]{1,2}\b|\b[A-Z]{2,4}\b"), _capitals),
    _rule(r"[&%+@=#]", _symbol),
    _rule(r"\b([A-Za-z]{1,30})/([A-Za-z]{1,30})\b", _slash),
)
