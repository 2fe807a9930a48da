"""What is due goes by the shop's own menu, and by what the car has."""

from datetime import timedelta

import pytest

from crm import records
from crm.models import Vehicle
from scheduling import menu
from scheduling.models import ServiceOp
from scheduling.tests.cast import NOW

pytestmark = pytest.mark.django_db


def serviced(vehicle: Vehicle, op_code: str, *, days_ago: int) -> None:
    records.record_service(
        vehicle_id=vehicle.pk, ro_number=f"R{op_code}{days_ago}",
        opened_at=NOW - timedelta(days=days_ago), closed_at=NOW - timedelta(days=days_ago),
        odometer=30_000, lines=[records.LineFacts(op_code, "Done", price_cents=100)],
    )  # fmt: skip


def due(vehicle: Vehicle) -> list[str]:
    return [item.op_code for item in menu.due_items(vehicle.pk, NOW)]


def test_staff_set_the_intervals(crv: Vehicle) -> None:
    serviced(crv, "WIPER", days_ago=200)
    assert due(crv) == []
    ServiceOp.objects.filter(pk="WIPER").update(interval_months=6)
    assert due(crv) == ["WIPER"]
    ServiceOp.objects.filter(pk="WIPER").update(active=False)
    assert due(crv) == []


def test_a_service_of_the_shops_own_comes_round_too(crv: Vehicle) -> None:
    ServiceOp.objects.create(
        op_code="WAX", name="Wax", spoken_name="wax", bay_min=30, lane="X", price_kind="fixed",
        price_cents=5000, interval_months=3,
    )  # fmt: skip
    serviced(crv, "WAX", days_ago=100)
    assert due(crv) == ["WAX"]


def test_one_oil_change_comes_round_the_one_that_the_car_can_have(crv: Vehicle) -> None:
    serviced(crv, "LOF-C", days_ago=400)
    assert due(crv) == ["LOF-S"]
    Vehicle.objects.filter(pk=crv.pk).update(powertrain="diesel")
    assert due(crv) == ["LOF-D"]
    Vehicle.objects.filter(pk=crv.pk).update(powertrain="ev")
    assert due(crv) == []


def test_the_shipped_menu_has_an_interval_for_every_usual_item(shop: None) -> None:
    assert set(menu.intervals_for("hybrid")) >= {"LOF-S", "ROT", "BRK-I", "PLUG", "EV-MC"}
    assert {"LOF-S", "EAF", "PLUG", "ATF", "MAJ30"}.isdisjoint(menu.intervals_for("ev"))
    assert "EV-MC" not in menu.intervals_for("gas")
