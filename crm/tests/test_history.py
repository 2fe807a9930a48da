"""What is due and what was declined."""

import datetime as dt

import pytest

from crm import history, records
from crm.models import Customer, Vehicle
from crm.records import LineFacts

NOW = dt.datetime(2026, 11, 23, 15, tzinfo=dt.UTC)


@pytest.fixture
def car(cy: Customer) -> Vehicle:
    return records.add_vehicle(customer_id=cy.pk, year=2019, make="Honda", model="CR-V", now=NOW)


def visit(
    car: Vehicle, days_ago: int, odometer: int, *done: str, declined: tuple[str, ...] = ()
) -> None:
    opened = NOW - dt.timedelta(days=days_ago)
    lines = [LineFacts(code, code) for code in done]
    lines += [LineFacts(code, code, performed=False) for code in declined]
    records.record_service(
        vehicle_id=car.pk, ro_number=f"R{days_ago}", opened_at=opened,
        closed_at=opened + dt.timedelta(hours=1), odometer=odometer, lines=lines,
    )  # fmt: skip


def due(car: Vehicle) -> list[str]:
    return [item.op_code for item in history.due_items(car.pk, NOW)]


def test_a_car_we_never_saw_has_nothing_due(car: Vehicle) -> None:
    assert history.due_items(car.pk, NOW) == ()
    assert history.last_visit(car.pk) is None


def test_oil_is_due_by_months(car: Vehicle) -> None:
    visit(car, 300, 30_000, "LOF-S")
    visit(car, 5, 31_000, "MPI")
    assert due(car) == []
    assert [i.op_code for i in history.due_items(car.pk, NOW + dt.timedelta(days=20))] == ["LOF-S"]


def test_and_by_miles_estimated_to_today(car: Vehicle) -> None:
    visit(car, 200, 30_000, "LOF-S", "ROT")
    visit(car, 100, 34_000, "MPI")
    # 40 miles a day since then: 38,000 today, 8,000 after both.
    assert due(car) == ["LOF-S", "ROT"]


def test_any_oil_change_counts_and_a_bundle_is_both(car: Vehicle) -> None:
    visit(car, 400, 20_000, "LOF-C", "ROT")
    assert "LOF-S" in due(car)
    visit(car, 10, 30_000, "LOFROT")
    assert due(car) == []


def test_what_was_declined_does_not_count_as_done(car: Vehicle) -> None:
    visit(car, 800, 10_000, "BRK-FL", "ALIGN")
    visit(car, 20, 30_000, "MPI", declined=("ALIGN",))
    assert "ALIGN" in due(car)


def test_the_most_overdue_comes_first(car: Vehicle) -> None:
    visit(car, 1000, 10_000, "ALIGN", "LOF-S")
    visit(car, 5, 20_000, "MPI")
    assert due(car)[0] == "LOF-S"


def test_declined_items_are_listed_until_done(car: Vehicle) -> None:
    visit(car, 300, 10_000, "LOF-S", declined=("CABIN", "WIPER"))
    visit(car, 200, 15_000, "MPI", declined=("CABIN",))
    visit(car, 100, 20_000, "WIPER")
    assert [line.op_code for line in history.declined_items(car.pk)] == ["CABIN"]
    visit(car, 50, 25_000, "CABIN")
    assert history.declined_items(car.pk) == ()


def test_a_history_is_newest_first_and_limited(car: Vehicle) -> None:
    for n in range(5):
        visit(car, 100 - n * 10, 10_000 + n, "MPI")
    found = history.service_history(car.pk, limit=3)
    assert [one.odometer for one in found] == [10_004, 10_003, 10_002]
    latest = history.last_visit(car.pk)
    assert latest is not None
    assert latest.performed[0].op_code == "MPI"
