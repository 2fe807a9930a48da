"""What staff see of calls: what was said and done, who is owed a call. Those we make are in `outbound_admin`.

Rules: what happened can't be edited; a change goes through the same functions that the
product uses. Every text of a caller is escaped. Fits a phone: few columns, the most
urgent first.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Case, Count, Q, QuerySet, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from calls import callbacks
from calls import outbound_admin as outbound_admin  # registers the pages of the calls we make
from calls.history_admin import ReadOnlyAdmin
from calls.models import (
    AdvisorLine,
    Call,
    CallbackTask,
    OutboxMessage,
    ToolInvocation,
    Utterance,
)
from crm import panels

_BUBBLE = (
    '<div style="display:flex;justify-content:{};margin:.4rem 0"><div style="max-width:85%;'
    'padding:.5rem .8rem;border-radius:.9rem;background:{};overflow-wrap:anywhere">'
    '<div style="font-size:.7rem;opacity:.65">{} · {}</div>{}{}</div></div>'
)
_TOOL = (
    '<div style="margin:.3rem 0;font-size:.8rem;opacity:.85;overflow-wrap:anywhere">'
    "{} <b>{}</b> {} <span>{} ms</span> <span>{}</span></div>"
)


def _clock(ms: int) -> str:
    return f"{ms // 60000}:{ms // 1000 % 60:02d}"


def _bubble(turn: Utterance) -> SafeString:
    agent = turn.role == "agent"
    unheard: SafeString | str = ""
    if turn.interrupted:
        unheard = format_html(
            '<div style="font-size:.7rem;opacity:.65">interrupted; heard: {}</div>',
            turn.heard_text or "nothing",
        )
    return format_html(
        _BUBBLE,
        "flex-start" if agent else "flex-end",
        "rgba(120,120,120,.15)" if agent else "rgba(59,130,246,.18)",
        "Agent" if agent else "Caller",
        _clock(turn.t0_ms),
        turn.text,
        unheard,
    )


def _tool_line(tool: ToolInvocation) -> SafeString:
    levels = f"needs {tool.level_required}, had {tool.level_held}" if tool.level_required else ""
    told = tool.error if not tool.ok else levels
    shown = ", ".join(f"{key}: {value}" for key, value in tool.arguments.items())
    return format_html(_TOOL, "✓" if tool.ok else "✗", tool.name, shown, tool.ms, told)


def _join(parts: Iterable[SafeString]) -> SafeString | str:
    return format_html_join("", "{}", ((part,) for part in parts)) or "Nothing."


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin):
    """Calls, newest first, each with its transcript and what was done in it."""

    list_display = ("started", "who", "direction", "flow", "outcome", "lasted", "turns", "response")
    list_filter = ("direction", "outcome", "flow", "status", "verification_level", "score")
    search_fields = (
        "sid",
        "from_number",
        "to_number",
        "appointment_ref",
        "customer__last_name",
        "customer__first_name",
    )
    date_hierarchy = "started_at"
    list_per_page = 50
    list_select_related = ("customer",)
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("who", "started_at", "lasted", "outcome", "summary")}),
        ("What was said", {"fields": ("transcript",)}),
        ("What was done", {"fields": ("tool_calls", "verification_tries")}),
        ("How their visit went", {"fields": ("score", "comment")}),
        ("Hand-over", {"fields": ("transfer_reason", "transfer_brief", "transfer_result")}),
        (
            "Facts",
            {
                "classes": ("collapse",),
                "fields": (
                    "sid",
                    "direction",
                    "from_number",
                    "to_number",
                    "purpose",
                    "status",
                    "answered_by",
                    "end_reason",
                    "flow",
                    "verification_level",
                    "attestation",
                    "appointment_ref",
                    "reconnects",
                    "prompt_tokens",
                    "cached_tokens",
                    "completion_tokens",
                    "cost",
                    "line_quality",
                    "latency",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        """With the number of turns, counted once for the page."""
        found: QuerySet[Call] = super().get_queryset(request)
        return found.annotate(turn_count=Count("utterances"))

    @admin.display(description="started", ordering="started_at")
    def started(self, call: Call) -> str:
        """Shop time."""
        return f"{timezone.localtime(call.started_at):%a %d %b %H:%M}"

    @admin.display(description="customer")
    def who(self, call: Call) -> str:
        """The customer, else the number."""
        return str(call.customer) if call.customer else call.caller_number or "withheld"

    @admin.display(description="lasted")
    def lasted(self, call: Call) -> str:
        """Minutes and seconds, or that it goes on."""
        if call.ended_at is None:
            return "in progress"
        return _clock(int((call.ended_at - call.started_at).total_seconds() * 1000))

    @admin.display(description="turns", ordering="turn_count")
    def turns(self, call: Call) -> int:
        """How many turns both sides took."""
        return int(getattr(call, "turn_count", 0))

    @admin.display(description="response")
    def response(self, call: Call) -> str:
        """The median from the caller's last word to the agent's first sound."""
        p50 = call.latency.get("first_audio_p50")
        return f"{p50} ms" if p50 is not None else ""

    @admin.display(description="line")
    def line_quality(self, call: Call) -> str:
        """How the caller's line sounded."""
        return call.line_words or "Too short to say."

    @admin.display(description="cost")
    def cost(self, call: Call) -> str:
        """Dollars."""
        return f"${call.cost_microusd / 1_000_000:.4f}"

    @admin.display(description="transcript")
    @panels.once
    def transcript(self, call: Call) -> SafeString | str:
        """Both sides, as a chat."""
        return _join(_bubble(turn) for turn in call.utterances.all())

    @admin.display(description="tools")
    @panels.once
    def tool_calls(self, call: Call) -> SafeString | str:
        """Every tool that was asked for, denied ones too."""
        return _join(_tool_line(tool) for tool in call.tools.all())

    @admin.display(description="verification")
    @panels.once
    def verification_tries(self, call: Call) -> str:
        """Which factors were tried; never their values."""
        tries = [f"{t.factor} {'✓' if t.ok else '✗'}" for t in call.verifications.all()]
        return ", ".join(tries) or "None tried."


