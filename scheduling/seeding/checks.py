"""Prove that the shop's data holds together: every rule as a query for what breaks it.

Rules: a check looks at all rows, whoever made them, unless its title says "seeded"; it
answers with the number of violations and the ids of some. Most are SQL, because a million
rows are read fastest where they are; VINs are checked by `crm.vin` itself, limits of days
by `scheduling.invariants`. The database's constraints guard some of this already: asking again is the point of a proof.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection

from crm import vin
from scheduling import invariants
from scheduling.seeding.shopdays import public_holidays

SHOWN = 5
INVARIANTS_UP_TO = 50_000
"""The schedule's own invariants compare visits with each other: too slow for many more."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `ids` of some of the rows that break the rule."""

    title: str
    violations: int
    ids: tuple[int, ...]


# Title -> a query for the ids of the rows that break the rule. %(zone)s is the shop's zone.
_RULES: dict[str, str] = {
    "names have their search key": """
        select id from crm_customer where name_key = '' and first_name ~ '[a-zA-Z]'""",
    "dates of birth are sealed": """
        select id from crm_customer where dob_sealed ~ '^[0-9]{4}-' or length(dob_hmac) not in (0, 64)""",
    "numbers are E.164": r"""
        select id from crm_customerphone where e164 !~ '^\+[1-9][0-9]{7,14}$'""",
    "seeded numbers are fictional": r"""
        select p.id from crm_customerphone p join crm_customer c on c.id = p.customer_id
        where c.origin = 'seed' and p.e164 !~ '^\+1[2-9][0-9]{2}555[0-9]{4}$'""",
    "seeded e-mail addresses reach nobody": r"""
        select id from crm_customer
        where origin = 'seed' and email <> '' and email !~ '@example\.(com|net|org)$'""",
    "customers with numbers have a primary one": """
        select c.id from crm_customer c
        where exists (select 1 from crm_customerphone p where p.customer_id = c.id)
          and not exists (select 1 from crm_customerphone p
                          where p.customer_id = c.id and p.is_primary)""",
    "the last six belong to the VIN": """
        select id from crm_vehicle where vin is not null and vin_last6 <> right(vin, 6)""",
    "odometers never fall along a history": """
        select id from (
            select id, odometer, lag(odometer) over (
                partition by vehicle_id order by opened_at, id) as before
            from crm_servicerecord) r
        where odometer < before""",
    "cars show at least their last reading": """
        select v.id from crm_vehicle v
        where v.odometer < (select max(r.odometer) from crm_servicerecord r
                            where r.vehicle_id = v.id)""",
    "repair orders close after they open": """
        select id from crm_servicerecord where closed_at < opened_at""",
    "repair orders have lines": """
        select r.id from crm_servicerecord r
        where not exists (select 1 from crm_serviceline l where l.record_id = r.id)""",
    "opt-outs have no later consent": """
        select d.id from crm_donotcall d
        where d.lifted_at is null and exists (
            select 1 from crm_consentevent e
            where e.number = d.number and e.granted and e.at > d.at)""",
    "visits are of the customer's own car": """
        select a.id from scheduling_appointment a join crm_vehicle v on v.id = a.vehicle_id
        where v.owner_id <> a.customer_id and a.source = 'seed'""",
    "no car comes before it is built": """
        select a.id from scheduling_appointment a join crm_vehicle v on v.id = a.vehicle_id
        where a.source = 'seed' and v.origin = 'seed'
          and extract(year from a.start) < v.year - 1""",
    "no bay is taken twice": """
        select a.id from scheduling_reservation a join scheduling_reservation b
          on b.bay_id = a.bay_id and b.id > a.id and b.span && a.span""",
    "no car is in two visits at once": """
        select a.id from scheduling_appointment a join scheduling_appointment b
          on b.vehicle_id = a.vehicle_id and b.id > a.id
         and a.start < b.end and b.start < a.end
        where a.status not in ('cancelled', 'no_show') and b.status not in ('cancelled', 'no_show')""",
    "visits that stand have bay time, others none": """
        select a.id from scheduling_appointment a
        left join scheduling_reservation r on r.appointment_id = a.id
        where (a.status not in ('cancelled', 'no_show')) <> (r.id is not null)""",
    "bay time is the visit's and its turnaround": """
        select a.id from scheduling_appointment a
        join scheduling_reservation r on r.appointment_id = a.id
        where lower(r.span) <> a.start or upper(r.span) < a.end""",
    "visits are within opening hours": """
        select a.id from scheduling_appointment a
        left join scheduling_businesshours h
          on h.weekday = extract(isodow from a.start at time zone %(zone)s) - 1
        where h.id is null
           or (a.start at time zone %(zone)s)::time < h.opens
           or (a.end at time zone %(zone)s)::time > h.closes
           or (a.start at time zone %(zone)s)::date <> (a.end at time zone %(zone)s)::date""",
    "nobody checks in over lunch": """
        select a.id from scheduling_appointment a
        join scheduling_businesshours h
          on h.weekday = extract(isodow from a.start at time zone %(zone)s) - 1
        where (a.start at time zone %(zone)s)::time >= h.lunch_starts
          and (a.start at time zone %(zone)s)::time < h.lunch_ends""",
    "nobody waits over lunch": """
        select a.id from scheduling_appointment a
        join scheduling_businesshours h
          on h.weekday = extract(isodow from a.start at time zone %(zone)s) - 1
        where a.visit_type = 'waiter'
          and (a.start at time zone %(zone)s)::time < h.lunch_ends
          and (a.end at time zone %(zone)s)::time > h.lunch_starts""",
    "visits are on days without a closure": """
        select a.id from scheduling_appointment a join scheduling_closure c
          on (a.start at time zone %(zone)s)::date between c.first_day and c.last_day
        where c.starts is null
           or ((a.start at time zone %(zone)s)::time < c.ends
               and (a.end at time zone %(zone)s)::time > c.starts)""",
    "work lasts what the services take": """
        select a.id from scheduling_appointment a
        join scheduling_reservation r on r.appointment_id = a.id
        where a.source = 'seed' and a.status not in ('cancelled', 'no_show') and r.work_min <> (
            select sum(o.bay_min) from scheduling_appointmentservice s
            join scheduling_serviceop o on o.op_code = s.op_id where s.appointment_id = a.id)""",
    "services fit the car": """
        select a.id from scheduling_appointment a
        join crm_vehicle v on v.id = a.vehicle_id
        join scheduling_appointmentservice s on s.appointment_id = a.id
        join scheduling_serviceop o on o.op_code = s.op_id
        where a.source = 'seed' and cardinality(o.powertrains) > 0
          and not v.powertrain = any(o.powertrains)""",
    "bays can do the work": """
        select r.id from scheduling_reservation r
        join scheduling_bay b on b.id = r.bay_id
        join scheduling_appointmentservice s on s.appointment_id = r.appointment_id
        join scheduling_serviceop o on o.op_code = s.op_id
        where o.skill > b.skill
           or (o.lane <> 'X' and not (b.lanes @> array[o.lane]
               or (o.lane = 'M' and b.lanes @> array['D'::varchar])))""",
    "statuses fit the times": """
        select id from scheduling_appointment
        where (status = 'completed') <> (completed_at is not null)
           or (status = 'cancelled') <> (cancelled_at is not null)
           or (status = 'confirmed' and confirmed_at is null)
           or (source = 'seed' and created_at > start)""",
    "versions are counted without gaps": """
        select a.id from scheduling_appointment a
        where a.version <> (select count(*) from scheduling_appointmentevent e
                            where e.appointment_id = a.id)
           or a.version <> (select coalesce(max(e.version), 0) from scheduling_appointmentevent e
                            where e.appointment_id = a.id)""",
    "every version has its calendar write": """
        select e.id from scheduling_appointmentevent e
        where not exists (select 1 from scheduling_calendaroutbox o
                          where o.appointment_id = e.appointment_id and o.version = e.version)""",
    "completed seeded visits are in the history": """
        select a.id from scheduling_appointment a
        where a.source = 'seed' and a.status = 'completed' and not exists (
            select 1 from crm_servicerecord r
            where r.vehicle_id = a.vehicle_id and r.opened_at = a.start)""",
}

