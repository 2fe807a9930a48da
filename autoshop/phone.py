"""The browser phone: a page that is a telephone, for a person without one.

Rules: the page speaks Twilio's Media Streams protocol to `/media-stream`, the same
that a real call speaks; nothing is added there for its sake. What a telephone network
would do (log the call, hand out a stream token, ask what comes after the stream) these
views do. What a caller would do without a microphone (speak) a local voice does, and
its audio travels through the socket. Open in development; staff only elsewhere.
"""

import functools
import json
import re
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from calls import handover, live, log, stream_token
from calls.models import Call, CallStatus, Direction
from crm.models import Customer
from voice import phone_pass, store
from voice.providers.base import ProviderError
from voice.providers.local_speech import LocalTextToSpeech

SHOP_NUMBER = "+15555550100"
LONGEST_WORDS = 400
_E164 = re.compile(r"^\+[1-9][0-9]{7,14}$")
_SID = re.compile(r"^CA[0-9a-f]{32}$")
View = Callable[[HttpRequest], HttpResponseBase]


def may_use(request: HttpRequest) -> bool:
    """Everybody in development, staff elsewhere."""
    return bool(settings.DEVELOPMENT or (request.user.is_active and request.user.is_staff))


def _for_users(view: View) -> View:
    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        return view(request) if may_use(request) else _refuse("not_allowed", 403)

    return guarded


def _refuse(code: str, status: int = 400) -> JsonResponse:
    return JsonResponse({"error": code}, status=status)


# ---- the page ------------------------------------------------------------------------
@require_GET
@ensure_csrf_cookie
def page(request: HttpRequest) -> HttpResponseBase:
    """The telephone itself. It carries the pass that its socket will show."""
    if not may_use(request):
        return redirect_to_login(request.get_full_path())
    answer = render(request, "phone.html", {"development": settings.DEVELOPMENT})
    answer.set_cookie(
        phone_pass.COOKIE,
        phone_pass.issue(),
        max_age=phone_pass.LIFE_S,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )
    return answer


@require_GET
@_for_users
def people(request: HttpRequest) -> HttpResponseBase:
    """Customers to ring as: `?q=` a name or a number; without it, the first few."""
    asked = request.GET.get("q", "").strip()
    found = Customer.objects.prefetch_related("phones", "vehicles").order_by("id")
    for word in asked.split():
        digits = re.sub(r"\D", "", word)
        by_number = Q(phones__e164__contains=digits) if len(digits) >= 3 else Q(pk__in=())
        found = found.filter(Q(name_key__contains=word.lower()) | by_number)
    return JsonResponse({"people": [_card(each) for each in found.distinct()[:12]]})


def _card(customer: Customer) -> dict[str, Any]:
    """What a person needs to play this customer; what proves an identity only in development."""
    phones = sorted(customer.phones.all(), key=lambda phone: not phone.is_primary)
    vehicles = list(customer.vehicles.all())
    card: dict[str, Any] = {
        "name": f"{customer.first_name} {customer.last_name}".strip(),
        "number": phones[0].e164 if phones else "",
        "vehicles": [f"{car.year} {car.make} {car.model}" for car in vehicles],
    }
    if settings.DEVELOPMENT:
        card["born"] = customer.dob.isoformat() if customer.dob else ""
        card["vins"] = [car.vin_last6 for car in vehicles if car.vin_last6]
    return card


# ---- a call ----------------------------------------------------------------------------
@require_POST
@_for_users
def start(request: HttpRequest) -> HttpResponseBase:
    """Ring: log the call and answer what Twilio would learn from TwiML.

    Takes `number` (E.164, or empty for a withheld one).
    """
    number = request.POST.get("number", "").strip()
    if number and not _E164.match(number):
        return _refuse("not_a_number")
    now = timezone.now()
    call = log.start_call(
        sid=f"CA{secrets.token_hex(16)}",
        direction=Direction.INBOUND,
        from_number=number or "anonymous",
        to_number=settings.TWILIO_PHONE_NUMBER or SHOP_NUMBER,
        now=now,
    )
    log.record_status(sid=call.sid, status=CallStatus.IN_PROGRESS, sequence=-1, now=now)
    return JsonResponse(_stream(call, number, now, resumed=False))


def _stream(
    call: Call, number: str, now: datetime, *, resumed: bool, flow: str = ""
) -> dict[str, Any]:
    """The facts of a stream, as its `start` message will hold them."""
    return {
        "callSid": call.sid,
        "streamSid": f"MZ{secrets.token_hex(16)}",
        "accountSid": settings.TWILIO_ACCOUNT_SID or "AC" + "0" * 32,
        "parameters": {
            "token": stream_token.issue(call.sid, now, "browser"),
            "caller": number,
            "flow": flow or call.purpose,
            "resumed": "yes" if resumed else "no",
        },
    }


