"""A simulated caller: a goal, known facts and manners, answering what it hears.

Rules: it reacts to the agent's words alone, never to the agent's state, and knows only
its own facts. It is repeatable by its seed. A read-back is checked against what the
caller wants; wrong values are corrected, not agreed to.
"""

import contextlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from voice.dialogue import heard

ASK: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (key, re.compile(pattern, re.IGNORECASE))
    for key, pattern in (
        ("confirm", r"is that right\?|shall i book|was that a yes"),
        ("attend", r"will you make it|can you come then"),
        ("more", r"anything else"),
        ("consent", r"call or text this number|reminders by call or text"),
        ("birth_optional", r"optional|or just say skip"),
        ("spell_whole", r"spell your (first and last|full) name"),
        ("spell_first", r"spell your first name"),
        ("spelling", r"\bspell\b"),
        ("last_name", r"and your last name|what's your last name"),
        ("party", r"may i speak with|is this (?!for)\w+ \w+\?|am i speaking with"),
        ("name", r"first and last name|your name|who i'm speaking with"),
        ("birth_day", r"month and day you were born|just month and day"),
        ("dob", r"date of birth|month, day and year"),
        ("vin", r"last six"),
        ("zip", r"zip code on the account\?|five digits of the zip"),
        ("address", r"street number|house number"),
        ("known", r"been in with us before|serviced here before"),
        ("car_this", r"is this for the"),
        ("car_which", r"which vehicle|which one: year"),
        ("car_year", r"what year is"),
        ("car_model", r"which model"),
        ("car_words", r"year, make and model|what make and model|what are you driving"),
        ("change_that", r"change that one\?"),
        ("which_service", r"would that be|^which one: "),
        ("what_to_change", r"what should i change|tell me what's wrong"),
        ("move_or_cancel", r"move it or cancel it"),
        ("which_visit", r"which one, |which visit"),
        ("book_instead", r"shall we book one"),
        ("book_it", r"book a visit for it"),
        ("third_party", r"take a message for an advisor|shall i take a message"),
        ("offer", r"which works better|does that work|first or the second"),
        ("widen", r"look at another day|have an advisor call you"),
        ("when", r"what day works|when works|which day would"),
        ("waiting", r"drop it off"),
        ("phone_this", r"number you're calling from"),
        ("phone", r"best number|ten digits|area code first"),
        ("message", r"what should i tell them|what's it about\?"),
        ("route", r"is it about booking, or something else"),
        ("spanish", r"prefiere español"),
        ("score", r"one to five|from one to five"),
        ("went_wrong", r"what went wrong"),
        ("good_note", r"anything we should know"),
        ("history_car", r"which vehicle do you mean"),
        ("service_price", r"which service"),
        (
            "need",
            r"what does (the|your) car need|what's it for|what should we look at|do for the car|your car need",
        ),
        ("adult", r"grown-up|need an adult"),
        ("goal", r"how can i help|what would you like|book a visit, or is it"),
    )
)
"""What an agent's question is about; the first pattern that fits the last question counts."""

_FILLERS = ("Um, ", "Uh, let me see, ", "Well, ", "So, ", "Okay, ")
_RAMBLES = (
    "I was just talking to my neighbour about it, ",
    "sorry, it's a bit loud here, ",
    "it's been a long week, ",
    "let me find my glasses, ",
)
_MISHEARD = {
    "oil": "oral",
    "brakes": "breaks",
    "tire": "tyre",
    "CR-V": "CRV",
    "Civic": "civic",
    "check": "check",
}


@dataclass(slots=True)
class Persona:
    """Who calls. `facts` answers by question; a list is used up answer by answer."""

    opening: str
    facts: Mapping[str, str | list[str]]
    wants: Mapping[str, str] = field(default_factory=dict)
    then: list[str] = field(default_factory=list)
    manners: str = "plain"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Move:
    """What the caller does next: says words, presses keys, stays silent (s) or hangs up."""

    words: str = ""
    keys: str = ""
    silent_s: float = 0.0
    interrupts_after_s: float = 0.0
    hangs_up: bool = False
    again: bool = False
    """Said before and not understood: a person says it slower now."""


