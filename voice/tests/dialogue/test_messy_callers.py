"""Conversations as real callers have them, by text with the local dialogue: each was once done badly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from calls import log
from calls.models import CallbackTask, ToolInvocation
from crm import lookup
from scheduling.models import Appointment
from voice.context import open_context
from voice.dialogue.intent import Intent, classify
from voice.dialogue.local.understand import understand
from voice.dialogue.responder import Responder
from voice.gate import Level
from voice.rehearsal import world
from voice.rehearsal.text_call import TextCall
from voice.tests import shipped
from voice.tools import run
from voice.tools.identity import recognise
from voice.tools.shop import load_knowledge

NOW = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
NUMBER = "+12025550147"
CIVIC = {"car": "2019 Honda Civic", "vin6": "512345"}
PROOF = ("Ana Silva", "March 12th 1985")


@pytest.fixture
def shop(transactional_db: None) -> None:
    shipped.open_shop()


def ringing(*cars: dict[str, Any]) -> TextCall:
    """A call; with cars it is Ana's, else a stranger's."""
    people = [{"name": "Ana Silva", "dob": "1985-03-12", "cars": list(cars)}] if cars else []
    world.build({"customers": people}, NUMBER, NOW)
    row = log.start_call(
        sid=f"CA{0:032d}", direction="inbound", from_number=NUMBER, to_number="+15555550100",
        purpose="inbound", attestation="A", now=NOW,
    )  # fmt: skip
    context = open_context(call_sid=row.sid, call_id=row.pk, caller_number=NUMBER, attestation="A")
    calls: list[TextCall] = []

    def clock() -> datetime:
        return NOW + timedelta(seconds=calls[0].now if calls else 0)

    context = recognise(context, lookup.find_customers(NUMBER))
    calls.append(TextCall(Responder(context, load_knowledge(NOW), clock=clock), run, started=NOW))
    calls[0].answer()
    return calls[0]


def visit(at: str = "2026-11-25 09:00") -> dict[str, Any]:
    return {**CIVIC, "visits": [{"at": at, "ops": ["LOF-S"]}]}


def talk(call: TextCall, *lines: str) -> str:
    """Say these; what is said to the last."""
    heard = ""
    for line in lines:
        heard = call.say(line)
    return heard


# ---- answers to our own questions ---------------------------------------------------------
def test_yes_please_to_a_visit_or_something_else_is_a_visit(shop: None) -> None:
    call = ringing()
    assert "is it something else" in talk(call, "Hmm.", "Hmm.")
    assert call.say("Yes, please.") == "What does the car need?"


def test_the_first_of_two_openings_is_no_day_of_the_month(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need an oil change as soon as possible.", *PROOF, "Yes.")
    heard = call.say("Yeah, the first.")
    assert "December" not in heard
    assert call.responder.context.dialogue.offer


@pytest.mark.parametrize("text", ["uh um", "Um, uh.", "uh", "er, well"])
def test_hesitation_is_never_a_yes(text: str) -> None:
    assert classify(text).intent is Intent.OUT_OF_SCOPE


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("lof please", Intent.BOOK),
        ("can I wait for it", Intent.SHOP_INFO),
        ("is this Bart's Automotive", Intent.SHOP_INFO),
    ],
)
def test_what_people_say_at_a_service_desk_is_in_scope(text: str, intent: Intent) -> None:
    assert classify(text).intent is intent


def test_a_question_behind_an_okay_is_no_yes(shop: None) -> None:
    call = ringing()
    heard = talk(call, "I want a wheel alignment.", "Okay, and how long does it take?")
    assert heard.startswith("Plan on about an hour and a half.")
    assert heard.endswith("Have you been in with us before?")


def test_waiting_a_moment_ends_nothing(shop: None) -> None:
    call = ringing()
    talk(call, "What are your hours?")
    assert call.say("Hold on a second.") == "Take your time."
    assert call.closed is None


def test_thanks_is_answered_and_the_second_one_ends_the_call(shop: None) -> None:
    call = ringing()
    assert "You're welcome" in talk(call, "What are your hours?", "Thanks.")
    call.say("Thank you.")
    assert call.closed == "hang_up"


# ---- second thoughts ---------------------------------------------------------------------
def test_another_time_while_booking_is_no_move_of_some_visit(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need a tire rotation on Tuesday.", *PROOF, "Yes.")
    heard = call.say("Hmm, can we do Friday afternoon instead?")
    assert "Friday, November twenty-seventh at one P M" in heard


def test_what_is_added_stays_beside_what_there_was(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need a tire rotation on Tuesday.", *PROOF, "Yes.")
    call.say("Actually, can I add a battery test to that?")
    assert set(call.responder.context.dialogue.need.op_codes) == {"ROT", "BAT-T"}


def test_never_mind_leaves_everything_as_it_is(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "I need a tire rotation on Tuesday.", *PROOF, "Oh, never mind, forget it.")
    assert "left everything as it is" in heard
    assert not Appointment.objects.exists()


def test_going_back_asks_what_to_change(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need an oil change on Wednesday.", *PROOF, "Yes.")
    heard = call.say("Go back please, I said the wrong service.")
    assert heard == "What does the car need?"


def test_a_wrong_weekday_is_named(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "I need a tire rotation.", *PROOF, "Yes.", "Tuesday the 27th, please.")
    assert "November twenty-seventh is a Friday." in heard


def test_an_earlier_time_for_a_visit_is_a_move(shop: None) -> None:
    call = ringing(visit())
    heard = talk(call, "Do you have anything earlier than my appointment on Wednesday?", *PROOF)
    assert "I see Wednesday" in heard
    assert "today, Monday" in heard


def test_two_wishes_keep_what_the_second_is_for(shop: None) -> None:
    call = ringing(visit())
    talk(call, "I need to move my appointment and also book my wife's car for a brake inspection.")
    heard = talk(call, *PROOF, "To next Monday at ten.", "Yes.")
    assert "What does the car need" not in heard
    assert call.responder.context.dialogue.need.op_codes == ("BRK-I",)


def test_the_waiting_list_takes_the_visit_that_there_is(shop: None) -> None:
    call = ringing(visit())
    heard = talk(call, "Can you put me on the waiting list for something earlier?", *PROOF)
    assert "on the waiting list" in heard


# ---- getting on without the car ---------------------------------------------------------------
def book(call: TextCall, *lines: str) -> Appointment:
    talk(call, *lines, "Yes, that's right.")
    return Appointment.objects.get()


def test_a_shuttle_is_booked_with_the_visit_and_read_back(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "I need a brake inspection and a ride to work.", *PROOF, "Yes.", "Tomorrow.")
    assert "nine A M, or nine thirty A M" in heard
    assert "with a shuttle ride" in call.say("The first one.")
    assert book(call).visit_type == "shuttle"


def test_the_shuttle_is_offered_where_it_runs(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "I need a tire rotation tomorrow at nine thirty.", *PROOF, "Yes.")
    assert "take our shuttle" in heard
    assert book(call, "I'll just drop it off.").visit_type == "drop_off"


def test_a_shuttle_that_does_not_run_then_is_not_promised(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need a tire rotation tomorrow at one.", *PROOF, "Yes.")
    heard = call.say("I'll drop it off and take the shuttle.")
    assert "can't take you at that time" in heard
    assert "nine thirty A M" in heard


def test_a_loaner_is_for_long_work_and_asked_about_there(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "My check engine light is on.", *PROOF, "Yes.", "Tomorrow.")
    assert "a loaner car?" in call.say("The first one.")
    assert book(call, "Yes, a loaner please.").visit_type == "loaner"


def test_no_loaner_for_a_short_job(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "A tire rotation tomorrow at one, and a loaner car.", *PROOF, "Yes.")
    assert "We can't give a loaner car for that" in heard


def test_waiting_over_lunch_is_not_offered(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "I need an oil change tomorrow at eleven thirty.", *PROOF, "Yes.")
    assert "wait" not in heard


# ---- questions on the side ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("What time do you close today?", "from nine A M to five P M"),
        ("Are you open Saturday?", "We're closed Saturday"),
        ("Are you open on Thanksgiving?", "We're closed Thursday"),
        ("Is this Bart's Automotive?", "Yes, this is Bart's Automotive"),
        ("Do you have any discounts?", "I can't change prices"),
    ],
)
def test_a_plain_question_has_a_plain_answer(shop: None, asked: str, said: str) -> None:
    assert said in ringing().say(asked)


@pytest.mark.parametrize(("answer", "tasks"), [("No.", 0), ("Yes, please.", 1)])
def test_what_nobody_knows_is_passed_on_only_if_that_is_wanted(
    shop: None, answer: str, tasks: int
) -> None:
    call = ringing(visit())
    heard = talk(call, "Is my car ready?", *PROOF)
    assert "Shall I have somebody call you back about it?" in heard
    call.say(answer)
    assert CallbackTask.objects.count() == tasks


def held(call: TextCall) -> Level:
    """The level the call holds now."""
    return call.responder.context.level


# ---- somebody else ---------------------------------------------------------------------------
def test_another_voice_that_gives_its_name_is_not_verified(shop: None) -> None:
    call = ringing(visit())
    talk(call, "When is my appointment?", *PROOF)
    assert held(call) is Level.VERIFIED
    call.say("Hi, this is Mike now, cancel that appointment please.")
    assert held(call) is Level.UNKNOWN
    assert Appointment.objects.get().status == "booked"


@pytest.mark.parametrize(
    "words",
    [
        "Hold on, my husband wants to talk to you.",
        "Let me put my wife on.",
        "Here's my dad.",
        "This is her brother.",
    ],
)
def test_a_second_person_starts_from_nothing(shop: None, words: str) -> None:
    call = ringing(visit())
    talk(call, "When is my appointment?", *PROOF, words)
    assert held(call) is Level.UNKNOWN
    assert call.responder.context.visits == ()
    heard = talk(call, "So when is the appointment?")
    assert "Wednesday" not in heard


def test_the_owner_saying_their_own_name_stays_verified(shop: None) -> None:
    call = ringing(visit())
    talk(call, "When is my appointment?", *PROOF, "This is Ana again, can I move it?")
    assert held(call) is Level.VERIFIED


def test_the_wrong_car_is_apologised_for_and_recorded(shop: None) -> None:
    call = ringing(CIVIC)
    heard = talk(call, "I want to book an oil change.", *PROOF, "That's not my car.")
    assert "I'm sorry, I must have the wrong account" in heard
    assert held(call) is Level.UNKNOWN
    assert ToolInvocation.objects.filter(error="wrong_record_opened").exists()


# ---- the record -------------------------------------------------------------------------------
def test_a_day_to_come_is_recorded_as_it_is_and_a_birth_date_never(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need a tire rotation on Tuesday.", *PROOF, "Yes.")
    used = ToolInvocation.objects.filter(name="get_available_slots").latest("pk")
    assert used.arguments["first_day"] == "2026-11-24"
    wrong = orjson.dumps({"services": ["ROT"], "first_day": "1985-03-12"}).decode()
    run(call.responder.context, "get_available_slots", wrong, (), NOW)
    used = ToolInvocation.objects.filter(name="get_available_slots").latest("pk")
    assert used.arguments["first_day"] == "[date of birth given]"


# ---- a name that is misheard ----------------------------------------------------------------
@pytest.mark.parametrize("heard", ["Anna Sylvester.", "Answer silver bar?"])
def test_a_name_that_was_misheard_is_spelled_and_the_call_goes_on(shop: None, heard: str) -> None:
    call = ringing(visit())
    assert "spell your full name" in talk(call, "I need to move my appointment.", heard)
    assert "date of birth" in call.say("A N A S I L V A")
    assert "What day works" in call.say(PROOF[1])
    assert call.responder.context.level is Level.VERIFIED


def test_a_name_that_was_heard_is_not_spelled(shop: None) -> None:
    call = ringing(visit())
    assert "date of birth" in talk(call, "I need to move my appointment.", PROOF[0])


def test_letters_of_another_name_open_nothing(shop: None) -> None:
    call = ringing(visit())
    talk(call, "I need to move my appointment.", "Bo Meyer", "B O M E Y E R", PROOF[1])
    assert call.responder.context.level is not Level.VERIFIED
    assert not call.responder.context.visits


def test_who_will_not_spell_is_asked_no_more(shop: None) -> None:
    call = ringing(visit())
    talk(call, "I need to move my appointment.", "Anna Sylvester")
    assert "date of birth" in call.say("I'd rather not.")


def test_a_name_put_right_twice_is_asked_for_letter_by_letter(shop: None) -> None:
    call = ringing()
    talk(
        call, "I need a tire rotation on Wednesday at ten.", "No, first time.", "Donna Ruiz", "R U I Z",
        "2019 Honda Civic", "I'll drop it off.",
    )  # fmt: skip
    assert "for Dona Ruiz" in call.say("No, the first name is Dona.")
    assert "spell your first name" in call.say("No, the first name is Donnah.")
    assert "for Dana Ruiz" in call.say("D A N A")


def test_a_name_that_is_wrong_even_when_spelled_goes_to_a_person(shop: None) -> None:
    call = ringing()
    talk(
        call, "I need a tire rotation on Wednesday at ten.", "No, first time.", "Donna Ruiz", "R U I Z",
        "2019 Honda Civic", "I'll drop it off.", *["No, the first name is Dona."] * 2, "D O N N A",
    )  # fmt: skip
    assert "not getting this right" in call.say("No, the first name is Dona.")
    assert call.closed == "hand_over"


def test_read_backs_that_are_never_agreed_to_end_with_a_person(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need an oil change on Wednesday at ten.", *PROOF, "Yes.", "I'll drop it off.")
    days = ("Friday", "Wednesday", "Friday", "Wednesday", "Friday")
    told = [call.say(f"No, {day} at ten.") for day in days]
    assert all("Is that right?" in each for each in told)
    assert "not getting this right" in call.say("No, Wednesday at ten.")


def test_a_read_back_that_was_agreed_to_counts_no_more(shop: None) -> None:
    call = ringing(CIVIC)
    talk(call, "I need an oil change on Wednesday at ten.", *PROOF, "Yes.", "I'll drop it off.")
    talk(call, *[f"No, {day} at ten." for day in ("Friday", "Wednesday", "Friday")])
    assert "You're all set" in call.say("Yes.")
    call.say("When do you open?")
    assert call.responder.context.dialogue.refusals == 0


def test_the_number_they_call_from_is_read_back_and_can_be_refused(shop: None) -> None:
    call = ringing()
    told = talk(
        call, "I need a tire rotation on Wednesday at ten.", "No, first time.", "Dana Ruiz", "R U I Z",
        "2019 Honda Civic", "I'll drop it off.",
    )  # fmt: skip
    assert "number ending zero one four seven" in told
    assert "best number to reach you" in call.say("No, that's the wrong number.")
    assert "ending zero one nine nine" in call.say("512 555 0199")


def test_wait_is_an_answer_where_it_was_asked_and_a_pause_elsewhere(shop: None) -> None:
    call = ringing()
    asked = talk(
        call, "I need a tire rotation on Wednesday at ten.", "No, first time.", "Dana Ruiz", "R U I Z",
    )  # fmt: skip
    assert "year, make and model" in asked
    assert call.say("Wait.") == "Take your time."
    assert "drop it off" in call.say("2019 Honda Civic")
    assert "while you wait" in call.say("Wait.")


def test_a_hi_heard_as_bye_ends_no_call(shop: None) -> None:
    call = ringing()
    assert "been in with us" in call.say("Bye, I need a synthetic oil change.")
    assert "Goodbye" in call.say("Bye.")


# ---- cars named by their make -------------------------------------------------------------
TUCSON = {"car": "2021 Hyundai Tucson", "vin6": "612345"}


@pytest.mark.parametrize(
    "wish",
    [
        "I'd like a tire rotation for my Honda, please.",
        "My Honda needs a tire rotation.",
        "Can I get the tires rotated on my 2019 Honda?",
    ],
)
def test_the_one_car_of_a_make_is_not_asked_for_again(shop: None, wish: str) -> None:
    call = ringing(CIVIC, TUCSON)
    heard = talk(call, wish, *PROOF)
    assert heard == "What day works for you?"
    context = call.responder.context
    named = context.car(context.dialogue.car)
    assert named is not None and named.label == "2019 Honda Civic"


def test_of_two_cars_of_a_make_one_is_asked_for(shop: None) -> None:
    call = ringing(CIVIC, {"car": "2022 Honda Pilot", "vin6": "712345"})
    assert talk(call, "My Honda needs a tire rotation.", *PROOF).startswith("Which vehicle")


@pytest.mark.parametrize(
    ("said", "make"),
    [
        ("My Chevy needs an oil change", "Chevrolet"),
        ("my wife's Land Rover needs tires", "Land Rover"),
        ("the Mercedes makes a noise", "Mercedes-Benz"),
        ("a Dodge truck", "Dodge"),
        ("Honda", "Honda"),
        ("My name is Harrison Ford.", ""),
        ("that many miles", ""),
        ("it makes a noise going forward", ""),
    ],
)
def test_a_make_is_a_car_where_it_is_somebodys(shop: None, said: str, make: str) -> None:
    car = understand(said, load_knowledge(NOW), NOW).car
    assert (car.make, car.model, car.unlisted) == (make, "", False)
