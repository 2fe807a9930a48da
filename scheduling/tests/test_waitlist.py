"""The waitlist: first come, first proposed; nothing is proposed twice or kept when gone."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.errors import Refusal
from crm.models import Customer, Vehicle
from scheduling import blocks, booking, errors, tasks_visits, waitlist
from scheduling.models import Bay, ServiceOp, WaitlistEntry
from scheduling.tests import cast
from scheduling.tests.cast import MONDAY, NOW, at

pytestmark = pytest.mark.django_db
TUESDAY = MONDAY + timedelta(days=1)


def join(vehicle: Vehicle, **more: Any) -> WaitlistEntry:
    """Wait for the EV bay on Tuesday."""
    facts: dict[str, Any] = {
        "customer_id": vehicle.owner_id, "vehicle_id": vehicle.pk, "op_codes": ["EV-MC"],
        "first_day": TUESDAY, "last_day": TUESDAY, "number": "+12125550101",
        "idempotency_key": cast.key(), "now": NOW, **more,
    }  # fmt: skip
    return waitlist.join(**facts)


def fill(start: str = "09:00", end: str = "17:00") -> None:
    """Nothing is free in the EV bay on Tuesday, then."""
    blocks.place_block(
        external_id="full", start=at(start), end=at(end), now=NOW,
        bay_ids=[Bay.objects.get(name__contains="EV").pk],
    )  # fmt: skip


def state(entry: WaitlistEntry) -> tuple[str, object]:
    """State and proposal, as stored."""
    entry.refresh_from_db()
    return (entry.state, entry.proposed_start)


def test_nothing_is_proposed_while_nothing_is_free(crv: Vehicle) -> None:
    fill()
    entry = join(crv)
    assert waitlist.sweep(NOW) == 0
    assert state(entry) == ("waiting", None)


def test_when_an_opening_frees_who_asked_first_is_proposed_to(crv: Vehicle, civic: Vehicle) -> None:
    fill()
    later = join(civic, now=NOW + timedelta(minutes=5))
    first = join(crv)
    fill("10:30")  # 9:00 is free again
    assert waitlist.sweep(NOW) == 1
    assert state(first) == ("proposed", at("09:00"))
    assert state(later) == ("waiting", None)


def test_who_is_second_is_proposed_another_time(crv: Vehicle, civic: Vehicle) -> None:
    entries = [join(crv), join(civic)]
    assert waitlist.sweep(NOW) == 2
    assert len({state(entry)[1] for entry in entries}) == 2


def test_a_proposal_whose_opening_has_gone_waits_again(crv: Vehicle) -> None:
    entry = join(crv)
    waitlist.sweep(NOW)
    fill()
    assert waitlist.sweep(NOW) == 0
    assert state(entry) == ("waiting", None)


def test_a_proposal_that_still_holds_stays(crv: Vehicle) -> None:
    entry = join(crv)
    waitlist.sweep(NOW)
    assert waitlist.sweep(NOW) == 0
    assert state(entry) == ("proposed", at("09:00"))


def test_a_part_of_the_day_is_kept(crv: Vehicle) -> None:
    entry = join(crv, part="afternoon")
    waitlist.sweep(NOW)
    assert state(entry) == ("proposed", at("13:00"))
    fill("13:00")
    waitlist.sweep(NOW)
    assert state(entry) == ("waiting", None)


def test_what_can_no_longer_be_is_closed(crv: Vehicle) -> None:
    entry = join(crv)
    waitlist.sweep(NOW + timedelta(days=2))
    assert state(entry) == ("closed", None)


def test_a_service_that_left_the_menu_breaks_nothing(crv: Vehicle) -> None:
    waiting, proposed = join(crv, op_codes=["ALIGN"]), join(crv)
    waitlist.propose_for(entry_ids=[proposed.pk], now=NOW)
    ServiceOp.objects.filter(op_code__in=["ALIGN", "EV-MC"]).update(active=False)
    assert waitlist.sweep(NOW) == 0
    assert state(waiting) == state(proposed) == ("waiting", None)


def test_what_was_proposed_is_booked_and_done_with(crv: Vehicle) -> None:
    entry, key = join(crv), cast.key()
    with pytest.raises(errors.TooLate):
        waitlist.fulfil(entry_id=entry.pk, idempotency_key=key, by="dee", now=NOW)
    waitlist.sweep(NOW)
    row = waitlist.fulfil(entry_id=entry.pk, idempotency_key=key, by="dee", now=NOW)
    assert (row.start, row.source) == (at("09:00"), "waitlist")
    assert state(entry)[0] == "booked"
    assert waitlist.fulfil(entry_id=entry.pk, idempotency_key=key, by="dee", now=NOW) == row
    with pytest.raises(errors.NotYours):
        waitlist.fulfil(entry_id=10**9, idempotency_key=key, by="dee", now=NOW)


def test_an_entry_without_a_proposed_time_is_never_kept_as_proposed(crv: Vehicle) -> None:
    entry = join(crv)
    fill()
    WaitlistEntry.objects.update(state="proposed", proposed_start=None)
    waitlist.sweep(NOW)
    assert state(entry) == ("waiting", None)


def test_closing_takes_it_off_once(crv: Vehicle) -> None:
    entry = join(crv)
    assert waitlist.close(entry_id=entry.pk, by="dee")
    assert not waitlist.close(entry_id=entry.pk, by="dee")


def test_the_same_key_is_one_entry(crv: Vehicle) -> None:
    key = cast.key()
    assert join(crv, idempotency_key=key) == join(crv, idempotency_key=key)


@pytest.mark.parametrize(
    ("code", "bad"),
    [
        ("bad_input", {"number": "12"}),
        ("bad_input", {"number": "+1" * 10_000_000}),
        ("bad_input", {"part": "night"}),
        ("bad_input", {"visit_type": "balloon"}),
        ("bad_input", {"first_day": date(2026, 11, 20), "last_day": date(2026, 11, 19)}),
        ("bad_input", {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 2)}),
        ("bad_input", {"last_day": date(2027, 11, 2)}),
        ("bad_input", {"op_codes": []}),
        ("unknown_service", {"op_codes": ["WINGS"]}),
        ("not_yours", {"vehicle_id": 10**9}),
    ],
)
def test_bad_input_is_refused(crv: Vehicle, code: str, bad: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refusal:
        join(crv, **bad)
    assert refusal.value.code == code
    assert not WaitlistEntry.objects.exists()


def test_somebody_elses_car_is_not_waited_for(crv: Vehicle, ben: Customer) -> None:
    with pytest.raises(errors.NotYours):
        join(crv, customer_id=ben.pk)


def test_the_tasks_do_what_their_modules_do(crv: Vehicle) -> None:
    booking.hold(op_codes=["LOF-S"], start=at("09:00", 3), call_sid="CA1", now=NOW)
    assert tasks_visits.sweep_holds() in (0, 1)
    assert tasks_visits.send_notices() == 0
    assert tasks_visits.match_waitlist() == 0
