"""A bay's time, in one table.

Rules: appointments, holds and blocks exclude each other by one constraint, so nothing that takes
bay time can be forgotten by a check. A span is half open and holds the work plus the turnaround
after it; an appointment's start and end are what the caller and the calendar are told.
"""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Q

from scheduling.models.shop import Bay
from scheduling.models.visits import Appointment, VisitType


class Reservation(models.Model):
    """A bay's time: an appointment's, a hold's or a block's.

    `span` starts at check-in and ends after the turnaround (a block has none).
    `visit_type` and `work_min` (labour minutes, lunch and turnaround not counted) repeat
    what the day's limits are counted from, so that a day is read from this table alone.
    """

    class Kind(models.TextChoices):
        """Who takes the time."""

        APPOINTMENT = "appointment", "Appointment"
        HOLD = "hold", "Hold"
        BLOCK = "block", "Block"

    bay = models.ForeignKey(Bay, on_delete=models.PROTECT, related_name="reservations")
    span = DateTimeRangeField()
    kind = models.CharField(max_length=12, choices=Kind)
    visit_type = models.CharField(max_length=10, choices=VisitType, blank=True)
    work_min = models.PositiveSmallIntegerField(default=0)
    appointment = models.OneToOneField(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="reservation"
    )
    vehicle = models.ForeignKey(
        "crm.Vehicle", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    op_codes = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    call_sid = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    external_id = models.CharField(max_length=256, blank=True)
    reason = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["call_sid"], condition=Q(kind="hold"), name="hold_call"),
            models.Index(fields=["expires_at"], condition=Q(kind="hold"), name="hold_expiry"),
            models.Index(
                fields=["external_id"], condition=~Q(external_id=""), name="block_external"
            ),
        ]
        constraints = [
            ExclusionConstraint(
                name="reservation_one_per_bay_and_time",
                expressions=[
                    ("span", RangeOperators.OVERLAPS),
                    ("bay", RangeOperators.EQUAL),
                ],
            ),
            models.CheckConstraint(
                condition=Q(span__isempty=False, span__lower_inf=False, span__upper_inf=False),
                name="reservation_span_is_bounded",
            ),
            models.CheckConstraint(
                condition=Q(kind="appointment", appointment__isnull=False, expires_at=None)
                | Q(kind="hold", appointment=None, expires_at__isnull=False)
                | Q(kind="block", appointment=None, expires_at=None),
                name="reservation_fits_its_kind",
            ),
        ]

    def __str__(self) -> str:
        """Kind and bay."""
        return f"{self.kind} in bay {self.bay_id}"
