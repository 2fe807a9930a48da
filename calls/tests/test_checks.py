"""Settings that can't work are named before a call is lost."""

import pytest

from calls.checks import telephone_settings


def _ids():
    return [message.id for message in telephone_settings(None)]


def test_an_empty_development_and_a_keyed_production_are_fine(keyed):
    assert _ids() == []
    keyed.TWILIO_ACCOUNT_SID = keyed.TWILIO_AUTH_TOKEN = keyed.TWILIO_PHONE_NUMBER = ""
    keyed.ENVIRONMENT, keyed.DEVELOPMENT = "development", True
    assert _ids() == []


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"TWILIO_PHONE_NUMBER": ""}, ["calls.E001"]),
        (
            {"TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": "", "TWILIO_PHONE_NUMBER": ""},
            ["calls.W002"],
        ),
        ({"BASE_URL": "http://shop.example"}, ["calls.W003"]),
        ({"BASE_URL": "http://x.example", "TWILIO_API_BASE_URL": "http://127.0.0.1:1"}, []),
        ({"OUTBOUND_LIVE_CALLS": True, "ENVIRONMENT": "staging"}, ["calls.W004"]),
        ({"OUTBOUND_LIVE_CALLS": True}, []),
        ({"YOUR_TEST_NUMBER": "my phone"}, ["calls.E005"]),
        ({"YOUR_TEST_NUMBER": "+12025550147"}, []),
    ],
)
def test_what_is_wrong_is_named(keyed, facts, found):
    for name, value in facts.items():
        setattr(keyed, name, value)
    assert _ids() == found
