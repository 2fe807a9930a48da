"""Blocks take the time around visits and push nobody aside."""

from datetime import timedelta

import pytest

from crm.models import Vehicle
from scheduling import blocks, errors, holds
from scheduling.models import Bay, Reservation
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = pytest.mark.django_db


def test_a_block_takes_every_bay_and_nothing_can_be_booked_over_it(crv: Vehicle) -> None:
    done = blocks.place_block(
        external_id="gcal:1", start=at("09:00"), end=at("12:00"), reason="training", now=NOW
    )
    assert done == blocks.Blocked(8, ())
    with pytest.raises(errors.OpeningTaken):
        cast.book(crv, at("09:00"))
    cast.book(crv, at("13:00"))


def test_placing_it_again_replaces_it(shop: None) -> None:
    for clock in ("12:00", "10:00"):
        blocks.place_block(external_id="gcal:1", start=at("09:00"), end=at(clock), now=NOW)
    assert Reservation.objects.count() == 8
    assert {row.span.upper for row in Reservation.objects.all()} == {at("10:00")}


def test_a_visit_in_the_way_stays_and_is_named(crv: Vehicle) -> None:
    row = cast.book(crv, at("10:00"), "EV-MC")
    bay = row.reservation.bay_id
    done = blocks.place_block(
        external_id="gcal:1", start=at("09:00"), end=at("17:00"), bay_ids=[bay], now=NOW
    )
    assert done == blocks.Blocked(2, (row.pk,))
    spans = [
        (r.span.lower, r.span.upper)
        for r in Reservation.objects.filter(kind="block").order_by("span")
    ]
    assert spans == [(at("09:00"), at("10:00")), (at("11:10"), at("17:00"))]


def test_a_block_within_a_visit_takes_nothing(crv: Vehicle) -> None:
    row = cast.book(crv, at("10:00"), "EV-MC")
    done = blocks.place_block(
        external_id="gcal:1", start=at("10:15"), end=at("10:30"),
        bay_ids=[row.reservation.bay_id], now=NOW,
    )  # fmt: skip
    assert done == blocks.Blocked(0, (row.pk,))


def test_a_hold_is_respected_until_it_expires(shop: None) -> None:
    holds.hold(op_codes=["EV-MC"], start=at("09:00"), call_sid="CA1", now=NOW)
    ev = Bay.objects.get(name__contains="EV").pk
    facts = {"external_id": "gcal:1", "start": at("09:00"), "end": at("10:10"), "bay_ids": [ev]}
    assert blocks.place_block(**facts, now=NOW).pieces == 0  # type: ignore[arg-type]
    later = NOW + timedelta(minutes=5)
    assert blocks.place_block(**facts, now=later).pieces == 1  # type: ignore[arg-type]


def test_lifting_a_block_gives_the_time_back(shop: None) -> None:
    blocks.place_block(external_id="gcal:1", start=at("09:00"), end=at("12:00"), now=NOW)
    assert blocks.blocks_from("gcal:") == {"gcal:1"}
    assert blocks.lift_block(external_id="gcal:1") == 8
    assert blocks.lift_block(external_id="") == 0
    assert blocks.blocks_from("gcal:") == set()


def test_a_block_of_years_is_cut(shop: None) -> None:
    blocks.place_block(
        external_id="gcal:1", start=at("09:00"), end=at("09:00") + timedelta(days=4000), now=NOW
    )
    assert {row.span.upper for row in Reservation.objects.all()} == {at("09:00") + blocks.LONGEST}


@pytest.mark.parametrize(
    ("external_id", "end"),
    [("", at("10:00")), ("x" * 257, at("10:00")), ("a\x00", at("10:00")), ("a", at("09:00"))],
)
def test_a_block_that_makes_no_sense_is_refused(shop: None, external_id: str, end: object) -> None:
    with pytest.raises(errors.BadInput):
        blocks.place_block(external_id=external_id, start=at("09:00"), end=end, now=NOW)  # type: ignore[arg-type]
    assert not Reservation.objects.exists()
