"""What is kept of every call: the call, what was said, what was done, what is owed.

Rules: rows are written as the call goes, by `calls.log`, `calls.callbacks` and
`calls.outbound` only. Texts are redacted before they get here. This app knows no
appointments: `OutboundCall.subject_id` and `Call.appointment_ref` point upwards
by value. Times are UTC; `*_ms` are milliseconds since the call was answered.
"""

from django.db import models
from django.db.models import F, Q


class Direction(models.TextChoices):
    """Who rang whom."""

    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"


class CallStatus(models.TextChoices):
    """Twilio's words for how far a call has come."""

    QUEUED = "queued", "Queued"
    INITIATED = "initiated", "Dialling"
    RINGING = "ringing", "Ringing"
    IN_PROGRESS = "in-progress", "In progress"
    COMPLETED = "completed", "Completed"
    BUSY = "busy", "Busy"
    NO_ANSWER = "no-answer", "No answer"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"


STATUS_ORDER = (
    CallStatus.QUEUED,
    CallStatus.INITIATED,
    CallStatus.RINGING,
    CallStatus.IN_PROGRESS,
)
TERMINAL_STATUSES = (
    CallStatus.COMPLETED,
    CallStatus.BUSY,
    CallStatus.NO_ANSWER,
    CallStatus.FAILED,
    CallStatus.CANCELED,
)


class Call(models.Model):
    """One telephone call, from the first webhook to its last fact."""

    sid = models.CharField(max_length=64, unique=True)
    direction = models.CharField(max_length=8, choices=Direction.choices)
    from_number = models.CharField(max_length=32, blank=True)
    to_number = models.CharField(max_length=32, blank=True)
    purpose = models.CharField(max_length=32, default="inbound")
    context = models.JSONField(default=dict, blank=True)
    attestation = models.CharField(max_length=40, blank=True)

    status = models.CharField(max_length=16, choices=CallStatus.choices, default=CallStatus.RINGING)
    status_sequence = models.IntegerField(default=-1)
    answered_by = models.CharField(max_length=24, blank=True)
    started_at = models.DateTimeField()
    rang_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=40, blank=True)
    stream_sid = models.CharField(max_length=64, blank=True)
    reconnects = models.PositiveSmallIntegerField(default=0)

    customer = models.ForeignKey(
        "crm.Customer", null=True, blank=True, on_delete=models.SET_NULL, related_name="calls"
    )
    verification_level = models.CharField(max_length=8, default="L0")
    flow = models.CharField(max_length=32, blank=True)
    outcome = models.CharField(max_length=40, blank=True)
    appointment_ref = models.CharField(max_length=12, blank=True)
    summary = models.TextField(blank=True)
    score = models.PositiveSmallIntegerField("score, 1 to 5", null=True, blank=True)
    comment = models.TextField("what they said of it", blank=True)

    transfer_reason = models.CharField(max_length=40, blank=True)
    transfer_brief = models.TextField(blank=True)
    transfer_result = models.CharField(max_length=24, blank=True)

    prompt_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    cost_microusd = models.PositiveBigIntegerField(default=0)
    latency = models.JSONField(default=dict, blank=True)
    line = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("-started_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="call_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(1, 5)),
                name="score_is_one_to_five",
            ),
        )
        indexes = (
            models.Index(fields=["-started_at"], name="call_started"),
            models.Index(fields=["from_number", "-started_at"], name="call_from"),
            models.Index(
                fields=["started_at"], condition=Q(ended_at__isnull=True), name="call_open"
            ),
        )

    def __str__(self) -> str:
        return f"{self.direction} {self.sid}"

    @property
    def caller_number(self) -> str:
        """The other side's number, whoever rang."""
        return self.from_number if self.direction == Direction.INBOUND else self.to_number

    @property
    def outcome_words(self) -> str:
        """The outcome as staff read it."""
        return (self.outcome or self.end_reason or self.status).replace("_", " ").replace("-", " ")

    @property
    def line_words(self) -> str:
        """How the caller's line sounded, as staff read it; "" where nobody knows."""
        if not self.line:
            return ""
        return (
            f"{self.line['verdict']}: speech {self.line['speech_dbfs']} dBFS, noise {self.line['noise_dbfs']} dBFS,"
            f" {self.line['clipped_percent']} % clipped"
        )

    @property
    def is_over(self) -> bool:
        """True once Twilio has reported an end."""
        return self.status in TERMINAL_STATUSES


class Role(models.TextChoices):
    """Whose words they are."""

    CALLER = "caller", "Caller"
    AGENT = "agent", "Agent"


class Utterance(models.Model):
    """One turn of either side. `heard_text` is how much of an agent's turn was played out."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="utterances")
    n = models.PositiveIntegerField()
    role = models.CharField(max_length=8, choices=Role.choices)
    text = models.TextField()
    heard_text = models.TextField(blank=True)
    interrupted = models.BooleanField(default=False)
    t0_ms = models.PositiveIntegerField()
    t1_ms = models.PositiveIntegerField()
    stages = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("call", "n")
        constraints = (
            models.UniqueConstraint(fields=["call", "n"], name="one_utterance_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.call_id}/{self.n} {self.role}"


class ToolInvocation(models.Model):
    """A tool that was asked for, allowed or not. Arguments are redacted."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="tools")
    n = models.PositiveIntegerField()
    name = models.CharField(max_length=48)
    arguments = models.JSONField(default=dict, blank=True)
    ok = models.BooleanField()
    error = models.CharField(max_length=64, blank=True)
    level_required = models.CharField(max_length=8, blank=True)
    level_held = models.CharField(max_length=8, blank=True)
    ms = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("call", "n")
        constraints = (models.UniqueConstraint(fields=["call", "n"], name="one_tool_per_number"),)

    def __str__(self) -> str:
        return f"{self.call_id}/{self.n} {self.name}"


