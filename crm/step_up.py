"""Where a code may be texted to, to make sure that a caller is who they say.

Rules: only to a number that has been the customer's for thirty days, because whoever has
taken an account over begins by changing its number; only where texts about the service
are agreed to. The code itself is the call's affair and is never stored here.
"""

from datetime import datetime, timedelta

from django.db.models.functions import Coalesce

from crm.consent import may_contact
from crm.models import CustomerPhone

ON_FILE_FOR = timedelta(days=30)


def number_for_code(customer_id: int, now: datetime) -> str | None:
    """The E.164 number that a code may go to, the primary one first; None where there is none."""
    phones = (
        CustomerPhone.objects.filter(customer_id=customer_id, kind=CustomerPhone.Kind.MOBILE)
        .annotate(known_since=Coalesce("since", "customer__created_at"))
        .filter(known_since__lte=now - ON_FILE_FOR)
        .order_by("-is_primary", "pk")
    )
    return next(
        (phone.e164 for phone in phones if may_contact(phone.e164, "sms", "service_info")), None
    )
