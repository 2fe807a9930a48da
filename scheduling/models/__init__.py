"""The shop's schedule as tables.

Rules of this package:
- Only the functions of `booking`, `changes`, `holds` and `blocks` write appointments and
  reservations.
- Times are UTC; only what the shop's clock rules (`shop`) is shop-local.
"""

from scheduling.models.bay_time import Reservation
from scheduling.models.calendar import (
    CalendarOutbox,
    CalendarReview,
    CalendarState,
    LocalEvent,
)
from scheduling.models.customers import (
    Notice,
    WaitlistEntry,
)
from scheduling.models.menu import (
    Lane,
    PriceKind,
    ServiceOp,
    Triage,
)
from scheduling.models.shop import (
    Advisor,
    Bay,
    BusinessHours,
    CapacityOverride,
    Closure,
    KnowledgeArticle,
    ShopSettings,
)
from scheduling.models.visits import (
    REFERENCE_ALPHABET,
    Appointment,
    AppointmentEvent,
    AppointmentService,
    Status,
    TsTzRange,
    VisitType,
)

__all__ = [
    "REFERENCE_ALPHABET",
    "Advisor",
    "Appointment",
    "AppointmentEvent",
    "AppointmentService",
    "Bay",
    "BusinessHours",
    "CalendarOutbox",
    "CalendarReview",
    "CalendarState",
    "CapacityOverride",
    "Closure",
    "KnowledgeArticle",
    "Lane",
    "LocalEvent",
    "Notice",
    "PriceKind",
    "Reservation",
    "ServiceOp",
    "ShopSettings",
    "Status",
    "Triage",
    "TsTzRange",
    "VisitType",
    "WaitlistEntry",
]
