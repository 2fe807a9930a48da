"""Every address the product answers."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from autoshop import phone
from autoshop.board import board
from autoshop.dashboard import live_page
from autoshop.health import health
from autoshop.metrics import metrics
from scheduling.calendar_views import calendar_push

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/board/", permanent=False)),
    path("admin/board/", board, name="board"),
    path("admin/live/", live_page, name="live_calls"),
    path("admin/", admin.site.urls),
    re_path(r"^health/?$", health, name="health"),
    re_path(r"^metrics/?$", metrics, name="metrics"),
    re_path(r"^calendar-push/?$", calendar_push, name="calendar-push"),
    path("phone/", phone.page, name="phone"),
    path("phone/people", phone.people),
    path("phone/start", phone.start),
    path("phone/after", phone.after),
    path("phone/end", phone.end),
    path("phone/say", phone.say),
    path("phone/events", phone.events),
    path("", include("calls.urls")),
]
