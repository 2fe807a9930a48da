"""Writes to people and cars.

Rules: every function checks its values before it touches a row and refuses with a code
(`BadValue`, `NotFound`, `AlreadyThere`); each is one transaction; each that changes what
a lookup shows drops the customer's numbers from the cache on commit. A duplicate person
is not refused: a caller must not learn that somebody exists, and staff can merge.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Max

from crm import access, cache, catalog
from crm import vin as vins
from crm.consent import opt_out, record_consent
from crm.errors import AlreadyThere, BadValue, NotFound
from crm.models import (
    Address,
    AuthorizedContact,
    Customer,
    CustomerPhone,
    Origin,
    ServiceLine,
    ServiceRecord,
    Vehicle,
)
from crm.phones import to_e164

__all__ = [
    "LineFacts",
    "add_phone",
    "add_vehicle",
    "authorise_contact",
    "change_address",
    "change_contact",
    "create_customer",
    "note_odometer",
    "opt_out",
    "record_consent",
    "record_service",
    "retire_vehicle",
    "set_dob",
]

OLDEST_AGE_YEARS = 120
MAX_ODOMETER = 1_999_999


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One job for `record_service`. `price_cents` without tax."""

    op_code: str
    description: str
    performed: bool = True
    price_cents: int = 0


@transaction.atomic
def create_customer(
    *,
    first_name: str,
    last_name: str,
    phone: str | None,
    dob: dt.date | None = None,
    email: str = "",
    language: str = "en",
    origin: str,
    now: dt.datetime,
) -> Customer:
    """A new person with a first number, which becomes the primary one.

    `phone` may be None where the caller has none to give.
    """
    e164 = _number(phone) if phone is not None else None
    customer = Customer(
        first_name=_text("first_name", first_name, 60),
        last_name=_text("last_name", last_name, 60, may_be_empty=True),
        email=_email(email),
        language=_text("language", language, 8).lower(),
        origin=origin,
        created_at=now,
    )
    customer.dob = _dob(dob, now) if dob else None
    customer.save(force_insert=True)
    if e164:
        CustomerPhone.objects.create(customer=customer, e164=e164, is_primary=True)
        cache.forget(e164)
    return customer


@transaction.atomic
def add_vehicle(
    *,
    customer_id: int,
    year: int,
    make: str,
    model: str,
    vin: str | None = None,
    trim: str = "",
    odometer: int | None = None,
    powertrain: str = "",
    origin: str = Origin.PHONE,
    now: dt.datetime,
) -> Vehicle:
    """A car of this customer; one they already have by the same VIN is taken up again.

    The powertrain is the catalogue's for that model unless it is given.

    Raises `AlreadyThere` when the VIN is on somebody else's car.
    """
    checked_vin = _vin(vin, year) if vin else None
    vehicle = Vehicle(
        owner_id=customer_id,
        vin=checked_vin,
        vin_last6=(checked_vin or "")[-6:],
        year=_year(year, now),
        make=_text("make", make, 40),
        model=_text("model", model, 60),
        trim=_text("trim", trim, 80, may_be_empty=True),
        odometer=_odometer(odometer),
        powertrain=_choice(
            "powertrain",
            powertrain or catalog.powertrain_of(make, model),
            Vehicle.Powertrain.values,
        ),
        origin=origin,
    )
    access.lock_customer(customer_id)
    cache.forget(*access.phones_of([customer_id]))
    if checked_vin:
        known = Vehicle.objects.filter(vin=checked_vin).first()
        if known is not None:
            return _take_up_again(known, customer_id, vehicle.odometer)
    return _insert_vehicle(vehicle)


@transaction.atomic
def retire_vehicle(*, customer_id: int, vehicle_id: int) -> Vehicle:
    """The customer no longer has this car; its history stays."""
    access.lock_customer(customer_id)
    vehicle = access.vehicle_of(customer_id=customer_id, vehicle_id=vehicle_id)
    vehicle.active = False
    vehicle.save(update_fields=["active"])
    cache.forget(*access.phones_of([customer_id]))
    return vehicle


