"""`{% calendar_trouble %}`: a banner on every page of the back office while something is wrong."""

from typing import Any

from django import template

from scheduling.calendar_trouble import calendar_trouble as find_trouble
from scheduling.day_sheet import shop_time

register = template.Library()


@register.inclusion_tag("scheduling/calendar_trouble.html", takes_context=True)
def calendar_trouble(context: dict[str, Any]) -> dict[str, Any]:
    """Nothing for visitors, in pop-ups and while all is well."""
    request = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_staff or context.get("is_popup"):
        return {"trouble": None}
    trouble = find_trouble()
    since = shop_time(trouble.broken_since) if trouble and trouble.broken_since else ""
    return {"trouble": trouble, "since": since}
