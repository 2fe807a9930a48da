"""Settings of the telephone that can't work, said by `manage.py check` before a call is lost."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from crm.phones import to_e164

_TWILIO = "https://api.twilio.com"


@register()
def telephone_settings(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:
    """What is missing or contradicts itself."""
    return [*_keys(), *_address(), *_dialling()]


def _keys() -> list[CheckMessage]:
    named = {
        "TWILIO_ACCOUNT_SID": settings.TWILIO_ACCOUNT_SID,
        "TWILIO_AUTH_TOKEN": settings.TWILIO_AUTH_TOKEN,
        "TWILIO_PHONE_NUMBER": settings.TWILIO_PHONE_NUMBER,
    }
    missing = [name for name, value in named.items() if not value]
    if missing and len(missing) < len(named):
        return [
            Error(
                f"{', '.join(missing)} must be set where other Twilio settings are.",
                hint="Without all three, calls are kept in a table and nothing rings.",
                id="calls.E001",
            )
        ]
    if missing and not settings.DEVELOPMENT:
        return [
            Warning(
                "Without Twilio's keys every webhook and media stream is refused.",
                hint="Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_PHONE_NUMBER.",
                id="calls.W002",
            )
        ]
    return []


def _address() -> list[CheckMessage]:
    real = settings.TWILIO_AUTH_TOKEN and settings.TWILIO_API_BASE_URL == _TWILIO
    if real and not settings.BASE_URL.startswith("https://"):
        return [
            Warning(
                "Twilio can't reach a BASE_URL that isn't https.",
                hint="Use the public address of this machine, or of a tunnel to it.",
                id="calls.W003",
            )
        ]
    return []


def _dialling() -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.OUTBOUND_LIVE_CALLS and settings.ENVIRONMENT != "production":
        found.append(
            Warning(
                "OUTBOUND_LIVE_CALLS has no effect outside of production.",
                hint="Only YOUR_TEST_NUMBER is rung and texted here.",
                id="calls.W004",
            )
        )
    if settings.YOUR_TEST_NUMBER and to_e164(settings.YOUR_TEST_NUMBER) is None:
        found.append(
            Error(
                "YOUR_TEST_NUMBER isn't a telephone number.",
                hint="Write it with its country code: +1 and ten digits.",
                id="calls.E005",
            )
        )
    return found
