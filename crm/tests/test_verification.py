"""Proving who calls: right, wrong, too often, and nobody at all."""

import datetime as dt
import logging
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from crm import records, verification
from crm.models import Customer, FactorTry, Vehicle
from crm.tests.conftest import ANA_VIN, HOUSEHOLD, NOW
from crm.verification import FactorResult, check_factor

RIGHT: dict[str, str | dt.date] = {
    "name": "this is Ana Ruiz",
    "dob": dt.date(1980, 2, 3),
    "vin_last6": "004352",
    "address": "1234 Oak Street, 78701",
    "zip": "78701",
    "birth_day": "02-03",
}


def ask(
    *customers: Customer | int, factor: str = "dob", value: str | dt.date = "1999-09-09",
    call: str = "CA1", ani: str = HOUSEHOLD, at: dt.datetime = NOW,
) -> FactorResult:  # fmt: skip
    ids = [one if isinstance(one, int) else one.pk for one in customers]
    return check_factor(
        customer_ids=ids, factor=factor, value=value, call_sid=call, ani=ani, now=at
    )


@pytest.mark.parametrize("factor", RIGHT)
def test_the_right_answer_is_right(ana: Customer, factor: str) -> None:
    result = ask(ana, factor=factor, value=RIGHT[factor])
    assert (result.ok, result.customer_id, result.tries_left) == (True, ana.pk, 3)


@pytest.mark.parametrize(
    ("factor", "value"),
    [
        ("dob", "1980-02-03"),
        ("dob", "02031980"),
        ("vin_last6", "oh oh 4 3 5 2".replace("oh", "o")),
        ("vin_last6", ANA_VIN),
        ("vin_last6", "3A004352"),
        ("address", "1234 78701"),
        ("address", "#1234 oak st 78701-4321"),
        ("zip", "78701-4321"),
        ("birth_day", "2/3"),
        ("birth_day", "0203"),
        ("birth_day", dt.date(2000, 2, 3)),
    ],
)
def test_it_may_be_said_in_other_ways(ana: Customer, factor: str, value: str | dt.date) -> None:
    assert ask(ana, factor=factor, value=value).ok


@pytest.mark.parametrize(
    ("factor", "value"),
    [
        ("name", "Benjamin Ruiz"),
        ("dob", "1980-03-02"),
        ("dob", "1980-02"),
        ("dob", ""),
        ("dob", "1980-02-31"),
        ("vin_last6", "004353"),
        ("vin_last6", "4352"),
        ("vin_last6", ""),
        ("address", "1234"),
        ("address", "78701"),
        ("address", "123 78701"),
        ("address", "1234 78702"),
        ("zip", "7870"),
        ("zip", ""),
        ("birth_day", "03-02"),
        ("birth_day", "February"),
        ("dob", "x" * 1_000_000),
        ("vin_last6", "é" * 1_000),
    ],
)
def test_anything_else_is_wrong(ana: Customer, factor: str, value: str) -> None:
    result = ask(ana, factor=factor, value=value)
    assert result == FactorResult(False, None, 2, False)


def test_a_customer_we_know_nothing_of_is_never_matched_by_nothing(
    db: None, now: dt.datetime
) -> None:
    bare = records.create_customer(
        first_name="Bo", last_name="Bare", phone=None, origin="staff", now=now
    )
    for n, factor in enumerate(["dob", "vin_last6", "address", "zip", "birth_day"]):
        for value in ("", "0", " "):
            assert not ask(bare, factor=factor, value=value, call=f"CA{n}{value}").ok


def test_a_car_that_was_sold_proves_nothing(ana: Customer) -> None:
    car = Vehicle.objects.get(owner=ana)
    records.retire_vehicle(customer_id=ana.pk, vehicle_id=car.pk)
    assert not ask(ana, factor="vin_last6", value="004352").ok


def test_a_factor_nobody_knows_is_a_bug(ana: Customer) -> None:
    for factor in ("shoe_size", "reference"):
        with pytest.raises(ValueError, match="unknown factor"):
            ask(ana, factor=factor)


def test_a_household_is_told_apart(ana: Customer, ben: Customer) -> None:
    assert ask(ana, ben, factor="name", value="Ben Ruiz").customer_id == ben.pk
    assert ask(ana, ben, value=dt.date(1980, 2, 3)).customer_id == ana.pk


def test_a_junior_of_the_same_name_needs_one_more_fact(ana: Customer, now: dt.datetime) -> None:
    junior = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=HOUSEHOLD, dob=dt.date(2004, 5, 6),
        origin="staff", now=now,
    )  # fmt: skip
    both = ask(ana, junior, factor="name", value="Ana Ruiz")
    assert (both.ok, both.customer_id, set(both.matching)) == (True, None, {ana.pk, junior.pk})
    assert ask(*both.matching, value="2004-05-06").customer_id == junior.pk


def test_three_wrong_answers_end_verifying_in_this_call(ana: Customer) -> None:
    left = [ask(ana).tries_left for _ in range(3)]
    assert left == [2, 1, 0]
    right = ask(ana, value=RIGHT["dob"])
    assert (right.ok, right.tries_left, right.locked) == (False, 0, True)
    assert ask(ana, value=RIGHT["dob"], call="CA2").ok


def test_the_third_wrong_answer_already_says_so(ana: Customer) -> None:
    assert [ask(ana).locked for _ in range(3)] == [False, False, True]


