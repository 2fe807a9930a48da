"""What fits a day: hours, lunch, lanes, skills, turnaround and limits, without a database."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.planning import (
    BayFacts,
    Code,
    DayHours,
    DaySheet,
    Job,
    Limits,
    Op,
    Opening,
    Problem,
    Rules,
    Taken,
    busiest_hour,
    can_do,
    combine,
    finish,
    lanes_needed,
    place,
    starts,
)
from scheduling.tests.cast import MONDAY, NOW, ZONE, at, local

RULES = Rules(zone=ZONE)
HOURS = DayHours(at("09:00"), at("17:00"), (at("12:00"), at("13:00")))
LIMITS = Limits(appointments=48, work_min=3360, waiters=2, shuttle=6, loaners=3, check_ins=4)
EXPRESS = BayFacts(1, frozenset("X"), 2, 1)
EV = BayFacts(3, frozenset("XE"), 3, 3)
MAIN = BayFacts(4, frozenset("M"), 2, 4)
DIAG = BayFacts(7, frozenset("DM"), 3, 7)
OIL = Op("LOF-S", 30, 60, "X", 1, waiter_ok=True)
ROTATION = Op("ROT", 30, 45, "X", 1, waiter_ok=True)
BRAKES = Op("BRK-F", 120, 180, "M", 2, waiter_ok=False)
DIAGNOSIS = Op("DIAG", 90, None, "D", 3, waiter_ok=False)


def sheet(*taken: Taken, bays: tuple[BayFacts, ...] = (EXPRESS,), hours: DayHours | None = HOURS,
          limits: Limits = LIMITS) -> DaySheet:  # fmt: skip
    """Tuesday."""
    return DaySheet(MONDAY + timedelta(days=1), hours, bays, taken, limits)


def outcome(on: DaySheet, start: datetime, *ops: Op, visit_type: str = "drop_off") -> object:
    """The code of the problem, or the opening."""
    found = place(on, combine(ops or (OIL,)), start, visit_type, RULES, NOW)
    return found.code if isinstance(found, Problem) else found


def visit(clock: str, bay: int = 1, kind: str = "drop_off", minutes: int = 40) -> Taken:
    """Somebody else's visit."""
    start = at(clock)
    return Taken(bay, start, start + timedelta(minutes=minutes), "appointment", kind, 30)


def test_check_ins_start_on_the_half_hour_from_nine_to_half_past_four_but_not_at_lunch() -> None:
    clocks = [local(start)[4:] for start in starts(HOURS, 30)]
    assert clocks == [
        "09:00", "09:30", "10:00", "10:30", "11:00", "11:30",
        "13:00", "13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30",
    ]  # fmt: skip


def test_a_one_hour_job_fits_from_nine_to_eleven_and_from_one_to_four_for_one_who_waits() -> None:
    hour = Op("EV-MC", 60, 60, "X", 1, waiter_ok=True)
    fitting = [
        local(start)[4:]
        for start in starts(HOURS, 30)
        if isinstance(place(sheet(), combine([hour]), start, "waiter", RULES, NOW), Opening)
    ]
    assert fitting == ["09:00", "09:30", "10:00", "10:30", "11:00", "13:00", "13:30", "14:00",
                       "14:30", "15:00"]  # fmt: skip


def test_a_car_dropped_off_stays_over_lunch_and_is_an_hour_later() -> None:
    found = outcome(sheet(bays=(MAIN,)), at("11:30"), BRAKES)
    assert isinstance(found, Opening)
    assert found.end == at("14:30")


def test_work_that_ends_when_lunch_begins_is_not_lengthened() -> None:
    assert finish(at("11:00"), 60, HOURS, waits=False) == at("12:00")


def test_work_may_end_at_closing_time_but_not_after_it() -> None:
    main = sheet(bays=(MAIN,))
    assert isinstance(outcome(main, at("15:00"), BRAKES), Opening)
    assert outcome(main, at("15:30"), BRAKES) == Code.OUTSIDE_HOURS


@pytest.mark.parametrize("clock", ["08:30", "12:00", "12:30", "17:00", "09:10", "23:30"])
def test_a_start_off_the_grid_or_outside_hours_is_refused(clock: str) -> None:
    assert outcome(sheet(), at(clock)) == Code.OUTSIDE_HOURS


def test_a_closed_day_has_no_start() -> None:
    assert outcome(sheet(hours=None), at("09:00")) == Code.OUTSIDE_HOURS


