"""A stretch of shop days, loaded into plain data by one statement.

Rules of this module: one statement whatever the number of days, which a writer may send
together with others (`Question`); expired holds are left out here, so nothing above ever
sees them; a visit being moved and the holds of the call that asks are left out on request,
because nobody stands in their own way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypedDict
from zoneinfo import ZoneInfo

import orjson
from django.conf import settings
from django.forms.models import model_to_dict

from scheduling.errors import UnknownService
from scheduling.models import ShopSettings
from scheduling.planning import BayFacts, DayHours, DaySheet, Limits, Op, Rules, Taken
from scheduling.statements import Statement, send

_SQL = """
select json_build_object(
  'settings', (select to_json(s) from scheduling_shopsettings s where id = 1),
  'advisors', (select count(*) from scheduling_advisor where active),
  'hours', (select json_agg(json_build_array(weekday, opens, closes, lunch_starts, lunch_ends))
            from scheduling_businesshours),
  'bays', (select json_agg(json_build_array(id, lanes, skill, position))
           from scheduling_bay where active),
  'ops', (select json_agg(json_build_array(op_code, bay_min, visit_min, lane, skill, waiter_ok, powertrains))
          from scheduling_serviceop where active and op_code = any(%(ops)s)),
  'closures', (select json_agg(json_build_array(first_day, last_day, starts, ends))
               from scheduling_closure
               where last_day >= %(first)s and first_day <= %(last)s),
  'overrides', (select json_agg(json_build_array(day, "limit", value))
                from scheduling_capacityoverride where day between %(first)s and %(last)s),
  'taken', (select json_agg(json_build_array(
              bay_id, extract(epoch from lower(span))::bigint,
              extract(epoch from upper(span))::bigint, kind, visit_type, work_min))
            from scheduling_reservation
            where span && tstzrange(%(since)s, %(until)s)
              and (expires_at is null or expires_at > %(now)s)
              and (%(visit)s::bigint is null or appointment_id is distinct from %(visit)s::bigint)
              and (kind <> 'hold' or %(call)s = '' or call_sid <> %(call)s))
)::text
"""


class _Settings(TypedDict):
    """The settings row; clock times as text."""

    lead_min: int
    horizon_days: int
    grid_min: int
    turnaround_min: int
    hold_s: int
    writeup_min: int
    waiters_per_hour: int
    waiter_max_visit_min: int
    last_waiter_start: str
    shuttle_per_day: int
    shuttle_from: str
    shuttle_until: str
    loaners_per_day: int
    loaner_min_visit_min: int
    max_appointments_per_day: int
    max_work_min_per_day: int


class _Loaded(TypedDict):
    """The statement's answer; every list may be null."""

    settings: _Settings | None
    advisors: int
    hours: list[tuple[int, str, str, str | None, str | None]] | None
    bays: list[tuple[int, list[str], int, int]] | None
    ops: list[tuple[str, int, int | None, str, int, bool, list[str]]] | None
    closures: list[tuple[str, str, str | None, str | None]] | None
    overrides: list[tuple[str, str, int]] | None
    taken: list[tuple[int, int, int, str, str, int]] | None


@dataclass(frozen=True, slots=True)
class Shop:
    """The shop as it stands: rules, the services asked for, and the days."""

    rules: Rules
    ops: tuple[Op, ...]
    sheets: tuple[DaySheet, ...]


def shop_zone() -> ZoneInfo:
    """The shop's time zone."""
    return ZoneInfo(settings.SHOP_TIMEZONE)


def shop_time(moment: datetime | None) -> str:
    """A moment as staff read it: "Tue Nov 24, 09:30"."""
    if moment is None:
        return "–"
    local = moment.astimezone(shop_zone())
    return f"{local:%a %b} {local.day}, {local:%H:%M}"


def load(
    *,
    first_day: date,
    last_day: date,
    op_codes: Sequence[str],
    now: datetime,
    exclude_appointment_id: int | None = None,
    own_call_sid: str = "",
) -> Shop:
    """The shop from `first_day` to `last_day`, both included; UnknownService if not on the menu."""
    asked = Question(first_day, last_day, op_codes, now, exclude_appointment_id, own_call_sid)
    send(asked.statement)
    return asked.answer()


class Question:
    """`load` in two steps: the statement, which is sent with others, and its answer."""

    def __init__(
        self,
        first_day: date,
        last_day: date,
        op_codes: Sequence[str],
        now: datetime,
        exclude_appointment_id: int | None = None,
        own_call_sid: str = "",
    ) -> None:
        self._days, self._op_codes, self._zone = (first_day, last_day), op_codes, shop_zone()
        values = {
            "ops": list(op_codes),
            "first": first_day,
            "last": last_day,
            "since": datetime.combine(first_day, time(), self._zone),
            "until": datetime.combine(last_day + timedelta(days=1), time(), self._zone),
            "now": now,
            "visit": exclude_appointment_id,
            "call": own_call_sid,
        }
        self.statement = Statement(_SQL, values)

    def answer(self) -> Shop:
        """The shop, once the statement was sent; UnknownService if not on the menu."""
        loaded: _Loaded = orjson.loads(self.statement.rows[0][0])
        return Shop(
            rules=_rules(_settings_row(loaded), self._zone),
            ops=_ops(loaded, self._op_codes),
            sheets=_sheets(loaded, *self._days, self._zone),
        )


