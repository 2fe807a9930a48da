"""What customers are owed beside a visit: an opening they wait for, a message about one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from scheduling.models.visits import Appointment, VisitType


class WaitlistEntry(models.Model):
    """Somebody for whom nothing fitted, and what would fit."""

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", "Waiting"
        PROPOSED = "proposed", "Opening proposed"
        BOOKED = "booked", "Booked"
        CLOSED = "closed", "Closed"

    customer = models.ForeignKey("crm.Customer", on_delete=models.CASCADE, related_name="waitlist")
    vehicle = models.ForeignKey("crm.Vehicle", on_delete=models.CASCADE, related_name="+")
    op_codes = ArrayField(models.CharField(max_length=12))
    visit_type = models.CharField(max_length=10, choices=VisitType, default=VisitType.DROP_OFF)
    first_day = models.DateField()
    last_day = models.DateField()
    part = models.CharField(max_length=12, blank=True, help_text="morning, afternoon or empty")
    number = models.CharField(max_length=16)
    call_sid = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    proposed_start = models.DateTimeField(null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    idempotency_key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at"]
        verbose_name_plural = "waitlist"
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=Q(state__in=("waiting", "proposed")),
                name="waitlist_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="waitlist_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        """What is waited for."""
        return f"{'+'.join(self.op_codes)} {self.first_day} to {self.last_day}"


class Notice(models.Model):
    """One text message or e-mail about a visit that is owed; sent by a sweep."""

    class Channel(models.TextChoices):
        """How it travels."""

        SMS = "sms", "Text message"
        EMAIL = "email", "E-mail"

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="notices")
    version = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, help_text="booked, moved or cancelled")
    channel = models.CharField(max_length=8, choices=Channel)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    dropped = models.CharField(max_length=40, blank=True, help_text="Why it was never sent.")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(sent_at=None, dropped=""),
                name="notice_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "version", "channel"], name="one_notice_per_version"
            ),
        ]

    def __str__(self) -> str:
        """Channel and kind."""
        return f"{self.channel} {self.kind}"
