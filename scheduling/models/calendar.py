"""The calendar beside the book: writes owed to it, questions about it, and the built-in one."""

from django.db import models
from django.db.models import Q

from scheduling.models.visits import Appointment


class CalendarOutbox(models.Model):
    """One calendar write that is owed, written in the booking's own transaction."""

    class Operation(models.TextChoices):
        """What the calendar is asked to do."""

        INSERT = "insert", "Insert"
        PATCH = "patch", "Patch"
        DELETE = "delete", "Delete"

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="outbox")
    version = models.PositiveIntegerField()
    operation = models.CharField(max_length=8, choices=Operation)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    dead = models.BooleanField(default=False)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["appointment", "version"]
        verbose_name = "calendar write"
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=Q(done_at=None, dead=False),
                name="outbox_due",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment", "version"], name="one_calendar_write_per_version"
            ),
        ]

    def __str__(self) -> str:
        """Operation and version."""
        return f"{self.operation} v{self.version}"


class CalendarReview(models.Model):
    """A difference between calendar and database that a person decides."""

    class State(models.TextChoices):
        """Where the decision stands."""

        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Taken over"
        RESTORED = "restored", "Calendar put right"
        DISMISSED = "dismissed", "Dismissed"

    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, null=True, blank=True, related_name="reviews"
    )
    kind = models.CharField(max_length=16, help_text="moved, edited, deleted, overlap, unknown")
    event_id = models.CharField(max_length=256, blank=True)
    etag = models.CharField(max_length=120, blank=True)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="open"), name="review_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event_id", "kind", "etag", "appointment"],
                condition=Q(state="open"),
                name="one_open_review_per_difference",
            ),
        ]

    def __str__(self) -> str:
        """Kind and state."""
        return f"{self.kind} ({self.state})"


class CalendarState(models.Model):
    """What is known of the connected calendar: where the next pull starts, what is broken."""

    calendar_id = models.CharField(max_length=256, unique=True)
    sync_token = models.TextField(blank=True)
    channel_id = models.CharField(max_length=64, blank=True)
    channel_token = models.CharField(max_length=64, blank=True)
    channel_resource = models.CharField(max_length=256, blank=True)
    channel_address = models.CharField(max_length=200, blank=True)
    channel_expires_at = models.DateTimeField(null=True, blank=True)
    pulled_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    broken_since = models.DateTimeField(null=True, blank=True)
    broken_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = "calendar connection"

    def __str__(self) -> str:
        """Which calendar."""
        return self.calendar_id


class LocalEvent(models.Model):
    """An event of the built-in calendar, which stands in where no Google account is connected."""

    calendar_id = models.CharField(max_length=256)
    event_id = models.CharField(max_length=256)
    etag = models.CharField(max_length=120)
    cancelled = models.BooleanField(default=False)
    start = models.DateTimeField()
    end = models.DateTimeField()
    summary = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    private = models.JSONField(default=dict)
    sequence = models.BigIntegerField(help_text="Rises with every change: the sync token.")
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["start"]
        indexes = [
            models.Index(fields=["calendar_id", "sequence"], name="local_event_sequence"),
            models.Index(fields=["calendar_id", "start"], name="local_event_start"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar_id", "event_id"], name="local_event_id_is_unique"
            ),
        ]

    def __str__(self) -> str:
        """The event's id."""
        return self.event_id
