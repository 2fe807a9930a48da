"""A date of birth out of speech or keys: "March fourth nineteen eighty one", "03041981".

Rules: pure; month before day, as in the United States, unless that cannot be; a
two-digit year is the latest that makes the person at least fourteen. A day that
does not exist or lies in the future is None. The value is for comparing in code
and never for a log or a model.
"""

from collections.abc import Iterator
from datetime import date

from voice.dialogue.heard import calendar_words as cal
from voice.dialogue.heard.digits import parse_digits
from voice.dialogue.heard.words import (
    TENS,
    ZEROS,
    at,
    read_below_hundred,
    read_cardinal,
    read_ordinal,
    tokenise,
)

YOUNGEST_CALLER_YEARS = 14
OLDEST_YEAR = 1900


def parse_dob(text: str, today: date = date(2026, 1, 1)) -> date | None:
    """The date of birth in a text, None if there is none that can be."""
    tokens = [token for token in tokenise(text) if token not in ("of", "the", "and", "day", "in")]
    for found in _readings(tokens, text, today):
        if found and date(OLDEST_YEAR, 1, 1) <= found <= today:
            return found
    return None


def _readings(tokens: list[str], text: str, today: date) -> Iterator[date | None]:
    for index, token in enumerate(tokens):
        if token in cal.MONTHS:
            yield _around_month(tokens, index, today)
        if "/" in token or "-" in token:
            yield _from_numeric(token, today)
    keys = parse_digits(text) or ""
    if len(keys) == 8 and not any(len(token) == 2 or token in TENS for token in tokens):
        yield _from_keys(keys, today)  # eight digits one by one
    for index in range(len(tokens)):
        yield _from_numbers(tokens, index, today)
    yield _from_keys(keys, today)


def _around_month(tokens: list[str], index: int, today: date) -> date | None:
    month = cal.MONTHS[tokens[index]]
    after = _read_day(tokens, index + 1)
    year = _read_year(tokens, after[1], today) if after else None
    if after and year:
        return cal.safe_date(year, month, after[0])
    for start in (index - 2, index - 1):
        before = _read_day(tokens, start) if start >= 0 else None
        year = _read_year(tokens, index + 1, today)
        if before and before[1] == index and year:
            return cal.safe_date(year, month, before[0])
    return None


def _read_day(tokens: list[str], index: int) -> tuple[int, int] | None:
    number = read_ordinal(tokens, index) or _read_small(tokens, index)
    return number if number and 1 <= number[0] <= 31 else None


def _read_small(tokens: list[str], index: int) -> tuple[int, int] | None:
    """A number below 100, with or without its leading "oh"."""
    if at(tokens, index) in ZEROS:
        ones = read_below_hundred(tokens, index + 1)
        return ones if ones and 0 < ones[0] < 10 else None
    return read_below_hundred(tokens, index)


def _read_year(tokens: list[str], index: int, today: date) -> int | None:
    token = at(tokens, index)
    if token.isdecimal() and token.isascii() and len(token) == 4:
        return int(token)
    head = read_cardinal(tokens, index)
    if head and OLDEST_YEAR <= head[0] <= 2100:
        return head[0]
    if head and head[0] in (19, 20):
        tail = _read_small(tokens, head[1])
        if tail:
            return head[0] * 100 + tail[0]
    small = _read_small(tokens, index)
    return _full_year(small[0], today) if small else None


def _full_year(two: int, today: date) -> int:
    recent = 2000 + two
    return recent if recent <= today.year - YOUNGEST_CALLER_YEARS else 1900 + two


def _from_numeric(token: str, today: date) -> date | None:
    parts = [int(part) for part in token.replace("-", "/").split("/") if part.isdecimal()]
    if len(parts) != 3:
        return None
    if parts[0] > 31:
        return cal.safe_date(parts[0], parts[1], parts[2])
    year = parts[2] if parts[2] > 99 else _full_year(parts[2], today)
    return _month_and_day(year, parts[0], parts[1])


def _month_and_day(year: int, first: int, second: int) -> date | None:
    return cal.safe_date(year, first, second) or cal.safe_date(year, second, first)


def _from_numbers(tokens: list[str], index: int, today: date) -> date | None:
    """ "three four eighty one", "oh three, oh four, nineteen eighty one"."""
    month = _read_small(tokens, index)
    day = _read_day(tokens, month[1]) if month else None
    if month is None or day is None or not 1 <= month[0] <= 31:
        return None
    year = _read_year(tokens, day[1], today)
    return _month_and_day(year, month[0], day[0]) if year else None


def _from_keys(digits: str, today: date) -> date | None:
    """MMDDYYYY, MMDDYY, and the seven digits of a month or day without its zero."""
    if len(digits) == 8:
        return _month_and_day(int(digits[4:]), int(digits[:2]), int(digits[2:4]))
    if len(digits) == 7:
        year, head = int(digits[3:]), digits[:3]
        return cal.safe_date(year, int(head[0]), int(head[1:])) or cal.safe_date(
            year, int(head[:2]), int(head[2])
        )
    if len(digits) != 6:
        return None
    full = _full_year(int(digits[4:]), today)
    found = _month_and_day(full, int(digits[:2]), int(digits[2:4]))
    return found or cal.safe_date(int(digits[2:]), int(digits[0]), int(digits[1]))
