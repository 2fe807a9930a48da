"""What must be true of the schedule at any moment, checked from the rows alone.

Rules of this module: it trusts neither the constraints nor the functions that write; each
check is one statement over everything, and says in numbers what it found. Tests run it
after every storm, `check_crm` and operators whenever they like.
"""

from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import connection

_CHECKS: Final[dict[str, str]] = {
    "two reservations of one bay overlap": """
        select count(*) from scheduling_reservation a join scheduling_reservation b
          on a.bay_id = b.bay_id and a.id < b.id and a.span && b.span""",
    "two visits of one vehicle overlap": """
        select count(*) from scheduling_appointment a join scheduling_appointment b
          on a.vehicle_id = b.vehicle_id and a.id < b.id
         and a.start < b."end" and b.start < a."end"
         and a.status not in ('cancelled', 'no_show') and b.status not in ('cancelled', 'no_show')
        """,
    "a visit that stands has no bay, or one that fell has one": """
        select count(*) from scheduling_appointment a
          left join scheduling_reservation r on r.appointment_id = a.id
         where (r.id is null) = (a.status not in ('cancelled', 'no_show'))""",
    "bay time and visit disagree": """
        select count(*) from scheduling_reservation r
          join scheduling_appointment a on a.id = r.appointment_id
         where lower(r.span) <> a.start or upper(r.span) < a."end"
            or r.visit_type <> a.visit_type""",
    "a visit begins outside hours, at lunch or on a closed day": """
        select count(*) from scheduling_appointment a
          cross join lateral (select a.start at time zone %(zone)s as begins,
                                     a."end" at time zone %(zone)s as ends) t
          left join scheduling_businesshours h
            on h.weekday = extract(isodow from t.begins)::int - 1
         where a.status not in ('cancelled', 'no_show')
           and (h.id is null or t.begins::time < h.opens or t.ends::time > h.closes
                or t.begins::date <> t.ends::date
                or (t.begins::time >= h.lunch_starts and t.begins::time < h.lunch_ends)
                or exists (select from scheduling_closure c
                           where t.begins::date between c.first_day and c.last_day
                             and (c.starts is null
                                  or (t.begins::time < c.ends and c.starts < t.ends::time))))""",
    "somebody waits over lunch": """
        select count(*) from scheduling_appointment a
          cross join lateral (select (a.start at time zone %(zone)s)::time as begins,
                                     (a."end" at time zone %(zone)s)::time as ends) t
          join scheduling_businesshours h
            on h.weekday = extract(isodow from a.start at time zone %(zone)s)::int - 1
         where a.status not in ('cancelled', 'no_show') and a.visit_type = 'waiter'
           and t.begins < h.lunch_ends and h.lunch_starts < t.ends""",
    "a bay does work that it cannot do": """
        select count(*) from scheduling_reservation r
          join scheduling_bay b on b.id = r.bay_id
          join scheduling_appointmentservice s on s.appointment_id = r.appointment_id
          join scheduling_serviceop o on o.op_code = s.op_id
         where o.skill > b.skill or (o.lane not in ('X', 'M') and not o.lane = any(b.lanes))""",
    "versions have gaps, or events and calendar writes are not one each": """
        select count(*) from scheduling_appointment a
          left join lateral (select count(*) as n, min(version) as low, max(version) as high
                             from scheduling_appointmentevent e where e.appointment_id = a.id) e
            on true
          left join lateral (select count(*) as n, min(version) as low, max(version) as high
                             from scheduling_calendaroutbox o where o.appointment_id = a.id) o
            on true
         where a.source <> 'seed'
           and (e.n <> a.version or e.low <> 1 or e.high <> a.version
                or o.n <> a.version or o.low <> 1 or o.high <> a.version)""",
    "a visit belongs to somebody who does not have the car": """
        select count(*) from scheduling_appointment a
          join crm_vehicle v on v.id = a.vehicle_id
         where v.owner_id <> a.customer_id and a.status in ('booked', 'confirmed')""",
    "a limit of a day is exceeded": """
        with days as (
          select (lower(r.span) at time zone %(zone)s)::date as day,
                 count(*) as appointments, sum(r.work_min) as work_min,
                 count(*) filter (where r.visit_type = 'shuttle') as shuttle,
                 count(*) filter (where r.visit_type = 'loaner') as loaners
            from scheduling_reservation r join scheduling_bay b on b.id = r.bay_id
           where r.kind <> 'block' and b.active group by 1),
        usual as (select * from scheduling_shopsettings where id = 1)
        select count(*) from days cross join usual
         cross join lateral (
           select coalesce((select value from scheduling_capacityoverride v
                            where v.day = days.day and v."limit" = 'appointments'),
                           max_appointments_per_day) as appointments,
                  coalesce((select value from scheduling_capacityoverride v
                            where v.day = days.day and v."limit" = 'work_min'),
                           max_work_min_per_day) as work_min,
                  coalesce((select value from scheduling_capacityoverride v
                            where v.day = days.day and v."limit" = 'shuttle'),
                           shuttle_per_day) as shuttle,
                  coalesce((select value from scheduling_capacityoverride v
                            where v.day = days.day and v."limit" = 'loaners'),
                           loaners_per_day) as loaners) most
         where days.appointments > most.appointments or days.work_min > most.work_min
            or days.shuttle > most.shuttle or days.loaners > most.loaners""",
    "more wait within an hour than may": """
        with waiting as (
          select r.span from scheduling_reservation r join scheduling_bay b on b.id = r.bay_id
           where r.visit_type = 'waiter' and b.active)
        select count(*) from waiting r
          cross join scheduling_shopsettings s
         where s.id = 1
           and (select count(*) from waiting o
                where lower(o.span) >= lower(r.span)
                  and lower(o.span) < lower(r.span) + interval '1 hour')
               > coalesce((select value from scheduling_capacityoverride v
                           where v."limit" = 'waiters'
                             and v.day = (lower(r.span) at time zone %(zone)s)::date),
                          s.waiters_per_hour)""",
    "more check in at once than there are advisors": """
        select count(*) from (
          select lower(r.span) as begins, count(*) as n from scheduling_reservation r
            join scheduling_bay b on b.id = r.bay_id
           where r.kind <> 'block' and b.active group by 1) c
         where n > coalesce((select value from scheduling_capacityoverride v
                             where v."limit" = 'check_ins'
                               and v.day = (c.begins at time zone %(zone)s)::date),
                            (select count(*) from scheduling_advisor where active))""",
}


def violations() -> dict[str, int]:
    """How often each rule is broken; empty when all of them hold.

    Limits are those of the bays that are open and of today's settings: after an advisor's overflow, or a limit that was
    lowered since, "exceeded" tells of a decision and not of an error.
    """
    return {name: found for name, found in _run() if found}


def _run() -> Iterator[tuple[str, int]]:
    """Each check with its count."""
    with connection.cursor() as cursor:
        for name, statement in _CHECKS.items():
            cursor.execute(statement, {"zone": settings.SHOP_TIMEZONE})
            yield name, cursor.fetchone()[0]
