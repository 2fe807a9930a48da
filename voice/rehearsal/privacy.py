"""Whether a call left private values where they don't belong: tables, Redis, log.

Rules: what is private comes from the task's own world (dates of birth, VIN tails, house
numbers with ZIP codes) and from what the caller volunteers (card numbers), in digits and
in words. Only the columns that exist for such values may hold them. Of Redis what belongs to
the call is searched, and every queue. Times of turns and numbers of rows may look like anything
(customer 1981 was not born then); they are left out. Places are told, never values.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any, cast

import redis
from django.db import connection
from django_redis import get_redis_connection

from crm import cache
from voice import store
from voice.context import CallContext
from voice.rehearsal.grade import Grade

OWN_COLUMNS = frozenset(
    {
        ("crm_address", "street"),
        ("crm_address", "street_number"),
        ("crm_address", "zip"),
        ("crm_vehicle", "vin"),
        ("crm_vehicle", "vin_last6"),
    }
)
_TIMED = frozenset({("calls_utterance", "stages"), ("calls_call", "latency")})
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


def without_leaks(
    judged: Grade, world: Mapping[str, Any], context: CallContext, logged: Sequence[str]
) -> Grade:
    """The grade, failed by every place in which the call left a private value."""
    kept = places(private_values(world), context, "\n".join(logged))
    found = tuple(f"private values in {place}" for place in kept)
    return replace(judged, reasons=(*judged.reasons, *found))


def places(private: re.Pattern[str], context: CallContext, logged: str) -> list[str]:
    """Where private values stand and must not: "table.column", a key of Redis, "log"."""
    found = [f"{table}.{column}" for table, column, text in _texts() if _holds(private, text)]
    found += [name for name, text in _in_redis(context) if _holds(private, text)]
    return [*found, "log"] if _holds(private, logged) else found


def _holds(private: re.Pattern[str], text: str) -> bool:
    return private.search(_NUMBERS.sub("", text)) is not None


_NUMBERS = re.compile(
    r'"\w+_ms": ?(?:\d+|\{[^}]*\})|["\']\w*_ids?["\']: ?(?:\d+|[\[(][\d, ]*[\])])'
    r'|"code_key": ?"[0-9a-f]{16}"'
)
"""Times, the ids of rows, in JSON and in what was added to a line of the log, and the call's own random
key, which is as long as a card's number and has only digits once in two thousand calls."""


def _texts() -> Iterator[tuple[str, str, str]]:
    """All text of all tables, by table and column."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column in cursor.fetchall():
            if (table, column) not in OWN_COLUMNS | _TIMED and table.split("_")[0] in _OURS:
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


def _in_redis(context: CallContext) -> Iterator[tuple[str, str]]:
    """The call's live session, its number's cached record and all lists, by name."""
    number = context.caller_number or "nobody"
    own = {store.key(context.call_sid): "session", cache.key(number): "the cached customer"}
    try:
        client = get_redis_connection("default")
        for raw in client.scan_iter(count=1000):
            name = raw.decode(errors="replace")
            if name in own or client.type(raw) == b"list":
                yield own.get(name, name), _text_of(client, raw)
    except (redis.RedisError, OSError):
        return


def _text_of(client: redis.Redis, name: bytes) -> str:
    match cast("bytes", client.type(name)):
        case b"list":
            parts = cast("list[bytes]", client.lrange(name, 0, -1))
        case b"hash":
            parts = list(cast("dict[bytes, bytes]", client.hgetall(name)).values())
        case _:
            parts = [cast("bytes | None", client.get(name)) or b""]
    return b"\n".join(parts).decode(errors="replace")


class _Kept(logging.Handler):
    """Keeps every line with all that was added to it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        added = {name: value for name, value in vars(record).items() if name not in _OF_ANY_LINE}
        self.lines.append(f"{record.getMessage()} {added} {record.exc_info or ''}")


_OF_ANY_LINE = frozenset(vars(logging.makeLogRecord({})))
"""Of these a thread's number is as long as a card's; none of them is a caller's."""


@contextmanager
def log_kept() -> Iterator[list[str]]:
    """Inside, log lines are kept in the list instead of being written: all that a server in
    production writes, however quiet this process is."""
    root, kept = logging.getLogger(), _Kept()
    handlers, disabled, level = root.handlers, logging.root.manager.disable, root.level
    root.handlers = [kept]
    root.setLevel(logging.INFO)
    logging.disable(logging.NOTSET)
    try:
        yield kept.lines
    finally:
        root.handlers = handlers
        root.setLevel(level)
        logging.disable(disabled)
