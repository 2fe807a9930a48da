"""What is old enough goes, what is not stays."""

import datetime as dt
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.management import CommandError, call_command

from calls.models import Call, Utterance
from crm import records
from crm.models import Customer, FactorTry
from scheduling import retention

NOW = dt.datetime(2026, 11, 23, 15, tzinfo=dt.UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]


def call_of(days_ago: int, customer: Customer | None = None) -> Call:
    at = NOW - dt.timedelta(days=days_ago)
    call = Call.objects.create(
        sid=f"CA{days_ago}", direction="inbound", started_at=at, customer=customer
    )
    Utterance.objects.create(call=call, n=1, role="caller", text="hello", t0_ms=0, t1_ms=1)
    FactorTry.objects.create(call_sid=call.sid, factor="dob", ok=False, at=at)
    return call


def took(*, really: bool) -> dict[str, int]:
    return {rule.title: rows for rule, rows in retention.apply(NOW, really=really)}


def test_each_rule_takes_what_is_older_than_its_limit() -> None:
    for days in (10, 100, 400, 800):
        call_of(days)
    expected = {"transcripts": 2, "verification tries": 3, "calls": 1}
    assert {title: n for title, n in took(really=False).items() if n} == expected
    assert Utterance.objects.count() == 4
    assert {title: n for title, n in took(really=True).items() if n} == expected
    assert Call.objects.count() == 3
    assert Utterance.objects.count() == 2
    assert not any(took(really=True).values())


def test_batches_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for days in range(800, 805):
        call_of(days)
    assert took(really=True)["calls"] == 5


def customer() -> Customer:
    return records.create_customer(
        first_name="Ana", last_name="Ruiz", phone="+15125550147", origin="phone", now=NOW
    )


def test_the_commands_count_first_and_act_when_told(tmp_path: Path) -> None:
    ana = customer()
    call_of(5, ana)
    out = StringIO()
    call_command("forget_customer", str(ana.pk), stdout=out)
    assert Customer.objects.exists()
    file = tmp_path / "ana.json"
    call_command("export_customer", str(ana.pk), "--to", str(file), stdout=out)
    assert orjson.loads(file.read_bytes())["calls_utterance"][0]["text"] == "hello"
    assert file.stat().st_mode & 0o077 == 0
    call_command("forget_customer", str(ana.pk), "--yes", stdout=out)
    assert not Customer.objects.exists()
    assert not Call.objects.exists()
    call_command("apply_retention", stdout=out)
    for command in ("forget_customer", "export_customer"):
        with pytest.raises(CommandError):
            call_command(command, "4711", stdout=out)
