"""What may be said about the shop, its menu and prices; and loading it all."""

from datetime import time, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from scheduling import knowledge, menu
from scheduling.errors import BadInput, CapReached, NoBayCanDo, UnknownService, WaitNotPossible
from scheduling.models import (
    BusinessHours,
    CapacityOverride,
    Closure,
    KnowledgeArticle,
    ServiceOp,
    ShopSettings,
)
from scheduling.openings import Wish
from scheduling.tests.cast import MONDAY, NOW, at, local
from scheduling.visits import find_openings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "topic"),
    [
        ("what time do you close", "hours"),
        ("are you open on saturdays", "hours"),
        ("where are you located", "address"),
        ("do you guys have a loner car", "loaner"),
        ("is there a shuttle", "shuttle"),
        ("can I pay with a credit card", "payment"),
        ("are you a robot", "robot"),
        ("drop-off", "drop-off"),
        ("tell me a joke", None),
        ("", None),
        ("x" * 10_000, None),
    ],
)
def test_a_question_finds_its_article_or_nothing(shop: None, asked: str, topic: str | None) -> None:
    found = knowledge.answer(asked, now=NOW)
    assert (found.topic if found else None) == topic


def test_every_article_is_short_enough_to_be_spoken(shop: None) -> None:
    assert set(knowledge.topics()) >= {"hours", "address", "shuttle", "towing", "payment", "parts"}
    for article in KnowledgeArticle.objects.all():
        assert len(article.spoken.split()) <= KnowledgeArticle.WORDS_MAX


def test_hours_are_said_as_they_are_booked(shop: None) -> None:
    said = knowledge.hours_sentence(NOW)
    assert said == (
        "The service desk is open Monday to Friday, 9 to 5. It's closed for lunch from 12 to 1."
    )
    BusinessHours.objects.create(weekday=5, opens="09:30", closes="12:00")
    friday = MONDAY + timedelta(days=4)
    Closure.objects.create(first_day=friday, last_day=friday, reason="holiday")
    said = knowledge.hours_sentence(NOW)
    assert "Monday to Friday, 9 to 5; Saturday, 9:30 to 12." in said
    assert said.endswith("We're closed on Friday, November 20.")
    BusinessHours.objects.all().delete()
    assert knowledge.hours_sentence(NOW).startswith("We're closed just now.")


def test_the_address_is_the_shops(shop: None) -> None:
    ShopSettings.objects.update(address="9 Elm Street")
    found = knowledge.answer("address", now=NOW)
    assert found is not None
    assert found.spoken == "We're at 9 Elm Street."


def test_a_fixed_price_may_be_quoted_and_one_that_starts_needs_an_estimate(shop: None) -> None:
    assert menu.quote("LOF-S") == menu.Quote(
        "LOF-S", "synthetic oil change", "fixed", 8995, "", estimate=False
    )
    assert menu.quote(" tire-4 ").estimate
    assert menu.quote("DIAG").kind == "diag"
    assert menu.quotes() == {item.op_code: menu.quote(item.op_code) for item in menu.items()}
    assert menu.item("DIAG").visit_min is None
    assert menu.spoken_names(["BRK-I", "NONE"]) == ("brake inspection",)


@pytest.mark.parametrize("code", ["", "NOPE", "x" * 10_000_000, "\x00", "OFF"])
def test_what_is_not_on_the_menu_is_refused(shop: None, code: str) -> None:
    ServiceOp.objects.filter(op_code="WIPER").update(active=False)
    with pytest.raises(UnknownService):
        menu.quote("WIPER" if code == "OFF" else code)


class TestFindOpenings:
    """Openings from the tables."""

    def found(self, *ops: str, **wish: object) -> list[str]:
        """The offer as weekday and clock."""
        offer = find_openings(op_codes=ops or ("LOF-S",), wish=Wish(**wish), now=NOW)  # type: ignore[arg-type]
        return [local(opening.start) for opening in offer]

    def test_the_earliest_comes_first(self, shop: None) -> None:
        assert self.found() == ["Mon 10:00", "Mon 11:30"]

    def test_when_two_weeks_are_full_the_rest_of_the_horizon_is_looked_at(self, shop: None) -> None:
        Closure.objects.create(
            first_day=MONDAY, last_day=MONDAY + timedelta(days=30), reason="moving house"
        )
        assert self.found() == ["Thu 09:00", "Thu 10:30"]
        Closure.objects.update(last_day=MONDAY + timedelta(days=300))
        assert self.found() == []

    def test_a_part_day_closure_and_an_override_count(self, shop: None) -> None:
        Closure.objects.create(
            first_day=MONDAY, last_day=MONDAY, starts="09:00", ends="14:00", reason="training"
        )
        assert self.found()[0] == "Mon 14:00"

    def test_a_far_wish_is_looked_for_around_itself(self, shop: None) -> None:
        day = MONDAY + timedelta(days=42)
        assert self.found(day=day) == ["Mon 09:00", "Mon 10:30"]
        assert self.found(earliest=at("13:00", 42)) == ["Mon 13:00", "Mon 14:30"]

    def test_when_nothing_follows_a_far_wish_the_days_before_it_are_looked_at(
        self, shop: None
    ) -> None:
        Closure.objects.create(
            first_day=MONDAY + timedelta(days=20), last_day=MONDAY + timedelta(days=90), reason="x"
        )
        offer = find_openings(
            op_codes=["LOF-S"], wish=Wish(day=MONDAY + timedelta(days=42)), now=NOW
        )
        assert [opening.start for opening in offer] == [at("09:00", 18), at("10:00", 0)]

    def test_no_service_is_no_question(self, shop: None) -> None:
        with pytest.raises(BadInput):
            find_openings(op_codes=[], wish=Wish(), now=NOW)

    def test_a_days_override_and_hours_without_a_lunch_count(self, shop: None) -> None:
        for day, limit in ((0, "appointments"), (1, "check_ins")):
            CapacityOverride.objects.create(
                day=MONDAY + timedelta(days=day), limit=limit, value=0, reason="training"
            )
        BusinessHours.objects.update(lunch_starts=None, lunch_ends=None)
        Closure.objects.create(
            first_day=MONDAY + timedelta(days=3), last_day=MONDAY + timedelta(days=3), reason="x"
        )
        assert self.found(at=time(12)) == ["Wed 12:00", "Wed 09:00"]

    def test_what_no_day_could_give_is_refused_by_name(self, shop: None) -> None:
        for error, ops, kind in (
            (UnknownService, ["WINGS"], "drop_off"),
            (NoBayCanDo, ["EV-MC", "ALIGN"], "drop_off"),
            (WaitNotPossible, ["MAJ60"], "waiter"),
            (CapReached, ["LOF-S"], "loaner"),
        ):
            with pytest.raises(error):
                find_openings(op_codes=ops, wish=Wish(visit_type=kind), now=NOW)


def test_loading_the_shop_writes_nothing_over_and_adds_holidays_once() -> None:
    def load(*arguments: str) -> str:
        out = StringIO()
        call_command("load_shop", *arguments, stdout=out)
        return out.getvalue()

    assert "menu: loaded" in load()
    holidays = Closure.objects.count()
    assert holidays > 15
    ServiceOp.objects.filter(pk="LOF-S").update(price_cents=1)
    assert "menu: kept as it is" in load()
    assert ServiceOp.objects.get(pk="LOF-S").price_cents == 1
    assert Closure.objects.count() == holidays
    load("--overwrite")
    assert ServiceOp.objects.get(pk="LOF-S").price_cents == 8995
