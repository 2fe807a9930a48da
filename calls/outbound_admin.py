"""What staff see of the calls we make: what became of each and why, the switch, the dead numbers.

Rules: staff can put a call first or stop all of them; whether one may be made is not theirs to
decide here. Every reason reads as a sentence (`reasons`).
"""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from calls import outbound, reasons
from calls.history_admin import ReadOnlyAdmin
from calls.models import LineState, OutboundCall, OutboundSwitch


class WhyNot(admin.SimpleListFilter):
    """The attempts that wait or were skipped for one reason, as it reads in the list."""

    title, parameter_name = "why not", "skip_reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Every reason that there is."""
        return [(code, reasons.why_not(code)) for code in reasons.NOT_DIALLED]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[OutboundCall]
    ) -> QuerySet[OutboundCall]:
        """Those of the chosen one."""
        return queryset.filter(skip_reason=self.value()) if self.value() else queryset


@admin.register(OutboundCall)
class OutboundCallAdmin(ReadOnlyAdmin):
    """The calls we make: today's on top, with what became of each and why."""

    list_display = (
        "due_on",
        "customer",
        "kind",
        "which",
        "coloured_state",
        "why",
        "dialled",
        "talk",
    )
    list_filter = ("due_on", "state", "kind", WhyNot, "result", "test")
    search_fields = ("number", "customer__last_name", "customer__first_name")
    list_select_related = ("customer", "call")
    ordering = ("-due_on", "state", "-claimed_at")
    list_per_page = 50
    actions = ("ring_now",)

    @admin.display(description="state", ordering="state")
    def coloured_state(self, task: OutboundCall) -> str:
        """In words; what staff asked for is told apart."""
        return f"{task.get_state_display()}{' (asked for)' if task.forced else ''}"

    @admin.display(description="attempt", ordering="attempt")
    def which(self, task: OutboundCall) -> str:
        """Which attempt of how many; a test is none."""
        return "test" if task.test else str(task.attempt)

    @admin.display(description="call")
    def talk(self, task: OutboundCall) -> SafeString | str:
        """The way to its transcript."""
        if task.call_id is None:
            return ""
        address = reverse("admin:calls_call_change", args=(task.call_id,))
        return format_html('<a href="{}" class="text-primary-600">transcript</a>', address)

    @admin.display(description="why, or how it went")
    def why(self, task: OutboundCall) -> str:
        """The reason it waits or was skipped, the result, or the error."""
        if task.result:
            return reasons.result(task.result)
        return reasons.why_not(task.skip_reason) if task.skip_reason else reasons.error(task.error)

    @admin.display(description="dialled", ordering="dialled_at")
    def dialled(self, task: OutboundCall) -> str:
        """Shop time."""
        return f"{timezone.localtime(task.dialled_at):%H:%M:%S}" if task.dialled_at else "–"

    @admin.action(description="Ring this one now (if it may be rung)", permissions=["view"])
    def ring_now(self, request: HttpRequest, tasks: QuerySet[OutboundCall]) -> None:
        """To the front of the queue. The lock, consent and the hour still hold."""
        now: datetime = timezone.now()
        moved = sum(
            outbound.ring_now(task_id=pk, now=now) for pk in tasks.values_list("pk", flat=True)
        )
        level = messages.SUCCESS if moved else messages.WARNING
        self.message_user(request, f"{moved} put first; the next sweep dials.", level)


@admin.register(OutboundSwitch)
class OutboundSwitchAdmin(ModelAdmin):
    """The switch that stops every automatic call."""

    list_display = ("__str__", "paused_by", "open_until", "last_dialled_at")
    fields = ("paused", "paused_by", "open_until", "failures_in_row", "last_dialled_at")
    readonly_fields = ("paused_by", "open_until", "failures_in_row", "last_dialled_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutboundSwitch]:
        """The row is made when it is first looked for."""
        OutboundSwitch.objects.get_or_create(pk=1)
        found: QuerySet[OutboundSwitch] = super().get_queryset(request)
        return found

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There is one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """And it stays."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Through the same door as everybody."""
        outbound.set_paused(paused=obj.paused, by=request.user.get_username())


@admin.register(LineState)
class LineStateAdmin(ModelAdmin):
    """Numbers that aren't rung any more; deleting a row allows it again."""

    list_display = ("number", "state", "at")
    list_filter = ("state",)
    search_fields = ("number",)
    readonly_fields = ("at",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Noted now."""
        obj.at = timezone.now()
        super().save_model(request, obj, form, change)
