"""Staff can't overlook that the calendar is broken."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crm.models import Vehicle
from scheduling import calendar_sync
from scheduling.calendar_trouble import calendar_trouble
from scheduling.models import CalendarOutbox, CalendarState
from scheduling.tests.cast import NOW, at, book
from simulators.google import GoogleSimulator

pytestmark = pytest.mark.django_db
PAGES = (
    "/admin/", "/admin/board/", "/admin/crm/customer/", "/admin/scheduling/appointment/",
    "/admin/scheduling/closure/add/", "/admin/scheduling/appointment/board/",
)  # fmt: skip
BANNER = 'id="calendar-trouble"'


def give_up() -> None:
    CalendarOutbox.objects.update(dead=True, last_error="http_403")


def shown(client: Client, page: str) -> str:
    answer = client.get(page, follow=True)
    assert answer.status_code == 200, page
    return answer.content.decode()


def test_all_well_is_no_news(admin_client: Client, crv: Vehicle) -> None:
    book(crv, at("10:00"))
    calendar_sync.deliver_due(now=NOW)
    assert calendar_trouble() is None
    assert BANNER not in shown(admin_client, "/admin/")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_that_the_calendar_must_be_connected_again(
    admin_client: Client, crv: Vehicle, google: GoogleSimulator, page: str
) -> None:
    book(crv, at("10:00"))
    google.faults.revoked = True
    calendar_sync.deliver_due(now=NOW)
    page_shown = shown(admin_client, page)
    assert page_shown.count(BANNER) == 1
    assert "must be connected again: Google no longer accepts the connection" in page_shown
    assert "since Mon Nov 16, 08:00" in page_shown
    google.faults.revoked = False
    calendar_sync.deliver_due(now=NOW + calendar_sync.LEASE)
    assert BANNER not in shown(admin_client, page)


def test_writes_that_were_given_up_are_counted_and_one_click_away(
    admin_client: Client, crv: Vehicle, civic: Vehicle
) -> None:
    book(crv, at("10:00"))
    give_up()
    assert "1 calendar write\n" in shown(admin_client, "/admin/")
    book(civic, at("10:00"))
    give_up()
    page = shown(admin_client, "/admin/")
    assert "2 calendar writes" in page
    assert "must be connected" not in page
    assert "/admin/scheduling/calendaroutbox/?dead__exact=1" in page
    assert "2 calendar writes" in shown(
        admin_client, "/admin/scheduling/calendaroutbox/?dead__exact=1"
    )


def test_a_reason_without_words_is_shown_as_it_is(db: None) -> None:
    CalendarState.objects.create(calendar_id="primary", broken_since=NOW, broken_reason="odd")
    trouble = calendar_trouble()
    assert trouble is not None
    assert (trouble.reason, trouble.given_up) == ("odd", 0)


def test_visitors_and_the_login_page_are_told_nothing(client: Client) -> None:
    CalendarState.objects.create(calendar_id="primary", broken_since=NOW)
    assert BANNER not in shown(client, "/admin/")
    user = User.objects.create_user("visitor", password="a password of theirs")
    client.force_login(user)
    assert BANNER not in shown(client, "/admin/")