def _settings_row(loaded: _Loaded) -> _Settings:
    """The settings row; a shop that has not stored one has the model's defaults."""
    if loaded["settings"] is not None:
        return loaded["settings"]
    defaults: _Settings = orjson.loads(orjson.dumps(model_to_dict(ShopSettings())))
    return defaults


def _rules(row: _Settings, zone: ZoneInfo) -> Rules:
    """The settings row as rules."""
    return Rules(
        zone=zone,
        lead_min=row["lead_min"],
        horizon_days=row["horizon_days"],
        grid_min=row["grid_min"],
        turnaround_min=row["turnaround_min"],
        hold_s=row["hold_s"],
        writeup_min=row["writeup_min"],
        waiter_max_visit_min=row["waiter_max_visit_min"],
        last_waiter_start=time.fromisoformat(row["last_waiter_start"]),
        shuttle_from=time.fromisoformat(row["shuttle_from"]),
        shuttle_until=time.fromisoformat(row["shuttle_until"]),
        loaner_min_visit_min=row["loaner_min_visit_min"],
    )


def _ops(loaded: _Loaded, op_codes: Sequence[str]) -> tuple[Op, ...]:
    """The services in the order asked for, each once."""
    known = {row[0]: Op(*row) for row in loaded["ops"] or ()}
    for code in op_codes:
        if code not in known:
            raise UnknownService(op_code=code[:12])
    return tuple(known[code] for code in dict.fromkeys(op_codes))


def _sheets(
    loaded: _Loaded, first_day: date, last_day: date, zone: ZoneInfo
) -> tuple[DaySheet, ...]:
    """One sheet per day, closed days included."""
    bays = tuple(
        BayFacts(row[0], frozenset(row[1]), row[2], row[3]) for row in loaded["bays"] or ()
    )
    days = _days(first_day, last_day)
    taken: list[list[Taken]] = [[] for _ in days]
    for bay_id, since, until, kind, visit_type, work_min in loaded["taken"] or ():
        entry = Taken(bay_id, _moment(since), _moment(until), kind, visit_type, work_min)
        first, last = _shop_day(since, zone), _shop_day(until, zone)
        low, high = (first - first_day).days, (last - first_day).days
        for number in range(max(0, low), min(high, len(days) - 1) + 1):
            taken[number].append(entry)
    return tuple(
        DaySheet(day, _hours(loaded, day, zone), bays, tuple(entries), _limits(loaded, day))
        for day, entries in zip(days, taken, strict=True)
    )


@lru_cache(maxsize=65536)
def _moment(epoch_s: int) -> datetime:
    """A moment; cached, because bays share their grid."""
    return datetime.fromtimestamp(epoch_s, UTC)


@lru_cache(maxsize=65536)
def _shop_day(epoch_s: int, zone: ZoneInfo) -> date:
    """The shop day of a moment; cached likewise."""
    return _moment(epoch_s).astimezone(zone).date()


def _days(first: date, last: date) -> list[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _hours(loaded: _Loaded, day: date, zone: ZoneInfo) -> DayHours | None:
    """The day's hours with its closures, or None when it is closed."""
    row = next((row for row in loaded["hours"] or () if row[0] == day.weekday()), None)
    if row is None:
        return None
    closed = []
    for first, last, starts, ends in loaded["closures"] or ():
        if date.fromisoformat(first) <= day <= date.fromisoformat(last):
            if starts is None or ends is None:
                return None
            closed.append((_at(day, starts, zone), _at(day, ends, zone)))
    _, opens, closes, lunch_starts, lunch_ends = row
    lunch = None
    if lunch_starts and lunch_ends:
        lunch = (_at(day, lunch_starts, zone), _at(day, lunch_ends, zone))
    return DayHours(_at(day, opens, zone), _at(day, closes, zone), lunch, tuple(closed))


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """A shop-local clock time of a day, in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)


def _limits(loaded: _Loaded, day: date) -> Limits:
    """The day's limits, overrides applied."""
    row = _settings_row(loaded)
    limits = {
        "appointments": row["max_appointments_per_day"],
        "work_min": row["max_work_min_per_day"],
        "waiters": row["waiters_per_hour"],
        "shuttle": row["shuttle_per_day"],
        "loaners": row["loaners_per_day"],
        "check_ins": loaded["advisors"],
    }
    for on, limit, value in loaded["overrides"] or ():
        if on == day.isoformat():
            limits[limit] = value
    return Limits(**limits)
