"""A keyed app, signed requests, a fixed now."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client

from simulators.twilio import TwilioServer, signature
from simulators.twilio.threaded import in_thread

if TYPE_CHECKING:
    from calls.models import Call

TOKEN = "12345"
BASE = "https://shop.example"
CALLER = "+12025550147"
SHOP = "+12025550100"
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)

Post = Callable[..., HttpResponse]


@dataclass(frozen=True)
class OpenHours:
    opens: time = time(9)
    closes: time = time(17)


@dataclass(frozen=True)
class OpenDesk:
    """Monday to Friday, nine to five in New York, and never on Thanksgiving (26 November)."""

    zone: ZoneInfo = ZoneInfo("America/New_York")
    hours: Mapping[int, OpenHours] = field(
        default_factory=lambda: {weekday: OpenHours() for weekday in range(5)}
    )
    closed_days: tuple[tuple[date, date], ...] = ((date(2026, 11, 26), date(2026, 11, 26)),)


def weekdays_nine_to_five(now: datetime) -> OpenDesk:
    """As `DESK_HOURS` names it."""
    return OpenDesk()


@pytest.fixture
def open_desk(settings: Any) -> OpenDesk:
    """A desk with hours of its own: the shop's are another app's."""
    settings.DESK_HOURS = f"{__name__}.weekdays_nine_to_five"
    return OpenDesk()


@pytest.fixture
def keyed(settings: Any) -> Any:
    """Twilio's keys are set, and the app has a public address."""
    settings.TWILIO_AUTH_TOKEN = TOKEN
    settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
    settings.TWILIO_PHONE_NUMBER = SHOP
    settings.BASE_URL = BASE
    settings.ENVIRONMENT, settings.DEVELOPMENT = "production", False
    settings.YOUR_TEST_NUMBER = ""
    settings.OUTBOUND_LIVE_CALLS = False
    return settings


@pytest.fixture
def post(client: Client, keyed: Any) -> Post:
    """Twilio asks: a signed form POST."""

    def send(path: str, sign: bool = True, **form: str) -> HttpResponse:
        form = {"CallSid": "CA1", "From": CALLER, "To": SHOP, "CallStatus": "ringing", **form}
        signed = signature(TOKEN, BASE + path, form) if sign else "forged"
        return client.post(path, form, headers={"X-Twilio-Signature": signed})  # type: ignore[return-value]

    return send


@pytest.fixture
def call(db: None) -> "Call":
    """A call that is being talked on."""
    from calls import log

    made = log.start_call(
        sid="CA1", direction="inbound", from_number=CALLER, to_number=SHOP, now=NOW
    )
    log.record_status(sid="CA1", status="in-progress", sequence=0, now=NOW)
    made.refresh_from_db()
    return made


@pytest.fixture
def twilio(keyed: Any) -> Iterator[TwilioServer]:
    """Twilio's REST API, simulated, and the app pointed at it."""
    server = TwilioServer("http://127.0.0.1:9", auth_token=TOKEN, speed=20)
    with in_thread(server) as background:
        keyed.TWILIO_API_BASE_URL = server.url
        server.background = background  # type: ignore[attr-defined]
        yield server
