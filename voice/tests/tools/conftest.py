"""The shop and one known customer, for tests of tools and of whole text calls."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from calls import log
from crm import lookup, records
from crm.models import Address, Customer
from voice.context import CallContext, open_context
from voice.tests import shipped
from voice.tools.identity import recognise

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
DANA, STRANGER = "+15125550107", "+15125550188"

Open = Callable[..., CallContext]


@pytest.fixture
def shop(db: None) -> None:
    """The shop as it is shipped."""
    shipped.open_shop()


@pytest.fixture
def dana(shop: None) -> Customer:
    """Dana Ruiz, who has a CR-V and can prove to be herself."""
    made = records.create_customer(
        first_name="Dana",
        last_name="Ruiz",
        phone=DANA,
        dob=date(1981, 4, 2),
        origin="staff",
        now=NOW,
    )
    records.add_vehicle(customer_id=made.pk, year=2019, make="Honda", model="CR-V", now=NOW)
    Address.objects.create(
        customer=made,
        street_number="1245",
        street="Oak Street",
        city="Austin",
        state="TX",
        zip="78701",
    )
    return made


@pytest.fixture
def open_call(shop: None) -> Open:
    """A call's context, as the edge makes it."""

    def opened(
        number: str | None = STRANGER, sid: str = "CA1", attestation: str = "A"
    ) -> CallContext:
        row = log.start_call(
            sid=sid, direction="inbound", from_number=number or "", to_number="+15555550100",
            attestation=attestation, now=NOW,
        )  # fmt: skip
        context = open_context(
            call_sid=sid, call_id=row.pk, caller_number=number, attestation=attestation
        )
        cards = lookup.find_customers(number) if number else ()
        return recognise(context, cards)

    return opened
