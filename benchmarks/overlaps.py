"""Scripted overlaps: what the caller does while the agent speaks, and the right reaction.

Written down as people talk to a service desk, before the code that tells them apart was
tuned on any of them; where the code was wrong about one, the one stays in.
"""

from dataclasses import dataclass
from enum import Enum

from voice.core.history import Expectation


class Right(Enum):
    """The right reaction."""

    GO_ON = "no gap, nothing answered"
    RESUME = "a gap at most, then all of it is said"
    STOP = "stop, and answer what was said"
    ANSWER = "finish the question, then take the answer"


@dataclass(frozen=True)
class Overlap:
    """One overlap. `words` None: a sound without words. `seconds` of sound; `at` seconds into
    the agent's words, or, if negative, before their end."""

    kind: str
    right: Right
    words: str | None
    seconds: float
    at: float = 2.0
    confidence: float = 0.95
    question: bool = False
    goodbye: bool = False
    legal: bool = False


def _spoken(words: str) -> float:
    return 0.15 + 0.28 * len(words.split())


def _all(kind: str, right: Right, lines: str, **facts: object) -> list[Overlap]:
    """One overlap for each line, at several places of the agent's words in turn."""
    places = (0.6, 1.4, 2.3, 3.1, 4.4)
    return [
        Overlap(kind, right, line, _spoken(line), at=places[index % len(places)], **facts)  # type: ignore[arg-type]
        for index, line in enumerate(each.strip() for each in lines.strip().splitlines())
    ]


NODS = """
mm-hm
uh huh
okay
yeah
right
sure
got it
I see
okay great
yeah okay
mm
oh okay
alright
perfect
sounds good
okay cool
yep
oh nice
ah okay
that's fine
thank you
thanks
oh good
yes yes
right right
mhm yeah
fair enough
for sure
hmm okay
that's great
wonderful
brilliant
cool cool
I understand
makes sense
okay yeah that works
all right then
very good
yeah yeah yeah
okay got it
of course
oh wow
excellent
great thanks
yup
exactly
uh-huh uh-huh
oh right
good good
okay okay
"""

COMMANDS = """
stop
no
wait
hold on
hang on
no no no
wait a second
wait wait wait
stop please
okay stop
yeah no
no wait
uh no
hold on a second
one second
stop talking
actually
cancel that
mm-hm but wait
sorry what
excuse me
pardon
what
can you repeat that
say that again
listen
hello
operator
representative
a human please
I want to talk to a person
agent
no thank you
no that's wrong
that's not right
not that one
just a minute
give me a moment
please stop
no stop
"""

SURE_COMMANDS = frozenset(
    "stop|no|wait|hold on|no no no|wait a second|wait wait wait|stop please|okay stop|yeah no|no wait|uh no|"
    "hold on a second|stop talking|mm-hm but wait|no thank you|no that's wrong|please stop|no stop".split(
        "|"
    )
)

TAKEOVERS = """
Thursday
the fifteenth
I meant Tuesday
not the Civic the Accord
two p m
make it eleven
what about the tires
how much is it
do you have anything earlier
my brakes are squeaking
can I come in the morning
is that with a loaner
I can't do Tuesday
that's too late
I need it sooner
let me think about that
how long does it take
I have another question
you already told me that
it's a Silverado
my name is Dana
it's my wife's car
do you take walk ins
I'll be out of town
can I wait there
which location is that
so what time again
okay so can I bring it in Friday
yeah but I work until five
right but what does it cost
oh and also the wipers
well I was hoping for Monday
um the check engine light is on
and can you look at the battery
I was told it was free
my phone number changed
that should be Ruiz with a z
ten thirty works better
never mind
skip it
just the oil change
I don't want the inspection
could you text me instead
is Saturday open
next week please
the other car
the earlier one
the first one
after five
five five five one two
"""

COUGHS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
LONG_NOISES = (1.0, 1.2, 1.5, 1.8, 2.2, 2.5, 3.0, 4.0, 6.0, 9.0)

AGENT = (
    "Your oil change is on Tuesday, November twenty-fourth at nine thirty. "
    "Please bring your registration and plan for about an hour. "
    "We will text you the day before, so there is nothing else to do."
)
ECHOES = """
your oil change is on Tuesday
your oil change is on Tuesday November twenty-fourth
oil change is on Tuesday November
is on Tuesday November twenty-fourth at nine
change is on Tuesday
"""

ANSWERS = """
yes
yeah
yes please
that's right
correct
sure
yep
yeah that's right
yes that works
mm-hm
"""

FAREWELLS = """
bye
okay bye
thanks bye
thank you goodbye
you too
have a good one
okay thank you bye bye
thanks a lot
alright thanks
take care
"""

SECOND_THOUGHTS = """
oh wait one more thing
actually can I ask something
no hold on
sorry one more question
what was the time again
can you also check my tires
wait
hang on
I forgot something
how do I get there
"""

OVER_LEGAL = """
hello
who is this
wait
no thank you
stop
"""


def _echoes() -> list[Overlap]:
    """The agent's own words, 0.3 s after they were said, as long as they were."""
    found = []
    for line in ECHOES.strip().splitlines():
        begin = AGENT.lower().replace(",", "").find(line.lower().split()[0] + " ")
        at = max(0.0, AGENT.lower().find(" ".join(line.lower().split()[:2])) * 0.065) + 0.3
        assert begin >= 0
        seconds = len(line) * 0.065
        found += [
            Overlap("echo", Right.GO_ON, line, seconds, at=at, confidence=confidence)
            for confidence in (0.9, 0.7, 0.4)
        ]
    return found


OVERLAPS: tuple[Overlap, ...] = (
    *_all("nod", Right.GO_ON, NODS),
    *_all("command", Right.STOP, COMMANDS),
    *_all("takes the floor", Right.STOP, TAKEOVERS),
    *(Overlap("cough", Right.GO_ON, None, seconds, at=1.0 + seconds) for seconds in COUGHS),
    *(Overlap("noise", Right.RESUME, None, seconds, at=1.5) for seconds in LONG_NOISES),
    *_echoes(),
    *(
        Overlap("answer", Right.ANSWER, words, _spoken(words), at=at, question=True)
        for at in (-0.3, -0.8)
        for words in ANSWERS.strip().splitlines()
    ),
    *_all("farewell over the goodbye", Right.GO_ON, FAREWELLS, goodbye=True),
    *_all("second thought over the goodbye", Right.STOP, SECOND_THOUGHTS, goodbye=True),
    *_all("over the legal sentence", Right.ANSWER, OVER_LEGAL, legal=True),
)
EXPECTS = {True: Expectation.YES_NO, False: Expectation.OPEN}
