"""`/calendar-push`: the calendar says that something changed.

Rules: a push over a channel that is not ours gets 404, and the calendar stops sending; its body
is never looked at. The answer does not wait for the pull, and pushes that come in a burst, as
after our own writes, start one pull together.
"""

import logging

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError
from prometheus_client import Counter
from redis import RedisError

from scheduling.calendar_push import is_our_channel
from scheduling.tasks_calendar import pull_calendar_changes

log = logging.getLogger(__name__)

TOGETHER_S = 2
"""Pushes within this time share a pull, which begins at its end."""
PUSHES = Counter("calendar_pushes_total", "Pushes of the calendar by what was done", ["result"])


@csrf_exempt
@require_POST
def calendar_push(request: HttpRequest) -> HttpResponse:
    """Start a pull, unless the push is not ours or one is about to begin."""
    headers = request.headers
    if not is_our_channel(
        headers.get("X-Goog-Channel-ID", ""), headers.get("X-Goog-Channel-Token", "")
    ):
        PUSHES.labels("refused").inc()
        log.warning("calendar_push_refused", extra={"code": "unknown_channel"})
        return HttpResponse(status=404)
    if headers.get("X-Goog-Resource-State") == "sync":  # the channel says that it stands
        PUSHES.labels("sync").inc()
        return HttpResponse(status=204)
    PUSHES.labels(_start_pull()).inc()
    return HttpResponse(status=204)


def _start_pull() -> str:
    """What came of it; the regular pull makes up for one that could not be started."""
    try:
        if not cache.add("calendar-push", 1, TOGETHER_S):
            return "joined"
        pull_calendar_changes.apply_async(countdown=TOGETHER_S, expires=60, retry=False)
    except (RedisError, OperationalError, OSError):
        log.warning("calendar_push_not_queued", extra={"code": "broker_down"})
        return "not_queued"
    return "started"
