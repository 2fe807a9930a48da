"""The little world of a rehearsal: its customers, cars and visits, made and unmade.

Rules: it lives in a database of its own, made for the rehearsal, and is emptied before
every task, so that a task never sees what another one left. Rows are made by the
domain's own functions where there are any.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection

from calls.models import AdvisorLine
from crm import cache, records
from crm.models import Address, Customer, Vehicle
from scheduling import booking
from scheduling.models import Appointment
from scheduling.shop_facts import shop_facts

ADVISOR = "+12025550190"


def build(world: Mapping[str, Any], number: str, now: datetime) -> None:
    """Make the task's customers with their cars, visits and history."""
    _staff_the_desk()
    for facts in world.get("customers", []):
        _customer(facts, number, now)


def _staff_the_desk() -> None:
    """One advisor's line, as a shop that takes calls has."""
    AdvisorLine.objects.get_or_create(e164=ADVISOR, defaults={"name": "Dee"})


def _customer(facts: Mapping[str, Any], number: str, now: datetime) -> None:
    first, _, last = str(facts["name"]).partition(" ")
    own = facts.get("number", "caller")
    born = facts.get("dob")
    customer = records.create_customer(
        first_name=first,
        last_name=last,
        phone=number if own == "caller" else _sibling(number, str(own)),
        dob=date.fromisoformat(str(born)) if born else None,
        language=str(facts.get("language", "en")),
        origin="staff",
        now=now,
    )
    if address := facts.get("address"):
        street_number, zip_code = str(address).split()
        Address.objects.create(
            customer=customer,
            street_number=street_number,
            street="Oak Street",
            city="Austin",
            state="TX",
            zip=zip_code,
        )
    if notes := facts.get("notes"):
        Customer.objects.filter(pk=customer.pk).update(notes=notes)
    for car in facts.get("cars", []):
        _car(customer, car, now)


def _sibling(number: str, kind: str) -> str:
    """Another number of the same block: "other" ends one higher."""
    return f"{number[:-4]}{(int(number[-4:]) + len(kind)) % 10000:04d}"


def _car(customer: Customer, facts: Mapping[str, Any], now: datetime) -> None:
    year, make, model = str(facts["car"]).split(" ", 2)
    vehicle = records.add_vehicle(
        customer_id=customer.pk, year=int(year), make=make, model=model, now=now
    )
    if tail := facts.get("vin6"):
        _set_tail(vehicle, str(tail))
    for visit in facts.get("visits", []):
        _visit(customer, vehicle, visit, now)
    for record in facts.get("history", []):
        records.record_service(
            vehicle_id=vehicle.pk,
            ro_number=f"R{vehicle.pk}-{record['days_ago']}",
            opened_at=now - timedelta(days=int(record["days_ago"])),
            closed_at=now - timedelta(days=int(record["days_ago"])) + timedelta(hours=2),
            odometer=int(record.get("miles", 30000)),
            lines=[records.LineFacts(str(record["op"]), str(record["done"]), price_cents=8995)],
        )


def _set_tail(vehicle: Vehicle, tail: str) -> None:
    """A VIN with this end; its check digit is not the point here."""
    prefix = f"1HGCM{vehicle.pk % 1000000:06d}"
    Vehicle.objects.filter(pk=vehicle.pk).update(vin=f"{prefix}{tail}", vin_last6=tail)


def _visit(customer: Customer, vehicle: Vehicle, facts: Mapping[str, Any], now: datetime) -> None:
    start = local(str(facts["at"]), now)
    made = booking.book(
        customer_id=customer.pk,
        vehicle_id=vehicle.pk,
        op_codes=[str(op) for op in facts["ops"]],
        start=start,
        concern=str(facts.get("concern", "")),
        source="staff",
        idempotency_key=f"world:{vehicle.pk}:{start.isoformat()}",
        now=min(now, start - timedelta(days=1)),
        overflow_reason="rehearsal",
    )
    if status := facts.get("status"):
        Appointment.objects.filter(pk=made.pk).update(status=str(status))


def local(text: str, now: datetime) -> datetime:
    """ "2026-11-24 09:30" in the shop's zone."""
    day, clock = text.split(" ")
    zone = shop_facts(now).zone
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), tzinfo=zone)


def clean(*numbers: str) -> None:
    """Empty everything a task may have left. Only ever in a database made for rehearsals."""
    name = str(connection.settings_dict["NAME"])
    if not name.startswith("test_"):
        raise RuntimeError(f"{name} is not a rehearsal database")
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {', '.join(_LEFT_BEHIND)} cascade")
    cache.forget_now(*numbers, *(_sibling(number, "other") for number in numbers))


_LEFT_BEHIND = (
    "crm_customer",
    "crm_consentevent",
    "crm_donotcall",
    "crm_factortry",
    "calls_call",
    "calls_callbacktask",
    "calls_outboundcall",
    "scheduling_reservation",
)
