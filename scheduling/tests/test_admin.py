"""The service desk's pages: what staff see, and that every write goes through booking."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django.fixtures import Settings

from calls.models import OutboundCall
from crm.models import Vehicle
from scheduling import blocks, booking, waitlist
from scheduling.models import (
    Appointment,
    Closure,
    KnowledgeArticle,
    ServiceOp,
    WaitlistEntry,
)
from scheduling.tests import cast
from scheduling.tests.cast import NOW, at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _monday_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def dee(shop: None, client: Client) -> Client:
    """Dee, an advisor who may do everything, at her browser."""
    user = get_user_model().objects.create_superuser("dee", "", "pw")
    client.force_login(user)
    return client


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    """An admin page's text."""
    answer = client.get(reverse(f"admin:scheduling_{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    "model",
    ["appointment", "reservation", "serviceop", "shopsettings", "businesshours", "closure",
     "capacityoverride", "bay", "advisor", "knowledgearticle", "waitlistentry", "notice"],
)  # fmt: skip
def test_every_list_opens(dee: Client, crv: Vehicle, model: str) -> None:
    cast.book(crv, at("09:00"))
    assert page(dee, f"{model}_changelist")


def test_visits_are_listed_on_the_shops_clock_with_customer_work_and_bay(
    dee: Client, crv: Vehicle
) -> None:
    row = cast.book(crv, at("09:00"), "BRK-I")
    text = page(dee, "appointment_changelist")
    for shown in ("Tue Nov 17, 09:00", "Ana Ruiz", "Brake inspection", "Main 1", row.ref):
        assert shown in text


@pytest.mark.parametrize(
    ("when", "shown"),
    [
        ("today", {0}),
        ("tomorrow", {1}),
        ("week", {0, 1}),
        ("upcoming", {0, 1, 14}),
        ("past", set()),
    ],
)
def test_visits_are_found_by_named_ranges(
    dee: Client, crv: Vehicle, when: str, shown: set[int]
) -> None:
    refs = {day: cast.book(crv, at("14:00", day)).ref for day in (0, 1, 14)}
    text = page(dee, "appointment_changelist", when=when)
    assert {day for day, ref in refs.items() if ref in text} == shown


def test_visits_are_found_by_a_range_of_dates(dee: Client, crv: Vehicle) -> None:
    near, far = cast.book(crv, at("09:00", 1)), cast.book(crv, at("09:00", 14))
    text = page(dee, "appointment_changelist", start_from="2026-11-25", start_to="2026-12-05")
    assert far.ref in text
    assert near.ref not in text


@pytest.mark.parametrize("asked", ["ref", "ruiz ana", "+12125550101"])
def test_visits_are_found_by_reference_name_and_number(
    dee: Client, crv: Vehicle, asked: str
) -> None:
    row = cast.book(crv, at("09:00"))
    text = page(dee, "appointment_changelist", q=row.ref if asked == "ref" else asked)
    assert row.ref in text
    assert row.ref not in page(dee, "appointment_changelist", q="nobody")


def test_a_page_of_visits_takes_the_same_few_queries_however_many_there_are(
    dee: Client, crv: Vehicle, civic: Vehicle
) -> None:
    counts = []
    for vehicle in (crv, civic):
        cast.book(vehicle, at("09:00"))
        page(dee, "appointment_changelist")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(dee, "appointment_changelist")
        counts.append(len(queries))
    assert counts[0] == counts[1] < 20


def test_a_callers_words_are_escaped(dee: Client, crv: Vehicle) -> None:
    row = cast.book(crv, at("09:00"), concern="<script>alert(1)</script>")
    text = page(dee, "appointment_change", row.pk)
    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;" in text


def test_a_visit_can_be_looked_at_but_not_edited_added_or_deleted(
    dee: Client, crv: Vehicle
) -> None:
    row = cast.book(crv, at("09:00"))
    text = page(dee, "appointment_change", row.pk)
    assert reverse("admin:scheduling_appointment_move", args=[row.pk]) in text
    dee.post(reverse("admin:scheduling_appointment_change", args=[row.pk]), {"concern": "x"})
    dee.post(reverse("admin:scheduling_appointment_delete", args=[row.pk]), {"post": "yes"})
    row.refresh_from_db()
    assert row.concern == ""
    assert dee.get(reverse("admin:scheduling_appointment_add")).status_code == 403


def when_form(clock: str = "10:00", day: str = "2026-11-17", **more: Any) -> dict[str, Any]:
    """A filled form."""
    return {"day": day, "clock": clock, "visit_type": "drop_off", "key": cast.key(), **more}


class TestDesk:
    """Booking, moving, cancelling and noting by staff."""

    def test_a_visit_is_booked_in_the_advisors_name(self, dee: Client, crv: Vehicle) -> None:
        form = when_form(vehicle_id=crv.pk, op_codes=["LOF-S", "ROT"], concern="squeaks")
        answer = dee.post(reverse("admin:scheduling_appointment_book"), form)
        row = Appointment.objects.get()
        assert answer.headers["Location"].endswith(f"/{row.pk}/change/")
        assert (row.start, row.source, row.events.get().by) == (at("10:00"), "staff", "dee")

    def test_a_double_click_books_once(self, dee: Client, crv: Vehicle) -> None:
        form = when_form(vehicle_id=crv.pk, op_codes=["LOF-S"])
        for _ in range(2):
            dee.post(reverse("admin:scheduling_appointment_book"), form)
        assert Appointment.objects.count() == 1

    def test_the_form_opens_with_vehicle_and_day(self, dee: Client, crv: Vehicle) -> None:
        text = page(dee, "appointment_book", vehicle=crv.pk, day="2026-11-18")
        assert "2026-11-18" in text

    @pytest.mark.parametrize(
        ("clock", "words"),
        [("12:00", "closed then"), ("03:00", "closed then")],
    )
    def test_a_refusal_is_shown_in_words(
        self, dee: Client, crv: Vehicle, clock: str, words: str
    ) -> None:
        form = when_form(clock, vehicle_id=crv.pk, op_codes=["LOF-S"])
        answer = dee.post(reverse("admin:scheduling_appointment_book"), form)
        assert words in answer.content.decode()
        assert not Appointment.objects.exists()

    def test_a_reason_lets_an_advisor_exceed_the_notice(self, dee: Client, crv: Vehicle) -> None:
        form = when_form("09:00", "2026-11-16", vehicle_id=crv.pk, op_codes=["LOF-S"])
        url = reverse("admin:scheduling_appointment_book")
        assert "less notice" in dee.post(url, form).content.decode()
        dee.post(url, {**form, "overflow_reason": "waits at the door"})
        assert Appointment.objects.count() == 1

    def test_an_incomplete_form_is_shown_again(self, dee: Client, crv: Vehicle) -> None:
        answer = dee.post(reverse("admin:scheduling_appointment_book"), when_form())
        assert answer.status_code == 200
        assert not Appointment.objects.exists()

    def test_a_visit_is_moved_and_a_refused_move_changes_nothing(
        self, dee: Client, crv: Vehicle
    ) -> None:
        row = cast.book(crv, at("09:00"))
        url = reverse("admin:scheduling_appointment_move", args=[row.pk])
        assert "09:00" in page(dee, "appointment_move", row.pk)
        assert "closed" in dee.post(url, when_form("12:30")).content.decode()
        dee.post(url, when_form("14:00"))
        row.refresh_from_db()
        assert (row.start, row.version) == (at("14:00"), 2)

    def test_a_visit_is_cancelled(self, dee: Client, crv: Vehicle) -> None:
        row = cast.book(crv, at("09:00"))
        url = reverse("admin:scheduling_appointment_cancel", args=[row.pk])
        page(dee, "appointment_cancel", row.pk)
        dee.post(url, {"reason": "ill", "key": cast.key()})
        row.refresh_from_db()
        assert (row.status, row.cancel_reason) == ("cancelled", "ill")
        again = dee.post(url, {"reason": "ill", "key": cast.key()})
        assert "begun or is over" in again.content.decode()

    def test_a_status_is_noted_by_post_only_and_only_if_the_table_allows_it(
        self, dee: Client, crv: Vehicle
    ) -> None:
        row = cast.book(crv, at("09:00"))
        url = reverse("admin:scheduling_appointment_status", args=[row.pk, "checked_in"])
        dee.get(url)
        row.refresh_from_db()
        assert row.status == "booked"
        dee.post(url)
        dee.post(reverse("admin:scheduling_appointment_status", args=[row.pk, "no_show"]))
        row.refresh_from_db()
        assert (row.status, row.version) == ("checked_in", 2)
        assert "Completed" in page(dee, "appointment_change", row.pk)

    def test_who_may_only_look_may_only_look(self, client: Client, crv: Vehicle) -> None:
        viewer = get_user_model().objects.create_user("vic", is_staff=True)
        viewer.user_permissions.add(Permission.objects.get(codename="view_appointment"))
        client.force_login(viewer)
        row = cast.book(crv, at("09:00"))
        assert "Ana Ruiz" in page(client, "appointment_board", day="2026-11-17")
        move = reverse("admin:scheduling_appointment_move", args=[row.pk])
        assert move not in page(client, "appointment_change", row.pk)
        book = reverse("admin:scheduling_appointment_book")
        status = reverse("admin:scheduling_appointment_status", args=[row.pk, "ready"])
        for url in (
            move,
            book,
            status,
            reverse("admin:scheduling_appointment_cancel", args=[row.pk]),
        ):
            assert client.post(url, {}).status_code == 403

    def test_strangers_see_nothing(self, client: Client, shop: None) -> None:
        answer = client.get(reverse("admin:scheduling_appointment_board"))
        assert answer.status_code == 302


class TestBoard:
    """The day board."""

    def test_it_shows_visits_holds_blocks_and_limits(self, dee: Client, crv: Vehicle) -> None:
        cast.book(crv, at("09:00"), "BRK-I")
        booking.hold(op_codes=["EV-MC"], start=at("10:00"), call_sid="CA1", now=NOW)
        blocks.place_block(
            external_id="x", start=at("13:00"), end=at("14:00"), reason="lift broken",
            bay_ids=[1], now=NOW,
        )  # fmt: skip
        text = page(dee, "appointment_board", day="2026-11-17")
        for shown in ("Ana Ruiz", "Brake inspection", "On hold", "lift broken", "Express 3",
                      "Visits <b>2</b> of 48"):  # fmt: skip
            assert shown in text

    @pytest.mark.parametrize("day", ["2026-11-21", "2026-11-17", "nonsense", ""])
    def test_any_day_opens(self, dee: Client, day: str) -> None:
        assert ("The shop is closed" in page(dee, "appointment_board", day=day)) == (
            day == "2026-11-21"
        )


class TestSettings:
    """What staff edit."""

    def test_aliases_are_edited_one_a_line(self, dee: Client) -> None:
        url = reverse("admin:scheduling_serviceop_change", args=["WIPER"])
        form = {
            "name": "Wiper blades", "spoken_name": "wiper blades", "aliases": "wipers\r\n\r\n squeegees ",
            "bay_min": 15, "visit_min": 30, "lane": "X", "skill": 1, "waiter_ok": "on",
            "price_kind": "from", "price_cents": 3900, "active": "on", "position": 12,
        }  # fmt: skip
        assert dee.post(url, form).status_code == 302
        assert ServiceOp.objects.get(pk="WIPER").aliases == ["wipers", "squeegees"]
        assert "wipers\nsqueegees" in page(dee, "serviceop_change", "WIPER")
        answer = dee.post(url, {**form, "aliases": "x" * 61})
        assert answer.status_code == 200

    def test_a_closure_points_out_the_visits_that_stand_there(
        self, dee: Client, crv: Vehicle
    ) -> None:
        row = cast.book(crv, at("09:00"))
        form = {"first_day": "2026-11-17", "last_day": "2026-11-17", "reason": "water damage"}
        answer = dee.post(reverse("admin:scheduling_closure_add"), form, follow=True)
        assert row.ref in answer.content.decode()
        assert Closure.objects.count() == 1
        other = {**form, "first_day": "2026-12-01", "last_day": "2026-12-01"}
        assert (
            "visits stand"
            not in dee.post(
                reverse("admin:scheduling_closure_add"), other, follow=True
            ).content.decode()
        )

    def test_an_article_of_more_than_forty_words_is_refused(self, dee: Client) -> None:
        article = KnowledgeArticle.objects.get(topic="parts")
        url = reverse("admin:scheduling_knowledgearticle_change", args=[article.pk])
        form = {"topic": "parts", "phrases": "parts", "spoken": "word " * 41, "active": "on"}
        assert "At most 40 words" in dee.post(url, form).content.decode()
        assert dee.post(url, {**form, "spoken": "Short."}).status_code == 302

    def test_rows_that_visits_refer_to_are_not_deleted(self, dee: Client) -> None:
        for model, pk in (("serviceop", "WIPER"), ("bay", 1), ("shopsettings", 1)):
            url = reverse(f"admin:scheduling_{model}_delete", args=[pk])
            assert dee.post(url, {"post": "yes"}).status_code == 403
        assert dee.get(reverse("admin:scheduling_shopsettings_add")).status_code == 403


def test_staff_look_for_openings_and_close_entries_on_the_waitlist(
    dee: Client, crv: Vehicle
) -> None:
    entry = waitlist.join(
        customer_id=crv.owner_id, vehicle_id=crv.pk, op_codes=["LOF-S"],
        first_day=cast.MONDAY, last_day=cast.MONDAY + timedelta(days=4), number="+12125550101",
        idempotency_key=cast.key(), now=NOW,
    )  # fmt: skip
    url = reverse("admin:scheduling_waitlistentry_changelist")
    dee.post(url, {"action": "propose", "_selected_action": [entry.pk]})
    entry.refresh_from_db()
    assert (entry.state, entry.proposed_start) == ("proposed", at("10:00", 0))
    assert "Mon Nov 16, 10:00" in page(dee, "waitlistentry_changelist")
    dee.post(url, {"action": "close", "_selected_action": [entry.pk]})
    assert WaitlistEntry.objects.get().state == "closed"


def test_a_reminder_can_be_tried_on_the_test_number(
    dee: Client, crv: Vehicle, settings: Settings
) -> None:
    visit = cast.book(crv, at("09:00", 1))
    asked = {"action": "ring_test_number", "_selected_action": [visit.pk]}
    address = reverse("admin:scheduling_appointment_changelist")
    settings.YOUR_TEST_NUMBER = ""
    answer = dee.post(address, asked, follow=True)
    assert "YOUR_TEST_NUMBER is not set" in answer.content.decode()
    assert not OutboundCall.objects.exists()
    settings.YOUR_TEST_NUMBER = "+12125550199"
    answer = dee.post(address, asked, follow=True)
    assert "1 queued" in answer.content.decode()
    task = OutboundCall.objects.get()
    assert (task.number, task.test) == ("+12125550199", True)


def test_without_a_question_the_list_starts_with_what_is_to_come(dee: Client, crv: Vehicle) -> None:
    visit = cast.book(crv, at("09:00", 1))
    Appointment.objects.filter(pk=visit.pk).update(
        start=NOW - timedelta(days=9), end=NOW - timedelta(days=8)
    )
    assert visit.ref not in page(dee, "appointment_changelist")
    assert visit.ref in page(dee, "appointment_changelist", when="any")
    assert visit.ref in page(dee, "appointment_changelist", q=visit.ref)
