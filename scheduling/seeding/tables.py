"""Every table that seeding fills, with the columns it gives, in the order of references."""

from crm.models import (
    Address,
    AuthorizedContact,
    ConsentEvent,
    Customer,
    CustomerPhone,
    DoNotCall,
    ServiceLine,
    ServiceRecord,
    Vehicle,
)
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    AppointmentService,
    CalendarOutbox,
    Reservation,
)
from scheduling.seeding.rows import Batch, Table


class Tables:
    """The buffers of one run."""

    def __init__(self) -> None:
        self.customers = Table(
            Customer,
            (
                "id", "first_name", "last_name", "name_key", "dob_sealed", "dob_hmac", "email",
                "language", "contact_preference", "notes", "origin", "created_at",
            ),
        )  # fmt: skip
        self.phones = Table(CustomerPhone, ("customer_id", "e164", "kind", "is_primary"))
        self.addresses = Table(
            Address, ("customer_id", "street_number", "street", "city", "state", "zip")
        )
        self.contacts = Table(AuthorizedContact, ("customer_id", "name", "number", "may_manage"))
        self.consents = Table(
            ConsentEvent,
            ("number", "channel", "purpose", "granted", "wording", "call_sid", "at", "origin"),
        )
        self.refusals = Table(DoNotCall, ("number", "at", "reason", "call_sid", "origin"))
        self.vehicles = Table(
            Vehicle,
            (
                "id", "owner_id", "vin", "vin_last6", "year", "make", "model", "trim", "plate",
                "odometer", "powertrain", "active", "origin",
            ),
        )  # fmt: skip
        self.records = Table(
            ServiceRecord,
            (
                "id", "vehicle_id", "ro_number", "opened_at", "closed_at", "odometer",
                "advisor_name", "origin",
            ),
        )  # fmt: skip
        self.lines = Table(
            ServiceLine, ("record_id", "op_code", "description", "status", "price_cents")
        )
        self.visits = Table(
            Appointment,
            (
                "id", "uid", "ref", "customer_id", "vehicle_id", "advisor_id", "status", "start",
                "end", "visit_type", "concern", "source", "version", "confirmed_at",
                "cancelled_at", "cancel_reason", "promised_at", "completed_at", "reminder_sent",
                "created_at", "updated_at",
            ),
        )  # fmt: skip
        self.services = Table(
            AppointmentService,
            ("appointment_id", "op_id", "position", "price_kind", "price_cents"),
        )
        self.reservations = Table(
            Reservation,
            ("bay_id", "span", "kind", "visit_type", "work_min", "appointment_id", "created_at"),
        )
        self.events = Table(AppointmentEvent, ("appointment_id", "version", "kind", "by", "at"))
        self.outbox = Table(
            CalendarOutbox,
            (
                "appointment_id", "version", "operation", "attempts", "next_try_at", "done_at",
                "created_at",
            ),
        )  # fmt: skip

    def take(self) -> Batch:
        """What every buffer holds, in the order of the references; they are empty afterwards."""
        return [(table, table.take()) for table in self.all()]

    def all(self) -> list[Table]:
        """Every table."""
        return list(vars(self).values())