NOT_UNDERSTOOD = re.compile(r"didn't (get|catch)|say that again|trouble hearing|still there", re.I)
_KEYPAD = re.compile(r"\bkey (it|them|in)\b", re.I)


def _as_keys(words: str) -> str:
    """A number, or a date as eight digits, as keys; "" for anything else."""
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b|[,.]", "", words).strip()
    for form in ("%B %d %Y", "%m/%d/%Y"):
        with contextlib.suppress(ValueError):
            return datetime.strptime(plain, form).strftime("%m%d%Y")  # noqa: DTZ007  a date
    digits = plain.replace(" ", "")
    return digits if digits.isdecimal() else ""


class Caller:
    """One simulated caller in one call."""

    def __init__(self, persona: Persona) -> None:
        self._persona = persona
        self._random = random.Random(persona.seed)
        self._used: dict[str, int] = {}
        self._then = list(persona.then)
        self._last = ""
        self._did: set[str] = set()
        self._move, self._answered = Move(), ""
        self.stuck = 0

    @property
    def interrupts(self) -> bool:
        """Whether it begins to answer before a question has been said to its end."""
        return self._persona.manners == "interrupting"

    def open(self) -> Move:
        """The first words after the greeting."""
        self._move = self._mannered("goal", self._persona.opening)
        return self._move

    def hear(self, agent: str) -> Move:
        """React to what the agent was heard to say."""
        question = asked_in(agent)
        again = question in ("", self._answered) and bool(NOT_UNDERSTOOD.search(agent))
        self._count_stuck(question)
        if self.stuck > 6:
            return Move(hangs_up=True)
        if again and self._move.words:
            self._move = self._say_again(agent)
        else:
            self._move, self._answered = self._react(question, agent), question
        return self._move

    def _say_again(self, agent: str) -> Move:
        """Slower, or by keypad where the agent offers that and it is a number."""
        words = self._move.words.rpartition(", no wait, ")[2]  # taken back once is enough
        keys = _as_keys(words) if _KEYPAD.search(agent) else ""
        if (
            len(words) > 1
            and words.strip(".").isalpha()
            and asked_in(agent) in ("last_name", "when")
        ):
            words = f"It's {words}"  # one short word alone is easily missed
        return Move(keys=keys) if keys else Move(words, again=True)

    def _react(self, question: str, agent: str) -> Move:
        if question == "confirm":
            return self._check_read_back(agent)
        answer = self._fact(question)
        return self._mannered(question, answer)

    def _count_stuck(self, question: str) -> None:
        self.stuck = self.stuck + 1 if question == self._last else 0
        self._last = question

    def _fact(self, question: str) -> str:
        if question in ("more", "goal") and self._then:
            return self._then.pop(0)
        value = self._persona.facts.get(question, self._default(question))
        if isinstance(value, str):
            return value
        used = self._used.get(question, 0)
        self._used[question] = used + 1
        return value[min(used, len(value) - 1)]

    def _default(self, question: str) -> str:
        """What anybody would answer, or what follows from the facts."""
        name = self._persona.facts.get("name", "")
        name = name if isinstance(name, str) else name[-1]
        if question == "last_name" and name.count(" "):
            return name.rpartition(" ")[2]
        if question in ("spell_whole", "spell_first", "spelling"):
            return _spelled(name, question)
        return _DEFAULTS.get(question, "yes")

    def _check_read_back(self, agent: str) -> Move:
        """Agree only to what was wanted; say what is wrong otherwise."""
        for wanted, correction in self._persona.wants.items():
            if not re.search(wanted, agent, re.IGNORECASE):
                return Move(correction)
        return self._mannered("confirm", self._fact("confirm"))

    # ---- manners -----------------------------------------------------------------
    def _mannered(self, question: str, answer: str) -> Move:
        if answer.startswith("#"):
            return Move(keys=answer[1:])
        if answer == "(silent)":
            return Move(silent_s=7.0)
        if answer == "(hang up)":
            return Move(hangs_up=True)
        manner = getattr(self, f"_{self._persona.manners}", None)
        moved: Move | None = manner(question, answer) if manner else None
        return moved or Move(answer)

    def _terse(self, question: str, answer: str) -> Move:
        return Move(answer.rstrip("."))

    def _rambling(self, question: str, answer: str) -> Move | None:
        if question in ("confirm", "spelling", "spell_whole", "spell_first", "attend", "spanish"):
            return None
        lead = self._random.choice(_FILLERS) + (
            self._random.choice(_RAMBLES) if self._random.random() < 0.5 else ""
        )
        return Move(f"{lead}{answer}")

    def _silent(self, question: str, answer: str) -> Move | None:
        """Silent once; the answer comes after the agent's "are you still there?"."""
        if question in self._did or question not in ("when", "name", "need"):
            return None
        self._did.add(question)
        return Move(silent_s=7.0)

    def _mishearing(self, question: str, answer: str) -> Move | None:
        """Asks to repeat once per call, and is recognised with slips."""
        if question in ("offer", "confirm") and "repeat" not in self._did:
            self._did.add("repeat")
            return Move("Sorry, could you repeat that?")
        for right, wrong in _MISHEARD.items():
            answer = re.sub(rf"\b{right}\b", wrong, answer)
        return Move(answer.lower().rstrip("."))

    def _interrupting(self, question: str, answer: str) -> Move | None:
        """Speaks over the agent, except over a read-back, which it wants to hear."""
        if question in ("confirm", "attend", "offer", "more"):
            return None
        return Move(answer, interrupts_after_s=1.2)

    def _correcting(self, question: str, answer: str) -> Move | None:
        """Says something else first and takes it back in the same breath."""
        slip = _SLIPS.get(question)
        if slip is None or question in self._did:
            return None
        self._did.add(question)
        return Move(f"{slip}, no wait, {answer}")


