"""Prove who is calling: factors compared by code, tries counted, locks kept.

Rules (they are the product's, section by section of its verification policy):
* Factors: `name` (forgiving), `dob` (exact), `vin_last6` of an active car (exact),
  `address` (street number and ZIP, exact). The light checks of an outbound call are
  `zip` and `birth_day` (month and day). A reference code is checked by whoever knows
  appointments and counted here with `count_try`.
* A wrong answer and a customer that doesn't exist are the same answer after the same
  work; nothing says which part was wrong. All candidates are always compared.
* Three wrong factors and the call verifies no more; three wrong names likewise. Five
  wrong factors in 24 hours lock a customer for 30 minutes, which looks from outside
  like any wrong answer. A number that failed at five customers (households count as
  one) in 24 hours is refused.
* The value is never stored, logged or part of an exception; `FactorTry` keeps that
  there was a try.
"""

import datetime as dt
import hmac
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection, transaction

from crm import sealing
from crm.models import Customer, FactorTry
from crm.names import name_matches as name_matches
from crm.phones import to_e164

TRIES_PER_CALL: Final = 3
WRONG_PER_CUSTOMER: Final = 5
CUSTOMERS_PER_NUMBER: Final = 5
WINDOW: Final = dt.timedelta(hours=24)
LOCK: Final = dt.timedelta(minutes=30)
FACTORS: Final = ("name", "dob", "vin_last6", "address", "zip", "birth_day", "reference")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FactorResult:
    """What came of a try.

    `customer_id` is set when exactly one candidate matched, `matching` are all that did
    (a father and a junior of one name). `tries_left` and `locked` speak of this call;
    `notice` is for staff only: "customer_locked", "number_blocked" or "".
    """

    ok: bool
    customer_id: int | None
    tries_left: int
    locked: bool
    matching: tuple[int, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    customer_id: int
    locked_until: dt.datetime | None
    first: str = field(repr=False)
    last: str = field(repr=False)
    dob_sealed: str = field(repr=False)
    dob_hmac: str = field(repr=False)
    vins: tuple[str, ...] = field(repr=False)
    addresses: tuple[tuple[str, str], ...] = field(repr=False)


NOBODY: Final = _Candidate(0, None, "", "", "", "", (), ())
"""Compared with where there is no candidate, so that it takes the same work."""


def check_factor(
    *,
    customer_ids: Sequence[int],
    factor: str,
    value: str | dt.date,
    call_sid: str,
    ani: str,
    now: dt.datetime,
) -> FactorResult:
    """Compare what the caller said with the candidates.

    `value` is a date or ISO text for `dob`, "MM-DD" or a date for `birth_day`, text for
    the others ("1234 78701" for `address`). Raises ValueError for an unknown factor.
    """
    if factor not in FACTORS or factor == "reference":
        raise ValueError(f"unknown factor {factor!r}")
    candidates = _load(customer_ids) or (NOBODY,)
    matches = [_matches(candidate, factor, value) for candidate in candidates]
    agreed = tuple(
        candidate.customer_id
        for candidate, match in zip(candidates, matches, strict=True)
        if match and candidate is not NOBODY
    )
    return count_try(
        customer_ids=customer_ids,
        matching=agreed,
        factor=factor,
        call_sid=call_sid,
        ani=ani,
        now=now,
    )


@transaction.atomic
def count_try(
    *,
    customer_ids: Sequence[int],
    matching: Sequence[int],
    factor: str,
    call_sid: str,
    ani: str,
    now: dt.datetime,
) -> FactorResult:
    """Write a try down and judge it under the limits; `matching` empty means it was wrong."""
    _lock(call_sid)
    wrong_before = _wrong_in_call(call_sid, factor)
    number = to_e164(ani) or ""
    blocked = _number_is_blocked(number, call_sid, now)
    if wrong_before >= TRIES_PER_CALL or blocked:
        return FactorResult(False, None, 0, True, (), "number_blocked" if blocked else "")
    free = _not_locked(customer_ids, now)
    agreed = tuple(customer_id for customer_id in matching if customer_id in free)
    FactorTry.objects.create(
        call_sid=call_sid,
        ani=number,
        customer_ids=sorted(customer_ids),
        factor=factor,
        ok=bool(agreed),
        at=now,
    )
    notice = "" if agreed else _lock_customers(customer_ids, factor, now)
    left = TRIES_PER_CALL - wrong_before - (0 if agreed else 1)
    only = agreed[0] if len(agreed) == 1 else None
    return FactorResult(bool(agreed), only, left, left <= 0, agreed, notice)


def unlock_verification(*, customer_id: int, now: dt.datetime) -> bool:
    """Let a customer be verified again before their lock runs out; False where none was held."""
    held = Customer.objects.filter(pk=customer_id, verify_locked_until__gt=now)
    return bool(held.update(verify_locked_until=None))


# ---- comparing ----------------------------------------------------------------------
def _matches(candidate: _Candidate, factor: str, value: str | dt.date) -> bool:
    match factor:
        case "name":
            return name_matches(str(value), candidate.first, candidate.last)
        case "dob":
            return sealing.fingerprint_matches(_iso(value), candidate.dob_hmac)
        case "birth_day":
            return _same(_month_and_day(value), _birth_day(candidate))
        case "vin_last6":
            return _any_same(_vin_tail(str(value)), candidate.vins)
        case "address":
            said = _number_and_zip(str(value))
            return _any_same(said, tuple(" ".join(pair) for pair in candidate.addresses))
        case _:
            return _any_same(_zip(str(value)), tuple(pair[1] for pair in candidate.addresses))


def _same(said: str, stored: str) -> bool:
    """Equal and not empty, in a time that depends on neither."""
    return hmac.compare_digest(said.encode(), stored.encode()) and bool(said)


def _any_same(said: str, stored: Sequence[str]) -> bool:
    found = False
    for one in stored or ("",):
        # No early end: the time must not tell at which one it matched.
        found |= _same(said, one)
    return found


def _iso(value: str | dt.date) -> str:
    """A date as ISO text; "" (which matches nothing) for what is no date."""
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()[:10]
    text = value.strip()[:20]
    if re.fullmatch(r"\d{8}", text):  # keyed as MMDDYYYY
        text = f"{text[4:]}-{text[:2]}-{text[2:4]}"
    try:
        return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _month_and_day(value: str | dt.date) -> str:
    if isinstance(value, dt.datetime | dt.date):
        return value.strftime("%m-%d")
    found = re.fullmatch(r"\s*(\d{1,2})[-/ ](\d{1,2})\s*|\s*(\d{2})(\d{2})\s*", value[:20])
    if found is None:
        return ""
    month, day = (int(part) for part in found.groups() if part)
    return f"{month:02d}-{day:02d}"


def _birth_day(candidate: _Candidate) -> str:
    if not candidate.dob_sealed:
        return ""
    try:
        return sealing.unseal(candidate.dob_sealed)[5:]
    except sealing.SealBroken:
        log.warning("dob_seal_broken", extra={"customer_id": candidate.customer_id})
        return ""


def _vin_tail(text: str) -> str:
    """Six characters as a VIN has them: an "oh" is a zero there, and "I" a one."""
    clean = re.sub(r"[^A-Z0-9]", "", text[:60].upper()).translate(str.maketrans("OQI", "001"))
    return clean[-6:] if len(clean) in {6, 8, 17} else ""


def _zip(text: str) -> str:
    found = re.findall(r"\d{5}(?=-\d{4}|\D|$)", text[:60])
    return found[-1] if found else ""


def _number_and_zip(text: str) -> str:
    """ "1234 78701" out of "1234 Oak Street, 78701"; "" where one of the two is missing."""
    zip_code = _zip(text)
    number = re.match(r"\s*#?\s*(\d+[A-Za-z]?)\b", text[:60])
    if not zip_code or number is None or number.end() > text.rfind(zip_code):
        return ""
    return f"{number.group(1).lower()} {zip_code}"


# ---- rows ---------------------------------------------------------------------------
_CANDIDATES = """
select c.id, c.verify_locked_until, c.first_name, c.last_name, c.dob_sealed, c.dob_hmac,
       array(select v.vin_last6 from crm_vehicle v
             where v.owner_id = c.id and v.active and v.vin_last6 <> ''),
       array(select lower(a.street_number) || ' ' || left(a.zip, 5) from crm_address a
             where a.customer_id = c.id)
from crm_customer c where c.id = any(%s) order by c.id
"""


def _load(customer_ids: Sequence[int]) -> tuple[_Candidate, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [list(customer_ids)])
        return tuple(
            _Candidate(
                customer_id,
                locked_until,
                first,
                last,
                dob_sealed,
                dob_hmac,
                tuple(vins),
                tuple(_pair(text) for text in addresses),
            )
            for customer_id, locked_until, first, last, dob_sealed, dob_hmac, vins, addresses in cursor.fetchall()
        )


def _pair(text: str) -> tuple[str, str]:
    number, _, zip_code = text.rpartition(" ")
    return number, zip_code


def _lock(call_sid: str) -> None:
    """Tries of one call wait for each other: two at once may not share the last one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"factor:{call_sid}"]
        )


def _wrong_in_call(call_sid: str, factor: str) -> int:
    wrong = FactorTry.objects.filter(call_sid=call_sid, ok=False)
    wrong = wrong.filter(factor="name") if factor == "name" else wrong.exclude(factor="name")
    return wrong.count()


_TRIED = """
select count(distinct case when customer_ids = '{}' then call_sid
                           else customer_ids::text end)
from crm_factortry
where ani = %s and at > %s and not ok and factor <> 'name' and call_sid <> %s
"""


def _number_is_blocked(ani: str, call_sid: str, now: dt.datetime) -> bool:
    # A withheld number is nobody's: those callers would block each other.
    if not ani:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_TRIED, [ani, now - WINDOW, call_sid])
        row = cursor.fetchone()
    return bool(row) and row[0] >= CUSTOMERS_PER_NUMBER


def _not_locked(customer_ids: Sequence[int], now: dt.datetime) -> frozenset[int]:
    rows = (
        Customer.objects.select_for_update(no_key=True)
        # Django would leave out the query for nobody, and the caller could tell by the time.
        .filter(pk__in=list(customer_ids) or [NOBODY.customer_id])
        .order_by("pk")
        .values_list("pk", "verify_locked_until")
    )
    return frozenset(pk for pk, until in rows if until is None or until <= now)


_LOCK_THEM = """
update crm_customer c set verify_locked_until = %s
where c.id = any(%s) and (c.verify_locked_until is null or c.verify_locked_until <= %s)
  and (select count(*) from crm_factortry t
       where t.customer_ids @> array[c.id] and t.at > %s and not t.ok
         and t.factor <> 'name') >= %s
"""


def _lock_customers(customer_ids: Sequence[int], factor: str, now: dt.datetime) -> str:
    if factor == "name":
        return ""
    with connection.cursor() as cursor:
        cursor.execute(
            _LOCK_THEM, [now + LOCK, list(customer_ids), now, now - WINDOW, WRONG_PER_CUSTOMER]
        )
        locked = cursor.rowcount
    if locked:
        log.warning("customer_verification_locked", extra={"count": locked})
    return "customer_locked" if locked else ""
