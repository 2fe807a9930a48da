"""The customer file as staff see and correct it.

Rules: fifty to a page, three columns that fit a phone; searched by name, number and VIN
(`crm.search`). What happened can't be edited: service history, consent, verification.
A birth date is never shown: staff see that there is one and may enter another. A list
that is saved drops its numbers from the cache; consent and do-not-call go through
`crm.consent` as everything does.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from crm import access, cache, consent, merge, panels, search, verification
from crm.admin_forms import CustomerForm, DoNotCallForm, PhoneForm, VehicleForm
from crm.errors import Refusal
from crm.models import (
    Address,
    AuthorizedContact,
    ConsentEvent,
    Customer,
    CustomerPhone,
    DoNotCall,
    FactorTry,
    Origin,
    ServiceLine,
    ServiceRecord,
    Vehicle,
)

REFUSED = {
    "different_birth_dates": "They have different birth dates: these are two people.",
    "overlapping_visits": "Both have a visit at the same time for the same car. Move one first.",
    "same_customer": "Choose two different customers.",
    "not_found": "One of them is no longer there.",
}


class ReadOnly:
    """Something that happened: it may be looked at."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody makes history by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor changes it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nor forgets it here."""
        return False


# ---- customers ------------------------------------------------------------------------
class PhoneInline(TabularInline):
    """Numbers."""

    model = CustomerPhone
    form = PhoneForm
    extra = 0


class AddressInline(StackedInline):
    """Addresses."""

    model = Address
    extra = 0