def _the_call(request: HttpRequest) -> Call | None:
    sid = request.POST.get("call") or request.GET.get("call") or ""
    return log.find_call(sid) if _SID.match(sid) else None


@require_POST
@_for_users
def after(request: HttpRequest) -> HttpResponseBase:
    """The stream ended. What now? The same answers that `/call-next` gives to Twilio.

    `hang_up`, or `connect` again: the line was lost (`why`: line_lost), or an advisor was
    asked for whom no browser can ring, so that the agent takes the caller back (no_advisor).
    """
    call = _the_call(request)
    if call is None:
        return _refuse("no_such_call", 404)
    now = timezone.now()
    wants_advisor = call.transfer_result in {"requested", "no_advisor"}
    if call.is_over or not (wants_advisor or call.end_reason in log.PROVISIONAL_ENDS):
        return JsonResponse({"then": "hang_up", "why": call.end_reason})
    if wants_advisor:
        handover.settle(call, now=now)
    if log.take_up(call_id=call.pk) > log.RECONNECTS:
        handover.owe_callback(call, now=now)
        log.finish_call(call_id=call.pk, end_reason="no_advisor", outcome="callback", now=now)
        return JsonResponse({"then": "hang_up", "why": "no_advisor"})
    if wants_advisor:
        return _connect_again(call, now, why="no_advisor", flow="handover_failed")
    return _connect_again(call, now, why="line_lost")


def _connect_again(call: Call, now: datetime, *, why: str, flow: str = "") -> JsonResponse:
    number = call.from_number if _E164.match(call.from_number) else ""
    stream = _stream(call, number, now, resumed=True, flow=flow)
    return JsonResponse({"then": "connect", "why": why, "stream": stream})


@require_POST
@_for_users
def end(request: HttpRequest) -> HttpResponseBase:
    """The caller hung up: what Twilio's last status callback would tell."""
    call = _the_call(request)
    if call is None:
        return _refuse("no_such_call", 404)
    now = timezone.now()
    log.record_status(sid=call.sid, status=CallStatus.COMPLETED, sequence=1000, now=now)
    return HttpResponse(status=204)


@require_POST
async def say(request: HttpRequest) -> HttpResponseBase:
    """A caller's typed `words`, spoken: raw mu-law, 8000 Hz, for the page to send down its line."""
    if not await sync_to_async(may_use)(request):
        return _refuse("not_allowed", 403)
    words = " ".join(request.POST.get("words", "").split())[:LONGEST_WORDS]
    if not words:
        return _refuse("no_words")
    voice = LocalTextToSpeech()
    try:
        await voice.connect()
        audio = bytearray()
        await voice.speak(words, audio.extend, last=True)
    except ProviderError:
        return _refuse("no_voice", 503)
    finally:
        await voice.close()
    return HttpResponse(bytes(audio), content_type="audio/basic")


# ---- watching it -------------------------------------------------------------------------
@require_GET
@_for_users
def events(request: HttpRequest) -> HttpResponseBase:
    """Everything said and done so far: turns, tools, the live state, what is being said now."""
    call = _the_call(request)
    if call is None:
        return _refuse("no_such_call", 404)
    body = {
        "turns": list(
            call.utterances.order_by("n").values(
                "n", "role", "text", "heard_text", "interrupted", "t0_ms", "t1_ms", "stages"
            )
        ),
        "tools": list(
            call.tools.order_by("n").values("n", "name", "arguments", "ok", "error", "ms")
        ),
        "call": {
            "level": call.verification_level,
            "flow": call.flow,
            "outcome": call.outcome,
            "appointment": call.appointment_ref,
            "ended": call.end_reason,
        },
        "live": _live(call.sid),
        "saying": live.clauses(call.sid),
    }
    return JsonResponse(body)


def _live(sid: str) -> dict[str, Any]:
    """Where the conversation stands; empty where it is not live or Redis is away."""
    try:
        raw = get_redis_connection("default").get(store.key(sid))
    except RedisError:
        return {}
    if raw is None:
        return {}
    session = json.loads(raw)
    context = session.get("context") or {}
    proposal = context.get("proposal") or {}
    return {
        "state": session.get("state"),
        "flow": context.get("flow"),
        "level": context.get("level"),
        "waiting_for_yes": proposal.get("say", ""),
    }
