"""Scripted turns with pauses in them: nobody may be cut off in the middle of these.

A turn is pieces of (seconds, words), with (seconds, "") for a pause. The pauses are those
of people who think, search for a paper or read out a number; the recogniser reports each
pause above 300 ms as the end of an utterance.
"""

from dataclasses import dataclass

from voice.core.history import Expectation as E


@dataclass(frozen=True)
class Hesitation:
    """One turn: what was asked, and how it is answered."""

    kind: str
    expects: E
    pieces: tuple[tuple[float, str], ...]


def _turn(kind: str, expects: E, text: str) -> Hesitation:
    """`text` with pauses written as [seconds]: "I need, um [0.8] an oil change"."""
    pieces: list[tuple[float, str]] = []
    for part in text.replace("[", "|[").replace("]", "]|").split("|"):
        words = part.strip()
        if words.startswith("["):
            pieces.append((float(words[1:-1]), ""))
        elif words:
            pieces.append((0.1 + 0.27 * len(words.split()), words))
    return Hesitation(kind, expects, tuple(pieces))


_PHONES = """
three one three [0.4] five five five [0.5] oh one four seven
three one three [0.9] five five five [0.9] oh one four seven
three one three five five five [1.2] oh one four seven
313 [0.6] 555 [0.6] 0147
313 [1.0] 555 [1.4] 0147
it's three one three [0.7] double five five [0.7] zero one [0.4] four seven
area code three one three [1.0] five five five [1.2] one two one two
two four eight [0.5] five five five [0.5] nine nine [0.6] oh six
okay it's [1.1] three one three [0.5] five five five [0.5] oh one four seven
five eight six [1.5] five five five [1.5] three three two one
"""
_VINS = """
four one nine [0.6] three three two
four one [0.8] nine three [0.8] three two
oh oh four [1.2] seven one nine
it's [1.0] eight eight two [0.9] zero one five
let me see [1.4] one two three [1.0] four five six
zero [0.5] zero [0.5] one [0.5] nine [0.5] four [0.5] two
"""
_BIRTHS = """
April twelfth [0.6] nineteen eighty five
April [0.7] twelfth [0.7] nineteen eighty five
the fourth of March [0.9] nineteen seventy one
oh four [0.5] twelve [0.5] eighty five
march third [1.0] two thousand one
it's June [0.8] the twenty first [0.8] nineteen ninety
"""
_OPEN = """
I need um [0.9] an oil change.
I'd like to [0.8] bring my car in.
so my car is [1.0] making a weird noise when I brake.
it's a [0.7] it's a grinding noise.
I wanted to know if [0.9] you have anything on Friday.
um [0.6] I think it's the [0.8] the battery.
yeah I need to [1.1] reschedule my appointment.
I was calling about my [0.7] uh [0.5] my Silverado.
can I get the [0.9] the tires rotated and [0.6] an oil change.
my husband's car has a [1.2] check engine light on.
it started last week when [0.8] it got cold.
I'm looking for [0.9] an appointment for [0.6] brakes.
so the thing is [0.5] um [0.7] it won't start in the morning.
well [0.6] it's kind of [0.8] shaking on the highway.
I have a question about [0.9] my last visit.
do you guys [0.7] do you guys do inspections.
it's been making [0.6] like [0.5] a clicking sound.
I got a letter about [1.0] a recall.
I need the oil changed and [1.2] also the brakes looked at.
the car is at my [0.8] my mother's house.
"""
_WHEN = """
um [0.6] how about [0.8] Thursday morning.
let me see [0.9] the [0.5] the twenty fourth works.
maybe on [0.7] on Tuesday.
I could do [0.9] Friday after two.
any time after [0.8] like [0.5] three o'clock.
not this week but [0.9] the week after.
"""
_NAMES = """
Dana [0.4] Ruiz.
it's [0.7] Dana Ruiz.
my name is [0.8] Katherine Kowalski.
Nguyen [0.5] Minh Nguyen.
um [0.6] Jean Paul [0.5] Martin.
"""
_SPELLINGS = """
K O W [0.8] A L [0.8] S K I
R as in Robert [0.9] U [0.6] I [0.6] Z
N G U [1.0] Y E N
S M I T H [0.9] E
"""
_ADDRESSES = """
forty two [0.6] Maple Street [0.8] four eight two oh one
one hundred and [0.9] twelve Elm [0.7] Ann Arbor
two two [0.5] seven [0.8] Woodward Avenue
"""
_VEHICLES = """
it's a [0.7] twenty nineteen [0.6] Honda CR-V.
a Chevy [0.6] Silverado [0.6] twenty twenty one.
two thousand and [0.7] fourteen Ford F one fifty.
Toyota [0.7] uh [0.4] Camry.
"""
_YES_NO = """
um [0.5] yes.
well [0.6] I think so yes.
uh [0.7] no.
let me [0.6] let me think yes.
that's [0.5] that's right.
"""

HESITATIONS: tuple[Hesitation, ...] = tuple(
    _turn(kind, expects, line)
    for kind, expects, lines in (
        ("phone number", E.PHONE, _PHONES),
        ("last six of the VIN", E.VIN, _VINS),
        ("date of birth", E.DATE_OF_BIRTH, _BIRTHS),
        ("open question", E.OPEN, _OPEN),
        ("day and time", E.WHEN, _WHEN),
        ("name", E.NAME, _NAMES),
        ("spelling", E.SPELLING, _SPELLINGS),
        ("address", E.ADDRESS, _ADDRESSES),
        ("vehicle", E.VEHICLE, _VEHICLES),
        ("yes or no", E.YES_NO, _YES_NO),
    )
    for line in lines.strip().splitlines()
)
