"""What may enter a write: shapes are checked before a transaction is opened.

Rules of this module: a value that cannot be stored is refused (`BadInput` with the field's
name), except the caller's free words, which are cut to what the column holds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from scheduling.errors import BadInput
from scheduling.models import Triage, VisitType

WORDS_MAX: Final = 500
WORDS_ABSURD: Final = 20_000
"""Nobody says this much about a car; it is refused instead of cut."""
KEY_MAX: Final = 120
SID_MAX: Final = 64
OPS_MAX: Final = 6


def start(value: datetime) -> datetime:
    """An aware moment in a year that a calendar knows."""
    if value.tzinfo is None or not 2000 <= value.year <= 2200:
        raise BadInput(field="start")
    return value


def op_codes(values: Sequence[str]) -> tuple[str, ...]:
    """One to six services, each once."""
    codes = tuple(dict.fromkeys(values))
    if not 1 <= len(codes) <= OPS_MAX or any(not code or "\x00" in code for code in codes):
        raise BadInput(field="op_codes")
    return codes


def visit_type(value: str) -> str:
    """One of the known ways to spend a visit."""
    if value not in VisitType.values:
        raise BadInput(field="visit_type")
    return value


def triage(value: str) -> str:
    """How the concern was judged; empty for nothing special."""
    if value and value not in Triage.values:
        raise BadInput(field="triage")
    return value


def idempotency_key(value: str) -> str:
    """A key that names one request."""
    if not value or len(value) > KEY_MAX or "\x00" in value:
        raise BadInput(field="idempotency_key")
    return value


def call_sid(value: str) -> str:
    """The call's id; empty for staff."""
    if len(value) > SID_MAX or "\x00" in value:
        raise BadInput(field="call_sid")
    return value


def words(value: str, field: str, limit: int = WORDS_MAX) -> str:
    """A caller's free words, without control characters and cut to `limit` characters."""
    if len(value) > WORDS_ABSURD:
        raise BadInput(field=field)
    plain = "".join(char if char.isprintable() else " " for char in value)
    return " ".join(plain.split())[:limit]
