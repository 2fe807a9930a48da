"""Booking: what is written, what is refused, and that refused means nothing written."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from crm.errors import BadValue, Refusal
from crm.models import Customer, Vehicle
from scheduling import booking, errors, writes
from scheduling.models import (
    Appointment,
    AppointmentEvent,
    CalendarOutbox,
    CapacityOverride,
    Closure,
    Notice,
    Reservation,
    ServiceOp,
    ShopSettings,
    Status,
)
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = pytest.mark.django_db


def written() -> tuple[int, ...]:
    """How much there is of everything that a booking writes."""
    return tuple(
        model._default_manager.count()
        for model in (Appointment, Reservation, AppointmentEvent, CalendarOutbox, Notice, Customer, Vehicle)
    )  # fmt: skip


def test_a_booking_leaves_visit_services_bay_time_event_calendar_write_and_messages(
    crv: Vehicle,
) -> None:
    row = cast.book(crv, at("09:00"), "LOF-S", "BRK-I", concern=" squeals\nwhen I stop ",
                    call_sid="CA1", triage="urgent", needs_link=True)  # fmt: skip
    row.refresh_from_db()
    assert (row.status, row.version, row.customer_id) == (Status.BOOKED, 1, crv.owner_id)
    assert (row.start, row.end) == (at("09:00"), at("10:15"))
    assert (row.concern, row.call_sid, row.triage, row.needs_link) == (
        "squeals when I stop", "CA1", "urgent", True,
    )  # fmt: skip
    lines = [(line.op_id, line.price_cents, line.price_kind) for line in row.services.all()]
    assert lines == [("LOF-S", 8995, "fixed"), ("BRK-I", 4995, "fixed")]
    assert row.reservation.span.lower == at("09:00")
    assert row.reservation.span.upper == at("10:25"), "the turnaround belongs to the bay"
    assert row.reservation.work_min == 75
    event = row.events.get()
    assert (event.version, event.kind, event.by, event.call_sid) == (1, "booked", "phone", "CA1")
    assert event.facts == {"start": at("09:00").isoformat(), "ops": ["LOF-S", "BRK-I"]}
    owed = row.outbox.get()
    assert (owed.version, owed.operation, owed.next_try_at) == (1, "insert", NOW)
    assert {notice.channel for notice in row.notices.all()} == {"sms", "email"}


def test_the_reference_has_six_characters_none_of_which_sounds_like_another(crv: Vehicle) -> None:
    ref = cast.book(crv, at("09:00")).ref
    assert len(ref) == 6
    assert not set(ref) & set("01IO")


def test_a_reference_that_is_taken_is_drawn_again(
    crv: Vehicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cast.book(crv, at("09:00"))
    drawn = iter([*first.ref, *"ABCDEF"])
    monkeypatch.setattr("secrets.choice", lambda _: next(drawn))
    assert cast.book(crv, at("14:00")).ref == "ABCDEF"


def test_the_same_key_gives_the_same_visit_and_writes_nothing(crv: Vehicle) -> None:
    key = cast.key()
    first = cast.book(crv, at("09:00"), idempotency_key=key)
    before = written()
    again = cast.book(crv, at("09:00"), idempotency_key=key)
    assert again == first
    assert written() == before


def test_a_key_that_did_something_else_is_refused(crv: Vehicle) -> None:
    key = cast.key()
    row = cast.book(crv, at("09:00"))
    booking.cancel(appointment_id=row.pk, customer_id=row.customer_id, idempotency_key=key, now=NOW)
    with pytest.raises(errors.KeyReused):
        cast.book(crv, at("10:00"), idempotency_key=key)


def test_somebody_elses_car_and_no_car_are_refused_alike(crv: Vehicle, ben: Customer) -> None:
    codes = []
    for vehicle_id in (crv.pk, 10**9):
        with pytest.raises(errors.NotYours) as refusal:
            booking.book(
                customer_id=ben.pk, vehicle_id=vehicle_id, op_codes=["LOF-S"], start=at("09:00"),
                idempotency_key=cast.key(), now=NOW,
            )  # fmt: skip
        codes.append((refusal.value.code, refusal.value.facts))
    assert codes[0] == codes[1] == ("not_yours", {})


def test_a_car_that_is_gone_is_not_booked(crv: Vehicle) -> None:
    crv.active = False
    crv.save()
    with pytest.raises(errors.NotYours):
        cast.book(crv, at("09:00"))


def test_one_car_is_not_in_two_bays_at_once(crv: Vehicle) -> None:
    cast.book(crv, at("09:00"), "MAJ60")
    with pytest.raises(errors.DuplicateVisit):
        cast.book(crv, at("10:00"))
    cast.book(crv, at("14:00"))


def test_a_taken_bay_is_refused_when_no_other_is_free(crv: Vehicle, civic: Vehicle) -> None:
    cast.book(crv, at("09:00"), "EV-MC")
    with pytest.raises(errors.OpeningTaken):
        cast.book(civic, at("09:30"), "EV-MC")
    cast.book(civic, at("10:30"), "EV-MC")


def test_the_callers_own_hold_is_used_up_and_not_in_the_way(crv: Vehicle) -> None:
    booking.hold(op_codes=["EV-MC"], start=at("09:00"), call_sid="CA1", now=NOW)
    cast.book(crv, at("09:00"), "EV-MC", call_sid="CA1")
    assert not Reservation.objects.filter(kind="hold").exists()


def test_another_callers_hold_blocks_until_it_expires(crv: Vehicle) -> None:
    booking.hold(op_codes=["EV-MC"], start=at("09:00"), call_sid="CA2", now=NOW)
    with pytest.raises(errors.OpeningTaken):
        cast.book(crv, at("09:00"), "EV-MC", call_sid="CA1")
    late = NOW + timedelta(minutes=4)
    assert cast.book(crv, at("09:00"), "EV-MC", call_sid="CA1", now=late)


def test_a_refused_booking_leaves_the_callers_hold(crv: Vehicle) -> None:
    booking.hold(op_codes=["LOF-S"], start=at("09:00"), call_sid="CA1", now=NOW)
    with pytest.raises(errors.OutsideHours):
        cast.book(crv, at("12:00"), call_sid="CA1")
    assert Reservation.objects.filter(kind="hold", call_sid="CA1").exists()


def test_who_was_offered_a_time_may_take_some_minutes_to_say_yes(crv: Vehicle) -> None:
    start = at("10:00", 0)
    assert cast.book(crv, start, now=start - timedelta(minutes=111))
    with pytest.raises(errors.TooSoon):
        cast.book(crv, start, now=start - timedelta(minutes=109))


def test_an_advisor_may_exceed_the_days_limits_with_a_reason_but_not_the_bay(
    crv: Vehicle, civic: Vehicle
) -> None:
    CapacityOverride.objects.create(day=cast.MONDAY, limit="appointments", value=0, reason="test")
    with pytest.raises(errors.CapReached) as refusal:
        cast.book(crv, at("13:00", 0), "EV-MC")
    assert refusal.value.facts == {"limit": "appointments"}
    soon: dict[str, Any] = {
        "now": at("12:50", 0),
        "by": "sam",
        "overflow_reason": "regular customer",
    }
    row = cast.book(crv, at("13:00", 0), "EV-MC", **soon)
    assert row.events.get().facts["overflow_reason"] == "regular customer"
    with pytest.raises(errors.OpeningTaken):
        cast.book(civic, at("13:30", 0), "EV-MC", **soon)


class TestFirstVisit:
    """Customer, car and visit: all of them or none."""

    def write(self, **more: Any) -> Appointment:
        """Dana's first visit."""
        facts: dict[str, Any] = {
            "new_customer": booking.NewCustomer("Dana", "Ruiz", "+12125550147"),
            "new_vehicle": booking.NewVehicle(2019, "Honda", "CR-V"),
            "op_codes": ["LOF-S"],
            "start": at("09:00"),
            "idempotency_key": cast.key(),
            "now": NOW,
            **more,
        }
        return booking.book_first_visit(**facts)

    def test_all_three_are_written(self, shop: None) -> None:
        row = self.write()
        assert (row.customer.first_name, row.vehicle.model) == ("Dana", "CR-V")
        assert row.customer.origin == "phone"
        assert row.vehicle.owner_id == row.customer_id

    def test_an_advisors_newcomer_is_marked_so(self, shop: None) -> None:
        assert self.write(source="staff").customer.origin == "staff"

    def test_the_same_key_writes_nobody_twice(self, shop: None) -> None:
        key = cast.key()
        first = self.write(idempotency_key=key)
        before = written()
        assert self.write(idempotency_key=key) == first
        assert written() == before

    def test_a_lost_opening_leaves_no_customer_behind(self, shop: None, crv: Vehicle) -> None:
        cast.book(crv, at("09:00"), "EV-MC")
        before = written()
        with pytest.raises(errors.OpeningTaken):
            self.write(op_codes=["EV-MC"], new_vehicle=booking.NewVehicle(2019, "Toyota", "Prius"))
        assert written() == before

    def test_a_name_of_ten_megabytes_is_refused(self, shop: None) -> None:
        before = written()
        with pytest.raises(BadValue):
            self.write(new_customer=booking.NewCustomer("D" * 10_000_000, "Ruiz", "+12125550147"))
        assert written() == before

    def test_an_impossible_vin_is_refused(self, shop: None) -> None:
        before = written()
        with pytest.raises(BadValue):
            self.write(
                new_vehicle=booking.NewVehicle(2019, "Honda", "CR-V", vin="1HGCM82633A004353")
            )
        assert written() == before


