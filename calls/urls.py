"""Twilio's addresses, each with or without a slash at its end."""

from django.urls import URLPattern, re_path

from calls import views

_WEBHOOKS = {
    "incoming-call": views.incoming_call,
    "outbound-reminder": views.outbound_reminder,
    "call-next": views.call_next,
    "call-status": views.call_status,
    "stream-status": views.stream_status,
    "amd-status": views.amd_status,
    "dial-done": views.dial_done,
    "whisper": views.whisper,
    "whisper-done": views.whisper_done,
    "incoming-sms": views.incoming_sms,
}

urlpatterns: list[URLPattern] = [
    re_path(rf"^{path}/?$", view, name=path) for path, view in _WEBHOOKS.items()
]
