"""The people, their cars, and what was done to them.

Rules that the database itself keeps: a number is E.164, a VIN has seventeen
characters without I, O and Q and is unique, `vin_last6` belongs to its VIN, an
odometer is never negative, a consent event is never edited or removed (a trigger
of migration 0001; see `crm.privacy` for the one exception). A household may share
a number, so a number alone never names a person.

A date of birth lives sealed (`crm.sealing`); no `repr` or `str` here shows it, a
VIN or a number. `origin` says who made a row: `seed` rows are the only ones that
`seed_crm --wipe` removes.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils import timezone

from crm import sealing
from crm.names import name_key

E164 = r"^\+[1-9][0-9]{7,14}$"
VIN = r"^[A-HJ-NPR-Z0-9]{17}$"


class Origin(models.TextChoices):
    """Who made a row."""

    SEED = "seed", "seeded"
    PHONE = "phone", "by phone"
    STAFF = "staff", "by staff"


class Customer(models.Model):
    """A person the shop knows."""

    class ContactPreference(models.TextChoices):
        CALL = "call"
        TEXT = "text"
        EMAIL = "email"
        NONE = "none", "no contact"

    first_name = models.CharField(max_length=60)
    last_name = models.CharField(max_length=60, blank=True)
    name_key = models.CharField(max_length=130, editable=False)
    dob_sealed = models.CharField(max_length=200, blank=True, editable=False)
    dob_hmac = models.CharField(max_length=64, blank=True, editable=False)
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8, default="en")
    contact_preference = models.CharField(
        max_length=8, choices=ContactPreference, default=ContactPreference.CALL
    )
    notes = models.TextField(blank=True, max_length=4000)
    verify_locked_until = models.DateTimeField(null=True, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.STAFF)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name_key", "id"]
        indexes: ClassVar = [
            models.Index(F("name_key"), F("id"), name="customer_by_name"),
            GinIndex(OpClass(F("name_key"), name="gin_trgm_ops"), name="customer_name_trigrams"),
            models.Index(F("created_at"), name="customer_by_creation"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(first_name=""), name="customer_has_a_name"),
            models.CheckConstraint(
                condition=Q(dob_sealed="", dob_hmac="") | (~Q(dob_sealed="") & ~Q(dob_hmac="")),
                name="customer_dob_sealed_with_fingerprint",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def __repr__(self) -> str:
        return f"<Customer {self.pk}>"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the search key in step with the name."""
        self.name_key = name_key(self.first_name, self.last_name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def dob(self) -> dt.date | None:
        """Date of birth, opened from its seal; None where we don't know it."""
        return dt.date.fromisoformat(sealing.unseal(self.dob_sealed)) if self.dob_sealed else None

    @dob.setter
    def dob(self, value: dt.date | None) -> None:
        self.dob_sealed = sealing.seal(value.isoformat()) if value else ""
        self.dob_hmac = sealing.fingerprint(value.isoformat()) if value else ""

    @property
    def full_name(self) -> str:
        """First and last name as one would say them."""
        return f"{self.first_name} {self.last_name}".strip()


class CustomerPhone(models.Model):
    """A number at which a customer can be reached; several customers may share one."""

    class Kind(models.TextChoices):
        MOBILE = "mobile"
        HOME = "home"
        WORK = "work"

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="phones")
    e164 = models.CharField("number", max_length=16)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MOBILE)
    is_primary = models.BooleanField(default=False)
    since = models.DateTimeField(
        "on file since", default=timezone.now, null=True, blank=True, editable=False
    )
    """None: as long as its customer."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["e164"], name="phone_by_number")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["customer", "e164"], name="phone_once_per_customer"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_primary=True), name="one_primary_phone"
            ),
            models.CheckConstraint(condition=Q(e164__regex=E164), name="phone_is_e164"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ending {self.e164[-4:]}"

    def __repr__(self) -> str:
        return f"<CustomerPhone {self.pk} …{self.e164[-4:]}>"


class Address(models.Model):
    """Where a customer lives; the street number stands apart because it is a factor."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="addresses")
    street_number = models.CharField(max_length=12)
    street = models.CharField(max_length=120)
    city = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    zip = models.CharField("ZIP", max_length=10)

    class Meta:
        verbose_name_plural = "addresses"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(zip__regex=r"^[0-9]{5}(-[0-9]{4})?$"), name="address_zip_has_form"
            )
        ]

    def __str__(self) -> str:
        return f"{self.city}, {self.state}"

    def __repr__(self) -> str:
        return f"<Address {self.pk}>"


