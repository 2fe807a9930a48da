"""The local model's questions and sentences.

Rules: one question per turn, at most two sentences and 25 words, contractions,
no lists longer than two, no prose that states a fact: facts come in as arguments
from tools. Each question has three forms: short, then with an example and the
keypad where keys help, then plain again with a way out.
"""

from dataclasses import dataclass

from voice.core.history import Expectation as E


@dataclass(frozen=True, slots=True)
class Question:
    """A question in its three forms, and the kind of answer it awaits."""

    forms: tuple[str, ...]
    expects: E = E.OPEN

    def form(self, tries: int) -> str:
        """The wording for the nth try."""
        return self.forms[min(tries, len(self.forms) - 1)]


QUESTIONS: dict[str, Question] = {
    "goal": Question(
        (
            "How can I help?",
            "I can book, move or cancel a service visit, or answer a question. What would you like?",
            "Would you like to book a visit, or is it something else?",
        )
    ),
    "need": Question(
        (
            "What does the car need?",
            "For example an oil change, brakes, or a noise you've noticed. What's it for?",
            "In a few words, what should we look at?",
        )
    ),
    "which_service": Question(("Would that be {choices}?", "Which one: {choices}?"), E.OPEN),
    "known": Question(
        (
            "Have you been in with us before?",
            "Have you had a car serviced here before? Please say yes or no.",
        ),
        E.YES_NO,
    ),
    "name": Question(
        (
            "May I have your first and last name?",
            "Sorry, I didn't catch the name. Could you say your first and last name?",
            "Please say just your first name and your last name.",
        ),
        E.NAME,
    ),
    "last_name": Question(
        (
            "And your last name?",
            "What's your last name, please?",
        ),
        E.NAME,
    ),
    "name_spelled": Question(
        (
            "Could you spell your full name?",
            "Please spell your first and last name, letter by letter.",
        ),
        E.SPELLING,
    ),
    "code": Question(
        (
            "I've texted a six-digit code to the number ending {ending}. What is it?",
            "The six digits of the code, please. You can key them in, or ask for another one.",
        ),
        E.CODE,
    ),
    "new_number": Question(
        ("What's the new number?", "Please say the ten digits, or key them in."), E.PHONE
    ),
    "contact_name": Question(
        ("What's their first and last name?", "First name and last name, please."), E.NAME
    ),
    "spelling": Question(
        (
            "Could you spell your last name for me?",
            "Please spell your last name, letter by letter.",
        ),
        E.SPELLING,
    ),
    "spell_first": Question(
        ("Could you spell your first name for me, letter by letter?",), E.SPELLING
    ),
    "spell_last": Question(
        ("Could you spell your last name for me, letter by letter?",), E.SPELLING
    ),
    "dob": Question(
        (
            "And your date of birth?",
            "Please say month, day and year, or key it in as eight digits.",
            "Your date of birth, please: month, day and year.",
        ),
        E.DATE_OF_BIRTH,
    ),
    "vin": Question(
        (
            "And the last six of the VIN?",
            "The last six characters of the VIN, please, or key in the digits.",
            "The last six of the VIN. It's on your registration.",
        ),
        E.VIN,
    ),
    "address": Question(
        (
            "Your street number and ZIP code, please?",
            "Just the house number and the ZIP code on the account, please.",
        ),
        E.ADDRESS,
    ),
    "zip": Question(
        (
            "To protect your privacy, what's the ZIP code on the account?",
            "The five digits of the ZIP code, please. You can key them in.",
        ),
        E.ZIP,
    ),
    "birth_day": Question(
        (
            "Or the month and day you were born?",
            "Just month and day, please.",
        ),
        E.DATE_OF_BIRTH,
    ),
    "car_words": Question(
        (
            "What year, make and model is it?",
            "For example, a 2019 Honda CR-V. What are you driving?",
            "Please tell me the year, make and model.",
        ),
        E.VEHICLE,
    ),
    "car_year": Question(("And what year is the {car}?", "What year is it?"), E.VEHICLE),
    "car_make": Question(("What make and model is it?",), E.VEHICLE),
    "car_model": Question(("And which model of {car}?", "Which model is it?"), E.VEHICLE),
    "car_this": Question(("Is this for the {car}?",), E.YES_NO),
    "car_which": Question(
        ("Which vehicle is it for{cars}?", "Which one: year, make or model?"), E.VEHICLE
    ),
    "change_that": Question(("You already have {when} for the {car}. Change that one?",), E.YES_NO),
    "when": Question(
        (
            "What day works for you?",
            "You can say a day and a time, like Tuesday morning. When works?",
            "Which day would you like to come in?",
        ),
        E.WHEN,
    ),
    "offer": Question(("Which works better?", "Would you like the first or the second?"), E.WHEN),
    "take_it": Question(("Does that work?",), E.WHEN),
    "waiting": Question(
        (
            "Will you drop it off, or wait{length}?",
            "Drop it off, or wait here?",
        )
    ),
    "waiting_or_ride": Question(
        (
            "Will you wait{length}, drop it off, or take our shuttle?",
            "Wait here, drop it off, or take our shuttle?",
        )
    ),
    "ride": Question(
        (
            "You'd drop it off for that. Do you need {rides}?",
            "When you drop it off, do you need {rides}? Yes or no.",
        )
    ),
    "phone": Question(
        (
            "What's the best number to reach you?",
            "Please say the ten digits, or key them in.",
            "The phone number, please, area code first.",
        ),
        E.PHONE,
    ),
    "consent": Question(
        (
            "May we call or text this number with reminders, using our automated assistant?",
            "Are automated reminders by call or text okay? Yes or no.",
        ),
        E.YES_NO,
    ),
    "birth_date": Question(
        (
            "To protect your account, what's your date of birth? It's optional.",
            "Month, day and year, please, or just say skip.",
        ),
        E.DATE_OF_BIRTH,
    ),
    "more": Question(
        (
            "Anything else I can help with?",
            "Is there anything else?",
        )
    ),
    "what_to_change": Question(
        (
            "What should I change: the day, the car or the service?",
            "Tell me what's wrong: the day, the time, the car or the service?",
        )
    ),
    "which_visit": Question(("Which one, {visits}?", "Which visit do you mean?"), E.WHEN),
    "book_instead": Question(("I don't see an upcoming visit. Shall we book one?",), E.YES_NO),
    "third_party": Question(
        (
            "I can only open an account for its owner. Shall I take a message for an advisor?",
            "Shall I take a message? Yes or no.",
        ),
        E.YES_NO,
    ),
    "book_it": Question(("Would you like to book a visit for it?",), E.YES_NO),
    "move_or_cancel": Question(("Would you like to move it or cancel it?",)),
    "move_first": Question(("Would another day work instead, or shall I cancel it?",)),
    "call_back_sure": Question(
        (
            "Shall I have somebody call you back about it?",
            "Shall somebody call you back? Yes or no.",
        ),
        E.YES_NO,
    ),
    "service_time": Question(("Which service do you mean?",)),
    "recall_visit": Question(("Shall we book a visit for that?",), E.YES_NO),
    "widen": Question(("Shall I look at another day, or have an advisor call you?",)),
    "message": Question(
        (
            "What should I tell them?",
            "In a few words, what's it about?",
        )
    ),
    "message_number": Question(("What's the best number for a call back?",), E.PHONE),
    "route": Question(("Sure. Is it about booking, or something else?",)),
    "service_price": Question(
        (
            "Which service would you like the price of?",
            "For example an oil change or an alignment. Which one?",
        )
    ),
    "topic": Question(("What would you like to know: hours, directions, or something else?",)),
    "history_car": Question(("Which vehicle do you mean{cars}?",), E.VEHICLE),
    # outbound
    "party": Question(("Is this {name}?", "Am I speaking with {name}?"), E.YES_NO),
    "attend": Question(("Will you make it?", "Can you come then? Yes or no."), E.YES_NO),
    "later": Question(("When should we call back?",), E.WHEN),
    "score": Question(
        (
            "How did your visit go, one to five?",
            "From one to five, five being great. How was it?",
        ),
        E.SCORE,
    ),
    "score_sure": Question(("So that's a {score} out of five?",), E.YES_NO),
    "went_wrong": Question(("I'm sorry. What went wrong?",)),
    "good_note": Question(("Glad to hear it. Anything we should know?",)),
    "best_number": Question(
        ("I'll have the service manager call you today. Is this number best?",), E.YES_NO
    ),
}