BAD: list[tuple[str, dict[str, Any]]] = [
    ("past_date", {"start": NOW - timedelta(days=1)}),
    ("past_date", {"start": datetime(2001, 1, 1, 9, tzinfo=UTC)}),
    ("too_soon", {"start": NOW + timedelta(minutes=60)}),
    ("too_far", {"start": at("09:00", 64)}),
    ("outside_hours", {"start": at("09:00", 5)}),  # a Saturday
    ("outside_hours", {"start": at("12:30")}),
    ("outside_hours", {"start": at("08:00")}),
    ("outside_hours", {"start": at("09:07")}),
    ("outside_hours", {"start": at("16:30"), "op_codes": ["MAJ60"]}),
    ("outside_hours", {"start": at("09:00", 3)}),  # closed by a closure, see below
    ("wait_not_possible", {"op_codes": ["MAJ60"], "visit_type": "waiter"}),
    ("cap_reached", {"start": at("14:00"), "visit_type": "shuttle"}),
    ("no_bay_can_do", {"op_codes": ["EV-MC", "ALIGN"]}),
    ("unknown_service", {"op_codes": ["WINGS"]}),
    ("unknown_service", {"op_codes": ["LOF-S", "x" * 10_000_000]}),
    ("unknown_service", {"op_codes": ["'; drop table scheduling_appointment; --"]}),
    ("unknown_service", {"op_codes": ["OLD"]}),
    ("bad_input", {"op_codes": []}),
    ("bad_input", {"op_codes": [""]}),
    ("bad_input", {"op_codes": ["LOF-S\x00"]}),
    ("bad_input", {"op_codes": [f"OP{n}" for n in range(7)]}),
    ("bad_input", {"start": datetime(2026, 11, 17, 9)}),  # noqa: DTZ001 -- naive on purpose
    ("bad_input", {"start": datetime(9999, 1, 1, tzinfo=UTC)}),
    ("bad_input", {"visit_type": "helicopter"}),
    ("bad_input", {"triage": "fine"}),
    ("bad_input", {"concern": "x" * 10_000_000}),
    ("bad_input", {"idempotency_key": ""}),
    ("bad_input", {"idempotency_key": "k" * 121}),
    ("bad_input", {"idempotency_key": "k\x00"}),
    ("bad_input", {"call_sid": "C" * 65}),
    ("bad_input", {"call_sid": "C\x00"}),
]