class VehicleInline(StackedInline):
    """Cars: the facts that change, and a way to the rest."""

    model = Vehicle
    form = VehicleForm
    extra = 0
    show_change_link = True
    fields = (
        ("year", "make", "model", "trim"),
        ("vin", "plate", "odometer"),
        ("powertrain", "active"),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A car that is gone is made inactive; its history stays."""
        return False


class ContactInline(TabularInline):
    """Who may speak for the customer."""

    model = AuthorizedContact
    extra = 0


@admin.register(Customer)
class CustomerAdmin(ModelAdmin):
    """The customer file."""

    form = CustomerForm
    list_display = ("name", "number", "cars")
    list_filter = ("language", "origin")
    search_fields = ("name_key",)
    search_help_text = "Name, number or its last digits, VIN or its last six"
    list_per_page = 50
    paginator = search.EstimatedPaginator
    show_full_result_count = False
    list_prefetch_related = ("phones", "vehicles")
    inlines = (PhoneInline, VehicleInline, AddressInline, ContactInline)
    actions = ("merge_duplicates", "unlock")
    readonly_fields = (
        "dob_on_file", "verification", "consents", "history", "visits", "phone_calls",
        "created_at", "origin",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": (("first_name", "last_name"), ("email", "language"), "contact_preference", "notes")}),
        ("Visits", {"fields": ("visits",)}),
        ("Service history", {"fields": ("history",)}),
        ("Calls", {"fields": ("phone_calls",)}),
        ("Identity and consent", {"fields": ("dob_on_file", "new_dob", "verification", "consents")}),
        ("Record", {"classes": ("collapse",), "fields": ("created_at", "origin")}),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        """With numbers and cars, fetched once for the page."""
        found: QuerySet[Customer] = super().get_queryset(request)
        return found.prefetch_related("phones", "vehicles")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Customer], search_term: str
    ) -> tuple[QuerySet[Customer], bool]:
        """By what the typed text can mean."""
        return search.find(queryset, search_term), False

    @admin.display(description="name", ordering="name_key")
    def name(self, customer: Customer) -> str:
        """Last name first, as in every file."""
        return ", ".join(part for part in (customer.last_name, customer.first_name) if part)

    @admin.display(description="number")
    def number(self, customer: Customer) -> str:
        """The primary number."""
        phones = sorted(customer.phones.all(), key=lambda phone: not phone.is_primary)
        return phones[0].e164 if phones else ""

    @admin.display(description="cars")
    def cars(self, customer: Customer) -> str:
        """What they drive."""
        return ", ".join(str(car) for car in customer.vehicles.all() if car.active)

    @admin.display(description="birth date", boolean=True)
    def dob_on_file(self, customer: Customer) -> bool:
        """Whether there is one."""
        return bool(customer.dob_hmac)

    @admin.display(description="verification")
    def verification(self, customer: Customer) -> str:
        """Locked until when."""
        until = customer.verify_locked_until
        if until is None or until <= timezone.now():
            return "Open"
        return f"Locked until {timezone.localtime(until):%H:%M}"

    @admin.display(description="automated contact")
    @panels.once
    def consents(self, customer: Customer) -> str:
        """The latest word of each number."""
        out = []
        for phone in customer.phones.all():
            allowed = [
                label
                for channel, label in (("voice_ai", "calls"), ("sms", "texts"))
                if consent.may_contact(phone.e164, channel, "service_info")
            ]
            out.append(f"…{phone.e164[-4:]}: {' and '.join(allowed) or 'none'}")
        return "; ".join(out) or "No number."

    @admin.display(description="")
    @panels.once
    def history(self, customer: Customer) -> SafeString:
        """Repair orders by car."""
        return panels.customer_history(customer)

    @admin.display(description="")
    @panels.once
    def visits(self, customer: Customer) -> SafeString:
        """Appointments."""
        return panels.appointments(customer)

    @admin.display(description="")
    @panels.once
    def phone_calls(self, customer: Customer) -> SafeString:
        """Calls."""
        return panels.calls(customer)

    def save_model(self, request: HttpRequest, obj: Customer, form: Any, change: bool) -> None:
        """With the new birth date if one was given."""
        if form.cleaned_data.get("new_dob"):
            obj.dob = form.cleaned_data["new_dob"]
        if not change:
            obj.created_at, obj.origin = timezone.now(), Origin.STAFF
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Numbers before and after: both may be cached."""
        before = access.phones_of([form.instance.pk])
        super().save_related(request, form, formsets, change)
        cache.forget(*before, *access.phones_of([form.instance.pk]))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Forgetting a person is `manage.py forget_customer`, which leaves a trace."""
        return False

    @admin.action(description="Merge duplicates…")
    def merge_duplicates(
        self, request: HttpRequest, customers: QuerySet[Customer]
    ) -> HttpResponse | None:
        """Ask which of two stays, then merge."""
        chosen = list(customers.order_by("pk")[:3])
        if len(chosen) != 2:
            self.message_user(request, "Choose exactly two customers.", messages.ERROR)
            return None
        if "merge" not in request.POST:
            context = {
                **self.admin_site.each_context(request),
                "title": "Merge customers",
                "customers": chosen,
                "back": request.get_full_path(),
            }
            return TemplateResponse(request, "admin/crm/merge.html", context)
        self._merge(request, chosen)
        return None

    def _merge(self, request: HttpRequest, chosen: list[Customer]) -> None:
        keep = next((one for one in chosen if str(one.pk) == request.POST.get("keep")), chosen[0])
        drop = next(one for one in chosen if one is not keep)
        name = drop.full_name
        try:
            merge.merge_customers(keep_id=keep.pk, drop_id=drop.pk)
        except Refusal as refusal:
            self.message_user(request, REFUSED[refusal.code], messages.ERROR)
            return
        self.log_change(request, keep, f"Merged with no. {drop.pk}.")
        self.message_user(request, f"Merged with {name}, whose record is gone.")

    @admin.action(description="Unlock verification")
    def unlock(self, request: HttpRequest, customers: QuerySet[Customer]) -> None:
        """Before the half hour is over."""
        now = timezone.now()
        ids = list(customers.values_list("pk", flat=True))
        opened = sum(verification.unlock_verification(customer_id=pk, now=now) for pk in ids)
        self.message_user(request, f"{opened} unlocked.")


# ---- cars -------------------------------------------------------------------------------
@admin.register(Vehicle)
class VehicleAdmin(ModelAdmin):
    """Cars, with what was done to them."""

    form = VehicleForm
    list_display = ("__str__", "owner", "odometer")
    list_filter = ("powertrain", "active")
    search_fields = ("=vin", "=vin_last6", "=plate")
    search_help_text = "VIN, its last six, or plate"
    ordering = ("-pk",)
    list_per_page = 50
    list_select_related = ("owner",)
    paginator = search.EstimatedPaginator
    show_full_result_count = False
    raw_id_fields = ("owner",)
    readonly_fields = ("history",)
    fieldsets = (
        (None, {"fields": ("owner", ("year", "make", "model", "trim"), ("vin", "plate", "odometer"), ("powertrain", "active"))}),
        ("Service history", {"fields": ("history",)}),
    )  # fmt: skip

    @admin.display(description="")
    @panels.once
    def history(self, vehicle: Vehicle) -> SafeString:
        """Repair orders."""
        return panels.service_history(vehicle)

    def save_model(self, request: HttpRequest, obj: Vehicle, form: Any, change: bool) -> None:
        """The owner before and after: both may be cached."""
        owners = {obj.owner_id, form.initial.get("owner")} - {None}
        super().save_model(request, obj, form, change)
        cache.forget(*access.phones_of(owners))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A car that is gone is made inactive."""
        return False


class LineInline(ReadOnly, TabularInline):
    """What was done and declined."""

    model = ServiceLine
    extra = 0


@admin.register(ServiceRecord)
class ServiceRecordAdmin(ReadOnly, ModelAdmin):
    """Repair orders."""

    list_display = ("ro_number", "opened_at", "vehicle")
    search_fields = ("=ro_number", "=vehicle__vin_last6")
    list_per_page = 50
    list_select_related = ("vehicle",)
    paginator = search.EstimatedPaginator
    show_full_result_count = False
    inlines = (LineInline,)


# ---- consent and verification ----------------------------------------------------------------
@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnly, ModelAdmin):
    """Who allowed what, when and in which words."""

    list_display = ("number", "channel", "granted", "at")
    list_filter = ("channel", "granted")
    search_fields = ("=number", "=call_sid")
    ordering = ("-pk",)
    list_per_page = 50
    paginator = search.EstimatedPaginator
    show_full_result_count = False


