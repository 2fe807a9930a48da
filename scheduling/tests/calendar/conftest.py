"""A Google that runs here, and the settings that point at it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from scheduling.calendar.google import disconnect
from simulators.google import GoogleSimulator


@pytest.fixture
def google(settings: Settings) -> Iterator[GoogleSimulator]:
    """The simulator, connected as the shop's calendar."""
    with GoogleSimulator() as simulator:
        settings.CALENDAR_PROVIDER = "google"
        settings.GOOGLE_CLIENT_ID, settings.GOOGLE_CLIENT_SECRET = "id", "secret"
        settings.GOOGLE_REFRESH_TOKEN = simulator.refresh_token
        settings.GOOGLE_API_ENDPOINT = simulator.api_url
        settings.GOOGLE_TOKEN_URI = simulator.token_url
        settings.GOOGLE_CALENDAR_ID = "primary"
        yield simulator
        disconnect()
