"""What staff may type into the customer file, and what is wrong with it if anything is.

Rules: numbers are kept as E.164 however they were typed, a VIN is checked, an odometer
never falls below the service history, and a birth date can be given but not read.
"""

from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminSingleDateWidget

from crm import vin as vins
from crm.models import Customer, CustomerPhone, DoNotCall, Vehicle
from crm.phones import to_e164


class CustomerForm(forms.ModelForm):  # type: ignore[type-arg]
    """A customer; the birth date can be given, not read."""

    new_dob = forms.DateField(
        required=False,
        label="Date of birth",
        help_text="Leave empty to keep what is on file. What is on file is never shown.",
        widget=UnfoldAdminSingleDateWidget,
    )

    class Meta:
        model = Customer
        fields = (
            "first_name", "last_name", "email", "language", "contact_preference", "notes",
        )  # fmt: skip

    def clean_new_dob(self) -> Any:
        """In the past."""
        dob = self.cleaned_data["new_dob"]
        if dob and dob >= timezone.localdate():
            raise forms.ValidationError("A date of birth lies in the past.")
        return dob


class PhoneForm(forms.ModelForm):  # type: ignore[type-arg]
    """A number in whatever way it is typed."""

    class Meta:
        model = CustomerPhone
        fields = ("e164", "kind", "is_primary")

    def clean_e164(self) -> str:
        """E.164."""
        e164 = to_e164(self.cleaned_data["e164"])
        if e164 is None:
            raise forms.ValidationError("That is no telephone number.")
        return e164


class VehicleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A car; the VIN is checked, and the odometer can't fall below the history."""

    class Meta:
        model = Vehicle
        fields = (
            "owner", "year", "make", "model", "trim", "powertrain", "vin", "plate", "odometer",
            "active",
        )  # fmt: skip

    def clean_vin(self) -> str | None:
        """Seventeen characters that can be a VIN, or none."""
        typed = vins.normalise(self.cleaned_data["vin"] or "")
        if not typed:
            return None
        problem = vins.check(typed)
        if problem:
            raise forms.ValidationError(f"That is no VIN ({problem.value.replace('_', ' ')}).")
        return typed

    def clean_odometer(self) -> int | None:
        """Not below an earlier reading."""
        miles: int | None = self.cleaned_data["odometer"]
        known = self.instance.service_records.first() if self.instance.pk else None
        if miles is not None and known and miles < known.odometer:
            raise forms.ValidationError(f"The last repair order says {known.odometer:,}.")
        return miles

    def save(self, commit: bool = True) -> Vehicle:
        """Keep the last six in step with the VIN."""
        self.instance.vin_last6 = (self.instance.vin or "")[-6:]
        saved: Vehicle = super().save(commit)
        return saved


class DoNotCallForm(forms.ModelForm):  # type: ignore[type-arg]
    """One number."""

    class Meta:
        model = DoNotCall
        fields = ("number", "reason")

    def clean_number(self) -> str:
        """E.164."""
        e164 = to_e164(self.cleaned_data["number"])
        if e164 is None:
            raise forms.ValidationError("That is no telephone number.")
        return e164