SORRY = (
    "Sorry, I didn't get that.",
    "I'm sorry, I still didn't get that.",
    "I'm having trouble hearing you.",
)
THANKS = "Thanks, {first}."
GONE = "I'm sorry, that time has just gone."
NOTHING_FREE = "I don't have anything free {then}."
NOT_FOUND = "I couldn't match that, but I can still book you in."
NO_MATCH = "I couldn't match that."
CANNOT_VERIFY = "I can't open the account over the phone today, so I'll have an advisor help you."
NOBODY_FREE = "Nobody can take the call right now, so I'll have an advisor call you back."
NO_HAGGLING = "I can't change prices, but an advisor can tell you about specials."
NO_RIDE = {
    "shuttle": "The shuttle can't take you at that time, so let's look for one when it can.",
    "loaners": "We can't give a loaner car for that, so you'd need your own ride.",
}
THERE_ALREADY = "Your visit is at that time already."
NOT_HERE = "I don't see a car of yours in the shop right now."
BY_A_PERSON = "I can't change that by phone without a code, so an advisor has to help you."
DETAILS_BY_A_PERSON = "An advisor changes that for you, so I'll pass it on."
WRONG_CODE = "That doesn't match."
NO_TEXT = "I can't send texts from here right now."
BY_A_PERSON = "I can't change that by phone without a code, so an advisor has to help you."
DETAILS_BY_A_PERSON = "An advisor changes that for you, so I'll pass it on."
WRONG_CODE = "That doesn't match."
NO_TEXT = "I can't send texts from here right now."
NO_HURRY = "Take your time."
NO_WAITING = "We can't do that while you wait, so you'd drop the car off."
CANNOT_DO = "I'm sorry, I can't do that from here, so an advisor has to help you."
LEFT_ALONE = "Okay, I've left everything as it is."
NOTED_CAR = "Okay, a {car}."
NOTED_NEED = "Okay, {service}."
REAL = "I'm an AI assistant. I can get you a person any time."
NO_ADVICE = "I can't say what's wrong or whether it's safe, but our technicians will check it."
ONLY_SERVICE = "I can only help with service visits here."
URGENT = "I'll get you the earliest opening and let an advisor know."
PRICE_FIXED = "{service} is {price} plus tax."
PRICE_FREE = "{service} is free of charge."
PRICE_FROM = "{service} starts at {price} plus tax{note}. The advisor gives you a written estimate."
PRICE_DIAG = "{service} is {price}, credited toward the repair."
GOODBYE = "Thanks for calling Bart's Automotive. Goodbye."