class Vehicle(models.Model):
    """A car and who brings it."""

    class Powertrain(models.TextChoices):
        GAS = "gas", "gasoline"
        DIESEL = "diesel"
        HYBRID = "hybrid"
        EV = "ev", "electric"

    owner = models.ForeignKey(Customer, models.CASCADE, related_name="vehicles")
    # Unique, so "not known" must be NULL.
    vin = models.CharField("VIN", max_length=17, null=True, blank=True, unique=True)
    vin_last6 = models.CharField("VIN, last six", max_length=6, blank=True)
    year = models.PositiveSmallIntegerField()
    make = models.CharField(max_length=40)
    model = models.CharField(max_length=60)
    trim = models.CharField(max_length=80, blank=True)
    plate = models.CharField(max_length=12, blank=True)
    odometer = models.PositiveIntegerField("odometer, miles", null=True, blank=True)
    powertrain = models.CharField(max_length=8, choices=Powertrain, default=Powertrain.GAS)
    active = models.BooleanField(default=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.STAFF)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "active"], name="vehicle_by_owner"),
            models.Index(fields=["vin_last6"], name="vehicle_by_vin_last6"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(vin__isnull=True) | Q(vin__regex=VIN), name="vehicle_vin_has_form"
            ),
            models.CheckConstraint(
                condition=Q(vin__isnull=True) | Q(vin_last6=Right("vin", 6)),
                name="vehicle_vin_last6_matches",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=1900, year__lte=2100), name="vehicle_year_plausible"
            ),
            models.CheckConstraint(
                condition=Q(odometer__isnull=True) | Q(odometer__lt=2_000_000),
                name="vehicle_odometer_plausible",
            ),
        ]

    def __str__(self) -> str:
        return self.spoken_name

    def __repr__(self) -> str:
        return f"<Vehicle {self.pk}>"

    @property
    def spoken_name(self) -> str:
        """Year, make and model: all that a caller is ever told about a car."""
        return f"{self.year} {self.make} {self.model}"


class ServiceRecord(models.Model):
    """One repair order: a visit that happened."""

    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="service_records")
    ro_number = models.CharField("repair order", max_length=16, unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    odometer = models.PositiveIntegerField("odometer, miles")
    advisor_name = models.CharField(max_length=60, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.STAFF)

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        indexes: ClassVar = [
            models.Index(fields=["vehicle", "-opened_at"], name="service_by_vehicle")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")),
                name="service_closed_after_opened",
            )
        ]

    def __str__(self) -> str:
        return f"RO {self.ro_number}"


class ServiceLine(models.Model):
    """One job of a repair order, done or declined."""

    class Status(models.TextChoices):
        PERFORMED = "performed"
        DECLINED = "declined"

    record = models.ForeignKey(ServiceRecord, models.CASCADE, related_name="lines")
    op_code = models.CharField(max_length=12)
    description = models.CharField(max_length=120)
    status = models.CharField(max_length=10, choices=Status, default=Status.PERFORMED)
    price_cents = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.op_code} {self.status}"


class ConsentEvent(models.Model):
    """Append-only: what the person behind a number allowed or revoked, in which words."""

    class Channel(models.TextChoices):
        VOICE_AI = "voice_ai", "automated voice"
        SMS = "sms", "text message"
        EMAIL = "email", "e-mail"

    class Purpose(models.TextChoices):
        SERVICE_INFO = "service_info", "service information"
        MARKETING = "marketing"

    number = models.CharField(max_length=16)
    channel = models.CharField(max_length=10, choices=Channel)
    purpose = models.CharField(max_length=16, choices=Purpose, default=Purpose.SERVICE_INFO)
    granted = models.BooleanField()
    wording = models.TextField(max_length=1000)
    call_sid = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PHONE)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["number", "channel", "purpose", "-at", "-id"], name="consent_latest"
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__regex=E164), name="consent_number_is_e164")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {'granted' if self.granted else 'revoked'}"


class DoNotCall(models.Model):
    """A number we never ring by ourselves.

    Rows are kept for five years at least; who wants calls again gets `lifted_at`.
    """

    number = models.CharField(max_length=16, unique=True)
    at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    call_sid = models.CharField(max_length=64, blank=True)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.PHONE)

    class Meta:
        verbose_name = "do-not-call entry"
        verbose_name_plural = "do-not-call entries"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(number__regex=E164), name="dnc_number_is_e164")
        ]

    def __str__(self) -> str:
        return f"number ending {self.number[-4:]}"

    def __repr__(self) -> str:
        return f"<DoNotCall …{self.number[-4:]}>"


class AuthorizedContact(models.Model):
    """Somebody who may speak for a customer."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="authorized_contacts")
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=16, blank=True)
    may_manage = models.BooleanField("may move and cancel visits", default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(number="") | Q(number__regex=E164), name="contact_number_is_e164"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"<AuthorizedContact {self.pk}>"


class FactorTry(models.Model):
    """One attempt to prove who is calling: the ledger that the limits count. Never the value.

    `customer_ids` are all whom the answer was compared with: a household, or nobody.
    """

    call_sid = models.CharField(max_length=64)
    ani = models.CharField("calling number", max_length=16, blank=True)
    customer_ids = ArrayField(models.BigIntegerField(), default=list)
    factor = models.CharField(max_length=12)
    ok = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "verification try"
        verbose_name_plural = "verification tries"
        indexes: ClassVar = [
            models.Index(fields=["call_sid"], name="tries_by_call"),
            GinIndex(fields=["customer_ids"], name="tries_by_customer"),
            models.Index(fields=["ani", "at"], name="tries_by_ani"),
        ]

    def __str__(self) -> str:
        return f"{self.factor} {'ok' if self.ok else 'wrong'}"

    def __repr__(self) -> str:
        return f"<FactorTry {self.pk}>"
