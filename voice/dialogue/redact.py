"""Taking private values out of a caller's words before anything keeps them.

Rules: pure. What was asked for decides first: an answer to "your date of birth?" that
holds a number is replaced whole if the value in it cannot be cut out. Then, whatever was
asked: full dates with a year that may be a birth year, VINs, long runs of digits (cards,
accounts), phone numbers (the last four stay), street addresses and e-mail addresses.
In doubt more is taken out than needed; the code that needs a value reads the raw words.
"""

import re

from voice.core.history import Expectation
from voice.dialogue import heard

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
_DIGIT_WORD = r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|triple|niner|o)"
_NUMBER_WORD = (
    rf"(?:{_DIGIT_WORD}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand)"
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth"
    r"|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth"
    r"|thirtieth|\d{1,2}(?:st|nd|rd|th))"
)
_PART = rf"(?:{_NUMBER_WORD}|{_ORDINAL}|\d+)"
_JOIN = r"[\s,.\-]*(?:(?:the|of|and|day)\b[\s,]*)*"

_DATE = re.compile(
    rf"\b(?:{_MONTH}\b\.?{_JOIN}{_PART}(?:{_JOIN}{_PART}\b)+"
    rf"|{_PART}{_JOIN}{_MONTH}\b\.?(?:{_JOIN}{_PART}\b)+"
    rf"|\d{{1,2}}\s?[/.\-]\s?\d{{1,2}}\s?[/.\-]\s?\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}})\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:19\d\d|20[01]\d|nineteen\b|two thousand|twenty (?:oh|o|ten|eleven|twelve)\b|eighteen ninety)"
    r"|[/.\-]\s?\d\d$",
    re.IGNORECASE,
)
_RUN = re.compile(
    rf"(?<![\w$])(?:(?:{_NUMBER_WORD}|\d+)(?:[\s,.()/\-]+|(?=\d)|$|(?=[?!;:]))){{2,}}|\d{{7,}}",
    re.IGNORECASE,
)
_VIN = re.compile(
    r"\b(?=[A-HJ-NPR-Z0-9]*\d)(?=[A-HJ-NPR-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{17}\b", re.IGNORECASE
)
_VIN_TALK = re.compile(r"\b(?:vin|v i n|vehicle identification)\b", re.IGNORECASE)
_CHARACTERS = re.compile(
    rf"(?:(?:\b[a-z]\b|\b{_DIGIT_WORD}\b|\d|\b[a-z]? as in \w+)[\s,.\-]*){{5,}}", re.IGNORECASE
)
_STREET = re.compile(
    rf"\b(?:\d{{1,6}}[a-z]?|(?:{_NUMBER_WORD}[\s-]){{1,5}})\s*(?:[nsew]\.?\s|north |south |east |west )?"
    r"(?:[\w']+\s){1,3}(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|court|ct|boulevard|blvd|way|place"
    r"|pl|circle|terrace|trail|parkway|pkwy|highway|hwy)\b\.?(?:[\s,]*(?:apartment|apt|unit|suite)\s\w+)?",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"[\w.+\-]+@[\w\-]+\.[\w.]+|\b[\w.]+ at [\w]+ dot (?:com|net|org|edu)\b", re.IGNORECASE
)
_ZIP = re.compile(
    rf"\bzip(?: code)?(?: is|'s)?[\s,:]*(?:{_NUMBER_WORD}[\s-]*|\d){{3,}}", re.IGNORECASE
)
_CARD_TALK = re.compile(
    rf"(\b(?:credit |debit )?card(?: number)?(?:'s| is)?[\s,:]*)(?:(?:{_DIGIT_WORD}|\d+)[\s,.\-]*){{4,}}"
    r"|(\b(?:credit |debit )?card(?: number)?(?:'s| is)?[\s,:]*)\d{4,}[\d\s,.\-]*",
    re.IGNORECASE,
)
"""The beginning of a card number is one, whether or not the rest was heard."""
_SSN = re.compile(r"\b\d{3}[\s-]\d{2}[\s-]\d{4}\b")

CARD_DIGITS = 13
PHONE_DIGITS = 10


def redact(text: str, expects: Expectation = Expectation.OPEN) -> str:
    """The words without private values. `expects`: what the agent had asked for."""
    out = _everywhere(text, expects)
    rule = _ASKED.get(expects)
    return rule(text, out) if rule else out


def _everywhere(text: str, expects: Expectation) -> str:
    out = _EMAIL.sub("[e-mail address]", text)
    out = _DATE.sub(lambda match: _date(match[0], expects), out)
    out = _VIN.sub("[VIN]", out)
    out = _STREET.sub("[street address]", out)
    out = _ZIP.sub("[ZIP code]", out)
    out = _SSN.sub("[number]", out)
    out = _CARD_TALK.sub(lambda match: f"{match[1] or match[2]}[card number] ", out).rstrip()
    out = _RUN.sub(lambda match: _run(match[0]), out)
    if _VIN_TALK.search(out):
        out = _CHARACTERS.sub("[VIN] ", out)
    return out


def _date(said: str, expects: Expectation) -> str:
    """A day without a year is a wish; one with a year long ago may be a birth date."""
    asked = expects is Expectation.DATE_OF_BIRTH
    return "[date of birth given]" if asked or _YEAR.search(said) else said


def _run(said: str) -> str:
    digits = heard.parse_digits(said) or ""
    tail = said[len(said.rstrip()) :]
    if len(digits) >= CARD_DIGITS:
        return f"[card number]{tail}"
    if len(digits) in (PHONE_DIGITS, PHONE_DIGITS + 1):
        return f"[phone number ending {digits[-4:]}]{tail}"
    return f"[number]{tail}" if len(digits) >= 7 else said


def _digits_in(text: str) -> int:
    return len(heard.parse_digits(text) or "")


def _dob(text: str, out: str) -> str:
    if "[date of birth given]" in out:
        return out
    has_month = re.search(rf"\b{_MONTH}\b", text, re.IGNORECASE)
    return "[date of birth given]" if _digits_in(text) >= 3 or has_month else out


def _vin(text: str, out: str) -> str:
    plain = re.findall(rf"\b(?:[a-z]|{_DIGIT_WORD}|\d+)\b", text, re.IGNORECASE)
    private = heard.parse_vin_tail(text) or _digits_in(text) >= 3 or len(plain) >= 4
    return "[VIN given]" if private else out


def _address(text: str, out: str) -> str:
    return "[address given]" if _digits_in(text) >= 3 else out


def _digits(text: str, out: str) -> str:
    return "[number given]" if _digits_in(text) >= 3 else out


def _phone(text: str, out: str) -> str:
    digits = heard.parse_digits(text) or ""
    if "[phone number" in out or len(digits) < 5:
        return out
    return f"[phone number ending {digits[-4:]}]"


_ASKED = {
    Expectation.DATE_OF_BIRTH: _dob,
    Expectation.VIN: _vin,
    Expectation.ADDRESS: _address,
    Expectation.CODE: _digits,
    Expectation.ZIP: _digits,
    Expectation.PHONE: _phone,
}