@pytest.mark.parametrize(("code", "bad"), BAD)
def test_bad_input_is_refused_by_a_clear_code_and_writes_nothing(
    crv: Vehicle, code: str, bad: dict[str, Any]
) -> None:
    thursday = cast.MONDAY + timedelta(days=3)
    Closure.objects.create(first_day=thursday, last_day=thursday, reason="stocktaking")
    old = ServiceOp.objects.get(op_code="LOF-C")
    old.op_code, old.active = "OLD", False
    old.save(force_insert=True)
    before = written()
    facts: dict[str, Any] = {
        "customer_id": crv.owner_id, "vehicle_id": crv.pk, "op_codes": ["LOF-S"],
        "start": at("09:00"), "idempotency_key": cast.key(), "now": NOW, **bad,
    }  # fmt: skip
    with pytest.raises(Refusal) as refusal:
        booking.book(**facts)
    assert refusal.value.code == code
    assert written() == before


def test_long_words_are_cut_to_what_the_column_holds(crv: Vehicle) -> None:
    row = cast.book(crv, at("09:00"), concern="it rattles " * 100)
    row.refresh_from_db()
    assert len(row.concern) == 500


def test_a_shop_without_settings_has_the_defaults(crv: Vehicle) -> None:
    ShopSettings.objects.all().delete()
    assert cast.book(crv, at("09:00"))


