"""`/metrics` for Prometheus: what the live calls count, and what the tables hold.

Rules: each app defines its own counters (`voice.metrics`), so that nothing is imported
upwards; this view adds gauges read from the database at each scrape. Labels are codes
out of small sets. Open in development; elsewhere it takes `Authorization: Bearer` with
METRICS_TOKEN, and without that variable it does not exist. With several web processes
set PROMETHEUS_MULTIPROC_DIR, and the numbers of all are added up.
"""

import hmac
import os
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector


class TableGauges(Collector):
    """Numbers that the database knows best, because every process writes to it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read them; four small indexed queries."""
        from calls.models import Call, CallbackTask
        from scheduling.models import Appointment, CalendarOutbox

        since = self._now - timedelta(days=1)
        owed = CalendarOutbox.objects.filter(done_at=None)
        yield _gauge("outbox_depth", "Calendar writes owed", owed.filter(dead=False).count())
        yield _gauge("outbox_dead", "Calendar writes given up", owed.filter(dead=True).count())
        open_calls = Call.objects.filter(ended_at=None, started_at__gte=since).count()
        yield _gauge("open_calls", "Calls of the last day without an end", open_calls)
        open_tasks = CallbackTask.objects.filter(state=CallbackTask.State.OPEN).count()
        yield _gauge("open_callbacks", "Callbacks that nobody has taken", open_tasks)
        bookings = GaugeMetricFamily(
            "autoshop_bookings_day", "Appointments made in 24 hours, by source", labels=["source"]
        )
        made = Appointment.objects.filter(created_at__gte=since).values_list("source")
        for source, count in made.annotate(Count("id")).order_by():
            bookings.add_metric([source], count)
        yield bookings


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"autoshop_{name}", text, value=value)


def _counters() -> bytes:
    """What this process has counted, or all web processes together."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    everyone = CollectorRegistry()
    MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
    return generate_latest(everyone)


def may_read(request: HttpRequest) -> bool:
    """Open in development; elsewhere by the token."""
    if settings.DEVELOPMENT:
        return True
    given = request.headers.get("Authorization", "")
    wanted = f"Bearer {settings.METRICS_TOKEN}"
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given.encode(), wanted.encode())


def metrics(request: HttpRequest) -> HttpResponse:
    """The view."""
    if not may_read(request):
        return HttpResponse(status=404)
    tables = CollectorRegistry(auto_describe=False)
    tables.register(TableGauges(timezone.now()))
    return HttpResponse(_counters() + generate_latest(tables), content_type=CONTENT_TYPE_LATEST)
