"""The shop's schedule as tables.

Rules of this module:
- A bay's time is one table, `Reservation`: appointments, holds and blocks exclude each
  other by one constraint, so nothing that takes bay time can be forgotten by a check.
- A reservation's span is half open and holds the work plus the turnaround after it;
  an appointment's start and end are what the caller and the calendar are told.
- `Appointment.version` counts its writes from 1 without gaps. Each write leaves exactly
  one `AppointmentEvent` and one `CalendarOutbox` row with that version.
- Only the functions of `booking`, `holds` and `status` write appointments and reservations.
- Times are UTC; `BusinessHours`, `Closure` and `CapacityOverride` speak shop-local time.
"""

import uuid
from datetime import time

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    ArrayField,
    DateTimeRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q

from crm.models import Vehicle

REFERENCE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I: nothing that sounds or looks like something else."""


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


class ShopSettings(models.Model):
    """The one row with the shop's rules; read through `day_sheet.load_rules`."""

    name = models.CharField(max_length=80, default="Bart's Automotive")
    legal_name = models.CharField(max_length=80, default="Bart's Automotive LLC")
    phone = models.CharField(max_length=16, default="+15555550100")
    address = models.CharField(max_length=160, blank=True)
    email = models.EmailField(blank=True)
    greet_by_name = models.BooleanField(
        default=True, help_text="Greet a caller by first name when the number has one owner."
    )
    lead_min = models.PositiveSmallIntegerField(default=120)
    horizon_days = models.PositiveSmallIntegerField(default=60)
    grid_min = models.PositiveSmallIntegerField(default=30, validators=[MinValueValidator(5)])
    turnaround_min = models.PositiveSmallIntegerField(default=10)
    hold_s = models.PositiveSmallIntegerField(default=240)
    writeup_min = models.PositiveSmallIntegerField(
        default=15, help_text="One check-in per advisor in this many minutes."
    )
    waiters_per_hour = models.PositiveSmallIntegerField(default=2)
    waiter_max_visit_min = models.PositiveSmallIntegerField(default=90)
    last_waiter_start = models.TimeField(default=time(15, 0))
    shuttle_per_day = models.PositiveSmallIntegerField(default=6)
    shuttle_from = models.TimeField(default=time(9, 0))
    shuttle_until = models.TimeField(default=time(10, 0))
    loaners_per_day = models.PositiveSmallIntegerField(default=3)
    loaner_min_visit_min = models.PositiveSmallIntegerField(default=240)
    max_appointments_per_day = models.PositiveSmallIntegerField(default=48)
    max_work_min_per_day = models.PositiveSmallIntegerField(
        default=3360, help_text="Labour minutes a day: eight bays of seven hours."
    )
    bookings_per_call = models.PositiveSmallIntegerField(
        default=2, help_text="Visits that one call may book."
    )
    bookings_per_number = models.PositiveSmallIntegerField(
        default=3, help_text="Visits that one number may book by phone within 24 hours."
    )
    bookings_withheld = models.PositiveSmallIntegerField(
        default=10, help_text="The same for all callers together who withhold their number."
    )

    class Meta:
        verbose_name = verbose_name_plural = "shop settings"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="shop_settings_is_one_row"),
        ]

    def __str__(self) -> str:
        """The shop's name."""
        return self.name


class BusinessHours(models.Model):
    """One weekday's hours in shop time; a weekday without a row is closed."""

    weekday = models.PositiveSmallIntegerField(
        unique=True, validators=[MaxValueValidator(6)], help_text="0 is Monday."
    )
    opens = models.TimeField()
    closes = models.TimeField()
    lunch_starts = models.TimeField(null=True, blank=True)
    lunch_ends = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["weekday"]
        verbose_name_plural = "business hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6) & Q(opens__lt=F("closes")),
                name="hours_open_before_they_close",
            ),
            models.CheckConstraint(
                condition=Q(lunch_starts=None, lunch_ends=None)
                | Q(
                    lunch_starts__gte=F("opens"),
                    lunch_ends__gt=F("lunch_starts"),
                    lunch_ends__lte=F("closes"),
                ),
                name="hours_hold_their_lunch",
            ),
        ]

    def __str__(self) -> str:
        """Weekday and hours, as staff read them."""
        days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        return f"{days[self.weekday]} {self.opens:%H:%M}-{self.closes:%H:%M}"


class Closure(models.Model):
    """Days, or the same hours of several days, on which nothing is booked."""

    first_day = models.DateField()
    last_day = models.DateField()
    starts = models.TimeField(null=True, blank=True, help_text="Empty: the whole day.")
    ends = models.TimeField(null=True, blank=True)
    reason = models.CharField(max_length=80)

    class Meta:
        ordering = ["first_day"]
        indexes = [models.Index(fields=["last_day"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="closure_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(starts=None, ends=None) | Q(starts__lt=F("ends")),
                name="closure_hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        """Reason and days."""
        return f"{self.reason} ({self.first_day} to {self.last_day})"


class CapacityOverride(models.Model):
    """Another limit than usual, on one day."""

    class Limit(models.TextChoices):
        """Which limit is overridden."""

        APPOINTMENTS = "appointments", "Appointments a day"
        WORK_MIN = "work_min", "Labour minutes a day"
        WAITERS = "waiters", "Waiters an hour"
        SHUTTLE = "shuttle", "Shuttle rides a day"
        LOANERS = "loaners", "Loaner cars a day"
        CHECK_INS = "check_ins", "Check-ins at once (advisors)"

    day = models.DateField()
    limit = models.CharField(max_length=16, choices=Limit)
    value = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=80)

    class Meta:
        ordering = ["day", "limit"]
        constraints = [
            models.UniqueConstraint(fields=["day", "limit"], name="one_override_per_limit_and_day"),
        ]

    def __str__(self) -> str:
        """Day, limit and value."""
        return f"{self.day}: {self.get_limit_display()} {self.value}"


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


class Bay(models.Model):
    """A place where one car at a time is worked on, with its technician's skill."""

    name = models.CharField(max_length=40, unique=True)
    lanes = ArrayField(models.CharField(max_length=1, choices=Lane))
    skill = models.PositiveSmallIntegerField(default=2)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(skill__range=(1, 3)), name="bay_skill_is_possible"),
        ]

    def __str__(self) -> str:
        """The bay's name."""
        return self.name


class Advisor(models.Model):
    """A person at the service desk."""

    name = models.CharField(max_length=60)
    spoken_name = models.CharField(max_length=60)
    languages = ArrayField(models.CharField(max_length=5), default=list)
    email = models.EmailField(blank=True)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        """The advisor's name."""
        return self.name


class KnowledgeArticle(models.Model):
    """What the agent may say about the shop itself: at most `WORDS_MAX` spoken words."""

    WORDS_MAX = 40

    topic = models.SlugField(max_length=40, unique=True)
    phrases = ArrayField(models.CharField(max_length=80), default=list)
    spoken = models.TextField(help_text="At most 40 words, as the agent says it.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["topic"]

    def __str__(self) -> str:
        """The topic."""
        return self.topic


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
                fields=["event_id", "kind", "etag"],
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
