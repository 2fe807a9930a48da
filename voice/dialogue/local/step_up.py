"""What needs a code by text: changing the number, adding a contact, a copy of the history.

Rules: pure. Full proof first, then the code; where no code can be sent, or it was wrong
three times, a person does it. E-mail, address and name are a person's task in any case.
"""

from dataclasses import replace

from voice.dialogue import heard, spoken
from voice.dialogue.local import words
from voice.dialogue.local.asking import ask
from voice.dialogue.local.handing import to_person
from voice.dialogue.local.turn import Answered, Plan, Turn, use
from voice.dialogue.local.understand import Understanding
from voice.gate import Level


def by_code(turn: Turn) -> Plan | None:
    """A code is sent and asked for; a person where that cannot be."""
    context = turn.context
    if context.level is Level.STEPPED_UP:
        return None
    if context.code_refused:
        return to_person(
            turn.at(goal="person", asked="", queue=()), "verification", before=words.BY_A_PERSON
        )
    if not context.code_digest:
        return use(turn.at(asked=""), "send_code", private=True, key=context.code_key)
    return ask(turn, "code", ending=spoken.say_last_four(context.code_ending))


def code(turn: Turn, said: Understanding) -> Answered:
    """Six digits, spoken or keyed in; another code where the first did not come."""
    digits = heard.parse_digits(said.text) or ""
    key = turn.context.code_key
    if len(digits) == 6:
        return use(turn.at(asked=""), "check_code", private=True, key=key, code=digits)
    text = said.text.lower()
    if said.no or said.unsure or "again" in text or "another" in text:
        return use(turn.at(asked=""), "send_code", private=True, key=key)
    return None


# ---- the number ------------------------------------------------------------------------
def which_number(turn: Turn) -> Plan | None:
    """The new number; the one they call from is only a number."""
    return None if turn.talk.person.phone_agreed else ask(turn, "new_number")


def new_number(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    calling = turn.context.caller_number if "this" in text or "calling from" in text else ""
    number = said.phone or calling
    if not number:
        return None
    person = replace(turn.talk.person, phone=number, phone_agreed=True)
    return turn.at(person=person, asked="")


def read_back_number(turn: Turn) -> Plan:
    """Read back; the yes writes it."""
    return use(turn.at(asked="confirm"), "change_phone", ending=turn.talk.person.phone[-4:])


# ---- a contact -----------------------------------------------------------------------------
def whose_name(turn: Turn) -> Plan | None:
    """Who may speak for the customer."""
    return None if turn.talk.message else ask(turn, "contact_name")


def contact_name(turn: Turn, said: Understanding) -> Answered:
    first, last = said.name
    return turn.at(message=f"{first} {last}", asked="") if first and last else None


def read_back_contact(turn: Turn) -> Plan:
    """Read back; the yes writes it."""
    first, _, last = turn.talk.message.partition(" ")
    return use(turn.at(asked="confirm"), "add_contact", first_name=first, last_name=last)


def text_history(turn: Turn) -> Plan:
    """Have the history texted."""
    return use(turn, "text_history")


def for_a_person(turn: Turn) -> Turn:
    """E-mail, address and name are changed by an advisor."""
    return turn.at(goal="message", topic="privacy").saying(words.DETAILS_BY_A_PERSON)
