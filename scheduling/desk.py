"""The service desk's own pages in the admin: book, move, cancel, and the day board.

Rules of this module: a page only asks and shows; every write goes through the booking
functions, with the member of staff as the one who did it. A form carries its idempotency
key, so that a double click writes once. A refusal is shown in words beside the form.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSingleTimeWidget,
    UnfoldAdminTextInputWidget,
)

from crm.errors import Refusal
from crm.models import Vehicle
from scheduling import board, booking, day_sheet
from scheduling.models import Appointment, ServiceOp, VisitType

WORDS: dict[str, str] = {
    "opening_taken": "No bay is free then.",
    "outside_hours": "The shop is closed then, at lunch, or the work would not be done by closing.",
    "past_date": "That time is over.",
    "too_soon": "That is less notice than the shop needs; give a reason to book it all the same.",
    "too_far": "That is beyond the booking horizon.",
    "cap_reached": "A limit of that day is used up ({limit}); give a reason to exceed it.",
    "wait_not_possible": "This work is not waited for, or not at that time.",
    "no_bay_can_do": "No bay does these services together.",
    "service_not_for_car": "This car's powertrain does not have what is serviced.",
    "not_yours": "That vehicle is not this customer's, or is no longer active.",
    "duplicate_visit": "The vehicle has another visit then.",
    "too_late": "The visit has begun or is over.",
    "stale_version": "Somebody changed this visit in the meantime; look again.",
}


def in_words(refusal: Refusal) -> str:
    """A refusal as a sentence for staff."""
    sentence = WORDS.get(refusal.code, f"Refused: {refusal.code}.")
    return sentence.format_map({"limit": refusal.facts.get("limit", "")})


class WhenForm(forms.Form):
    """A time on the shop's clock, and how the visit is spent."""

    day = forms.DateField(widget=UnfoldAdminSingleDateWidget)
    clock = forms.TimeField(widget=UnfoldAdminSingleTimeWidget, label="Time")
    visit_type = forms.ChoiceField(choices=VisitType.choices, widget=UnfoldAdminSelectWidget)
    overflow_reason = forms.CharField(
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        label="Reason to exceed notice or limits",
    )
    key = forms.CharField(widget=forms.HiddenInput, initial=lambda: f"desk:{uuid.uuid4()}")

    def start(self) -> datetime:
        """The chosen moment, aware."""
        return datetime.combine(
            self.cleaned_data["day"], self.cleaned_data["clock"], day_sheet.shop_zone()
        )


class VisitForm(WhenForm):
    """Everything a new visit needs."""

    vehicle_id = forms.IntegerField(
        widget=UnfoldAdminIntegerFieldWidget, label="Vehicle number", min_value=1
    )
    op_codes = forms.MultipleChoiceField(
        widget=UnfoldAdminCheckboxSelectMultipleWidget, label="Services"
    )
    concern = forms.CharField(
        required=False, max_length=500, widget=UnfoldAdminTextInputWidget, label="In their words"
    )
    field_order = ("vehicle_id", "op_codes", "day", "clock", "visit_type", "concern")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["op_codes"].choices = [  # type: ignore[attr-defined]
            (op.op_code, op.name) for op in ServiceOp.objects.filter(active=True)
        ]


class CancelForm(forms.Form):
    """Why a visit is cancelled."""

    reason = forms.CharField(required=False, max_length=200, widget=UnfoldAdminTextInputWidget)
    key = forms.CharField(widget=forms.HiddenInput, initial=lambda: f"desk:{uuid.uuid4()}")


