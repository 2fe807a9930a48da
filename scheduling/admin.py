"""The schedule in the admin.

Rules of this module: what the booking functions write is read-only here and changed through
their pages (`desk`); the menu, hours, limits and articles are edited in `shop_admin`. Lists are
paged by 50, read in a fixed number of queries, and show the shop's clock.
"""

from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display
from unfold.utils import parse_date_str

from scheduling import calendar_admin as calendar_admin  # registers the calendar's pages
from scheduling import day_sheet, reminders, waitlist
from scheduling import shop_admin as shop_admin  # registers the shop's own pages
from scheduling.changes import CHANGEABLE, NEXT
from scheduling.day_sheet import shop_time
from scheduling.desk import DeskPages
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    AppointmentService,
    CalendarOutbox,
    Notice,
    Reservation,
    Status,
    WaitlistEntry,
)

TESTS_AT_ONCE = 5


class ReadOnly:
    """Rows that are looked at, not edited: whoever writes them is code."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        """Nobody adds these by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes these by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes these by hand."""
        return False


class ServiceLines(ReadOnly, TabularInline):
    """A visit's services."""

    model = AppointmentService
    fields = ("op", "price_kind", "price")
    readonly_fields = ("price",)
    extra = 0

    @display(description="Price")
    def price(self, row: AppointmentService) -> str:
        """Dollars, as booked."""
        return f"${row.price_cents / 100:.2f}"


class Events(ReadOnly, TabularInline):
    """What was done to a visit."""

    model = AppointmentEvent
    fields = ("version", "kind", "by", "call_sid", "when", "facts")
    readonly_fields = ("when",)
    extra = 0

    @display(description="When")
    def when(self, row: AppointmentEvent) -> str:
        """On the shop's clock."""
        return shop_time(row.at)


class CalendarWrites(ReadOnly, TabularInline):
    """What the calendar was told, or is still owed."""

    model = CalendarOutbox
    fields = ("version", "operation", "attempts", "done_at", "dead", "last_error")
    extra = 0


class When(admin.SimpleListFilter):
    """The ranges that staff ask for; without any question, what is to come."""

    title = "when"
    parameter_name = "when"

    def __init__(self, request: HttpRequest, *args: Any) -> None:
        super().__init__(request, *args)
        asked = {name for name, value in request.GET.items() if value} - {"p", "o"}
        self._by_itself = None if asked else "upcoming"

    def value(self) -> str | None:
        """The chosen range's name."""
        return super().value() or self._by_itself

    def choices(self, changelist: Any) -> Any:
        """The ranges; "any time" is one that is chosen like the others."""
        for name, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: name})
            yield {"selected": self.value() == name, "query_string": query, "display": title}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Named ranges."""
        return [
            ("today", "Today"),
            ("tomorrow", "Tomorrow"),
            ("week", "Next 7 days"),
            ("upcoming", "All to come"),
            ("past", "Past 7 days"),
            ("any", "Any time"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Appointment]
    ) -> QuerySet[Appointment]:
        """The chosen range, in shop days."""
        zone = day_sheet.shop_zone()
        now = timezone.now()
        midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
        day = timedelta(days=1)
        ranges = {
            "today": (midnight, midnight + day),
            "tomorrow": (midnight + day, midnight + 2 * day),
            "week": (midnight, midnight + 7 * day),
            "upcoming": (now, None),
            "past": (midnight - 7 * day, midnight),
        }
        since, until = ranges.get(self.value() or "", (None, None))
        if since is not None:
            queryset = queryset.filter(start__gte=since)
        return queryset.filter(start__lt=until) if until is not None else queryset


class DayRange(RangeDateFilter):
    """From one shop day to another, both included."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Days as midnights of the shop; what is no date is not looked for."""
        since, until = self._day("from"), self._day("to")
        if since is not None:
            queryset = queryset.filter(**{f"{self.field_path}__gte": since})
        if until is not None:
            queryset = queryset.filter(**{f"{self.field_path}__lt": until + timedelta(days=1)})
        return queryset

    def _day(self, end: str) -> datetime | None:
        """Midnight of the day in one of the two fields."""
        day = parse_date_str(str(self.used_parameters.get(f"{self.parameter_name}_{end}") or ""))
        return datetime.combine(day, time(), day_sheet.shop_zone()) if day else None


