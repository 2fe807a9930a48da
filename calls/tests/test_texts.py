"""A text that says stop stops everything automatic."""

from datetime import timedelta

import pytest
from django.utils import timezone

from calls.tests.conftest import CALLER
from crm.consent import is_do_not_call, may_contact, record_consent

pytestmark = pytest.mark.django_db


@pytest.fixture
def agreed(db):
    for channel in ("sms", "voice_ai"):
        record_consent(
            number=CALLER, channel=channel, purpose="service_info", granted=True,
            wording="yes", now=timezone.now() - timedelta(days=1),
        )  # fmt: skip


def _text(post, body, **form):
    return post("/incoming-sms", MessageSid="SM1", Body=body, **form)


@pytest.mark.parametrize(
    "body",
    ["STOP", "stop.", " Stop ", "Unsubscribe", "QUIT", "END", "cancel", "OPT-OUT", "stop all",
     "please stop calling me", "do not text this number", "Don't call again", "take me off your list"],
)  # fmt: skip
def test_a_stop_revokes_calls_and_texts_at_once(post, agreed, body):
    answer = _text(post, body)
    assert b"<Message" not in answer.content
    assert is_do_not_call(CALLER)
    assert not may_contact(CALLER, "sms", "service_info")
    assert not may_contact(CALLER, "voice_ai", "service_info")


def test_a_start_allows_texts_again_and_only_texts(post, agreed):
    _text(post, "STOP")
    assert b"again" in _text(post, "START").content
    assert may_contact(CALLER, "sms", "service_info")
    assert not may_contact(CALLER, "voice_ai", "service_info")


@pytest.mark.parametrize("body", ["HELP", "is my car ready?", "the brakes stop badly", ""])
def test_anything_else_is_answered_and_changes_nothing(post, agreed, body):
    assert b"<Message>" in _text(post, body).content
    assert may_contact(CALLER, "sms", "service_info")


def test_a_text_from_no_number_is_ignored(post, db):
    assert _text(post, "STOP", From="SHORTCODE").status_code == 200


def test_an_unsigned_text_opts_nobody_out(post, agreed):
    assert post("/incoming-sms", sign=False, MessageSid="SM1", Body="STOP").status_code == 403
    assert not is_do_not_call(CALLER)
