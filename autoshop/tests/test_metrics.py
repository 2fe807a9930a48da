"""/metrics is for Prometheus alone, and holds codes and numbers only."""

import pytest
from django.test import Client

from voice import metrics as voice_metrics

pytestmark = pytest.mark.django_db


def test_counters_of_the_calls_and_gauges_of_the_tables_are_on_one_page(client: Client) -> None:
    voice_metrics.TURNS.labels("caller").inc()
    text = client.get("/metrics").content.decode()
    assert 'autoshop_turns_total{role="caller"}' in text
    assert "autoshop_outbox_depth 0.0" in text
    assert "autoshop_open_calls 0.0" in text


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", "", 404),
        ("", "Bearer ", 404),
        ("s3cret", "", 404),
        ("s3cret", "Bearer wrong", 404),
        ("s3cret", "Bearer s3cret", 200),
    ],
)
def test_outside_development_it_takes_the_token(
    client: Client, settings: pytest.FixtureRequest, token: str, given: str, status: int
) -> None:
    settings.DEVELOPMENT = False  # type: ignore[attr-defined]
    settings.METRICS_TOKEN = token  # type: ignore[attr-defined]
    assert client.get("/metrics", headers={"Authorization": given}).status_code == status
