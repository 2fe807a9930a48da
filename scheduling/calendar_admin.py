"""The calendar in the admin: what it is owed, what people changed in it, whether it is connected.

Rules: rows are written by code and only looked at here. Staff can start a given-up write
again and decide a question: take the calendar's time over into the book, put the calendar
right from the book, or leave it. Deciding goes through the same functions as everything else.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin
from unfold.decorators import action, display

from crm.errors import Refusal
from scheduling import calendar_sync
from scheduling.calendar import CalendarError
from scheduling.calendar_review import dismiss, put_calendar_right, take_over
from scheduling.day_sheet import shop_time
from scheduling.models import CalendarOutbox, CalendarReview, CalendarState, LocalEvent


class LookedAt(ModelAdmin):
    """Rows that code writes."""

    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand; the actions need the page all the same."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never by hand."""
        return False


@admin.register(CalendarOutbox)
class OutboxAdmin(LookedAt):
    """What the calendar is owed."""

    list_display = ("visit", "operation", "version", "state", "attempts", "last_error", "next_try")
    list_filter = ("dead", "operation")
    list_select_related = ("appointment",)
    ordering = ("done_at", "-next_try_at")
    actions = ("try_again",)

    @display(description="Visit", ordering="appointment__start")
    def visit(self, row: CalendarOutbox) -> str:
        """Reference and time."""
        return f"{row.appointment.ref} · {shop_time(row.appointment.start)}"

    @display(
        description="State", label={"given up": "danger", "owed": "warning", "done": "success"}
    )
    def state(self, row: CalendarOutbox) -> str:
        """Done, owed or given up."""
        if row.done_at:
            return "done"
        return "given up" if row.dead else "owed"

    @display(description="Next try")
    def next_try(self, row: CalendarOutbox) -> str:
        """On the shop's clock."""
        return "–" if row.done_at else shop_time(row.next_try_at)

    @action(description="Try again now")
    def try_again(self, request: HttpRequest, rows: QuerySet[CalendarOutbox]) -> None:
        """Start given-up writes again."""
        started = calendar_sync.retry_dead([row.pk for row in rows], timezone.now())
        self.message_user(request, f"{started} started again.")


@admin.register(CalendarReview)
class ReviewAdmin(LookedAt):
    """What people changed in the calendar, for a decision."""

    list_display = ("visit", "kind", "in_calendar", "in_book", "status", "created")
    list_filter = ("state", "kind")
    list_select_related = ("appointment",)
    actions = ("accept", "restore", "leave")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CalendarReview]:
        """Open ones first."""
        rows: QuerySet[CalendarReview] = super().get_queryset(request)
        return rows.order_by("resolved_at", "-created_at")

    @display(description="Visit")
    def visit(self, row: CalendarReview) -> str:
        """Reference."""
        return row.appointment.ref if row.appointment else "–"

    @display(description="The calendar says")
    def in_calendar(self, row: CalendarReview) -> str:
        """Title and time as a person left them."""
        start = row.facts.get("start")
        when = shop_time(datetime.fromisoformat(start)) if start else "gone"
        return f"{when} {row.facts.get('summary', '')}"[:120]

    @display(description="The book says")
    def in_book(self, row: CalendarReview) -> str:
        """The visit's time."""
        return shop_time(row.appointment.start) if row.appointment else "–"

    @display(description="State", label={"Open": "warning"})
    def status(self, row: CalendarReview) -> str:
        """Open or decided."""
        return row.get_state_display()

    @display(description="Seen")
    def created(self, row: CalendarReview) -> str:
        """On the shop's clock."""
        return shop_time(row.created_at)

    @action(description="Take the calendar's time over into the book")
    def accept(self, request: HttpRequest, rows: QuerySet[CalendarReview]) -> None:
        """Move or cancel the visit as the person did in the calendar."""
        self._decide(request, rows, take_over)

    @action(description="Put the calendar right from the book")
    def restore(self, request: HttpRequest, rows: QuerySet[CalendarReview]) -> None:
        """The book stands."""
        self._decide(request, rows, put_calendar_right)

    @action(description="Leave it as it is")
    def leave(self, request: HttpRequest, rows: QuerySet[CalendarReview]) -> None:
        """Nothing is to be done."""
        self._decide(request, rows, dismiss)

    def _decide(self, request: HttpRequest, rows: QuerySet[CalendarReview], how: Any) -> None:
        who = request.user.get_username()
        for row in rows.filter(state=CalendarReview.State.OPEN):
            try:
                how(row, by=who, now=timezone.now())
            except Refusal as refusal:
                self.message_user(request, f"{row}: {refusal.code}.", messages.ERROR)
            except CalendarError as failure:
                self.message_user(
                    request, f"{row}: the calendar said {failure.code}.", messages.ERROR
                )


@admin.register(CalendarState)
class StateAdmin(LookedAt):
    """Whether the calendar is connected."""

    list_display = ("calendar_id", "connection", "last_written", "last_read", "broken_reason")

    @display(description="Connection", label={"connected": "success", "connect again": "danger"})
    def connection(self, row: CalendarState) -> str:
        """Connected, or since when not."""
        return "connect again" if row.broken_since else "connected"

    @display(description="Last written")
    def last_written(self, row: CalendarState) -> str:
        """On the shop's clock."""
        return shop_time(row.delivered_at)

    @display(description="Last read")
    def last_read(self, row: CalendarState) -> str:
        """On the shop's clock."""
        return shop_time(row.pulled_at)


@admin.register(LocalEvent)
class LocalEventAdmin(LookedAt):
    """The built-in calendar."""

    list_display = ("begins", "summary", "ends", "cancelled")
    list_filter = ("cancelled",)
    search_fields = ("summary", "description")
    ordering = ("-start",)

    @display(description="From", ordering="start")
    def begins(self, row: LocalEvent) -> str:
        """On the shop's clock."""
        return shop_time(row.start)

    @display(description="To")
    def ends(self, row: LocalEvent) -> str:
        """On the shop's clock."""
        return shop_time(row.end)
