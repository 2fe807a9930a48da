"""Visits: what was booked, its services, and what was done to it.

Rules: `Appointment.version` counts its writes from 1 without gaps. Each write leaves exactly one
`AppointmentEvent` and one `CalendarOutbox` row with that version.
"""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from scheduling.models.menu import PriceKind, ServiceOp, Triage
from scheduling.models.shop import Advisor

REFERENCE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I: nothing that sounds or looks like something else."""


class VisitType(models.TextChoices):
    """How the customer spends the visit."""

    WAITER = "waiter", "Waits here"
    DROP_OFF = "drop_off", "Drops off"
    SHUTTLE = "shuttle", "Drops off, shuttle ride"
    LOANER = "loaner", "Drops off, loaner car"
    TOW_IN = "tow_in", "Towed in"


class Status(models.TextChoices):
    """Where a visit stands; see `Appointment.ACTIVE` for those that take bay time."""

    BOOKED = "booked", "Booked"
    CONFIRMED = "confirmed", "Confirmed"
    CHECKED_IN = "checked_in", "Checked in"
    IN_SERVICE = "in_service", "In service"
    READY = "ready", "Ready"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "no_show", "No show"


class TsTzRange(Func):
    """`tstzrange(start, end, bounds)` for constraints over two columns."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Appointment(models.Model):
    """A visit. A move keeps the row and the reference; `version` counts its writes."""

    ACTIVE = (
        Status.BOOKED,
        Status.CONFIRMED,
        Status.CHECKED_IN,
        Status.IN_SERVICE,
        Status.READY,
        Status.COMPLETED,
    )
    """These keep their reservation: the bay's time is or was used."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    ref = models.CharField(max_length=6, unique=True, editable=False)
    customer = models.ForeignKey(
        "crm.Customer", on_delete=models.PROTECT, related_name="appointments"
    )
    vehicle = models.ForeignKey(
        "crm.Vehicle", on_delete=models.PROTECT, related_name="appointments"
    )
    advisor = models.ForeignKey(Advisor, on_delete=models.SET_NULL, null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.BOOKED)
    start = models.DateTimeField()
    end = models.DateTimeField(help_text="When the work ends, lunch included, turnaround not.")
    visit_type = models.CharField(max_length=10, choices=VisitType, default=VisitType.DROP_OFF)
    concern = models.CharField(max_length=500, blank=True, help_text="The caller's own words.")
    triage = models.CharField(max_length=8, choices=Triage, blank=True)
    needs_link = models.BooleanField(
        default=False, help_text="Booked without verification: match to the record on arrival."
    )
    source = models.CharField(max_length=12, default="phone")
    call_sid = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True, help_text="Told to the customer.")
    completed_at = models.DateTimeField(null=True, blank=True)
    calendar_event_id = models.CharField(max_length=64, blank=True)
    calendar_etag = models.CharField(max_length=120, blank=True)
    reminder_sent = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["start"]
        indexes = [
            models.Index(fields=["start"], name="appointment_start"),
            models.Index(
                fields=["start"],
                condition=Q(status__in=("booked", "confirmed")),
                name="appointment_upcoming",
            ),
            models.Index(fields=["customer", "start"], name="appointment_customer"),
            models.Index(fields=["call_sid"], condition=~Q(call_sid=""), name="appointment_call"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(start__lt=F("end")), name="appointment_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(ref__regex=r"^[A-HJ-NP-Z2-9]{6}$"), name="appointment_ref_is_sayable"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="appointment_version_from_1"),
            ExclusionConstraint(
                name="appointment_one_per_vehicle_and_time",
                expressions=[
                    (TsTzRange("start", "end", RangeBoundary()), RangeOperators.OVERLAPS),
                    ("vehicle", RangeOperators.EQUAL),
                ],
                condition=~Q(status__in=("cancelled", "no_show")),
            ),
        ]

    def __str__(self) -> str:
        """Reference and start, without anything personal."""
        return f"{self.ref} {self.start:%Y-%m-%d %H:%M}Z"


class AppointmentService(models.Model):
    """One service of a visit, with the price as it stood at booking."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="services")
    op = models.ForeignKey(ServiceOp, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    price_kind = models.CharField(max_length=8, choices=PriceKind)
    price_cents = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "op"], name="service_once_per_visit"),
        ]

    def __str__(self) -> str:
        """The service's code."""
        return self.op_id


class AppointmentEvent(models.Model):
    """What was done to an appointment, once per version; never changed afterwards."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="events")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=16)
    by = models.CharField(max_length=80, help_text="phone, system, or the staff member's login.")
    call_sid = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        ordering = ["appointment", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "version"], name="one_event_per_version"
            ),
        ]

    def __str__(self) -> str:
        """Version and kind."""
        return f"v{self.version} {self.kind}"