@admin.register(DoNotCall)
class DoNotCallAdmin(ModelAdmin):
    """Numbers that no machine rings. Added here, lifted only by the customer's own yes."""

    list_display = ("number", "at", "lifted_at")
    search_fields = ("number",)
    fields = ("number", "reason", "at", "lifted_at", "call_sid")
    readonly_fields = ("at", "lifted_at", "call_sid")
    ordering = ("-pk",)
    list_per_page = 50

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Looked at, not edited."""
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Kept for five years at least."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """A number in whatever way it is typed."""
        return super().get_form(request, obj, form=DoNotCallForm, **kwargs)

    def save_model(self, request: HttpRequest, obj: DoNotCall, form: Any, change: bool) -> None:
        """Through the door that every opt-out takes."""
        entry = consent.opt_out(
            number=obj.number,
            call_sid="",
            wording=obj.reason or "Entered by staff.",
            origin=Origin.STAFF,
            now=timezone.now(),
        )
        obj.pk = entry.pk


@admin.register(FactorTry)
class FactorTryAdmin(ReadOnly, ModelAdmin):
    """Who tried to prove to be whom; never with what."""

    list_display = ("at", "factor", "ok", "ani")
    list_filter = ("factor", "ok")
    search_fields = ("=call_sid", "=ani")
    ordering = ("-pk",)
    list_per_page = 50
    paginator = search.EstimatedPaginator
    show_full_result_count = False