class VerificationAttempt(models.Model):
    """That a factor was tried, and whether it matched; never its value."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="verifications")
    customer = models.ForeignKey(
        "crm.Customer", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    factor = models.CharField(max_length=24)
    ok = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        ordering = ("at",)

    def __str__(self) -> str:
        return f"{self.factor} {'ok' if self.ok else 'wrong'}"


class CallbackTask(models.Model):
    """Somebody was promised a call by a person. One open task per call and reason."""

    class Priority(models.TextChoices):
        NORMAL = "normal", "Normal"
        HIGH = "high", "High"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        DROPPED = "dropped", "Dropped"

    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="callbacks"
    )
    customer = models.ForeignKey(
        "crm.Customer", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    number = models.CharField(max_length=32, blank=True)
    reason = models.CharField(max_length=40)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.NORMAL)
    due_at = models.DateTimeField()
    advisor = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    note = models.TextField(blank=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("due_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["call", "reason"],
                condition=Q(state="open"),
                name="one_open_callback_per_call_and_reason",
            ),
        )
        indexes = (models.Index(fields=["state", "due_at"], name="callback_due"),)

    def __str__(self) -> str:
        return f"{self.reason}, due {self.due_at:%Y-%m-%d %H:%M}"

    @property
    def reason_words(self) -> str:
        """The reason as staff read it."""
        return self.reason.replace("_", " ")


class AdvisorLine(models.Model):
    """A telephone a caller may be handed over to: the whole allow-list, in order of `position`."""

    name = models.CharField(max_length=80)
    e164 = models.CharField("number", max_length=16)
    languages = models.CharField(max_length=40, default="en", help_text="en, or en es")
    position = models.PositiveSmallIntegerField(default=1)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["e164"], name="one_line_per_number"),
            models.CheckConstraint(
                condition=Q(e164__regex=r"^\+[1-9][0-9]{7,14}$"), name="line_is_e164"
            ),
        )

    def __str__(self) -> str:
        return self.name


class OutboundCall(models.Model):
    """One attempt to ring somebody about a visit: claimed by its unique key, then dialled once.

    `subject_id` is the appointment (reminder) or visit (follow-up) this is about. A `test` rings
    the test number instead of the customer's, and counts for nothing: not as an attempt, not as
    a reminder sent.
    """

    class Kind(models.TextChoices):
        REMINDER = "reminder", "Reminder"
        FOLLOW_UP = "follow_up", "Follow-up"

    class State(models.TextChoices):
        CLAIMED = "claimed", "Waiting its turn"
        DIALLING = "dialling", "Being placed"
        UNKNOWN = "unknown", "Outcome unknown"
        PLACED = "placed", "Placed"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        SKIPPED = "skipped", "Skipped"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    version = models.PositiveIntegerField()
    attempt = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=16, blank=True)
    customer = models.ForeignKey(
        "crm.Customer", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    context = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CLAIMED)
    skip_reason = models.CharField(max_length=40, blank=True)
    result = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=40, blank=True)
    call = models.OneToOneField(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="outbound"
    )
    due_on = models.DateField()
    forced = models.BooleanField(default=False)
    test = models.BooleanField(default=False)
    claimed_at = models.DateTimeField()
    not_before = models.DateTimeField()
    dialled_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-claimed_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "subject_id", "version", "attempt"], name="one_row_per_attempt"
            ),
        )
        indexes = (
            models.Index(fields=["state", "not_before"], name="outbound_state"),
            models.Index(fields=["number", "-dialled_at"], name="outbound_number"),
            models.Index(fields=["due_on"], name="outbound_day"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} v{self.version} #{self.attempt}"


class LineState(models.Model):
    """What we learned about a number the hard way: whoever has it, it isn't to be rung again."""

    class State(models.TextChoices):
        WRONG_NUMBER = "wrong_number", "Somebody else's"
        FAX = "fax", "A fax machine"
        UNREACHABLE = "unreachable", "Doesn't exist"

    number = models.CharField(max_length=16, primary_key=True)
    state = models.CharField(max_length=16, choices=State.choices)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "bad line"

    def __str__(self) -> str:
        return f"…{self.number[-4:]} {self.state}"


class OutboundSwitch(models.Model):
    """The one row by which staff stop and start automatic calls, with the circuit breaker."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    paused = models.BooleanField(default=False)
    paused_by = models.CharField(max_length=150, blank=True)
    failures_in_row = models.PositiveSmallIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    last_dialled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "outbound switch"
        verbose_name_plural = "outbound switch"
        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_outbound_switch"),
        )

    def __str__(self) -> str:
        return "paused" if self.paused else "running"


class OutboxMessage(models.Model):
    """What the keyless telephony would have sent to Twilio: a call, a text or an update."""

    kind = models.CharField(max_length=12)
    to_number = models.CharField(max_length=32, blank=True)
    body = models.TextField(blank=True)
    sid = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-at",)

    def __str__(self) -> str:
        return f"{self.kind} {self.sid}"
