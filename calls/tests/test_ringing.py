"""Whoever prepares the agent's side is told of a call that rings, and can do the caller no harm."""

import pytest

from calls import ringing
from calls.models import Call
from calls.tests.conftest import Post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The calls that a listener was told of."""
    heard: list[Call] = []
    monkeypatch.setattr(ringing, "_listener", heard.append)
    return heard


@pytest.mark.parametrize("path", ["/incoming-call", "/outbound-reminder"])
def test_a_call_that_rings_is_told_once_it_is_logged(
    post: Post, told: list[Call], path: str
) -> None:
    post(path)
    assert [call.pk for call in told] == [Call.objects.get().pk]


@pytest.mark.parametrize("path", ["/incoming-call", "/outbound-reminder"])
def test_of_an_unsigned_webhook_nobody_is_told(post: Post, told: list[Call], path: str) -> None:
    assert post(path, sign=False).status_code == 403
    assert post(path, CallSid="no sid").status_code == 400
    assert told == []


def test_the_other_webhooks_of_a_call_are_no_ringing(post: Post, told: list[Call]) -> None:
    post("/incoming-call")
    post("/call-next")
    post("/call-status", CallStatus="completed")
    assert len(told) == 1


def test_a_listener_that_breaks_costs_the_caller_nothing(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(call: Call) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ringing, "_listener", broken)
    assert b"<Stream" in post("/incoming-call").content


def test_who_registers_last_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_listener", None)
    ringing.announce(Call())
    heard: list[Call] = []
    ringing.listen(heard.append)
    call = Call()
    ringing.announce(call)
    assert heard == [call]