def test_a_part_day_closure_closes_what_it_touches_and_no_more() -> None:
    on = sheet(hours=replace(HOURS, closed=((at("10:00"), at("11:00")),)))
    assert outcome(on, at("10:00")) == Code.OUTSIDE_HOURS
    assert outcome(on, at("10:30")) == Code.OUTSIDE_HOURS
    assert isinstance(outcome(on, at("09:30")), Opening)
    assert isinstance(outcome(on, at("11:00")), Opening)


def test_the_turnaround_keeps_the_next_car_out_of_the_bay() -> None:
    taken = sheet(visit("09:00"))
    assert outcome(taken, at("09:30")) == Code.OPENING_TAKEN
    assert isinstance(outcome(taken, at("10:00")), Opening)


def test_an_opening_must_end_its_turnaround_before_the_next_visit_begins() -> None:
    block = Taken(1, at("09:35"), at("10:00"), "block")
    assert outcome(sheet(block), at("09:00")) == Code.OPENING_TAKEN


def test_back_to_back_is_no_overlap() -> None:
    assert isinstance(
        outcome(sheet(Taken(1, at("09:40"), at("10:00"), "block")), at("09:00")), Opening
    )


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (NOW, Code.PAST_DATE),
        (NOW - timedelta(days=1), Code.PAST_DATE),
        (NOW + timedelta(minutes=119), Code.TOO_SOON),
        (at("09:00", 61), Code.TOO_FAR),
    ],
)
def test_notice_and_horizon(start: datetime, code: Code) -> None:
    assert outcome(sheet(), start) == code


def test_the_last_day_of_the_horizon_can_still_be_booked() -> None:
    day = 60
    hours = DayHours(at("09:00", day), at("17:00", day))
    assert isinstance(outcome(sheet(hours=hours), at("09:00", day)), Opening)


def test_the_least_versatile_bay_is_used_first() -> None:
    both = sheet(bays=(EV, EXPRESS))
    first = outcome(both, at("09:00"))
    assert isinstance(first, Opening)
    assert first.bay_id == EXPRESS.bay_id
    second = outcome(sheet(visit("09:00"), bays=(EV, EXPRESS)), at("09:00"))
    assert isinstance(second, Opening)
    assert second.bay_id == EV.bay_id


def test_a_bay_needs_the_lane_and_the_skill() -> None:
    assert outcome(sheet(bays=(EXPRESS, MAIN)), at("09:00"), DIAGNOSIS) == Code.NO_BAY_CAN_DO
    weak = BayFacts(9, frozenset("D"), 2)
    assert not can_do(weak, combine([DIAGNOSIS]))
    assert can_do(DIAG, combine([DIAGNOSIS]))


def test_bigger_work_takes_the_small_along() -> None:
    assert lanes_needed("XM") == frozenset("M")
    assert lanes_needed("XMD") == frozenset("D")
    assert lanes_needed("XE") == frozenset("E")
    assert lanes_needed("X") == frozenset("X")
    assert isinstance(outcome(sheet(bays=(MAIN,)), at("09:00"), OIL, BRAKES), Opening)


def test_a_visit_of_two_services_adds_the_work_and_waits_once() -> None:
    assert combine([OIL, ROTATION]) == Job(
        ("LOF-S", "ROT"), 60, 90, frozenset("X"), 1, waiter_ok=True
    )
    assert combine([OIL, DIAGNOSIS]).visit_min is None
    assert not combine([OIL, BRAKES]).waiter_ok


