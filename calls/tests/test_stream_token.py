"""A ticket works once, for its own call, for a minute."""

from datetime import timedelta

import pytest
from django.core import signing

from calls import stream_token
from calls.errors import StreamTokenRefused
from calls.tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("empty_redis")


def _refusal(token, sid="CA1", now=NOW):
    with pytest.raises(StreamTokenRefused) as refused:
        stream_token.redeem(token, sid, now)
    return refused.value.code


def test_a_ticket_works_once():
    token = stream_token.issue("CA1", NOW)
    assert stream_token.redeem(token, "CA1", NOW) == "twilio"
    assert _refusal(token) == "used"


def test_it_says_where_it_was_given_out():
    token = stream_token.issue("CA1", NOW, origin="browser")
    assert stream_token.redeem(token, "CA1", NOW) == "browser"


def test_another_calls_ticket_is_refused_and_stays_good_for_its_own():
    token = stream_token.issue("CA1", NOW)
    assert _refusal(token, sid="CA2") == "foreign"
    assert stream_token.redeem(token, "CA1", NOW)


@pytest.mark.parametrize(("seconds", "good"), [(60, True), (61, False), (-5, True), (-6, False)])
def test_it_lives_for_a_minute_and_not_before_its_time(seconds, good):
    token = stream_token.issue("CA1", NOW)
    now = NOW + timedelta(seconds=seconds)
    if good:
        assert stream_token.redeem(token, "CA1", now)
    else:
        assert _refusal(token, now=now) == "stale"


@pytest.mark.parametrize("change", [lambda t: "", lambda t: t[:-1], lambda t: "x" + t])
def test_a_forged_ticket_is_refused(change):
    assert _refusal(change(stream_token.issue("CA1", NOW))) == "forged"


@pytest.mark.parametrize("facts", [7, ["CA1"], {"a": 1}, ["CA1", "twilio", 1, "n", "more"]])
def test_our_signature_over_something_else_is_no_ticket(facts):
    assert _refusal(signing.dumps(facts, salt="calls.stream_token")) == "forged"


def test_our_signature_for_another_purpose_is_no_ticket():
    facts = ["CA1", "twilio", int(NOW.timestamp()), "nonce"]
    assert _refusal(signing.dumps(facts, salt="something else")) == "forged"


def test_without_redis_nobody_is_let_in(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    assert _refusal(stream_token.issue("CA1", NOW)) == "store_down"


def test_it_fits_a_stream_parameter():
    assert len(stream_token.issue("CA" + "f" * 32, NOW)) < 400