@admin.register(CallbackTask)
class CallbackTaskAdmin(ModelAdmin):
    """Who is owed a call: overdue first."""

    list_display = ("due", "reason", "number", "customer", "priority", "state", "overdue")
    list_filter = ("state", "priority", "reason")
    search_fields = ("number", "customer__last_name", "note")
    list_select_related = ("customer",)
    autocomplete_fields = ()
    raw_id_fields = ("customer",)
    readonly_fields = ("call", "created_at", "done_at", "state")
    list_per_page = 50
    actions = ("mark_done", "mark_dropped")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CallbackTask]:
        """With whether its time has passed."""
        found: QuerySet[CallbackTask] = super().get_queryset(request)
        late = Q(state=CallbackTask.State.OPEN, due_at__lt=timezone.now())
        return found.annotate(
            is_late=Case(When(late, then=True), default=False, output_field=BooleanField()),
        )

    def get_ordering(self, request: HttpRequest) -> tuple[Any, ...]:
        """Open before closed, the longest overdue on top."""
        return (Case(When(state=CallbackTask.State.OPEN, then=0), default=1).asc(), "due_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A promise is kept or dropped, never deleted."""
        return False

    @admin.display(description="due", ordering="due_at")
    def due(self, task: CallbackTask) -> str:
        """Shop time."""
        return f"{timezone.localtime(task.due_at):%a %d %b %H:%M}"

    @admin.display(description="overdue", boolean=True)
    def overdue(self, task: CallbackTask) -> bool:
        """Its time has passed and it is still open."""
        return bool(getattr(task, "is_late", False))

    @admin.action(description="Done: they were called")
    def mark_done(self, request: HttpRequest, tasks: QuerySet[CallbackTask]) -> None:
        """Close the selected."""
        self._close(request, tasks, done=True)

    @admin.action(description="Drop: no call is needed")
    def mark_dropped(self, request: HttpRequest, tasks: QuerySet[CallbackTask]) -> None:
        """Drop the selected."""
        self._close(request, tasks, done=False)

    def _close(self, request: HttpRequest, tasks: QuerySet[CallbackTask], *, done: bool) -> None:
        now = timezone.now()
        ids = tasks.order_by().values_list("pk", flat=True)
        closed = sum(callbacks.close_callback(task_id=pk, done=done, now=now) for pk in ids)
        self.message_user(request, f"{closed} closed.")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """A task made by hand begins now."""
        if not change:
            obj.created_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(AdvisorLine)
class AdvisorLineAdmin(ModelAdmin):
    """Where callers may be handed over to."""

    list_display = ("name", "e164", "languages", "position", "active")
    list_filter = ("active",)


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    """What would have gone to Twilio, where there are no keys."""

    list_display = ("at", "kind", "to_number", "body")
    list_filter = ("kind",)
