"""Twilio's REST API: the only module that speaks to it.

Rules: every request has a time-out (the SDK's default is none); every form that
leaves passes the lock on live dialling; SDK exceptions become `TelephonyError`. A
request that creates something and whose answer is lost has an unknown outcome: Twilio
may have dialled, so nobody repeats it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import requests
from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from calls.errors import TelephonyError
from calls.telephony import lock
from calls.telephony.requests import CallRequest

TIMEOUT_S = 5.0
CLOCKS_DIFFER = timedelta(seconds=5)
_GONE = frozenset({20404, 21220})  # no such call, or not in progress any more
_OURS_TO_MEND = frozenset({20003})  # wrong credentials: the number isn't to blame


class LockedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK is untyped
    """Twilio's HTTP client behind the lock on live dialling."""

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Send one request unless its form names a number that must not be reached."""
        data = kwargs.get("data") if "data" in kwargs else (args[1] if len(args) > 1 else None)
        if data and method.upper() != "GET":
            lock.ensure_request_reachable(_form(data))
        return super().request(method, url, *args, **kwargs)


def _form(data: Any) -> Mapping[str, object]:
    return data if isinstance(data, Mapping) else dict(data)


@lru_cache(maxsize=4)
def _client(account_sid: str, token: str, base_url: str) -> Client:
    client = Client(account_sid, token, http_client=LockedHttpClient(timeout=TIMEOUT_S))
    client.api.base_url = base_url
    return client


def client() -> Client:
    """The REST client of the settings in force. Threads may share it."""
    return _client(
        settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_API_BASE_URL
    )


def create_call(request: CallRequest) -> str:
    """Ring somebody; returns the call's sid. Raises `TelephonyError`."""
    detection: dict[str, Any] = {}
    if request.amd_url:
        detection = {
            "machine_detection": "DetectMessageEnd",
            "async_amd": "true",
            "async_amd_status_callback": request.amd_url,
            "async_amd_status_callback_method": "POST",
        }
    try:
        made = client().calls.create(
            to=request.to,
            from_=settings.TWILIO_PHONE_NUMBER,
            url=request.answer_url,
            method="POST",
            status_callback=request.status_url,
            status_callback_method="POST",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
            timeout=request.ring_s,
            time_limit=request.limit_s,
            **detection,
        )
    except (TwilioException, requests.RequestException) as error:
        raise _as_ours(error, creates=True) from error
    return str(made.sid)


def create_message(to: str, body: str) -> str:
    """Text somebody; returns the message's sid. Raises `TelephonyError`."""
    try:
        made = client().messages.create(to=to, from_=settings.TWILIO_PHONE_NUMBER, body=body)
    except (TwilioException, requests.RequestException) as error:
        raise _as_ours(error, creates=True) from error
    return str(made.sid)


def redirect_call(sid: str, twiml: str) -> bool:
    """Give a running call new instructions; False where it is over already."""
    return _update(sid, twiml=twiml)


def end_call(sid: str) -> bool:
    """End a running call; False where it is over already."""
    return _update(sid, status="completed")


def fetch_status(sid: str) -> str | None:
    """The status Twilio holds for a call (it may lag behind callbacks), None if it knows no such call."""
    try:
        return str(client().calls(sid).fetch().status)
    except TwilioRestException as error:
        if error.code in _GONE or error.status == 404:
            return None
        raise _as_ours(error, creates=False) from error
    except (TwilioException, requests.RequestException) as error:
        raise _as_ours(error, creates=False) from error


def list_calls(to: str, since: datetime) -> list[tuple[str, str]]:
    """(sid, status) of the calls to this number that were created at or after `since`.

    Twilio's own filter works by days, so the time is compared here, with the seconds
    that its dates leave out and our clocks may differ by forgiven.
    """
    try:
        found = client().calls.list(to=to, limit=20)
    except (TwilioException, requests.RequestException) as error:
        raise _as_ours(error, creates=False) from error
    earliest = since - CLOCKS_DIFFER
    return [
        (str(call.sid), str(call.status))
        for call in found
        if call.date_created is not None and call.date_created >= earliest
    ]


def _update(sid: str, **change: str) -> bool:
    try:
        client().calls(sid).update(**change)
    except TwilioRestException as error:
        if error.code in _GONE or error.status == 404:
            return False
        raise _as_ours(error, creates=False) from error
    except (TwilioException, requests.RequestException) as error:
        raise _as_ours(error, creates=False) from error
    return True


def _as_ours(error: Exception, *, creates: bool) -> TelephonyError:
    if isinstance(error, TwilioRestException):
        return _refusal(error, creates=creates)
    unsent = isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in repr(error)
    code = "timeout" if isinstance(error, requests.Timeout) else "unreachable"
    return TelephonyError(code, permanent=False, unknown_outcome=creates and not unsent)


def _refusal(error: TwilioRestException, *, creates: bool) -> TelephonyError:
    code = str(error.code or error.status)
    if error.status >= 500:
        return TelephonyError(code, permanent=False, unknown_outcome=creates)
    ours = error.status == 429 or error.code in _OURS_TO_MEND
    return TelephonyError(code, permanent=not ours)
