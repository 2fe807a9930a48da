"""Telephone numbers in one form: E.164.

Rules: what can't be a number is None, never a guess; a number of North America may
come without its country code. Nothing here asks whether a number is assigned: the
555-01XX numbers of made-up people are as good as any.
"""

import re
from functools import lru_cache

import phonenumbers

REGION = "US"
ANONYMOUS = "anonymous"
_WITHHELD = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
"""What carriers send for a number that is not shown: the words anonymous, restricted, blocked,
unknown and unavailable, spelt on a keypad."""


def is_withheld(text: str) -> bool:
    """Whether this stands for a number that is not shown."""
    return text.strip().removeprefix("+") in _WITHHELD


@lru_cache(maxsize=4096)
def to_e164(text: str) -> str | None:
    """`text` as E.164 ("+15125550147"), or None where it can't be a number.

    Accepts what people type and what carriers send; "anonymous", a withheld number and ""
    are None.
    """
    raw = text.strip()[:40]
    if is_withheld(raw) or not re.search(r"[0-9]", raw):
        return None
    try:
        number = phonenumbers.parse(raw, REGION)
    except phonenumbers.NumberParseException:
        return None
    # "Possible" alone would take seven digits, which can be dialled from next door only.
    reason = phonenumbers.is_possible_number_with_reason(number)
    if number.extension or reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164 if re.fullmatch(r"\+[1-9][0-9]{7,14}", e164) else None


def last_four(e164: str) -> str:
    """The part of a number that may be logged or read back."""
    return e164[-4:]
