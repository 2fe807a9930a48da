"""Sealed values open and compare, and only with a key."""

import datetime as dt

import pytest
from pytest_django.fixtures import Settings

from crm import sealing
from crm.models import Customer


def test_a_sealed_value_opens_again_and_never_looks_the_same() -> None:
    first, second = sealing.seal("1980-02-03"), sealing.seal("1980-02-03")
    assert first != second
    assert "1980" not in first
    assert sealing.unseal(first) == sealing.unseal(second) == "1980-02-03"


def test_a_fingerprint_compares_without_opening() -> None:
    kept = sealing.fingerprint("1980-02-03")
    assert sealing.fingerprint_matches("1980-02-03", kept)
    assert not sealing.fingerprint_matches("1980-02-04", kept)
    assert not sealing.fingerprint_matches("", "")


def test_a_new_key_in_front_still_opens_the_old(settings: Settings) -> None:
    settings.FIELD_KEY = "old"
    sealed, kept = sealing.seal("1980-02-03"), sealing.fingerprint("1980-02-03")
    settings.FIELD_KEY = "new,old"
    assert sealing.unseal(sealed) == "1980-02-03"
    assert sealing.fingerprint_matches("1980-02-03", kept)
    assert sealing.fingerprint("1980-02-03") != kept


def test_another_key_opens_nothing(settings: Settings) -> None:
    settings.FIELD_KEY = "old"
    sealed, kept = sealing.seal("1980-02-03"), sealing.fingerprint("1980-02-03")
    settings.FIELD_KEY = "new"
    with pytest.raises(sealing.SealBroken):
        sealing.unseal(sealed)
    assert not sealing.fingerprint_matches("1980-02-03", kept)


def test_garbage_is_a_broken_seal() -> None:
    with pytest.raises(sealing.SealBroken):
        sealing.unseal("é nothing")


def test_a_birth_date_can_be_taken_back() -> None:
    customer = Customer(first_name="Ana")
    customer.dob = dt.date(1980, 2, 3)
    assert customer.dob == dt.date(1980, 2, 3)
    customer.dob = None
    assert (customer.dob, customer.dob_sealed, customer.dob_hmac) == (None, "", "")
