"""Whether a call left private values where they don't belong: tables, live session, log.

Rules: what is private comes from the task's own world (dates of birth, VIN tails, house
numbers with ZIP codes) and from what the caller volunteers (card numbers), in digits and
in words. Only the columns that exist for such values may hold them. Places are told, never
values.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import redis
from django.db import connection
from django_redis import get_redis_connection

from voice import store

OWN_COLUMNS = frozenset(
    {
        ("crm_address", "street"),
        ("crm_address", "street_number"),
        ("crm_address", "zip"),
        ("crm_vehicle", "vin"),
        ("crm_vehicle", "vin_last6"),
    }
)
_CARD = r"(?<!\w)(?:\d[ -]?){13,19}(?!\w)|\b4111\b|four one one one|\b1HGCM\w{6,}"
_WORDS = "zero one two three four five six seven eight nine".split()


def private_values(world: Mapping[str, Any]) -> re.Pattern[str]:
    """A pattern of everything private of this world."""
    forms = [_CARD]
    for person in world.get("customers", []):
        if born := person.get("dob"):
            forms += _birth(date.fromisoformat(str(born)))
        for part in str(person.get("address", "")).split():
            forms += _digits(part) if len(part) >= 4 else []
        for car in person.get("cars", []):
            forms += _digits(str(car["vin6"])) if car.get("vin6") else []
    return re.compile("|".join(forms), re.IGNORECASE)


def _birth(day: date) -> list[str]:
    dates = (
        f"{day:%Y-%m-%d}",
        f"{day:%m/%d/%Y}",
        f"{day:%m%d%Y}",
        f"{day.month}/{day.day}/{day:%Y}",
    )
    month = rf"{day:%B}\s+(?:the\s+)?{day.day}(?:st|nd|rd|th)?\b(?!\s+at)"
    return [*(rf"\b{re.escape(form)}\b" for form in dates), month, rf"\b{day:%Y}\b"]


def _digits(text: str) -> list[str]:
    spoken = r"[\s,.-]+".join(_WORDS[int(digit)] for digit in text if digit.isdigit())
    return [rf"\b{text}\b", rf"\b{spoken}\b"]


def places(private: re.Pattern[str], call_sid: str, logged: str) -> list[str]:
    """Where private values stand and must not: "table.column", "session", "log"."""
    found = [f"{table}.{column}" for table, column, text in _texts() if private.search(text)]
    if private.search(_session(call_sid)):
        found.append("session")
    return [*found, "log"] if private.search(logged) else found


def _texts() -> Iterator[tuple[str, str, str]]:
    """All text of all tables, by table and column."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column in cursor.fetchall():
            if (table, column) not in OWN_COLUMNS and table.split("_")[0] in _OURS:
                cursor.execute(
                    f'select string_agg("{column}"::text, chr(10)) from "{table}"'  # noqa: S608  names from the catalogue
                )
                row = cursor.fetchone()
                yield table, column, str(row[0] or "") if row else ""


_OURS = frozenset({"crm", "calls", "scheduling", "voice", "django"})
_COLUMNS = (
    "select table_name, column_name from information_schema.columns where table_schema = 'public'"
    " and data_type in ('text', 'character varying', 'jsonb', 'json', 'ARRAY')"
)


def _session(call_sid: str) -> str:
    try:
        raw = get_redis_connection("default").get(store.key(call_sid))
    except (redis.RedisError, OSError):
        return ""
    return raw.decode() if raw else ""


class _Kept(logging.Handler):
    """Keeps every line with all that was added to it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        self.lines.append(f"{record.getMessage()} {record.__dict__}")


@contextmanager
def log_kept() -> Iterator[list[str]]:
    """Inside, log lines are kept in the list instead of being written."""
    root, kept = logging.getLogger(), _Kept()
    handlers, disabled = root.handlers, logging.root.manager.disable
    root.handlers = [kept]
    logging.disable(logging.NOTSET)
    try:
        yield kept.lines
    finally:
        root.handlers = handlers
        logging.disable(disabled)
