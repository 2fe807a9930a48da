"""What a model may say was done: the visits that stand, and the last wish only once it is met."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.context import Car, Proposal, Receipt, Visit, open_context
from voice.core.history import AgentTurn, CallerTurn, Item, ToolUse
from voice.dialogue.agreement import adds_nothing
from voice.dialogue.deeds import deed
from voice.dialogue.grounds import Grounds
from voice.dialogue.knowledge import Knowledge, ServiceFact
from voice.dialogue.spoken import say_when

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
STARTS = tuple(TUESDAY + timedelta(days=n, hours=n) for n in range(3))
SHOP = Knowledge(
    services={
        code: ServiceFact(code, spoken, "fixed", 2995, 45, waiter_ok=True)
        for code, spoken in (("LOF-S", "synthetic oil change"), ("ROT", "tire rotation"))
    }
)
TOOL_OF = {
    "booked": "book_appointment",
    "moved": "reschedule_appointment",
    "cancelled": "cancel_appointment",
    "callback": "take_message",
}
DAYLESS = {
    "booked": ("Great, I've booked that for you.", "I've booked that, anything else?", "It's booked now."),
    "moved": ("I've moved your visit.", "Your visit has been rescheduled."),
    "cancelled": ("I've cancelled your appointment.", "That's cancelled, can I do more for you?"),
}  # fmt: skip


class Told:
    """A call as the gate sees it, written event by event."""

    def __init__(self) -> None:
        self.history: list[Item] = [CallerTurn("I need an oil change.")]
        self.receipts: list[Receipt] = []

    def write(self, kind: str, start: datetime, words: str = "") -> "Told":
        result = orjson.dumps({"ok": True, "done": True}).decode()
        self.history += [CallerTurn("Yes."), ToolUse("t", TOOL_OF[kind], "{}", result)]
        self.receipts.append(Receipt(kind, start, words))
        return self

    def hear(self, text: str) -> "Told":
        self.history.append(CallerTurn(text))
        return self

    def ask(self, text: str) -> "Told":
        self.history.append(AgentTurn(text, text))
        return self

    def use(self, tool: str, result: str = '{"ok":true}') -> "Told":
        self.history.append(ToolUse("u", tool, "{}", result))
        return self

    def grounds(self, **more: object) -> Grounds:
        context = replace(open_context(call_sid="CA1", call_id=1), receipts=tuple(self.receipts))
        return Grounds(replace(context, **more), SHOP, tuple(self.history), NOW)  # type: ignore[arg-type]

    def passes(self, sentence: str, **more: object) -> bool:
        return deed(sentence, self.grounds(**more)) is None


def when(start: datetime) -> str:
    return say_when(start.astimezone(SHOP.zone), NOW.date())


# ---- a write that was not asked for last --------------------------------------------------
@pytest.mark.parametrize(
    "wish",
    [
        "I also need a tire rotation on Friday.",
        "And my wife's car too.",
        "Can you do Thursday as well?",
        "The other one, please.",
        "Cancel the visit of the truck.",
        "Same again for the Civic.",
    ],
)
@pytest.mark.parametrize("sentence", DAYLESS["booked"])
def test_an_earlier_booking_does_not_cover_a_newer_wish(wish: str, sentence: str) -> None:
    told = Told().write("booked", TUESDAY)
    assert told.passes(sentence)
    assert not told.hear(wish).passes(sentence)


def test_who_claims_too_early_is_corrected_with_what_stands() -> None:
    told = Told().write("booked", TUESDAY).hear("And the Civic on Friday.")
    false = deed("Great, I've booked that for you.", told.grounds())
    assert false is not None
    assert "Tuesday, November twenty-fourth" in false.instead


def test_a_correction_does_not_tell_of_a_visit_that_is_cancelled() -> None:
    told = Told().write("booked", TUESDAY).write("cancelled", TUESDAY).hear("Then Friday.")
    false = deed("Great, I've booked that for you.", told.grounds())
    assert false is not None
    assert "Tuesday" not in false.instead


@pytest.mark.parametrize("tool", ["get_available_slots", "book_appointment"])
def test_a_search_or_an_unwritten_write_opens_a_new_wish(tool: str) -> None:
    told = Told().write("booked", TUESDAY)
    assert not told.use(tool).passes("I've booked that for you.")


def test_a_read_back_that_waits_is_no_booking() -> None:
    told = Told().write("booked", TUESDAY)
    waiting = Proposal("k", "book_appointment", "{}", "So that's Friday?", "Friday")
    assert not told.passes("You're booked.", proposal=waiting)


def test_a_yes_to_another_offer_is_a_wish_and_not_a_receipt() -> None:
    told = Told().write("booked", TUESDAY).ask("Shall I book a rotation too?").hear("Yes, please.")
    assert not told.passes("Great, I've booked that for you.")


def test_a_refused_second_write_leaves_nothing_to_claim() -> None:
    told = Told().write("booked", TUESDAY)
    told.use("cancel_appointment", '{"error":"not_yours"}')
    assert not told.passes("I've cancelled your appointment.")
    assert not told.passes("You're all set.")


# ---- what stays true -----------------------------------------------------------------------
@pytest.mark.parametrize(
    "words",
    ["Thanks so much.", "Great, thank you.", "No, that's all.", "Perfect, bye now.", "That's it, thanks. You too."],
)  # fmt: skip
def test_thanks_and_goodbyes_take_nothing_from_a_booking(words: str) -> None:
    told = Told().write("booked", TUESDAY).ask("Your reference is K 4.").hear(words)
    assert told.passes("You're all set, have a great weekend!")
    assert told.passes("You're booked.")


def test_a_booking_that_is_told_with_its_day_stays_true_whatever_is_asked_next() -> None:
    told = Told().write("booked", TUESDAY, "synthetic oil change").hear("And the Civic on Friday.")
    assert told.passes(f"You're booked for {when(TUESDAY)}.")
    assert told.passes("Your synthetic oil change is on the calendar, it's booked for Tuesday.")
    assert not told.passes(f"Your tire rotation is set, it's booked for {when(TUESDAY)}.")
    assert not told.passes("You're booked for Friday.")
    assert not told.passes("You're booked for Tuesday at eleven A M.")


def test_what_was_moved_away_or_cancelled_stands_no_more() -> None:
    told = Told().write("booked", TUESDAY)
    told.receipts.append(Receipt("was", TUESDAY))
    told.write("moved", STARTS[1])
    assert not told.passes(f"You're booked for {when(TUESDAY)}.")
    assert told.passes(f"I've moved it from {when(TUESDAY)} to {when(STARTS[1])}.")
    assert not told.passes(f"I've moved it from {when(TUESDAY)} to {when(STARTS[2])}.")
    told.write("cancelled", STARTS[1])
    assert not told.passes(f"You're booked for {when(STARTS[1])}.")
    assert told.passes(f"I've cancelled {when(STARTS[1])}.")


def test_one_receipt_is_not_two() -> None:
    told = Told().write("booked", TUESDAY)
    assert not told.passes("Both of your visits are booked now.")
    assert told.write("booked", STARTS[1]).passes("Both of your visits are booked now.")


def test_a_visit_on_record_may_be_told_with_its_own_car() -> None:
    civic = Car("car1", 1, "2019 Honda Civic", "Civic", "Honda", "Civic", 2019)
    camry = Car("car2", 2, "2021 Toyota Camry", "Camry", "Toyota", "Camry", 2021)
    visit = Visit("visit3", 1, 1, TUESDAY, ("ROT",), "tire rotation", civic.label, 1, "booked")
    record = {"cars": (civic, camry), "visits": (visit,)}
    assert Told().passes("Your Civic is in, it's booked for Tuesday.", **record)
    assert not Told().passes("Your Camry is in, it's booked for Tuesday.", **record)


def test_what_was_written_for_somebody_else_on_the_line_is_not_told() -> None:
    told = Told().write("booked", TUESDAY)
    told.receipts = [replace(told.receipts[0], customer_id=7)]
    assert told.passes(f"You're booked for {when(TUESDAY)}.", customer_id=7)
    assert not told.passes(f"You're booked for {when(TUESDAY)}.", customer_id=None)
    assert not told.passes(f"You're booked for {when(TUESDAY)}.", customer_id=8)


# ---- calls that are promised ---------------------------------------------------------------
def test_a_call_back_is_promised_for_no_sooner_than_it_is_due() -> None:
    told = Told().write("callback", NOW + timedelta(hours=2))
    assert told.passes("Somebody will call you back.")
    assert told.passes("Somebody will call you within three hours.")
    assert not told.passes("Our manager will call you within the hour.")
    assert not told.passes("Somebody will call you right back.")
    assert not told.passes("Somebody will call you tomorrow.")
    assert told.passes("Somebody will call you back today.")
    assert told.passes("Nobody is free right now, so an advisor will call you back.")


def test_a_message_that_was_passed_on_is_not_the_next_one() -> None:
    told = Told().write("callback", NOW + timedelta(hours=2))
    assert told.passes("I've passed that on to the team.")
    assert not told.hear("Tell them I'll be late.").passes("I've let the advisor know.")


# ---- what is no claim ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "sentence",
    [
        "Once you say yes, it's booked.",
        "It's booked once you say yes.",
        "That isn't booked yet.",
        "Nothing is booked yet.",
        "Let me get that booked for you.",
        "Shall I have it booked for Friday?",
        "Would you like to be all set before noon?",
        "Are you all set, or is there more?",
        "If you're all set, I can read it back.",
        "Your appointment can be moved or cancelled any time.",
    ],
)
def test_offers_conditions_and_questions_claim_nothing(sentence: str) -> None:
    assert Told().passes(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "I've booked that for you, would you like anything else?",
        "You're booked, can I do anything else?",
        "If you like coffee, come early, you're booked for Tuesday.",
        "Okay, done!",
        "You're good to go.",
        "That's all taken care of.",
    ],
)
def test_a_claim_does_not_hide_behind_a_question_or_a_condition(sentence: str) -> None:
    assert not Told().passes(sentence)


@pytest.mark.parametrize(
    "text", ["Book it.", "And the Civic?", "One more.", "Do that too", "Friday"]
)
def test_what_may_be_a_wish_is_not_taken_for_thanks(text: str) -> None:
    assert not adds_nothing(text) or text == "Book it."


# ---- any order of things --------------------------------------------------------------------
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["booked", "moved", "cancelled", "callback", "wish", "thanks", "search", "offer"]),
        st.sampled_from(STARTS),
    ),
    max_size=7,
)  # fmt: skip


@given(EVENTS)
def test_in_any_order_a_claim_is_true_of_the_last_wish_or_of_its_own_day(
    events: list[tuple[str, datetime]],
) -> None:
    told, last, stands = Told(), "", dict[datetime, str]()
    for event, start in events:
        match event:
            case "wish":
                told.hear("Then another visit for the truck.")
            case "search":
                told.use("get_available_slots")
            case "offer":
                told.ask("Shall I do the same for the truck?").hear("Yes.")
            case "thanks":
                told.ask("There you go.").hear("Thank you.")
            case _:
                told.write(event, start)
                stands |= {start: event} if event != "callback" else {}
        last = last if event == "thanks" else event
    for kind, sentences in DAYLESS.items():
        true = last in ({"booked", "moved"} if kind == "booked" else {kind})
        assert [told.passes(sentence) for sentence in sentences] == [true] * len(sentences)
    for start in STARTS:
        kind = stands.get(start, "")
        assert told.passes(f"You're booked for {when(start)}.") == (kind in ("booked", "moved"))
        assert told.passes(f"I've cancelled {when(start)}.") == (kind == "cancelled")