class DeskPages:
    """The pages, mixed into the appointments' admin; `admin_site` is that admin's."""

    admin_site: Any

    def book_page(self, request: HttpRequest) -> HttpResponse:
        """Book a visit for a vehicle that is in the books."""
        _require(request, "scheduling.add_appointment")
        first = {"vehicle_id": request.GET.get("vehicle"), "day": request.GET.get("day")}
        form = VisitForm(request.POST or None, initial=first)
        if request.method == "POST" and form.is_valid():
            done = self._try(request, form, lambda: _book(request, form))
            if done is not None:
                messages.success(request, f"Booked: reference {done.ref}.")
                return redirect("admin:scheduling_appointment_change", done.pk)
        return self._page(request, "Book a visit", form)

    def move_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Give a visit another time."""
        _require(request, "scheduling.change_appointment")
        visit = get_object_or_404(Appointment, pk=pk)
        local = visit.start.astimezone(day_sheet.shop_zone())
        first = {"day": local.date(), "clock": local.time(), "visit_type": visit.visit_type}
        form = WhenForm(request.POST or None, initial=first)
        if request.method == "POST" and form.is_valid():
            done = self._try(request, form, lambda: _move(request, visit, form))
            if done is not None:
                messages.success(request, "Moved. The calendar and the customer will be told.")
                return redirect("admin:scheduling_appointment_change", done.pk)
        return self._page(request, f"Move {visit.ref}", form)

    def cancel_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cancel a visit."""
        _require(request, "scheduling.change_appointment")
        visit = get_object_or_404(Appointment, pk=pk)
        form = CancelForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            done = self._try(request, form, lambda: _cancel(request, visit, form))
            if done is not None:
                messages.success(request, "Cancelled. The calendar and the customer will be told.")
                return redirect("admin:scheduling_appointment_change", done.pk)
        return self._page(request, f"Cancel {visit.ref}", form)

    def status_page(self, request: HttpRequest, pk: int, status: str) -> HttpResponse:
        """Note the next status of a visit (POST only)."""
        _require(request, "scheduling.change_appointment")
        if request.method == "POST":
            try:
                booking.change_status(
                    appointment_id=pk,
                    status=status,
                    by=request.user.get_username(),
                    now=timezone.now(),
                )
            except Refusal as refusal:
                messages.error(request, in_words(refusal))
            else:
                messages.success(request, "Noted.")
        return redirect("admin:scheduling_appointment_change", pk)

    def board_page(self, request: HttpRequest) -> HttpResponse:
        """Who is in which bay on a day."""
        _require(request, "scheduling.view_appointment")
        now = timezone.now()
        day = _asked_day(request, now)
        shown = board.day_board(day, now)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{day:%A}, {day:%B} {day.day}, {day.year}",
            "board": shown,
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1),
            "today": now.astimezone(day_sheet.shop_zone()).date(),
        }
        return TemplateResponse(request, "scheduling/day_board.html", context)

    def _try(self, request: HttpRequest, form: forms.Form, write: Any) -> Appointment | None:
        """What the write returns; a refusal is put beside the form."""
        try:
            done: Appointment = write()
        except Refusal as refusal:
            form.add_error(None, in_words(refusal))
            return None
        return done

    def _page(self, request: HttpRequest, title: str, form: forms.Form) -> HttpResponse:
        """A page with one form."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "form": form,
            "back": reverse("admin:scheduling_appointment_changelist"),
        }
        return TemplateResponse(request, "scheduling/desk_form.html", context)


def _require(request: HttpRequest, permission: str) -> None:
    """Refuse staff who may not do this."""
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _asked_day(request: HttpRequest, now: datetime) -> date:
    """The day in the address, else today."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return now.astimezone(day_sheet.shop_zone()).date()


def _book(request: HttpRequest, form: VisitForm) -> Appointment:
    """Book what the form says."""
    vehicle = get_object_or_404(Vehicle, pk=form.cleaned_data["vehicle_id"])
    return booking.book(
        customer_id=vehicle.owner_id,
        vehicle_id=vehicle.pk,
        op_codes=form.cleaned_data["op_codes"],
        start=form.start(),
        visit_type=form.cleaned_data["visit_type"],
        concern=form.cleaned_data["concern"],
        source="staff",
        idempotency_key=form.cleaned_data["key"],
        now=timezone.now(),
        by=request.user.get_username(),
        overflow_reason=form.cleaned_data["overflow_reason"],
    )


def _move(request: HttpRequest, visit: Appointment, form: WhenForm) -> Appointment:
    """Move the visit to what the form says."""
    return booking.reschedule(
        appointment_id=visit.pk,
        customer_id=visit.customer_id,
        start=form.start(),
        visit_type=form.cleaned_data["visit_type"],
        idempotency_key=form.cleaned_data["key"],
        now=timezone.now(),
        by=request.user.get_username(),
        overflow_reason=form.cleaned_data["overflow_reason"],
    )


def _cancel(request: HttpRequest, visit: Appointment, form: forms.Form) -> Appointment:
    """Cancel the visit."""
    return booking.cancel(
        appointment_id=visit.pk,
        customer_id=visit.customer_id,
        reason=form.cleaned_data["reason"],
        idempotency_key=form.cleaned_data["key"],
        now=timezone.now(),
        by=request.user.get_username(),
    )
