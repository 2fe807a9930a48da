"""Nobody is disturbed: hours, Sundays, holidays, states and zones, both clock changes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scheduling import quiet_hours
from scheduling.quiet_hours import AREA_CODES, STATE_RULES, STATE_ZONES, is_quiet, zones_of

NEW_YORK, CHICAGO = "America/New_York", "America/Chicago"
LOS_ANGELES, HONOLULU = "America/Los_Angeles", "Pacific/Honolulu"
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)  # the clocks change on these Sundays


def _at(clock: str, zone: str = NEW_YORK, day: str = "2026-11-17") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("08:59", True), ("09:00", False), ("12:00", False), ("18:59", False), ("19:00", True)],
)
def test_calls_are_made_between_nine_and_seven(clock, quiet):
    assert is_quiet((NEW_YORK,), (), _at(clock)) is quiet


@pytest.mark.parametrize(
    ("day", "quiet"),
    [("2026-11-20", False), ("2026-11-21", False), ("2026-11-22", True), ("2026-11-23", False)],
)
def test_saturday_yes_sunday_never(day, quiet):
    assert is_quiet((NEW_YORK,), (), _at("12:00", day=day)) is quiet


@pytest.mark.parametrize("day", ["2026-11-26", "2026-12-25", "2027-01-01", "2026-07-03"])
def test_public_holidays_are_quiet_the_day_they_are_kept_on_too(day):
    assert is_quiet((NEW_YORK,), (), _at("12:00", day=day))


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("09:30", True), ("12:00", False), ("18:59", False), ("19:30", True)],
)
def test_a_number_and_an_address_in_two_zones_are_both_respected(clock, quiet):
    assert is_quiet((NEW_YORK, LOS_ANGELES), (), _at(clock)) is quiet


def test_a_florida_number_is_not_rung_at_half_past_eight_in_the_evening():
    assert is_quiet(zones_of("+13055550147", "FL"), (), _at("20:30"))


def test_rhode_island_is_weekdays_until_six():
    states = quiet_hours.states_of("+14015550147", "")
    assert states == ("RI",)
    assert not is_quiet((NEW_YORK,), states, _at("17:59"))
    assert is_quiet((NEW_YORK,), states, _at("18:00"))
    assert is_quiet((NEW_YORK,), states, _at("12:00", day="2026-11-21"))


@pytest.mark.parametrize(
    ("number", "state", "found"),
    [
        ("+14155550147", "", ("CA",)),
        ("+12125550147", "CA", ("CA",)),
        ("+14155550147", "RI", ("CA", "RI")),
        ("+12125550147", "NY", ()),
        ("+442079460147", "", ()),
    ],
)
def test_a_state_counts_by_number_or_by_address(number, state, found):
    assert quiet_hours.states_of(number, state) == found


@pytest.mark.parametrize(
    ("number", "state", "zones"),
    [
        ("+12125550147", "", (NEW_YORK,)),
        ("+12125550147", "NY", (NEW_YORK,)),
        ("+15125550147", "TX", (CHICAGO, "America/Denver")),
        ("+12125550147", "HI", (NEW_YORK, HONOLULU)),
        ("+18005550147", "", (NEW_YORK, LOS_ANGELES)),
        ("nonsense", "", (NEW_YORK, LOS_ANGELES)),
        ("+12125550147", "XX", (NEW_YORK,)),
    ],
)
def test_where_somebody_may_be(number, state, zones):
    assert zones_of(number, state) == zones


def test_every_state_has_its_zones_and_they_exist():
    assert len(STATE_ZONES) == 53
    for zones in STATE_ZONES.values():
        assert all(ZoneInfo(zone) for zone in zones)


def test_every_state_with_a_rule_has_its_area_codes():
    assert set(STATE_RULES) == set(AREA_CODES)
    for codes in AREA_CODES.values():
        for code in codes:
            assert phonenumbers.is_possible_number(phonenumbers.parse(f"+1{code}5550147"))


_ZONES = sorted({zone for zones in STATE_ZONES.values() for zone in zones})
_MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(
    zones=st.lists(st.sampled_from(_ZONES), min_size=1, max_size=4).map(tuple),
    states=st.sets(st.sampled_from(sorted(STATE_RULES))).map(tuple),
    now=_MOMENTS,
)
@example(zones=(NEW_YORK,), states=(), now=datetime(2026, 3, 9, 13, 0, tzinfo=UTC))
@example(zones=(NEW_YORK,), states=(), now=datetime(2026, 3, 7, 14, 0, tzinfo=UTC))
@example(zones=(NEW_YORK,), states=(), now=datetime(2026, 11, 2, 14, 0, tzinfo=UTC))
@example(zones=(NEW_YORK,), states=(), now=datetime(2026, 10, 31, 13, 0, tzinfo=UTC))
def test_whenever_a_call_is_allowed_it_is_a_decent_hour_everywhere(zones, states, now):
    if is_quiet(zones, states, now):
        return
    for zone in zones:
        local = now.astimezone(ZoneInfo(zone))
        assert 9 <= local.hour < 19
        assert local.weekday() != 6
        assert not quiet_hours.is_holiday(local.date())
        assert "RI" not in states or (local.hour < 18 and local.weekday() < 5)


@pytest.mark.parametrize("sunday", [SPRING, AUTUMN])
@pytest.mark.parametrize("zone", [NEW_YORK, CHICAGO, LOS_ANGELES, "America/Phoenix"])
def test_around_a_clock_change_nine_is_nine_on_the_wall(sunday, zone):
    for day in (sunday - timedelta(days=1), sunday + timedelta(days=1)):
        allowed = [
            minute
            for minute in range(24 * 60)
            if not is_quiet((zone,), (), _wall(day, minute, zone))
        ]
        assert allowed == list(range(9 * 60, 19 * 60))
    assert all(is_quiet((zone,), (), _wall(sunday, minute, zone)) for minute in range(24 * 60))


def _wall(day: date, minute: int, zone: str) -> datetime:
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


@pytest.mark.parametrize(
    ("clock", "part"),
    [("09:00", "morning"), ("11:59", "morning"), ("12:00", "afternoon"), ("16:00", "evening")],
)
def test_parts_of_the_day(clock, part):
    assert quiet_hours.day_part((NEW_YORK, LOS_ANGELES), _at(clock)) == part