class TestWaiting:
    """Who waits: short work, not over lunch, not late, two in an hour."""

    def test_long_work_is_not_waited_for(self) -> None:
        assert outcome(sheet(bays=(MAIN,)), at("09:00"), BRAKES, visit_type="waiter") == (
            Code.WAIT_NOT_POSSIBLE
        )

    def test_work_without_a_length_is_not_waited_for(self) -> None:
        odd = replace(DIAGNOSIS, waiter_ok=True)
        assert outcome(sheet(bays=(DIAG,)), at("09:00"), odd, visit_type="waiter") == (
            Code.WAIT_NOT_POSSIBLE
        )

    def test_more_than_ninety_minutes_are_not_waited_for(self) -> None:
        long = replace(OIL, visit_min=91)
        assert outcome(sheet(), at("09:00"), long, visit_type="waiter") == Code.WAIT_NOT_POSSIBLE

    @pytest.mark.parametrize("clock", ["11:30", "15:30", "16:30"])
    def test_nobody_waits_over_lunch_or_late(self, clock: str) -> None:
        assert outcome(sheet(), at(clock), visit_type="waiter") == Code.WAIT_NOT_POSSIBLE

    def test_nobody_waits_past_closing(self) -> None:
        early = replace(HOURS, closes=at("15:30"))
        assert outcome(sheet(hours=early), at("15:00"), visit_type="waiter") == (
            Code.WAIT_NOT_POSSIBLE
        )

    def test_a_shop_without_a_lunch_break_has_no_lunch_to_wait_over(self) -> None:
        whole = replace(HOURS, lunch=None)
        assert isinstance(outcome(sheet(hours=whole), at("11:30"), visit_type="waiter"), Opening)

    def test_a_third_in_the_same_hour_is_refused(self) -> None:
        two = (visit("09:00", 2, "waiter"), visit("09:30", 2, "waiter"))
        assert place(sheet(*two), combine([OIL]), at("09:30"), "waiter", RULES, NOW) == Problem(
            Code.CAP_REACHED, "waiters"
        )
        assert isinstance(outcome(sheet(*two), at("10:30"), visit_type="waiter"), Opening)

    def test_a_full_hour_elsewhere_keeps_nobody_from_waiting(self) -> None:
        three = [visit("14:00", 2, "waiter") for _ in range(3)]
        assert isinstance(outcome(sheet(*three), at("09:00"), visit_type="waiter"), Opening)

    @given(st.lists(st.integers(0, 600), max_size=12), st.integers(0, 600))
    def test_the_busiest_hour_is_never_miscounted(self, minutes: list[int], start: int) -> None:
        times = [at("09:00") + timedelta(minutes=n) for n in minutes]
        worst = max(
            sum(low <= n < low + 60 for n in minutes) for low in range(start - 59, start + 1)
        )
        assert busiest_hour(times, at("09:00") + timedelta(minutes=start)) == worst


class TestLimits:
    """A day's counts."""

    @pytest.mark.parametrize(
        ("limits", "name"),
        [
            (replace(LIMITS, appointments=1), "appointments"),
            (replace(LIMITS, work_min=59), "work_min"),
            (replace(LIMITS, check_ins=1), "check_ins"),
        ],
    )
    def test_a_limit_that_is_used_up_is_named(self, limits: Limits, name: str) -> None:
        on = sheet(visit("09:00", 2), limits=limits)
        assert place(on, combine([OIL]), at("09:00"), "drop_off", RULES, NOW) == Problem(
            Code.CAP_REACHED, name
        )

    def test_blocks_are_no_visits(self) -> None:
        block = Taken(2, at("09:00"), at("10:00"), "block")
        assert isinstance(
            outcome(sheet(block, limits=replace(LIMITS, appointments=1)), at("09:00")), Opening
        )

    def test_check_ins_a_quarter_of_an_hour_apart_do_not_meet(self) -> None:
        on = sheet(visit("09:30", 2), limits=replace(LIMITS, check_ins=1))
        assert isinstance(outcome(on, at("09:00")), Opening)

    def test_a_check_in_is_over_after_the_write_up_time_and_not_before(self) -> None:
        on = sheet(visit("09:00", 2), limits=replace(LIMITS, check_ins=1))
        for minutes, expected in ((30, Opening), (31, Problem)):
            rules = replace(RULES, writeup_min=minutes)
            found = place(on, combine([OIL]), at("09:30"), "drop_off", rules, NOW)
            assert isinstance(found, expected)

    def test_the_shuttle_runs_from_nine_until_ten_for_six(self) -> None:
        assert isinstance(outcome(sheet(), at("09:30"), visit_type="shuttle"), Opening)
        assert outcome(sheet(), at("10:00"), visit_type="shuttle") == Code.CAP_REACHED
        six = [visit("15:00", n, "shuttle") for n in range(2, 8)]
        wide = replace(LIMITS, check_ins=10)
        assert outcome(sheet(*six, limits=wide), at("09:00"), visit_type="shuttle") == (
            Code.CAP_REACHED
        )

    def test_loaner_cars_are_for_long_work_and_there_are_three(self) -> None:
        long = replace(BRAKES, visit_min=240)
        main = sheet(bays=(MAIN,))
        assert outcome(main, at("09:00"), BRAKES, visit_type="loaner") == Code.CAP_REACHED
        assert isinstance(outcome(main, at("09:00"), long, visit_type="loaner"), Opening)
        assert isinstance(
            outcome(sheet(bays=(DIAG,)), at("09:00"), DIAGNOSIS, visit_type="loaner"), Opening
        )
        three = [visit("13:00", n, "loaner") for n in range(1, 4)]
        assert outcome(sheet(*three, bays=(MAIN,)), at("09:00"), long, visit_type="loaner") == (
            Code.CAP_REACHED
        )
