"""Consent: the latest word counts, no is the default, nothing is edited."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from crm import consent
from crm.errors import BadValue
from crm.models import ConsentEvent, DoNotCall

NUMBER = "+15125550147"
NOW = dt.datetime(2026, 11, 23, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def say(granted: bool, minutes: int = 0, channel: str = "voice_ai") -> ConsentEvent:
    return consent.record_consent(
        number=NUMBER, channel=channel, purpose="service_info", granted=granted,
        wording="May we call?", call_sid="CA1", now=NOW + dt.timedelta(minutes=minutes),
    )  # fmt: skip


def may(channel: str = "voice_ai", purpose: str = "service_info") -> bool:
    return consent.may_contact(NUMBER, channel, purpose)


def test_no_word_is_a_no() -> None:
    assert not may()
    assert not consent.may_contact("nonsense", "voice_ai", "service_info")


def test_the_latest_word_counts() -> None:
    say(True)
    assert may()
    say(False, minutes=1)
    assert not may()
    say(True, minutes=2)
    assert may()


def test_of_two_words_at_once_the_later_row_counts() -> None:
    say(True)
    say(False)
    assert not may()


def test_one_channel_and_purpose_is_not_another() -> None:
    say(True)
    assert not may("sms")
    assert not may("voice_ai", "marketing")


def test_opting_out_ends_every_automatic_contact_at_once() -> None:
    say(True)
    say(True, channel="sms")
    consent.opt_out(number="512-555-0147", call_sid="CA2", wording="stop calling me", now=NOW)
    assert consent.is_do_not_call(NUMBER)
    assert not may()
    assert not may("sms")
    consent.opt_out(number=NUMBER, call_sid="CA3", wording="I said stop", now=NOW)
    assert DoNotCall.objects.get().call_sid == "CA2"


def test_the_list_wins_over_a_consent_that_was_slipped_in() -> None:
    consent.opt_out(number=NUMBER, call_sid="CA2", wording="stop", now=NOW)
    ConsentEvent.objects.create(
        number=NUMBER, channel="voice_ai", granted=True, wording="?", at=NOW + dt.timedelta(days=1)
    )
    assert not may()


def test_a_new_yes_lifts_an_old_no() -> None:
    consent.opt_out(number=NUMBER, call_sid="CA2", wording="stop", now=NOW)
    say(True, minutes=5)
    assert may()
    assert not consent.is_do_not_call(NUMBER)
    consent.opt_out(number=NUMBER, call_sid="CA4", wording="stop again", now=NOW)
    assert consent.is_do_not_call(NUMBER)


def test_what_is_no_number_channel_or_purpose_is_refused() -> None:
    with pytest.raises(BadValue):
        consent.opt_out(number="nonsense", call_sid="", wording="", now=NOW)
    with pytest.raises(BadValue):
        say(True, channel="pigeon")
    with pytest.raises(BadValue):
        consent.record_consent(
            number=NUMBER, channel="sms", purpose="gossip", granted=True, wording="", now=NOW
        )
    assert not consent.is_do_not_call("nonsense")


def test_an_event_can_be_neither_edited_nor_removed() -> None:
    event = say(True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.filter(pk=event.pk).update(granted=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        ConsentEvent.objects.filter(pk=event.pk).delete()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local crm.erasing = 'on'")
        ConsentEvent.objects.filter(pk=event.pk).delete()
    assert not ConsentEvent.objects.exists()