def test_wrong_names_are_counted_apart(ana: Customer) -> None:
    for _ in range(3):
        ask(ana, factor="name", value="Zed Zebra")
    assert ask(ana, factor="name", value=RIGHT["name"]).locked
    assert ask(ana, value=RIGHT["dob"]).ok


def test_five_wrong_answers_lock_the_customer_for_half_an_hour(ana: Customer) -> None:
    results = [ask(ana, call=f"CA{n}") for n in range(5)]
    assert [result.notice for result in results] == ["", "", "", "", "customer_locked"]
    soon = NOW + dt.timedelta(minutes=29)
    assert not ask(ana, value=RIGHT["dob"], call="CA8", at=soon).ok
    later = NOW + dt.timedelta(minutes=31)
    assert ask(ana, value=RIGHT["dob"], call="CA9", at=later).ok


def test_the_lock_looks_like_any_wrong_answer(ana: Customer, cy: Customer) -> None:
    for n in range(5):
        ask(ana, call=f"CA{n}", ani="")
    locked = ask(ana, value=RIGHT["dob"], call="CA8", ani="")
    wrong = ask(cy, call="CA9", ani="")
    assert (locked.ok, locked.tries_left, locked.locked) == (
        wrong.ok,
        wrong.tries_left,
        wrong.locked,
    )


def test_wrong_answers_of_yesterday_are_forgotten(ana: Customer) -> None:
    for n in range(4):
        ask(ana, call=f"CA{n}", at=NOW - dt.timedelta(hours=25))
    assert ask(ana, call="CA5").notice == ""


def test_a_number_that_failed_at_five_customers_is_refused(db: None, now: dt.datetime) -> None:
    people = [
        records.create_customer(
            first_name=f"P{n}", last_name="Q", phone=None, dob=dt.date(1980, 2, 3), origin="staff",
            now=now,
        )
        for n in range(6)
    ]  # fmt: skip
    for n, person in enumerate(people[:5]):
        assert ask(person, call=f"CA{n}").notice == ""
    sixth = ask(people[5], value="1980-02-03", call="CA6")
    assert (sixth.ok, sixth.locked, sixth.notice) == (False, True, "number_blocked")
    assert ask(people[5], value="1980-02-03", call="CA7", ani="+15125550199").ok
    tomorrow = NOW + dt.timedelta(hours=25)
    assert ask(people[5], value="1980-02-03", call="CA8", at=tomorrow).ok


def test_callers_without_a_number_do_not_block_each_other(ana: Customer, cy: Customer) -> None:
    for n in range(7):
        ask(call=f"CA{n}", ani="anonymous")
    assert ask(ana, value=RIGHT["dob"], call="CA9", ani="").ok


def test_nobody_is_answered_like_somebody_who_was_wrong(ana: Customer) -> None:
    somebody = [ask(ana, call="CA1") for _ in range(4)]
    nobody = [ask(call="CA2") for _ in range(4)]
    assert somebody == nobody
    assert ask(4711, call="CA3") == ask(ana, call="CA4")


def test_the_work_is_the_same_for_nobody(ana: Customer) -> None:
    with CaptureQueriesContext(connection) as somebody:
        ask(ana, call="CA1")
    with CaptureQueriesContext(connection) as nobody:
        ask(call="CA2")
    assert len(somebody) == len(nobody)


def test_a_reference_code_is_counted_like_a_factor(ana: Customer) -> None:
    for _ in range(3):
        verification.count_try(
            customer_ids=[ana.pk], matching=(), factor="reference", call_sid="CA1", ani="", now=NOW
        )
    assert ask(ana, value=RIGHT["dob"]).locked


def test_the_ledger_keeps_no_value(ana: Customer) -> None:
    ask(ana, value="1999-09-09")
    ask(ana, factor="vin_last6", value="004352")
    rows = [
        [str(getattr(row, field.attname)) for field in FactorTry._meta.concrete_fields]
        for row in FactorTry.objects.all()
    ]
    text = repr(rows)
    assert "1999" not in text
    assert "004352" not in text


def test_nothing_personal_is_logged(ana: Customer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="crm"):
        for n in range(5):
            ask(ana, call=f"CA{n}")
    text = caplog.text + repr([record.__dict__ for record in caplog.records])
    for secret in ("Ana", "Ruiz", "1980", "1999", "004352", "5550147"):
        assert secret not in text


def test_a_candidate_shows_ids_only(ana: Customer) -> None:
    shown = repr(verification._load([ana.pk]))
    for secret in ("Ana", "Ruiz", "1234", "78701", "004352"):
        assert secret not in shown


def test_a_seal_that_does_not_open_is_a_wrong_answer(ana: Customer) -> None:
    Customer.objects.filter(pk=ana.pk).update(dob_sealed="broken")
    assert not ask(ana, factor="birth_day", value="02-03").ok


@pytest.mark.django_db(transaction=True)
def test_two_tries_at_once_do_not_share_the_last_one() -> None:
    person = records.create_customer(
        first_name="Ana", last_name="Ruiz", phone=None, dob=dt.date(1980, 2, 3), origin="staff",
        now=NOW,
    )  # fmt: skip
    results: list[FactorResult] = []

    def attempt() -> None:
        try:
            results.append(ask(person, ani=""))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert FactorTry.objects.count() == 3
    assert sorted(result.tries_left for result in results) == [0] * 6 + [1, 2]