def _spelled(name: str, question: str) -> str:
    """The letters of a name, or of its first or last part, as anybody spells it when asked."""
    said = heard.parse_name(name)
    if said is None or not (said.first and said.last):
        return "I'd rather not."
    wanted = {"spell_first": said.first, "spelling": said.last}
    letters = filter(str.isalpha, wanted.get(question, f"{said.first}{said.last}").upper())
    return " ".join(letters)


_SLIPS = {"when": "Wednesday", "waiting": "I'll wait"}

_DEFAULTS: dict[str, str] = {
    "goal": "No, that's all, thanks.",
    "more": "No, that's all, thank you.",
    "known": "No, first time.",
    "consent": "Yes, that's fine.",
    "birth_optional": "I'd rather not say.",
    "phone_this": "Yes.",
    "waiting": "I'll drop it off.",
    "offer": "The first one.",
    "confirm": "Yes.",
    "car_this": "Yes.",
    "score": "Five.",
    "good_note": "No, all good.",
    "spanish": "Sí.",
    "party": "Yes, speaking.",
    "attend": "Yes, I'll be there.",
    "route": "Something else.",
    "vin": "I don't have it with me.",
    "address": "I'd rather not say.",
    "move_or_cancel": "Move it.",
    "change_that": "No, book another one.",
    "book_instead": "No, thanks.",
    "third_party": "No, thanks.",
    "widen": "Have an advisor call me.",
    "": "Yes.",
}


def asked_in(agent: str) -> str:
    """Which question the agent's words end with, "" for none that is known."""
    sentences = re.findall(r"[^.?!]*[.?!]", agent) or [agent]
    for sentence in (
        agent[-160:] if "Is that right" in agent[-40:] else "",
        *reversed(sentences[-3:]),
    ):
        for key, pattern in ASK:
            if sentence and pattern.search(sentence):
                return key
    return ""
