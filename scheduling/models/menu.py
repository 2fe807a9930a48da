"""The service menu: what the shop does, and what may be said about its price."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from crm.models import Vehicle


class Lane(models.TextChoices):
    """Which kind of bay a job needs."""

    EXPRESS = "X", "Express"
    MAIN = "M", "Main shop"
    DIAG = "D", "Diagnosis"
    EV = "E", "EV and hybrid"


class PriceKind(models.TextChoices):
    """What may be said about a price: `FROM` is never quoted as a total."""

    FIXED = "fixed", "Posted price"
    FROM = "from", "Starts at"
    DIAG = "diag", "Diagnosis fee, credited"


class Triage(models.TextChoices):
    """How a concern must be treated before anything is booked."""

    UNSAFE = "unsafe", "Unsafe: do not drive"
    URGENT = "urgent", "Urgent: earliest opening"


class ServiceOp(models.Model):
    """One line of the service menu."""

    op_code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=80)
    spoken_name = models.CharField(max_length=80, help_text="As the agent says it.")
    aliases = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        help_text="What callers say for it, one phrase each.",
    )
    bay_min = models.PositiveSmallIntegerField(help_text="Minutes of bay time.")
    visit_min = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Minutes told to the caller; empty: by end of day."
    )
    lane = models.CharField(max_length=1, choices=Lane)
    skill = models.PositiveSmallIntegerField(
        default=1, help_text="1 lube, 2 line technician, 3 master."
    )
    waiter_ok = models.BooleanField(default=False)
    price_kind = models.CharField(max_length=8, choices=PriceKind)
    price_cents = models.PositiveIntegerField()
    price_note = models.CharField(max_length=80, blank=True, help_text='Such as "plus tires".')
    interval_miles = models.PositiveIntegerField(null=True, blank=True)
    interval_months = models.PositiveSmallIntegerField(null=True, blank=True)
    triage = models.CharField(max_length=8, choices=Triage, blank=True)
    needs_parts = models.BooleanField(default=False)
    powertrains = ArrayField(
        models.CharField(max_length=8, choices=Vehicle.Powertrain),
        default=list,
        blank=True,
        help_text="Which cars it is for: gas, diesel, hybrid, ev. Empty: every car.",
    )
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "op_code"]
        verbose_name = "service"
        indexes = [GinIndex(fields=["aliases"], name="service_aliases")]
        constraints = [
            models.CheckConstraint(
                condition=Q(bay_min__gte=5) & Q(skill__range=(1, 3)), name="service_is_possible"
            ),
            models.CheckConstraint(
                condition=Q(waiter_ok=False) | Q(visit_min__isnull=False),
                name="service_waited_for_has_a_length",
            ),
        ]

    def __str__(self) -> str:
        """The name staff know it by."""
        return self.name