@transaction.atomic
def note_odometer(*, customer_id: int, vehicle_id: int, odometer: int) -> Vehicle:
    """A newer reading in miles. Raises `BadValue` when it is below one we have."""
    miles = _odometer(odometer)
    access.lock_customer(customer_id)
    vehicle = access.vehicle_of(customer_id=customer_id, vehicle_id=vehicle_id)
    if miles is None or miles < _highest_reading(vehicle):
        raise BadValue("odometer", "below_earlier_reading")
    vehicle.odometer = miles
    vehicle.save(update_fields=["odometer"])
    cache.forget(*access.phones_of([customer_id]))
    return vehicle


@transaction.atomic
def set_dob(*, customer_id: int, dob: dt.date, now: dt.datetime) -> None:
    """Store a date of birth where none is known yet.

    Raises `AlreadyThere` otherwise: a factor can't be replaced by somebody on the phone.
    """
    checked = _dob(dob, now)
    customer = access.lock_customer(customer_id)
    if customer.dob_hmac:
        raise AlreadyThere(field="dob")
    customer.dob = checked
    customer.save(update_fields=["dob_sealed", "dob_hmac"])


@transaction.atomic
def change_contact(
    *,
    customer_id: int,
    email: str | None = None,
    language: str | None = None,
    contact_preference: str | None = None,
) -> Customer:
    """Change what is given, leave the rest."""
    customer = access.lock_customer(customer_id)
    if email is not None:
        customer.email = _email(email)
    if language is not None:
        customer.language = _text("language", language, 8).lower()
    if contact_preference is not None:
        customer.contact_preference = _choice(
            "contact_preference", contact_preference, Customer.ContactPreference.values
        )
    customer.save(update_fields=["email", "language", "contact_preference"])
    cache.forget(*access.phones_of([customer_id]))
    return customer


@transaction.atomic
def add_phone(
    *, customer_id: int, phone: str, kind: str = CustomerPhone.Kind.MOBILE, primary: bool = False
) -> CustomerPhone:
    """One more number of this customer; the same one again only changes kind and rank."""
    e164 = _number(phone)
    checked_kind = _choice("kind", kind, CustomerPhone.Kind.values)
    access.lock_customer(customer_id)
    if primary:
        CustomerPhone.objects.filter(customer_id=customer_id).update(is_primary=False)
    row, _ = CustomerPhone.objects.update_or_create(
        customer_id=customer_id,
        e164=e164,
        defaults={"kind": checked_kind, "is_primary": primary},
    )
    cache.forget(e164)
    return row


@transaction.atomic
def change_address(
    *, customer_id: int, street_number: str, street: str, city: str, state: str, zip_code: str
) -> Address:
    """The customer's address from now on; earlier ones no longer count as a factor."""
    facts = {
        "street_number": _text("street_number", street_number, 12),
        "street": _text("street", street, 120),
        "city": _text("city", city, 80),
        "state": _text("state", state, 2).upper(),
        "zip": _text("zip", zip_code, 10),
    }
    if not facts["zip"].replace("-", "").isdigit() or len(facts["zip"]) not in {5, 10}:
        raise BadValue("zip", "no_such_form")
    access.lock_customer(customer_id)
    Address.objects.filter(customer_id=customer_id).delete()
    return Address.objects.create(customer_id=customer_id, **facts)


@transaction.atomic
def authorise_contact(
    *, customer_id: int, name: str, number: str = "", may_manage: bool
) -> AuthorizedContact:
    """Let somebody else speak for this customer."""
    checked = _number(number) if number else ""
    access.lock_customer(customer_id)
    return AuthorizedContact.objects.create(
        customer_id=customer_id,
        name=_text("name", name, 120),
        number=checked,
        may_manage=may_manage,
    )


