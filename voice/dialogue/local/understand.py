"""What one turn of a caller says, in the terms of the flows.

Rules: pure; reads words only, knows nothing of the call. Everything is a guess
with a type: which guess counts depends on the question that was asked, and that
is decided in `absorb`. `text` is what was recognised and is never stored.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from voice.dialogue import heard
from voice.dialogue.agreement import Answer, judge
from voice.dialogue.intent import Intent, IntentHeard, classify
from voice.dialogue.knowledge import Knowledge
from voice.dialogue.local import cues
from voice.dialogue.local.wishes import mismatch_of, wish_of
from voice.dialogue.redact import redact
from voice.dialogue.state import Need, SpokenCar, Wish


@dataclass(frozen=True, slots=True)
class Understanding:
    """One caller turn. `choice`: 1 or 2 (first, second), 0 where none was made.

    `text` is raw and for code alone; `safe` is the same without private values.
    `answer` is strict and may let a write run, `leaning` is enough for a question.
    `car` is a car that is plainly named, `car_guess` what the words may mean when a car
    was asked for. `wish` is when the caller wants to come, `about` every time that was mentioned.
    `guessed`: the goals are the classifier's, no cue names them. `mismatch`: the date whose weekday was
    named wrongly.
    """

    text: str
    safe: str = ""
    answer: Answer = Answer.UNCLEAR
    leaning: Answer = Answer.UNCLEAR
    intent: Intent | None = None
    sure: float = 0.0
    goals: tuple[str, ...] = ()
    need: Need = Need()
    car: SpokenCar = SpokenCar()
    car_guess: SpokenCar = SpokenCar()
    wish: Wish = Wish()
    about: Wish = Wish()
    name: tuple[str, str] = ("", "")
    phone: str = ""
    choice: int = 0
    waiting: bool | None = None
    ride: str = ""
    wavers: bool = False
    corrects: bool = False
    adds: bool = False
    repeat: bool = False
    unsure: bool = False
    goodbye: bool = False
    back: bool = False
    restart: bool = False
    holds: bool = False
    question: bool = False
    guessed: bool = False
    mismatch: date | None = None

    @property
    def yes(self) -> bool:
        """A plain yes."""
        return self.answer is Answer.YES

    @property
    def leans_yes(self) -> bool:
        """A yes with more around it: enough for a question, never for a write."""
        return self.yes or (self.leaning is Answer.YES and self.answer is not Answer.NO)

    @property
    def no(self) -> bool:
        """A no, with or without more."""
        hesitates = self.waiting or self.wavers  # "wait", "hold on": strictly no yes, but no no
        refuses = self.leaning is Answer.NO or (self.answer is Answer.NO and not hesitates)
        return not self.leans_yes and refuses

    def means(self, intent: Intent, sure: float = 0.85) -> bool:
        """Whether the classifier is sure of this intent."""
        return self.intent is intent and self.sure >= sure


_OWNED = tuple(
    re.compile(
        rf"\b(?:my|our|his|her|their|the|a|an|this|that|\w+'s) (?:(?:19|20)\d\d )?({name})\b", re.I
    )
    for name in (r"[a-z]+", r"[a-z]+[ -][a-z]+")  # "my chevy needs", "my land rover"
)
CAR_ASKED = frozenset(
    {"car_words", "car_year", "car_make", "car_model", "car_which", "car_this", "history_car"}
)


def understand(text: str, knowledge: Knowledge, now: datetime, asked: str = "") -> Understanding:
    """Read a caller's words. `now` is aware; dates are read in the shop's zone.

    `asked`: the question put last; only after one about cars any words may be one.
    """
    local = now.astimezone(knowledge.zone)
    plain = text.replace("’", "'")
    choice, wanted = _choice(plain), classify(plain)
    car, named = _car(plain, knowledge, asked), goals_in(plain)
    about = wish_of(plain, local.replace(tzinfo=None))
    if choice and asked != "when" and not cues.NAMES_A_DAY.search(plain):
        wish = Wish()  # "the first" of two is no day of the month
    else:
        wish = _wish(plain, local.replace(tzinfo=None), car, choice, about)
    return Understanding(
        text=text,
        safe=redact(text),
        answer=judge(plain),
        leaning=_leaning(plain),
        intent=wanted.intent,
        sure=wanted.confidence,
        goals=named or _goal_of(wanted),
        need=knowledge.match_need(plain),
        car=_plainly(plain, car, knowledge),
        car_guess=car,
        wish=wish,
        about=about,
        name=_name(plain),
        phone=_phone(plain),
        choice=choice,
        waiting=_waiting(plain),
        ride=_ride(plain),
        wavers=_wavers(plain),
        corrects=_corrects(plain),
        adds=bool(cues.ADDS.search(plain)),
        repeat=bool(cues.REPEAT.search(plain)),
        unsure=bool(cues.UNSURE.search(plain)),
        goodbye=bool(cues.GOODBYE.search(plain)),
        back=bool(cues.BACK.search(plain)),
        restart=bool(cues.RESTART.search(plain)),
        holds=bool(cues.HOLD.search(plain)),
        question=bool(cues.QUESTION.search(plain)),
        guessed=not named,
        mismatch=mismatch_of(plain, local.replace(tzinfo=None)) if wish.first_day else None,
    )


def goals_in(text: str) -> tuple[str, ...]:
    """What the caller wants done, strongest cue first; several when several are said."""
    found = [name for name, cue in cues.GOAL_CUES if cue.search(text)]
    about_a_visit = {"move", "cancel", "find", "confirm", "status", "history", "waitlist"} & set(
        found
    )
    if "book" in found and about_a_visit and not cues.TWO_WISHES.search(text):
        found.remove("book")
    return tuple(found)


_SURE = 0.6
_GOALS: dict[Intent, str] = {
    Intent.BOOK: "book",
    Intent.RESCHEDULE: "move",
    Intent.CANCEL: "cancel",
    Intent.CONFIRM: "confirm",
    Intent.MY_APPOINTMENT: "find",
    Intent.STATUS: "status",
    Intent.PRICE: "price",
    Intent.SHOP_INFO: "info",
    Intent.RECALL: "recall",
    Intent.SERVICE_HISTORY: "history",
    Intent.SERVICE_DUE: "history",
    Intent.OTHER_DEPARTMENT: "department",
    Intent.MESSAGE: "message",
}


def _goal_of(wanted: IntentHeard) -> tuple[str, ...]:
    goal = _GOALS.get(wanted.intent, "")
    return (goal,) if goal and wanted.confidence >= _SURE else ()


def _leaning(text: str) -> Answer:
    """The answer of the whole turn, or of its last clause where the caller rambles before it."""
    found = heard.parse_yes_no(text)
    if cues.ASKS.search(text) and (found is None or cues.SOFT.search(text)):
        return Answer.UNCLEAR  # "okay, and how long does it take?" answers nothing
    if found is not None:
        return {"yes": Answer.YES, "no": Answer.NO}.get(found.answer.value, Answer.UNCLEAR)
    clauses = [clause for clause in re.split(r"[,.;!?]", text) if clause.strip()]
    return next(
        (said for said in map(judge, reversed(clauses[-3:])) if said is not Answer.UNCLEAR),
        Answer.UNCLEAR,
    )


def _wish(text: str, local: datetime, car: SpokenCar, choice: int, about: Wish) -> Wish:
    """When; a bare hour that may as well be a model year or "the first one" is none."""
    new = _new_time(text)
    wish = about if new == text else wish_of(new, local)
    bare = wish.at is not None and wish.first_day is None
    return Wish() if bare and (choice or car.year) else wish


def _car(text: str, knowledge: Knowledge, asked: str) -> SpokenCar:
    """A car, looked for only where there may be one: the search is not cheap."""
    flat = _flat(text)
    maybe = asked in CAR_ASKED or any(name in flat for name in knowledge.car_names)
    return knowledge.match_car(text) if maybe else SpokenCar()


def _plainly(text: str, car: SpokenCar, knowledge: Knowledge) -> SpokenCar:
    """The car only if its make or model stands in the words: "a four" is no A4.

    A make alone is one where it is somebody's: "my BMW needs tires", not "my name is Ford".
    """
    flat = _flat(text)
    if car.make and (car.unlisted or not car.model):
        make = _owned_make(text, knowledge)
        said = make or (car.make if flat == _flat(car.make) else "")
        return SpokenCar(car.year, said) if said else SpokenCar()
    model, make = _flat(car.model), _flat(car.make)
    named = (len(model) > 2 and model in flat) or (len(make) > 2 and make in flat)
    return car if named else SpokenCar()


def _owned_make(text: str, knowledge: Knowledge) -> str:
    """The make in "my chevy", "a 2019 Honda", "the BMW"; "" for none."""
    said = (found[1] for owned in _OWNED for found in owned.finditer(text))
    # Spelled as it is written: a likely one is too little here, "that many" is no MINI.
    cars = (knowledge.match_car(name) for name in said if _flat(name) in knowledge.car_names)
    return next((car.make for car in cars if not (car.model or car.unlisted)), "")


def _flat(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def _new_time(text: str) -> str:
    """The part of the words that says when to come: of "from Tuesday to Friday" the latter."""
    moved = cues.MOVED_TO.search(text)
    if moved:
        return moved["to"]
    if cues.EARLIER_THAN.search(text):
        return ""
    return "" if cues.OLD_TIME.search(text) else cues.SOME_ONE.sub(" ", text)


def _name(text: str) -> tuple[str, str]:
    """A name; of a rambling turn the clause that is one."""
    clauses = [clause for clause in re.split(r"[,.;!?]", text) if clause.strip()]
    whole = heard.parse_name(text)
    if len(clauses) > 1 and len(text.split()) > 4:
        found = [heard.parse_name(clause) for clause in reversed(clauses)]
        whole = next((name for name in found if name and name.first and name.last), whole)
    return (whole.first, whole.last) if whole else ("", "")


def _phone(text: str) -> str:
    phone = heard.parse_phone(text)
    return (phone.e164 or "") if phone else ""


def _choice(text: str) -> int:
    if cues.ORDINAL_DATE.search(text):
        return 0
    if cues.SECOND.search(text):
        return 2
    return 1 if cues.FIRST.search(text) else 0


def _corrects(text: str) -> bool:
    """Something is taken back; "actually, can you add an oil change" takes nothing back."""
    more = cues.REALLY_ADDS.search(text) and not cues.INSTEAD.search(text)
    return bool(cues.CORRECTS.search(text)) and not more


def _wavers(text: str) -> bool:
    found = heard.parse_yes_no(text)
    return found is not None and found.answer is heard.Answer.UNSURE


def _ride(text: str) -> str:
    """How the caller gets away from the shop and back, "" where nothing was said of it."""
    if cues.NO_RIDE.search(text):
        return "none"
    if cues.LOANER.search(text):
        return "loaner"
    return "shuttle" if cues.SHUTTLE.search(text) else ""


def _waiting(text: str) -> bool | None:
    if cues.DROP.search(text):
        return False
    no_wait = re.search(r"\bwait,|\bno wait\b|^wait\b", text, re.IGNORECASE)
    return True if cues.WAIT.search(text) and not no_wait else None
