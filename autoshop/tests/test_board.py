"""The day board, the sidebar and the pages behind it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client

from autoshop import board
from scheduling.day_sheet import shop_zone
from scheduling.models import Bay, Reservation
from scheduling.tests import cast

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.fixture
def shop() -> None:
    cast.load_shop()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("dee", "", "x"))
    return client


def _hold(bay: Bay, hour: int, *, expires_at: datetime) -> None:
    start = datetime(DAY.year, DAY.month, DAY.day, hour, tzinfo=shop_zone())
    Reservation.objects.create(
        bay=bay,
        span=(start, start + timedelta(hours=1)),
        kind="hold",
        call_sid="CA1",
        op_codes=["LOF"],
        expires_at=expires_at,
        created_at=NOW,
    )


def _entries(now: datetime) -> list[board.Entry]:
    return [entry for column in board.columns(DAY, now) for entry in column.entries]


def test_a_hold_stands_at_its_hour_until_it_expires(shop: None) -> None:
    bay = Bay.objects.first()
    assert bay is not None
    _hold(bay, 9, expires_at=NOW + timedelta(minutes=4))
    (entry,) = _entries(NOW)
    assert (entry.starts, entry.ends, entry.kind) == ("09:00", "10:00", "hold")
    # The board shows 8 to 18: an hour is a tenth of it.
    assert (entry.top, entry.height) == (10.0, 10.0)
    assert _entries(NOW + timedelta(minutes=5)) == []


def test_every_active_bay_has_a_column(shop: None) -> None:
    names = [column.name for column in board.columns(DAY, NOW)]
    assert names == list(Bay.objects.filter(active=True).values_list("name", flat=True))


def test_what_reaches_beyond_the_day_is_cut() -> None:
    shown = board.window(DAY)
    top, height = shown.place(shown.first - timedelta(hours=3), shown.last + timedelta(hours=3))
    assert (top, height) == (0.0, 100.0)


def test_a_visitor_gets_the_login(client: Client) -> None:
    answer = client.get("/admin/board/")
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]


@pytest.mark.parametrize("day", ["", "2026-11-23", "2026-02-31", "tomorrow", "9999-99-99"])
def test_any_day_that_is_asked_for_is_answered(staff: Client, shop: None, day: str) -> None:
    answer = staff.get("/admin/board/", {"day": day})
    assert answer.status_code == 200
    if day == "2026-11-23":
        assert b"Monday, November 23" in answer.content


def test_the_sidebar_lists_what_there_is_and_every_link_works(staff: Client, shop: None) -> None:
    from autoshop.menu import navigation

    request = staff.get("/admin/").wsgi_request
    items = [item for group in navigation(request) for item in group["items"]]
    assert {"Day board", "Calls", "Staff", "Timed tasks"} <= {item["title"] for item in items}
    for item in items:
        assert staff.get(item["link"]).status_code == 200, item["title"]


def test_somebody_without_rights_sees_only_todays_links(client: Client) -> None:
    from autoshop.menu import navigation

    client.force_login(User.objects.create_user("new", password="x", is_staff=True))
    request = client.get("/admin/").wsgi_request
    assert [group["title"] for group in navigation(request)] == ["Today"]


def test_every_admin_page_opens(staff: Client, shop: None) -> None:
    for model in admin.site._registry:
        label = f"{model._meta.app_label}/{model._meta.model_name}"
        assert staff.get(f"/admin/{label}/").status_code == 200, label
