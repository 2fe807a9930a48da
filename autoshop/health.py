"""`/health`: every part the product stands on, its state and how long it took to answer.

Rules: 200 where everything needed answers, 503 where something does not; `?for=calls`
asks only for what a call can't do without (database, Redis), for a platform's own
checks. Checks run side by side, each within `LIMIT_SECONDS`; what is not ours to reach
at every look (the cloud services) is shown by configuration and by its last failure.
States: ok, degraded (works, but something is wrong), down. No secret, no address and
no text of an error is shown, only codes.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass

import redis
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from redis.asyncio import Redis

from voice.providers.circuit import circuit

LIMIT_SECONDS = 2.0
PULSE_SECONDS = 15
STALE_SECONDS = 60
LEAST_DISK_BYTES = 500_000_000
NEEDED_BY_CALLS = ("database", "redis")


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: `state` ok, degraded or down; `why` a code; `ms` until it answered."""

    state: str
    why: str = ""
    provider: str = ""
    ms: float = 0.0


# ---- pulses of the background processes ----------------------------------------
def _pulse_key(who: str) -> str:
    return f"health:{who}"


def note_alive(who: str) -> None:
    """Called in the process that is alive: beat or a worker."""
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2) as connected:
        connected.set(_pulse_key(who), int(time.time()), ex=3600)


def judge_pulse(noted: bytes | str | None, now_seconds: float) -> Finding:
    """A pulse that is missing or older than `STALE_SECONDS` means: down."""
    if noted is None:
        return Finding("down", "never_seen")
    return Finding("ok") if now_seconds - int(noted) <= STALE_SECONDS else Finding("down", "silent")


# ---- the checks ------------------------------------------------------------------
def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 1")


async def _check_database() -> Finding:
    await database_sync_to_async(_ask_database, thread_sensitive=False)()
    return Finding("ok")


async def _check_redis() -> Finding:
    async with Redis.from_url(settings.REDIS_URL, socket_timeout=LIMIT_SECONDS) as connected:
        await connected.ping()
    return Finding("ok")


def _check_pulse(who: str) -> Callable[[], Awaitable[Finding]]:
    async def check() -> Finding:
        async with Redis.from_url(settings.REDIS_URL, socket_timeout=LIMIT_SECONDS) as connected:
            return judge_pulse(await connected.get(_pulse_key(who)), time.time())

    return check


def _calendar_trouble() -> str:
    from scheduling.models import CalendarOutbox, CalendarState

    if CalendarState.objects.exclude(broken_since=None).exists():
        return "connection_broken"
    if CalendarOutbox.objects.filter(dead=True, done_at=None).exists():
        return "writes_given_up"
    return ""


async def _check_calendar() -> Finding:
    """A broken calendar is not a broken phone: bookings wait in the outbox."""
    why = await database_sync_to_async(_calendar_trouble, thread_sensitive=False)()
    return Finding("degraded" if why else "ok", why, settings.CALENDAR_PROVIDER)


def _check_provider(kind: str) -> Callable[[], Awaitable[Finding]]:
    async def check() -> Finding:
        name: str = getattr(settings, f"{kind.upper()}_PROVIDER")
        if circuit(f"{kind}_{name}").is_open:  # calls do without it, by the built-in one
            return Finding("degraded", "failing", name)
        return Finding("ok", "", name)

    return check


async def _check_twilio() -> Finding:
    if settings.TWILIO_ACCOUNT_SID and settings.TWILIO_AUTH_TOKEN:
        return Finding("ok", "", "twilio")
    return Finding("ok" if settings.DEVELOPMENT else "degraded", "not_configured", "none")


async def _check_disk() -> Finding:
    free = shutil.disk_usage(settings.BASE_DIR).free
    return Finding("ok") if free >= LEAST_DISK_BYTES else Finding("degraded", "almost_full")


CHECKS: dict[str, Callable[[], Awaitable[Finding]]] = {
    "database": _check_database,
    "redis": _check_redis,
    "worker": _check_pulse("worker"),
    "beat": _check_pulse("beat"),
    "calendar": _check_calendar,
    "telephony": _check_twilio,
    "stt": _check_provider("stt"),
    "tts": _check_provider("tts"),
    "llm": _check_provider("llm"),
    "disk": _check_disk,
}


async def examine(check: Callable[[], Awaitable[Finding]]) -> Finding:
    """Run one check within its limit; whatever the part does, a finding comes back."""
    started = time.perf_counter()
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            found = await check()
    except TimeoutError:
        found = Finding("down", "no_answer")
    except (redis.RedisError, DatabaseError, OSError):
        found = Finding("down", "unreachable")
    ms = round((time.perf_counter() - started) * 1000, 1)
    return Finding(found.state, found.why, found.provider, ms)


def overall(findings: dict[str, Finding]) -> str:
    """The worst state there is."""
    states = {finding.state for finding in findings.values()}
    return next((state for state in ("down", "degraded") if state in states), "ok")


async def health(request: HttpRequest) -> JsonResponse:
    """The view."""
    names = NEEDED_BY_CALLS if request.GET.get("for") == "calls" else tuple(CHECKS)
    found = await asyncio.gather(*(examine(CHECKS[name]) for name in names))
    findings = dict(zip(names, found, strict=True))
    state = overall(findings)
    body = {
        "status": state,
        "environment": settings.ENVIRONMENT,
        "checks": {name: _shown(finding) for name, finding in findings.items()},
    }
    answer = JsonResponse(body, status=503 if state == "down" else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def _shown(finding: Finding) -> dict[str, object]:
    return {key: value for key, value in asdict(finding).items() if value != ""}
