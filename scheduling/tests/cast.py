"""The cast of the schedule's tests: a fixed Monday morning, and people with cars.

`NOW` is Monday 16 November 2026, 08:00 in the shop (New York, UTC-5 then).
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management import call_command
from django.utils import timezone

from autoshop.tests.database import Kept
from crm.models import Customer, CustomerPhone, Vehicle
from scheduling import booking
from scheduling.day_sheet import shop_zone
from scheduling.models import (
    Advisor,
    Appointment,
    Bay,
    BusinessHours,
    Closure,
    KnowledgeArticle,
    ServiceOp,
    ShopSettings,
)

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 13, 0, tzinfo=UTC)


SHOP = (ShopSettings, BusinessHours, Bay, Advisor, ServiceOp, KnowledgeArticle)
_fixtures = Kept(lambda: call_command("loaddata", "shop", "menu", "knowledge", verbosity=0), SHOP)


def open_shop() -> None:
    """Menu, hours, bays, advisors and articles as they are shipped: `loaddata`, but quick."""
    _fixtures.put()


def load_shop() -> None:
    """The shop with its holidays, as `manage.py load_shop` fills empty tables, but quick."""
    _loaded(timezone.now().astimezone(shop_zone()).year).put()


@cache
def _loaded(year: int) -> Kept:
    """The shop as it is loaded in a year: the holidays are those around it."""
    return Kept(lambda: call_command("load_shop", verbosity=0), (*SHOP, Closure))


def at(clock: str, day: int | date = 1) -> datetime:
    """A shop-local clock time, `day` days after the Monday or on a date."""
    on = MONDAY + timedelta(days=day) if isinstance(day, int) else day
    return datetime.combine(on, time.fromisoformat(clock), ZONE).astimezone(UTC)


def local(moment: datetime) -> str:
    """A moment as the shop's weekday and clock: "Tue 09:30"."""
    return moment.astimezone(ZONE).strftime("%a %H:%M")


def person(first: str, last: str, phone: str = "+12125550101") -> Customer:
    """A customer with a number."""
    row = Customer.objects.create(first_name=first, last_name=last, created_at=NOW)
    CustomerPhone.objects.create(customer=row, e164=phone, is_primary=True)
    return row


def car(owner: Customer, model: str = "CR-V") -> Vehicle:
    """A car of theirs; a hybrid, because everything on the menu can be done to one."""
    return Vehicle.objects.create(
        owner=owner, year=2019, make="Honda", model=model, powertrain="hybrid"
    )


_keys = iter(range(1, 10**9))


def key() -> str:
    """An idempotency key that nobody had before."""
    return f"test:{next(_keys)}"


def book(
    vehicle: Vehicle, start: datetime, *ops: str, visit_type: str = "drop_off", **more: Any
) -> Appointment:
    """Book a visit for a car's owner; an oil change unless said otherwise."""
    facts: dict[str, Any] = {"idempotency_key": key(), "now": NOW, **more}
    return booking.book(
        customer_id=vehicle.owner_id,
        vehicle_id=vehicle.pk,
        op_codes=ops or ("LOF-S",),
        start=start,
        visit_type=visit_type,
        **facts,
    )
