"""The shop itself: rules, hours, closures, bays, advisors, and what may be said about it.

Rules: `BusinessHours`, `Closure` and `CapacityOverride` speak shop-local time.
"""

from datetime import time

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from scheduling.models.menu import Lane


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
