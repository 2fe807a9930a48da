"""Moving, cancelling, confirming, and what staff note about a visit."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from crm.errors import Refusal
from crm.models import Customer, Vehicle
from scheduling import booking, errors, visits
from scheduling.changes import NEXT
from scheduling.models import Appointment, Reservation, Status
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = pytest.mark.django_db


def move(row: Appointment, start: object, **more: Any) -> Appointment:
    """Move a visit for its own customer."""
    facts: dict[str, Any] = {
        "appointment_id": row.pk, "customer_id": row.customer_id, "start": start,
        "idempotency_key": cast.key(), "now": NOW, **more,
    }  # fmt: skip
    return booking.reschedule(**facts)


def cancel(row: Appointment, **more: Any) -> Appointment:
    """Cancel a visit for its own customer."""
    facts: dict[str, Any] = {
        "appointment_id": row.pk, "customer_id": row.customer_id,
        "idempotency_key": cast.key(), "now": NOW, **more,
    }  # fmt: skip
    return booking.cancel(**facts)


def confirm(row: Appointment, **more: Any) -> Appointment:
    """Confirm a visit for its own customer."""
    facts: dict[str, Any] = {
        "appointment_id": row.pk, "customer_id": row.customer_id,
        "idempotency_key": cast.key(), "now": NOW, **more,
    }  # fmt: skip
    return booking.confirm(**facts)


def trail(row: Appointment) -> list[tuple[int, str, str]]:
    """Version, event and calendar write, in order."""
    events = {event.version: event.kind for event in row.events.all()}
    owed = {write.version: write.operation for write in row.outbox.all()}
    assert events.keys() == owed.keys()
    return [(version, events[version], owed[version]) for version in sorted(events)]


class TestMove:
    """A move keeps row and reference."""

    def test_row_and_reference_stay_and_the_old_time_is_free_again(
        self, crv: Vehicle, civic: Vehicle
    ) -> None:
        row = cast.book(crv, at("09:00"), "EV-MC")
        moved = move(row, at("14:00", 2), version=1, call_sid="CA9")
        moved.refresh_from_db()
        assert (moved.pk, moved.ref, moved.version) == (row.pk, row.ref, 2)
        assert (moved.start, moved.end) == (at("14:00", 2), at("15:00", 2))
        assert moved.reservation.span.lower == at("14:00", 2)
        assert trail(moved) == [(1, "booked", "insert"), (2, "moved", "patch")]
        assert moved.events.latest("version").facts["from"] == at("09:00").isoformat()
        assert moved.notices.filter(version=2, kind="moved").count() == 2
        cast.book(civic, at("09:00"), "EV-MC")

    def test_a_moved_visit_has_to_be_confirmed_and_reminded_of_again(self, crv: Vehicle) -> None:
        row = confirm(cast.book(crv, at("09:00")))
        Appointment.objects.filter(pk=row.pk).update(reminder_sent=True)
        moved = move(row, at("10:00"))
        moved.refresh_from_db()
        assert (moved.status, moved.confirmed_at, moved.reminder_sent) == ("booked", None, False)

    def test_a_visit_does_not_stand_in_its_own_way(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"), "EV-MC")
        assert move(row, at("09:30")).reservation.span.lower == at("09:30")

    def test_the_way_of_visiting_may_change_with_it(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        assert move(row, at("09:30"), visit_type="shuttle").visit_type == "shuttle"
        assert row.__class__.objects.get(pk=row.pk).reservation.visit_type == "shuttle"

    def test_when_the_new_time_is_taken_the_old_one_stays(
        self, crv: Vehicle, civic: Vehicle
    ) -> None:
        cast.book(civic, at("14:00"), "EV-MC")
        row = cast.book(crv, at("09:00"), "EV-MC")
        with pytest.raises(errors.OpeningTaken):
            move(row, at("14:00"))
        row.refresh_from_db()
        assert (row.start, row.version) == (at("09:00"), 1)
        assert row.reservation.span.lower == at("09:00")

    def test_the_same_key_moves_once(self, crv: Vehicle) -> None:
        row, key = cast.book(crv, at("09:00")), cast.key()
        move(row, at("10:00"), idempotency_key=key)
        assert move(row, at("10:00"), idempotency_key=key).version == 2

    def test_an_advisor_may_exceed_the_limits_with_a_reason(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        with pytest.raises(errors.TooSoon):
            move(row, at("10:00", 0), now=at("09:00", 0))
        moved = move(row, at("10:00", 0), now=at("09:00", 0), by="sam", overflow_reason="asked")
        assert moved.events.latest("version").facts["overflow_reason"] == "asked"

    def test_what_was_read_earlier_must_still_hold(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        move(row, at("10:00"))
        with pytest.raises(errors.StaleVersion) as refusal:
            move(row, at("11:00"), version=1)
        assert refusal.value.facts == {"version": 2}

    def test_the_callers_hold_is_used_up(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        booking.hold(op_codes=["LOF-S"], start=at("14:00"), call_sid="CA1", now=NOW)
        move(row, at("14:00"), call_sid="CA1")
        assert not Reservation.objects.filter(kind="hold").exists()

    @pytest.mark.parametrize(
        ("code", "bad"),
        [
            ("bad_input", {"visit_type": "balloon"}),
            ("bad_input", {"start": at("09:00").replace(tzinfo=None)}),
            ("bad_input", {"idempotency_key": ""}),
            ("outside_hours", {"start": at("12:00")}),
            ("past_date", {"start": NOW - timedelta(days=3)}),
            ("not_yours", {"appointment_id": 10**9}),
            ("not_yours", {"customer_id": 10**9}),
            ("not_yours", {"customer_id": 10**30}),
        ],
    )
    def test_bad_input_is_refused_and_nothing_changes(
        self, crv: Vehicle, code: str, bad: dict[str, Any]
    ) -> None:
        row = cast.book(crv, at("09:00"))
        with pytest.raises(Refusal) as refusal:
            move(row, **{"start": at("10:00"), **bad})
        assert refusal.value.code == code
        assert trail(row) == [(1, "booked", "insert")]


class TestCancel:
    """A cancellation frees the bay."""

    def test_the_bay_is_free_and_the_calendar_is_told(self, crv: Vehicle, civic: Vehicle) -> None:
        row = cancel(cast.book(crv, at("09:00"), "EV-MC"), reason="sold the car")
        row.refresh_from_db()
        assert (row.status, row.cancelled_at, row.cancel_reason) == (
            "cancelled",
            NOW,
            "sold the car",
        )
        assert trail(row) == [(1, "booked", "insert"), (2, "cancelled", "delete")]
        assert not Reservation.objects.exists()
        cast.book(civic, at("09:00"), "EV-MC")

    def test_a_cancelled_visit_does_not_keep_the_car_from_being_booked(self, crv: Vehicle) -> None:
        cancel(cast.book(crv, at("09:00")))
        cast.book(crv, at("09:00"))

    def test_the_same_key_cancels_once(self, crv: Vehicle) -> None:
        row, key = cast.book(crv, at("09:00")), cast.key()
        cancel(row, idempotency_key=key)
        assert cancel(row, idempotency_key=key).version == 2

    def test_a_key_of_another_visit_is_refused(self, crv: Vehicle, civic: Vehicle) -> None:
        key = cast.key()
        cancel(cast.book(crv, at("09:00")), idempotency_key=key)
        with pytest.raises(errors.KeyReused):
            cancel(cast.book(civic, at("09:00")), idempotency_key=key)

    def test_a_key_of_another_kind_is_refused(self, crv: Vehicle) -> None:
        row, key = cast.book(crv, at("09:00")), cast.key()
        confirm(row, idempotency_key=key)
        with pytest.raises(errors.KeyReused):
            cancel(row, idempotency_key=key)

    def test_what_is_cancelled_cannot_be_cancelled_moved_or_confirmed(self, crv: Vehicle) -> None:
        row = cancel(cast.book(crv, at("09:00")))
        for change in (cancel, confirm, lambda it: move(it, at("10:00"))):
            with pytest.raises(errors.TooLate) as refusal:
                change(row)
            assert refusal.value.facts == {"status": "cancelled"}

    def test_a_visit_that_has_begun_is_the_advisors_business(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        with pytest.raises(errors.TooLate):
            cancel(row, now=at("09:00"))
        booking.change_status(appointment_id=row.pk, status="checked_in", by="sam", now=at("08:50"))
        with pytest.raises(errors.TooLate):
            cancel(row, now=at("08:55"))

    def test_somebody_elses_visit_is_not_cancelled(self, crv: Vehicle, ben: Customer) -> None:
        with pytest.raises(errors.NotYours):
            cancel(cast.book(crv, at("09:00")), customer_id=ben.pk)

    def test_a_stale_version_cancels_nothing(self, crv: Vehicle) -> None:
        row = confirm(cast.book(crv, at("09:00")))
        with pytest.raises(errors.StaleVersion):
            cancel(row, version=1)


class TestConfirm:
    """A confirmation."""

    def test_it_is_noted_once_and_tells_nobody(self, crv: Vehicle) -> None:
        row = confirm(cast.book(crv, at("09:00")))
        assert (row.status, row.confirmed_at, row.version) == ("confirmed", NOW, 2)
        assert confirm(row).version == 2, "confirmed already, by another key"
        assert trail(row) == [(1, "booked", "insert"), (2, "confirmed", "patch")]
        assert not row.notices.filter(version=2).exists()

    def test_the_same_key_confirms_once(self, crv: Vehicle) -> None:
        row, key = cast.book(crv, at("09:00")), cast.key()
        confirm(row, idempotency_key=key)
        cancel(row)
        assert confirm(row, idempotency_key=key).status == "cancelled"

    def test_somebody_elses_visit_is_not_confirmed(self, crv: Vehicle, ben: Customer) -> None:
        with pytest.raises(errors.NotYours):
            confirm(cast.book(crv, at("09:00")), customer_id=ben.pk)


class TestStatus:
    """What staff note."""

    def step(self, row: Appointment, status: str, **more: Any) -> Appointment:
        """One step, by Sam."""
        facts: dict[str, Any] = {"appointment_id": row.pk, "status": status, "by": "sam", **more}
        return booking.change_status(**{"now": at("10:00"), **facts})

    def test_a_visit_goes_from_check_in_to_done(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        promised = at("12:00")
        for status in ("checked_in", "in_service", "ready", "completed"):
            row = self.step(row, status, promised_at=promised if status == "checked_in" else None)
        row.refresh_from_db()
        assert (row.status, row.version, row.completed_at) == ("completed", 5, at("10:00"))
        assert row.promised_at == promised
        assert [kind for _, kind, _ in trail(row)] == [
            "booked", "checked_in", "in_service", "ready", "completed",
        ]  # fmt: skip
        assert row.reservation, "the time was used"

    def test_who_did_not_come_gives_the_bay_back(self, crv: Vehicle) -> None:
        row = self.step(cast.book(crv, at("09:00")), "no_show")
        assert trail(row)[-1] == (2, "no_show", "delete")
        assert not Reservation.objects.exists()

    def test_every_pair_of_statuses_is_allowed_or_refused_by_the_table(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        for status, following in NEXT.items():
            for wanted in NEXT:
                if wanted in following:
                    continue
                Appointment.objects.filter(pk=row.pk).update(status=status)
                with pytest.raises(errors.TooLate):
                    self.step(row, wanted)

    def test_no_such_status_and_no_such_visit(self, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        with pytest.raises(errors.BadInput):
            self.step(row, "exploded")
        row.pk = 10**9
        with pytest.raises(errors.NotYours):
            self.step(row, Status.CHECKED_IN)
        assert not get_user_model().objects.exists(), "staff are named by login, not by row"


class TestReading:
    """A customer's visits and a visit by its reference."""

    def test_upcoming_visits_come_soonest_first_without_those_that_are_over(
        self, crv: Vehicle, ben: Customer
    ) -> None:
        later = cast.book(crv, at("09:00", 3), "BRK-I")
        sooner = cast.book(crv, at("09:00", 1))
        cancel(cast.book(crv, at("09:00", 2)))
        found = visits.upcoming(crv.owner_id, NOW)
        assert [visit.ref for visit in found] == [sooner.ref, later.ref]
        assert found[1].services == ("brake inspection",)
        assert found[1].vehicle == "2019 Honda CR-V"
        assert visits.upcoming(ben.pk, NOW) == ()
        assert len(visits.upcoming(crv.owner_id, sooner.end)) == 1

    @pytest.mark.parametrize("spoken", ["{}", " {} ", "{}."])
    def test_a_reference_is_found_as_it_is_spoken(self, crv: Vehicle, spoken: str) -> None:
        ref = cast.book(crv, at("09:00")).ref
        dashed = spoken.format("-".join(ref.lower()))
        found = visits.by_reference(dashed)
        assert found is not None
        assert found.ref == ref

    @pytest.mark.parametrize("bad", ["", "ABCDE", "ABC0EF", "ABCDEFG", "x" * 10_000_000, "\x00"])
    def test_what_is_no_reference_finds_nothing(self, shop: None, bad: str) -> None:
        assert visits.by_reference(bad) is None

    def test_a_reference_of_nobody_finds_nothing(self, shop: None) -> None:
        assert visits.by_reference("ABCDEF") is None