@transaction.atomic
def record_service(
    *,
    vehicle_id: int,
    ro_number: str,
    opened_at: dt.datetime,
    closed_at: dt.datetime | None,
    odometer: int,
    advisor_name: str = "",
    lines: Sequence[LineFacts],
    origin: str = Origin.STAFF,
) -> ServiceRecord:
    """A finished visit. Raises `BadValue` where the odometer would fall along the history."""
    miles = _odometer(odometer) or 0
    vehicle = Vehicle.objects.select_for_update(no_key=True).filter(pk=vehicle_id).first()
    if vehicle is None:
        raise NotFound(what="vehicle")
    _fits_history(vehicle, opened_at, miles)
    try:
        with transaction.atomic():
            record = ServiceRecord.objects.create(
                vehicle=vehicle,
                ro_number=_text("ro_number", ro_number, 16),
                opened_at=opened_at,
                closed_at=closed_at,
                odometer=miles,
                advisor_name=_text("advisor_name", advisor_name, 60, may_be_empty=True),
                origin=origin,
            )
    except IntegrityError as error:
        raise AlreadyThere(field="ro_number") from error
    ServiceLine.objects.bulk_create(_line(record, facts) for facts in lines)
    if miles > (vehicle.odometer or 0):
        vehicle.odometer = miles
        vehicle.save(update_fields=["odometer"])
        cache.forget(*access.phones_of([vehicle.owner_id]))
    return record


def _line(record: ServiceRecord, facts: LineFacts) -> ServiceLine:
    status = ServiceLine.Status.PERFORMED if facts.performed else ServiceLine.Status.DECLINED
    return ServiceLine(
        record=record,
        op_code=facts.op_code,
        description=facts.description,
        status=status,
        price_cents=facts.price_cents,
    )


def _fits_history(vehicle: Vehicle, opened_at: dt.datetime, miles: int) -> None:
    history = vehicle.service_records
    before = history.filter(opened_at__lte=opened_at).order_by("-opened_at").first()
    after = history.filter(opened_at__gt=opened_at).order_by("opened_at").first()
    if (before and miles < before.odometer) or (after and miles > after.odometer):
        raise BadValue("odometer", "falls_along_history")


def _highest_reading(vehicle: Vehicle) -> int:
    found = vehicle.service_records.aggregate(highest=Max("odometer"))["highest"]
    return max(found or 0, vehicle.odometer or 0)


def _take_up_again(known: Vehicle, customer_id: int, odometer: int | None) -> Vehicle:
    if known.owner_id != customer_id:
        raise AlreadyThere(field="vin")
    known.active = True
    if odometer is not None and odometer > _highest_reading(known):
        known.odometer = odometer
    known.save(update_fields=["active", "odometer"])
    return known


def _insert_vehicle(vehicle: Vehicle) -> Vehicle:
    try:
        with transaction.atomic():
            vehicle.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyThere(field="vin") from error
    return vehicle


# ---- values -------------------------------------------------------------------------
def _text(field: str, value: str, limit: int, *, may_be_empty: bool = False) -> str:
    if len(value) > limit * 4:
        # Measured before anything else looks at it: a name may be ten megabytes.
        raise BadValue(field, "too_long")
    clean = " ".join(value.split())
    if len(clean) > limit:
        raise BadValue(field, "too_long")
    if not clean and not may_be_empty:
        raise BadValue(field, "empty")
    if not clean.isprintable():
        raise BadValue(field, "not_printable")
    return clean


def _number(text: str) -> str:
    e164 = to_e164(text) if len(text) <= 40 else None
    if e164 is None:
        raise BadValue("phone", "not_a_number")
    return e164


def _email(text: str) -> str:
    clean = _text("email", text, 254, may_be_empty=True)
    if clean:
        try:
            validate_email(clean)
        except ValidationError as error:
            raise BadValue("email", "no_such_form") from error
    return clean


def _dob(value: dt.date, now: dt.datetime) -> dt.date:
    if value >= now.date():
        raise BadValue("dob", "not_past")
    if value.year < now.year - OLDEST_AGE_YEARS:
        raise BadValue("dob", "too_long_ago")
    return value


def _year(value: int, now: dt.datetime) -> int:
    # Next year's models are sold from the middle of this one.
    if not 1900 <= value <= now.year + 1:
        raise BadValue("year", "impossible")
    return value


def _odometer(value: int | None) -> int | None:
    if value is not None and not 0 <= value <= MAX_ODOMETER:
        raise BadValue("odometer", "impossible")
    return value


def _choice(field: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise BadValue(field, "unknown")
    return value


def _vin(text: str, year: int) -> str:
    clean = vins.normalise(text)
    problem = vins.check(clean)
    if problem is not None:
        raise BadValue("vin", problem.value)
    if clean[0] in "12345" and year >= 1981 and vins.model_year(clean) != year:
        raise BadValue("vin", "other_year")
    return clean
