"""The back office's sidebar: what staff look for, in their order, and only what exists.

A link is listed where its model has an admin page and the person may see it, so that an
app can be taken out without a dead link staying behind.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

Item = dict[str, Any]
# Group, then (title, icon of Material Symbols, app and model).
_PAGES: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "Calls",
        (
            ("Calls", "call", "calls.call"),
            ("Callbacks", "phone_callback", "calls.callbacktask"),
            ("Calls we make", "phone_forwarded", "calls.outboundcall"),
            ("Outbound switch", "toggle_on", "calls.outboundswitch"),
            ("Hand-over lines", "headset_mic", "calls.advisorline"),
        ),
    ),
    (
        "Customers",
        (
            ("Customers", "group", "crm.customer"),
            ("Vehicles", "directions_car", "crm.vehicle"),
            ("Service history", "build", "crm.servicerecord"),
            ("Consent", "how_to_reg", "crm.consentevent"),
            ("Do not call", "phone_disabled", "crm.donotcall"),
            ("Bad numbers", "phonelink_erase", "calls.linestate"),
        ),
    ),
    (
        "Schedule",
        (
            ("Appointments", "event", "scheduling.appointment"),
            ("Waiting list", "hourglass", "scheduling.waitlistentry"),
            ("Calendar questions", "rule", "scheduling.calendarreview"),
            ("Closures", "event_busy", "scheduling.closure"),
        ),
    ),
    (
        "The shop",
        (
            ("Services and prices", "sell", "scheduling.serviceop"),
            ("Opening hours", "schedule", "scheduling.businesshours"),
            ("Bays", "garage", "scheduling.bay"),
            ("Advisors", "support_agent", "scheduling.advisor"),
            ("What the agent may say", "forum", "scheduling.knowledgearticle"),
            ("Settings", "settings", "scheduling.shopsettings"),
        ),
    ),
    (
        "System",
        (
            ("Calendar connection", "sync", "scheduling.calendarstate"),
            ("Calendar writes", "outbox", "scheduling.calendaroutbox"),
            ("Built-in calendar", "calendar_month", "scheduling.localevent"),
            ("Notices", "mail", "scheduling.notice"),
            ("Timed tasks", "timer", "django_celery_beat.periodictask"),
            ("Staff", "badge", "auth.user"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[Item]:
    """Unfold's sidebar for this person."""
    first = [
        {"title": "Today", "icon": "dashboard", "link": reverse("admin:index")},
        {"title": "Day board", "icon": "view_timeline", "link": reverse("board")},
        {"title": "Live calls", "icon": "graphic_eq", "link": reverse("live_calls")},
        {"title": "Ring the agent", "icon": "dialpad", "link": reverse("phone")},
    ]
    groups: list[Item] = [{"title": "Today", "items": first}]
    visible = _visible(request)
    for title, pages in _PAGES:
        items = [
            {"title": name, "icon": icon, "link": _link(label)}
            for name, icon, label in pages
            if label in visible
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _visible(request: HttpRequest) -> frozenset[str]:
    return frozenset(
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if page.has_view_permission(request)
    )


def _link(label: str) -> str:
    app, model = label.split(".")
    return reverse(f"admin:{app}_{model}_changelist")
