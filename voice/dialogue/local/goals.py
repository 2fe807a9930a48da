"""What the caller wants done, and in which order.

Rules: pure. One goal at a time; others wait in the queue. A question in between
("how much is that?") goes first and the interrupted goal comes back. Of booking,
moving and cancelling the latest replaces the earlier, unless it is said to come on top.
"""

from voice.dialogue.local import cues
from voice.dialogue.local.answers_when import leave_it
from voice.dialogue.local.turn import Turn
from voice.dialogue.local.understand import Understanding
from voice.dialogue.state import Wish

WRITES = frozenset({"book", "move", "cancel", "change", "confirm"})
ACCOUNT = frozenset({"change_phone", "add_contact", "text_history", "details"})
ASIDE = frozenset(
    {"price", "duration", "info", "find", "history", "status", "message", "department"}
)
_IDLE = frozenset({"", "more", "booked", "unanswered"})
_OPEN_QUESTIONS = frozenset({"", "goal", "more", "topic"})
"""Where what is wanted may be guessed; in answer to any other question it has to be said."""
# Questions whose answers are full of words that are also wishes.
_FREE_TEXT = frozenset({"message", "went_wrong", "good_note", "route", "need"})


def take_goals(turn: Turn, said: Understanding) -> Turn:
    """The turn with what is wanted now and next."""
    talk = turn.talk
    if (
        talk.asked in _FREE_TEXT
        and talk.goal not in _IDLE
        and not set(said.goals) & {"cancel", "move"}
    ):
        return turn
    wanted = [goal for goal in _wanted(turn, said) if goal != talk.goal and goal not in talk.queue]
    if not wanted:
        return turn
    if said.guessed and talk.asked not in _OPEN_QUESTIONS and not said.need.op_codes:
        return turn
    if talk.goal in _IDLE:
        return _begin(turn, said, wanted[0], tuple(wanted[1:]))
    asides = tuple(goal for goal in wanted if goal in ASIDE)
    if said.guessed and not said.question:
        return turn  # a guess is not enough to leave what is being done
    if asides and _is_question(said):
        return _begin(turn, said, asides[0], (*asides[1:], talk.goal, *talk.queue))
    account = next((goal for goal in wanted if goal in ACCOUNT), "")
    if account:  # one thing after the other
        return turn.at(queue=(*talk.queue, account))
    return _change_course(turn, said, [goal for goal in wanted if goal in WRITES])


def _wanted(turn: Turn, said: Understanding) -> list[str]:
    goals = list(said.goals)
    if said.ride and not said.question and "info" in goals:
        goals.remove("info")  # who wants the shuttle does not ask about it
    if not goals and turn.talk.goal in _IDLE and (said.need.op_codes or said.need.choices):
        goals = ["book"]
    if "cancel" in goals and "move" in goals:
        goals.remove("cancel" if _instead_of_cancel(said) else "move")
    if turn.talk.asked == "confirm" or turn.context.direction == "outbound":
        goals = [goal for goal in goals if goal in ASIDE and goal != "message"]
    return goals


def _instead_of_cancel(said: Understanding) -> bool:
    text = said.text.lower()
    return text.rfind("cancel") < max(
        text.rfind("move"), text.rfind("resched"), text.rfind("change")
    )


def _begin(turn: Turn, said: Understanding, goal: str, queue: tuple[str, ...]) -> Turn:
    asked_for = said.safe if "info" in (goal, *queue) else ""
    if goal == "move" and cues.EARLIER_THAN.search(said.text):
        turn = turn.at(wish=Wish(soonest=True))
    vague = goal == "move" and _cannot_come(said) and said.wish.empty
    return turn.at(
        goal="change" if vague else goal,
        queue=queue,
        asked="",
        tries=0,
        about=said.about if goal in ("move", "cancel") else turn.talk.about,
        topic=asked_for,
        known=True
        if goal in ("move", "cancel", "change") and turn.talk.known is None
        else turn.talk.known,
    )


def _change_course(turn: Turn, said: Understanding, wanted: list[str]) -> Turn:
    if not wanted or turn.talk.asked in (
        "waiting",
        "phone",
        "spelling",
        "spell_first",
        "spell_last",
        "name_spelled",
    ):
        return turn
    if turn.talk.goal == "book" and wanted[0] != "book" and not cues.OWN_VISIT.search(said.text):
        # Of the visit that is being made: another time is no move, and "cancel" gives it up.
        return leave_it(turn) if wanted[0] == "cancel" else turn
    if said.adds:
        return turn.at(queue=(*turn.talk.queue, wanted[0]))
    if wanted[0] == "book" and not said.corrects:
        return turn
    return turn.at(goal=wanted[0], asked="", tries=0, offer="", searched=False)


def _cannot_come(said: Understanding) -> bool:
    text = said.text.lower()
    plain_move = any(
        word in text for word in ("resched", "move", "push", "switch", "another", "different")
    )
    return not plain_move and ("can't" in text or "won't" in text or "not going" in text)


def _is_question(said: Understanding) -> bool:
    return said.question or bool({"price", "info", "duration"} & set(said.goals))
