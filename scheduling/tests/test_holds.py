"""Holds: one per call, four minutes, then nobody's."""

from datetime import timedelta
from typing import Any

import pytest

from crm.models import Vehicle
from scheduling import booking, errors, holds, visits
from scheduling.models import Reservation
from scheduling.openings import Wish
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = pytest.mark.django_db


def hold(start: object, sid: str = "CA1", **more: Any) -> holds.Hold:
    """Hold the only EV bay."""
    facts: dict[str, Any] = {"op_codes": ["EV-MC"], "start": start, "call_sid": sid, "now": NOW}
    return holds.hold(**{**facts, **more})


def test_a_hold_takes_bay_time_for_four_minutes(shop: None) -> None:
    held = hold(at("09:00"))
    assert (held.start, held.end, held.visit_min) == (at("09:00"), at("10:00"), 90)
    assert held.expires_at == NOW + timedelta(minutes=4)
    row = Reservation.objects.get()
    assert (row.kind, row.call_sid, row.work_min) == ("hold", "CA1", 60)
    with pytest.raises(errors.OpeningTaken):
        hold(at("09:30"), "CA2")


def test_a_new_hold_of_the_same_call_replaces_the_old_one(shop: None) -> None:
    hold(at("09:00"))
    hold(at("09:30"))
    assert Reservation.objects.get().span.lower == at("09:30")
    hold(at("11:00", 2))
    assert Reservation.objects.get().span.lower == at("11:00", 2)


def test_a_refused_hold_leaves_the_old_one(shop: None) -> None:
    hold(at("09:00"))
    with pytest.raises(errors.OutsideHours):
        hold(at("12:00"))
    assert Reservation.objects.get().span.lower == at("09:00")


def test_an_expired_hold_blocks_nobody_even_before_it_is_swept(shop: None) -> None:
    hold(at("09:00"))
    late = NOW + timedelta(minutes=4)
    offered = visits.find_openings(op_codes=["EV-MC"], wish=Wish(day=at("09:00").date()), now=late)
    assert offered[0].start == at("09:00")
    hold(at("09:30"), "CA2", now=late)
    assert Reservation.objects.get().call_sid == "CA2"


def test_the_sweep_removes_what_has_expired_and_nothing_else(shop: None) -> None:
    hold(at("09:00"))
    hold(at("11:00"), "CA2", now=NOW + timedelta(minutes=2))
    assert holds.sweep(NOW + timedelta(minutes=5)) == 1
    assert Reservation.objects.get().call_sid == "CA2"


def test_hanging_up_gives_the_hold_back(shop: None) -> None:
    hold(at("09:00"))
    assert holds.release_holds(call_sid="CA2") == 0
    assert holds.release_holds(call_sid="") == 0
    assert holds.release_holds(call_sid="CA1") == 1
    assert not Reservation.objects.exists()


def test_a_hold_counts_as_a_waiter(shop: None) -> None:
    for sid in ("CA1", "CA2"):
        holds.hold(op_codes=["LOF-S"], start=at("09:00"), call_sid=sid, now=NOW, waiter=True)
    with pytest.raises(errors.CapReached):
        holds.hold(op_codes=["LOF-S"], start=at("09:00"), call_sid="CA3", now=NOW, waiter=True)


def test_a_hold_needs_a_call(shop: None) -> None:
    with pytest.raises(errors.BadInput):
        hold(at("09:00"), "")


def test_a_move_over_its_own_time_is_held_without_a_row(crv: Vehicle, civic: Vehicle) -> None:
    row = cast.book(crv, at("09:00"), "EV-MC")
    held = hold(at("09:30"), moving_id=row.pk)
    assert held.start == at("09:30")
    assert not Reservation.objects.filter(kind="hold").exists()
    cast.book(civic, at("11:00"), "EV-MC")
    with pytest.raises(errors.OpeningTaken):
        hold(at("10:30"), moving_id=row.pk)
    booking.reschedule(
        appointment_id=row.pk, customer_id=row.customer_id, start=at("09:30"),
        call_sid="CA1", idempotency_key=cast.key(), now=NOW,
    )  # fmt: skip


def test_a_move_to_free_time_is_held_as_any_other(crv: Vehicle) -> None:
    row = cast.book(crv, at("09:00"), "EV-MC")
    hold(at("14:00"), moving_id=row.pk)
    assert Reservation.objects.filter(kind="hold").exists()
