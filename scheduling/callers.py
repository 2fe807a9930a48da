"""Who may be on the line: customers, cars and coming visits of a number, in one statement.

Rules of this module: one SQL statement whose JSON PostgreSQL builds itself, read through
the cache of `customer:{phone}`; every write to a visit drops that key. What is over in the
meantime is left out when the cached answer is read. Cards are for code to decide with:
nothing of them may be said before the caller is verified, and their `repr` shows ids only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Final

import orjson
from django.db import connection

from crm import async_sql, cache
from crm.lookup import VehicleCard
from crm.phones import to_e164

PART: Final = "caller"

_SQL: Final = """
select coalesce(jsonb_agg(jsonb_build_object(
  'id', c.id, 'first', c.first_name, 'last', c.last_name, 'language', c.language,
  'vehicles', (
    select coalesce(jsonb_agg(jsonb_build_array(
      v.id, v.year, v.make, v.model, v.trim, v.odometer) order by v.id), '[]')
    from crm_vehicle v where v.owner_id = c.id and v.active),
  'upcoming', (
    select coalesce(jsonb_agg(jsonb_build_array(
      a.id, a.ref, a.vehicle_id, a.status, extract(epoch from a.start)::bigint,
      extract(epoch from a."end")::bigint, a.visit_type, a.version,
      (select coalesce(jsonb_agg(s.op_id order by s.position), '[]')
       from scheduling_appointmentservice s where s.appointment_id = a.id)) order by a.start), '[]')
    from scheduling_appointment a
    where a.customer_id = c.id and a."end" > %s
      and a.status not in ('cancelled', 'no_show', 'completed'))
) order by c.id), '[]')::text
from crm_customer c
where c.id in (select customer_id from crm_customerphone where e164 = %s)
"""


@dataclass(frozen=True, slots=True)
class UpcomingVisit:
    """A visit that is still to come or under way; `start` and `end` in UTC."""

    appointment_id: int
    ref: str = field(repr=False)
    vehicle_id: int
    status: str
    start: datetime = field(repr=False)
    end: datetime = field(repr=False)
    visit_type: str
    version: int
    op_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CallerCard:
    """A customer with this number, their active cars, and their visits, soonest first."""

    customer_id: int
    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    language: str
    vehicles: tuple[VehicleCard, ...]
    upcoming: tuple[UpcomingVisit, ...]


def find_caller(phone_e164: str, *, now: datetime) -> tuple[CallerCard, ...]:
    """Everybody with this number; nobody for what is no number."""
    phone = to_e164(phone_e164)
    if phone is None:
        return ()
    return _parse(cache.read_through(phone, lambda: _load(phone, now), part=PART), now)


async def afind_caller(phone_e164: str, *, now: datetime) -> tuple[CallerCard, ...]:
    """`find_caller` inside a live call's event loop."""
    phone = to_e164(phone_e164)
    if phone is None:
        return ()

    load = partial(async_sql.fetch_text, _SQL, [now, phone])
    return _parse(await cache.aread_through(phone, load, part=PART), now)


def _load(phone: str, now: datetime) -> bytes:
    """The statement's JSON."""
    with connection.cursor() as cursor:
        cursor.execute(_SQL, [now, phone])
        text: str = cursor.fetchone()[0]
    return text.encode()


def _parse(raw: bytes, now: datetime) -> tuple[CallerCard, ...]:
    """The JSON as cards."""
    return tuple(
        CallerCard(
            customer_id=row["id"],
            first_name=row["first"],
            last_name=row["last"],
            language=row["language"],
            vehicles=tuple(VehicleCard(*vehicle) for vehicle in row["vehicles"]),
            upcoming=tuple(
                visit for facts in row["upcoming"] if (visit := _visit(facts)).end > now
            ),
        )
        for row in orjson.loads(raw)
    )


def _visit(facts: Sequence[object]) -> UpcomingVisit:
    """One visit from its JSON array."""
    appointment_id, ref, vehicle_id, status, start, end, visit_type, version, ops = facts
    return UpcomingVisit(
        appointment_id=int(str(appointment_id)),
        ref=str(ref),
        vehicle_id=int(str(vehicle_id)),
        status=str(status),
        start=datetime.fromtimestamp(int(str(start)), UTC),
        end=datetime.fromtimestamp(int(str(end)), UTC),
        visit_type=str(visit_type),
        version=int(str(version)),
        op_codes=tuple(ops) if isinstance(ops, list) else (),
    )
