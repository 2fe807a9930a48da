"""Answers to questions of an inquiry, and in calls that we make.

Rules: pure; one function per question, as `answers` has it: the turn with the answer taken
in, a tool call, or None where this was no answer.
"""

from dataclasses import replace

from voice.dialogue import heard, spoken
from voice.dialogue.intent import Intent
from voice.dialogue.local import cues
from voice.dialogue.local.answers_when import call_again
from voice.dialogue.local.asking import ask
from voice.dialogue.local.turn import Answered, Plan, Turn, use
from voice.dialogue.local.understand import Understanding
from voice.dialogue.local.words import QUESTIONS


# ---- the beginning ------------------------------------------------------------------------
def goal(turn: Turn, said: Understanding) -> Answered:
    """A greeting or a bare yes is no wish; to "a visit, or something else?" it is one."""
    if said.goals or said.need.op_codes or said.need.choices:
        return None
    if turn.talk.tries >= len(QUESTIONS["goal"].forms) - 1:
        if said.leans_yes or "visit" in said.text.lower():
            return turn.at(goal="book", asked="", tries=0)
        if said.no or "else" in said.text.lower():
            return turn.at(goal="info", topic="", asked="", tries=0)
    if said.no and "thank" in said.text.lower():
        return use(turn.at(goal="leave", asked=""), "end_call", outcome="done")
    if said.means(Intent.GREETING):
        return ask(turn, "goal", before="Hello!")
    if said.leans_yes or said.means(Intent.CAPABILITIES):
        return ask(turn.at(asked="goal", tries=1), "goal")
    return None


# ---- inquiry ------------------------------------------------------------------------------
def topic(turn: Turn, said: Understanding) -> Answered:
    return turn.at(topic=said.safe[:400], asked="") if len(said.text) > 2 else None


def message(turn: Turn, said: Understanding) -> Answered:
    return turn.at(message=said.safe[:400], asked="") if len(said.text) > 1 else None


def call_back_sure(turn: Turn, said: Understanding) -> Answered:
    """What we could not answer is passed on only if the caller wants that."""
    if said.leans_yes:
        return turn.at(goal="message", message=turn.talk.topic, topic="callback", asked="")
    return turn.at(topic="", asked="").done() if said.no else None


def message_number(turn: Turn, said: Understanding) -> Answered:
    if not said.phone:
        return None
    return turn.at(person=replace(turn.talk.person, phone=said.phone), asked="")


def route(turn: Turn, said: Understanding) -> Answered:
    """Whatever the answer: it routes, it does not hold the caller back."""
    booking = "book" in said.text.lower() or "appointment" in said.text.lower()
    wants_it = said.goals and not said.no
    if booking and wants_it and "person" not in said.text.lower():
        return turn.at(goal="", asked="")
    return turn.at(topic=said.safe[:80] or "other", asked="")


# ---- outbound -------------------------------------------------------------------------------
def party(turn: Turn, said: Understanding) -> Answered:
    text = said.text.lower()
    if cues.VOICEMAIL.search(text):
        return _leave_voicemail(turn)
    answer_word = ""
    if "wrong" in text or "no one" in text or "nobody" in text:
        answer_word = "wrong_person"
    elif any(
        cue in text
        for cue in (
            "not here",
            "not home",
            "isn't here",
            "not available",
            "out right now",
            "take a message",
            "at work",
        )
    ):
        answer_word = "not_here"
    elif any(cue in text for cue in ("busy", "call back", "later", "bad time", "not a good time")):
        answer_word = "later"
    elif said.leans_yes or "speaking" in text or "this is" in text:
        answer_word = "yes"
    elif said.no:
        answer_word = "not_here"
    if not answer_word:
        return None
    turn = turn.at(said=turn.talk.said | {"party"}, asked="")
    return use(turn, "right_party", private=True, key=turn.context.code_key, answer=answer_word)


def _leave_voicemail(turn: Turn) -> Plan:
    """A machine hears who called and where to call: no date, no car, no service."""
    first = turn.context.party_name.split(" ")[0]
    number = spoken.say_phone(turn.knowledge.phone)
    told = (
        f"This is the automated assistant for {turn.knowledge.legal_name} with a message for {first}. "
        f"Please call {number}. To stop these calls, say stop when you call."
    )
    return use(turn.at(goal="leave", asked=""), "end_call", outcome="voicemail").after(told)


def attend(turn: Turn, said: Understanding) -> Answered:
    moves = {"move", "cancel"} & set(said.goals)
    if said.no or moves:
        goal = "cancel" if "cancel" in said.text.lower() else "move"
        return turn.at(goal=goal if moves else "change", asked="", known=True)
    if (
        said.yes
        or said.leans_yes
        or "be there" in said.text.lower()
        or "i will" in said.text.lower()
    ):
        return call_again(turn) if turn.context.proposal else None
    return None


def score(turn: Turn, said: Understanding) -> Answered:
    score = heard.parse_score(said.text)
    return turn.at(score=score, asked="") if score else None


def remark(turn: Turn, said: Understanding) -> Answered:
    return turn.at(message="" if said.no and len(said.text) < 12 else said.safe[:1000], asked="")