_TABLES: dict[str, str] = {
    "customers": "crm_customer",
    "numbers": "crm_customerphone",
    "vehicles": "crm_vehicle",
    "repair orders": "crm_servicerecord",
    "repair order lines": "crm_serviceline",
    "consent events": "crm_consentevent",
    "do-not-call entries": "crm_donotcall",
    "appointments": "scheduling_appointment",
    "bay reservations": "scheduling_reservation",
}


def counts() -> dict[str, int]:
    """How many rows of everything there are."""
    with connection.cursor() as cursor:
        found = {}
        for title, table in _TABLES.items():
            cursor.execute(f"select count(*) from {table}")  # noqa: S608 - our own table names
            found[title] = int(cursor.fetchone()[0])
    return found


def statuses() -> dict[str, int]:
    """How many appointments have each status."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select status, count(*) from scheduling_appointment group by status order by 2 desc"
        )
        return {status: int(count) for status, count in cursor.fetchall()}


def run(zone: str, report: Callable[[str], None] = lambda _title: None) -> Iterator[Finding]:
    """Every check in turn; `report` is told before each."""
    for title, query in _RULES.items():
        report(title)
        yield _ask(title, query, zone)
    if counts()["bay reservations"] <= INVARIANTS_UP_TO:
        report("the schedule's own invariants")
        for broken, violations in invariants.violations().items():
            yield Finding(broken, violations, ())
    report("VINs have their check digit and year")
    yield _vins()
    report("seeded visits are on no public holiday")
    yield _holidays(zone)


_COUNTED = "select count(*), (array_agg(id))[1:{shown}] from ({rule}) broken (id)"


def _ask(title: str, query: str, zone: str) -> Finding:
    # Rules are constants of this module; the zone is a bound value.
    statement = _COUNTED.replace("{shown}", str(SHOWN)).replace("{rule}", query)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"zone": zone})
        violations, ids = cursor.fetchone()
    return Finding(title, int(violations), tuple(ids or ()))


def _vins() -> Finding:
    bad: list[int] = []
    violations = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute("select id, vin, year from crm_vehicle where vin is not null")
        while rows := cursor.fetchmany(10_000):
            for vehicle_id, number, year in rows:
                if vin.check(number) is not None or vin.model_year(number) != year:
                    violations += 1
                    bad.append(vehicle_id)
    return Finding("VINs have their check digit and year", violations, tuple(bad[:SHOWN]))


def _holidays(zone: str) -> Finding:
    title = "seeded visits are on no public holiday"
    with connection.cursor() as cursor:
        cursor.execute(
            """select (start at time zone %s)::date as day, count(*), min(id)
               from scheduling_appointment where source = 'seed' group by 1""",
            [zone],
        )
        hit = [row for row in cursor.fetchall() if row[0] in public_holidays(row[0].year)]
    ids = tuple(int(row[2]) for row in hit[:SHOWN])
    return Finding(title, sum(int(row[1]) for row in hit), ids)