def test_a_booking_drops_what_is_cached_under_the_customers_numbers(
    crv: Vehicle, monkeypatch: pytest.MonkeyPatch
) -> None:
    dropped: list[str] = []
    monkeypatch.setattr("crm.cache.forget", lambda *phones: dropped.extend(phones))
    cast.book(crv, at("09:00"))
    assert dropped == ["+12125550101"]


class TestDatabaseGuards:
    """What the constraints say when somebody goes around the functions."""

    def test_two_reservations_of_a_bay_cannot_overlap(self, crv: Vehicle) -> None:
        taken = cast.book(crv, at("09:00")).reservation
        with pytest.raises(IntegrityError), transaction.atomic():
            Reservation.objects.create(
                bay_id=taken.bay_id, span=taken.span, kind="block", created_at=NOW
            )

    @pytest.mark.parametrize(
        "change",
        [
            "update scheduling_appointment set ref = 'AB0DEF'",
            'update scheduling_appointment set "end" = start',
            "update scheduling_appointment set version = 0",
            "update scheduling_reservation set span = 'empty'",
            "update scheduling_reservation set span = tstzrange(null, upper(span))",
            "update scheduling_reservation set kind = 'hold'",
        ],
    )
    def test_rows_that_make_no_sense_cannot_be_stored(self, crv: Vehicle, change: str) -> None:
        cast.book(crv, at("09:00"))
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


class TestRetries:
    """What a database error becomes; each is raised by PostgreSQL itself."""

    def failing(self, code: str, times: int, message: str = "x") -> Callable[[], str]:
        """A write that fails `times` times with this SQLSTATE and then succeeds."""
        left = iter(range(times))

        def write() -> str:
            if next(left, None) is not None:
                with connection.cursor() as cursor:
                    cursor.execute(
                        f"do $$ begin raise exception '{message}' using errcode = '{code}'; end $$"
                    )
            return "written"

        return write

    @pytest.mark.parametrize("code", ["40P01", "23505"])
    def test_a_deadlock_and_a_clash_of_keys_are_tried_once_more(self, code: str) -> None:
        assert writes.run_write(self.failing(code, 1)) == "written"

    def test_a_second_deadlock_means_that_the_opening_has_gone(self) -> None:
        with pytest.raises(errors.OpeningTaken):
            writes.run_write(self.failing("40P01", 2))

    def test_a_lost_race_for_a_bay_is_not_tried_again(self) -> None:
        with pytest.raises(errors.OpeningTaken):
            writes.run_write(self.failing("23P01", 1))

    @pytest.mark.parametrize("code", ["23503", "57014"])
    def test_anything_else_is_an_error_of_ours(self, code: str) -> None:
        with pytest.raises(DatabaseError):
            writes.run_write(self.failing(code, 1))
