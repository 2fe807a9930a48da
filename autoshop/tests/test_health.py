"""/health names every part, tells the truth about each, and gives nothing away."""

import asyncio
import json

import pytest
import redis
from django.conf import settings
from django.test import AsyncClient

from autoshop import health
from autoshop.health import Finding
from voice.providers.circuit import circuit

pytestmark = pytest.mark.django_db(transaction=True)


async def _ask(path: str = "/health") -> tuple[int, dict[str, dict[str, object]]]:
    answer = await AsyncClient().get(path)
    body = json.loads(answer.content)
    return answer.status_code, body["checks"]


async def test_with_beat_and_worker_alive_everything_is_well(empty_redis: None) -> None:
    health.note_alive("beat")
    health.note_alive("worker")
    status, checks = await _ask()
    assert status == 200
    assert {name for name, found in checks.items() if found["state"] != "ok"} == set()
    assert set(checks) == set(health.CHECKS)
    assert all("ms" in found for found in checks.values())


async def test_a_worker_that_was_never_seen_is_a_503(empty_redis: None) -> None:
    health.note_alive("beat")
    status, checks = await _ask()
    assert status == 503
    assert checks["worker"] == {"state": "down", "why": "never_seen", "ms": checks["worker"]["ms"]}
    assert checks["beat"]["state"] == "ok"


async def test_what_a_call_needs_is_asked_for_alone(empty_redis: None) -> None:
    status, checks = await _ask("/health?for=calls")
    assert status == 200
    assert set(checks) == {"database", "redis"}


async def test_redis_away_is_down_and_says_no_more_than_a_code(
    settings: pytest.FixtureRequest,
) -> None:
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"  # type: ignore[attr-defined]
    answer = await AsyncClient().get("/health")
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"]["redis"]["why"] == "unreachable"
    assert b"hunter2" not in answer.content


async def test_a_part_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang() -> Finding:
        await asyncio.sleep(3600)
        return Finding("ok")

    monkeypatch.setattr(health, "LIMIT_SECONDS", 0.05)
    found = await health.examine(hang)
    assert (found.state, found.why) == ("down", "no_answer")


@pytest.mark.parametrize(
    ("noted", "state", "why"),
    [
        (b"1000", "ok", ""),
        (b"960", "ok", ""),
        (b"939", "down", "silent"),
        (None, "down", "never_seen"),
    ],
)
def test_a_pulse_grows_stale_after_a_minute(noted: bytes | None, state: str, why: str) -> None:
    found = health.judge_pulse(noted, 1000.0)
    assert (found.state, found.why) == (state, why)


def test_the_worst_part_decides() -> None:
    assert health.overall({"a": Finding("ok"), "b": Finding("degraded")}) == "degraded"
    assert health.overall({"a": Finding("down"), "b": Finding("degraded")}) == "down"
    assert health.overall({"a": Finding("ok")}) == "ok"


def test_beats_task_shows_that_both_live(empty_redis: None) -> None:
    from autoshop.tasks import beat_heart

    beat_heart()
    with redis.Redis.from_url(settings.REDIS_URL) as connection:
        assert connection.get("health:worker") is not None


async def test_a_provider_that_calls_do_without_is_shown_and_breaks_nothing() -> None:
    health.note_alive("beat")
    health.note_alive("worker")
    ear = circuit("stt_local")
    ear.failed(0.0, retryable=False)
    try:
        status, checks = await _ask()
    finally:
        ear.worked()
    assert status == 200
    assert checks["stt"]["state"] == "degraded"
    assert checks["stt"]["why"] == "failing"