@admin.register(Appointment)
class AppointmentAdmin(ReadOnly, DeskPages, ModelAdmin):
    """Visits: looked at here, written through the desk's pages."""

    list_display = ("when", "who", "vehicle", "work", "bay", "state", "visit_type", "ref")
    list_filter = (When, ("start", DayRange), "status", "visit_type", "needs_link")
    list_filter_submit = True
    search_fields = (
        "ref__iexact",
        "customer__name_key__contains",
        "customer__phones__e164",
        "vehicle__vin_last6__iexact",
    )
    search_help_text = "Reference, name, phone, or last six of the VIN"
    list_select_related = ("customer", "vehicle", "reservation__bay")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("start",)
    inlines = (ServiceLines, Events, CalendarWrites)
    actions = ("ring_test_number",)
    change_form_outer_before_template = "scheduling/visit_actions.html"
    list_before_template = "scheduling/visit_links.html"
    fieldsets = (
        (None, {"fields": ("ref", "state", "when", "until", "customer", "vehicle", "bay")}),
        ("Visit", {"fields": ("visit_type", "concern", "triage", "needs_link", "advisor")}),
        (
            "Story",
            {"fields": ("source", "call_sid", "version", "confirmed_at", "cancelled_at",
                        "cancel_reason", "promised_at", "reminder_sent", "calendar_event_id")},
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appointment]:
        """With the services, in one more query for the whole page."""
        return super().get_queryset(request).prefetch_related("services__op")  # type: ignore[no-any-return]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Appointment], search_term: str
    ) -> tuple[QuerySet[Appointment], bool]:
        """Names are searched in lower case: the key they are searched by has no other."""
        found, twice = super().get_search_results(request, queryset, search_term.lower())
        return found, twice

    def get_urls(self) -> list[URLPattern]:
        """The desk's pages beside the list."""
        wrap = self.admin_site.admin_view
        name = "scheduling_appointment"
        return [
            path("board/", wrap(self.board_page), name=f"{name}_board"),
            path("book/", wrap(self.book_page), name=f"{name}_book"),
            path("<int:pk>/move/", wrap(self.move_page), name=f"{name}_move"),
            path("<int:pk>/cancel/", wrap(self.cancel_page), name=f"{name}_cancel"),
            path("<int:pk>/status/<slug:status>/", wrap(self.status_page), name=f"{name}_status"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The visit with what may be done to it next."""
        visit = Appointment.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        context = {"may_change": False, "next_statuses": []}
        if visit is not None and request.user.has_perm("scheduling.change_appointment"):
            context = {
                "may_change": visit.status in CHANGEABLE and visit.start > timezone.now(),
                "next_statuses": [(status.value, status.label) for status in NEXT[visit.status]],
            }
        return super().change_view(
            request,
            object_id,
            form_url,
            {**(extra_context or {}), **context, "visit_id": object_id},
        )

    @admin.action(description="Ring the test number with this reminder", permissions=["ring"])
    def ring_test_number(self, request: HttpRequest, queryset: QuerySet[Appointment]) -> None:
        """Only YOUR_TEST_NUMBER, through the queue and its lock like every call we make."""
        if not settings.YOUR_TEST_NUMBER:
            messages.error(request, "YOUR_TEST_NUMBER is not set: there is nothing to ring.")
            return
        now = timezone.now()
        ids = queryset.order_by("start").values_list("pk", flat=True)[:TESTS_AT_ONCE]
        queued = sum(reminders.ring_test(visit_id=pk, now=now) for pk in ids)
        messages.success(request, f"{queued} queued; the next sweep rings the test number.")

    def has_ring_permission(self, request: HttpRequest) -> bool:
        """Whoever may change the schedule may try its calls."""
        return request.user.has_perm("scheduling.change_appointment")

    @display(description="When", ordering="start")
    def when(self, row: Appointment) -> str:
        """Start on the shop's clock."""
        return shop_time(row.start)

    @display(description="Until")
    def until(self, row: Appointment) -> str:
        """End of the work on the shop's clock."""
        return shop_time(row.end)

    @display(description="Customer", ordering="customer__name_key")
    def who(self, row: Appointment) -> SafeString:
        """The customer, linked."""
        url = reverse("admin:crm_customer_change", args=[row.customer_id])
        return format_html('<a href="{}">{}</a>', url, row.customer.full_name)

    @display(description="Services")
    def work(self, row: Appointment) -> str:
        """The services by name."""
        return ", ".join(line.op.name for line in row.services.all())

    @display(description="Bay")
    def bay(self, row: Appointment) -> str:
        """Where it stands; a visit that fell has no bay."""
        reservation = getattr(row, "reservation", None)
        return reservation.bay.name if reservation else "–"

    @display(
        description="Status",
        ordering="status",
        label={
            "Confirmed": "success",
            "Cancelled": "danger",
            "No show": "danger",
            "Booked": "info",
            "Checked in": "warning",
            "In service": "warning",
        },
    )
    def state(self, row: Appointment) -> str:
        """The status, coloured."""
        return Status(row.status).label


@admin.register(Reservation)
class ReservationAdmin(ReadOnly, ModelAdmin):
    """Bay time as it is taken: the table behind the board."""

    list_display = ("time", "bay", "kind", "what", "expires")
    list_filter = ("kind", "bay")
    list_select_related = ("bay", "appointment")
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-span",)
    fields = ("time", "bay", "kind", "what", "visit_type", "work_min", "call_sid", "reason")
    readonly_fields = ("time", "what")

    @display(description="Time", ordering="span")
    def time(self, row: Reservation) -> str:
        """The span on the shop's clock."""
        until = row.span.upper.astimezone(day_sheet.shop_zone())
        return f"{shop_time(row.span.lower)} to {until:%H:%M}"

    @display(description="For")
    def what(self, row: Reservation) -> str:
        """The visit's reference, or why it is blocked."""
        return row.appointment.ref if row.appointment else row.reason or "–"

    @display(description="Expires")
    def expires(self, row: Reservation) -> str:
        """When a hold ends."""
        return shop_time(row.expires_at)


@admin.register(WaitlistEntry)
class WaitlistAdmin(ReadOnly, ModelAdmin):
    """Who waits for an opening, and what could be proposed."""

    list_display = ("created", "customer", "vehicle", "wants", "days", "state", "proposal")
    list_filter = ("state",)
    list_select_related = ("customer", "vehicle")
    list_per_page = 50
    actions = ("propose", "close")
    fields = ("customer", "vehicle", "wants", "visit_type", "days", "part", "state", "proposal")
    readonly_fields = ("wants", "days", "proposal")

    @display(description="Since", ordering="created_at")
    def created(self, row: WaitlistEntry) -> str:
        """When they asked."""
        return shop_time(row.created_at)

    @display(description="Wants")
    def wants(self, row: WaitlistEntry) -> str:
        """The services."""
        return ", ".join(row.op_codes)

    @display(description="Days", ordering="first_day")
    def days(self, row: WaitlistEntry) -> str:
        """The days that would do."""
        part = f", {row.part}" if row.part else ""
        return f"{row.first_day:%b %d} to {row.last_day:%b %d}{part}"

    @display(description="Proposed")
    def proposal(self, row: WaitlistEntry) -> str:
        """The opening that was found."""
        return shop_time(row.proposed_start)

    @admin.action(description="Look for openings now", permissions=["waitlist"])
    def propose(self, request: HttpRequest, queryset: QuerySet[WaitlistEntry]) -> None:
        """Look for an opening for each of these."""
        found = waitlist.propose_for(
            entry_ids=list(queryset.values_list("pk", flat=True)), now=timezone.now()
        )
        messages.info(request, f"Openings found for {found} of {queryset.count()}.")

    @admin.action(description="Close", permissions=["waitlist"])
    def close(self, request: HttpRequest, queryset: QuerySet[WaitlistEntry]) -> None:
        """Take these off the list."""
        for entry in queryset:
            waitlist.close(entry_id=entry.pk, by=request.user.get_username())

    def has_waitlist_permission(self, request: HttpRequest) -> bool:
        """Whoever may change the waitlist may use its actions."""
        return request.user.has_perm("scheduling.change_waitlistentry")


@admin.register(Notice)
class NoticeAdmin(ReadOnly, ModelAdmin):
    """Messages that are owed, sent, or were never sent and why."""

    list_display = ("appointment", "kind", "channel", "attempts", "sent", "dropped")
    list_filter = ("channel", "kind", "dropped")
    list_select_related = ("appointment",)
    list_per_page = 50
    show_full_result_count = False

    @display(description="Sent", ordering="sent_at")
    def sent(self, row: Notice) -> str:
        """When it went."""
        return shop_time(row.sent_at)
