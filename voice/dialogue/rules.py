"""What is decided by code before any model is asked: safety, people, rights, writes.

Rules: pure, in the order of the table. These are promises of the product, so they
hold whichever model drives the call. A rule looks at the turn and gives the whole
reply, or None.
"""

import re

import orjson

from voice.context import drop_identity
from voice.core.history import AgentTurn, Expectation
from voice.dialogue import heard
from voice.dialogue.agreement import agreed_to
from voice.dialogue.intent import Intent
from voice.dialogue.local import cues, words
from voice.dialogue.local.asking import ask
from voice.dialogue.local.handing import to_person
from voice.dialogue.local.turn import Plan, Step, Turn, say, use
from voice.dialogue.local.understand import Understanding
from voice.dialogue.unattended import is_screening, screened
from voice.gate import Level

_EMERGENCY = re.compile(
    r"\b(call (an ambulance|911|nine one one)|heart attack|(someone|somebody|i'?m|i am|he'?s|she'?s) "
    r"(is )?(hurt|bleeding|injured|unconscious|trapped)|car is on fire|there'?s a fire)\b",
    re.I,
)
_OPT_OUT = re.compile(
    r"\b(stop|quit|don'?t|do not|never|no more)\b.{0,20}\b(call(ing|s)?|text(ing|s)?|contact(ing)?|ring(ing)?|robo ?calls?)\b"
    r"(?!.{0,12}\b(back|later|tomorrow|until|before|after)\b)"
    r"|\b(take|remove|get)\b.{0,15}\b(me|us|my number|this number)\b.{0,12}\b(off|from)\b"
    r"|\bunsubscribe\b|\bopt(ing)?[- ]?out\b|\bdo not call( list)?\b|\brevoke\b.{0,20}\bconsent\b|\bno automated calls\b",
    re.I,
)
_PERSON = re.compile(
    r"\b(speak|talk|connect|transfer|put|get|give)\b.{0,24}\b(a |an |some ?|real |live |actual |the )*"
    r"(person|human|representative|rep|agent|advisor|adviser|somebody|someone|operator|manager|receptionist|people)\b"
    r"|\b(real|live|actual) (person|human)\b|^\W*(operator|representative|human|agent|advisor)\W*$|\bhuman being\b"
    r"|\bnot (talking|speaking) to a (machine|robot|computer|bot)\b",
    re.I,
)
_ANGRY = re.compile(
    r"\b(ridiculous|unacceptable|furious|pissed|sick of|fed up|worst|terrible service|lawyer|sue|bullshit|damn|hell with"
    r"|stupid|idiots?|useless|screw|f\W?ck\w*|sh\W?t|crap|this is a joke|outrag\w*|scam)\b",
    re.I,
)
# A threat has a target: "kill the engine" and "oh shoot" have none, nor has a word misheard alone.
_THREAT = re.compile(
    r"\b(?<!would it )(?:kill|shoot|stab|hurt) (?:you|y'all|all of you|every(?:one|body))\b"
    r"|\bi(?:'?ll| will|'?m (?:going to|gonna)| swear i'?ll| want to) (?:kill|shoot|stab|hurt) (?:him|her|them)\b"
    r"|\bshoot (?:up|the place)\b|\bburn (?:it|you|the place|your \w+) down\b"
    r"|\b(?:there'?s|there is|have|got|planted|left|put) a bomb\b|\bbomb (?:you|the|your|threat|in)\b"
    r"|\bblow (?:you|the place|your \w+) up\b",
    re.I,
)
_WHO = re.compile(
    r"\b(are you|is this|am i (talking|speaking) to|you'?re)\b.{0,16}\b(real|human|robot|a? ?machine|computer|ai|bot|recording|automated|person)\b",
    re.I,
)
_SPANISH = re.compile(
    r"\b(espa[nñ]ol|hablas?|habla usted|necesito|quiero|quisiera|cita|buenos d[ií]as|buenas tardes|hola|gracias|carro|coche|aceite|ayuda|por favor)\b",
    re.I,
)
_SPANISH_ASKED = re.compile(r"\b(spanish|espa[nñ]ol)\b", re.I)
_OTHER_LANGUAGE = re.compile(
    r"\b(speak|in|have) (french|chinese|mandarin|cantonese|vietnamese|korean|arabic|russian|german|portuguese|hindi)\b",
    re.I,
)
_SWAP = re.compile(
    r"\b(here'?s|let me (put|get)|i'?ll (put|get)|hold on,? (let me get|here'?s)|talk to|speak to|speak with|hand(ing)? (you|the phone|it) (over )?to|passing the phone"
    r")\b.{0,20}\b(my (wife|husband|spouse|son|daughter|mom|mother|dad|father|partner|boyfriend|girlfriend|brother|sister)|him|her)\b"
    r"|\bmy (ex-?)?(wife|husband|spouse|son|daughter|mom|mother|dad|father|partner|boyfriend|girlfriend|brother|sister|friend)\b.{0,10}"
    r"\b(wants|would like|needs|will|is going|has questions?)\b.{0,10}\b(talk|speak|explain|ask|take over)\b"
    r"|\bthis is (his|her|their) (wife|husband|son|daughter|mother|father|mom|dad|partner|brother|sister|friend)\b",
    re.I,
)
_WRONG_CAR = re.compile(
    r"\b(i'?m not|that'?s not me|not my (car|name|appointment)|who is (that|dana)|wrong (person|account|name))\b",
    re.I,
)
_CHILD = re.compile(
    r"\b(my (mom|dad|mommy|daddy) (is|isn'?t)|i'?m (five|six|seven|eight|nine|ten|eleven|twelve|[5-9]|1[0-2])( years old)?\b(?! (miles|minutes))|i am a kid)",
    re.I,
)
_MINOR = re.compile(
    r"\bi'?m (only )?(thirteen|fourteen|fifteen|sixteen|seventeen|1[3-7])\b(?! (miles|minutes|hundred))",
    re.I,
)
_SLOW = re.compile(
    r"\b(hard of hearing|hearing (aid|problem|impaired)|speak (up|slower|more slowly|louder)|slow down|deaf|tty|relay (service|operator))\b",
    re.I,
)
_RECALL = re.compile(r"\brecalls?\b", re.I)
_PRIVACY = re.compile(
    r"\b(delete|erase|remove|see|copy of|download)\b.{0,20}\b(my|all my|the) (data|information|personal|record|records)\b",
    re.I,
)
_INJECTION = re.compile(
    r"\b(ignore|disregard|forget)\b.{0,20}\b(previous|prior|your|all|the|above)\b.{0,14}\b(instructions?|rules?|prompt|programming)\b"
    r"|\b(system|initial|original) (prompt|instructions?|message)\b|\brepeat your (instructions?|prompt|rules?)\b|\bdeveloper mode\b|\boverride\b"
    r"|\b(you are|you'?re|act as|pretend)\b.{0,12}\b(now|to be|a different|dan|an? unrestricted)\b",
    re.I,
)


def by_code(turn: Turn) -> Plan | None:
    """The reply where the rules decide, None where the flow or the model goes on."""
    for rule in RULES:
        result = rule(turn)
        if isinstance(result, Plan):
            return result
    return None


def _said(turn: Turn) -> Understanding:
    assert turn.heard is not None
    return turn.heard


def emergency(turn: Turn) -> Plan | None:
    """911 first; nothing is asked."""
    said = _said(turn)
    if not _EMERGENCY.search(said.text):
        return None
    return say(turn, "If anyone is in danger, please hang up and call 911 right now.")


def unsafe_car(turn: Turn) -> Plan | None:
    """Safety words win over everything else a caller wants; said once, then a person."""
    said = _said(turn)
    unsafe = said.need.triage == "unsafe" or said.means(Intent.EMERGENCY)
    if not unsafe or "unsafe" in turn.talk.said:
        return None
    turn = turn.at(
        said=turn.talk.said | {"unsafe"}, goal="person", queue=(), asked="", topic="safety"
    )
    return to_person(
        turn,
        "safety",
        before="Please don't drive it. If you're in danger, hang up and call 911.",
    )


def stop_calling(turn: Turn) -> Plan | None:
    """Opting out, in any words, in any call: at once."""
    said = _said(turn)
    if not (_OPT_OUT.search(said.text) or said.means(Intent.OPT_OUT)):
        return None
    if any(receipt.kind == "opted_out" for receipt in turn.context.receipts):
        return None
    return use(turn.at(goal="more", asked="more"), "opt_out")


def card_number(turn: Turn) -> Plan | None:
    """A card number is stopped, not used."""
    if "[card number]" not in _said(turn).safe:
        return None
    return say(
        turn,
        "Please don't share card numbers here; nothing is paid by phone. What can I do for the car?",
    )


def threat(turn: Turn) -> Plan | None:
    """Threats end the call, politely."""
    if not _THREAT.search(_said(turn).text):
        return None
    return use(turn.with_context(mood="threat"), "end_call", outcome="abusive")


def angry(turn: Turn) -> Plan | None:
    """One calm word, and a person."""
    said = _said(turn)
    if not (_ANGRY.search(said.text) or said.means(Intent.COMPLAINT)):
        return None
    if turn.talk.asked in ("went_wrong", "score", "good_note", "message"):
        return None
    turn = turn.with_context(mood="angry").at(goal="person", queue=(), asked="")
    return to_person(turn, "angry", before="I'm sorry about this.")


def another_language(turn: Turn) -> Plan | None:
    """Spanish is noticed and a person who speaks it is offered."""
    text = _said(turn).text
    spanish = _SPANISH_ASKED.search(text) or len({m.lower() for m in _SPANISH.findall(text)}) >= 2
    if turn.talk.asked == "spanish":
        return _spanish_answer(turn)
    if spanish and "spanish" not in turn.talk.said:
        turn = turn.at(said=turn.talk.said | {"spanish"}, asked="spanish").with_context(
            language="es"
        )
        return say(turn, "¿Prefiere español? Le puedo comunicar con un asesor.", Expectation.YES_NO)
    if _OTHER_LANGUAGE.search(text):
        return to_person(turn.at(goal="person", asked=""), "language")
    return None


def _spanish_answer(turn: Turn) -> Plan | None:
    said = _said(turn)
    if said.no or "english" in said.text.lower():
        return None
    return to_person(turn.at(goal="person", asked=""), "language")


def person_please(turn: Turn) -> Plan | None:
    """The first wish is asked what it is about, only to route; the second is met at once."""
    said = _said(turn)
    wants = _PERSON.search(said.text) or said.means(Intent.HUMAN)
    if not wants or turn.talk.asked == "message":
        return None
    asked = turn.context.person_asked + 1
    turn = turn.with_context(person_asked=asked)
    if asked > 1 or turn.talk.asked == "route":
        return to_person(turn.at(goal="person", asked=""), "asked")
    queue = (
        (turn.talk.goal, *turn.talk.queue) if turn.talk.goal not in ("", "more", "person") else ()
    )
    return ask(turn.at(goal="person", queue=queue, topic=""), "route")


def somebody_else(turn: Turn) -> Plan | None:
    """Another person speaks: nothing proven before holds for them."""
    said = _said(turn)
    mistaken = bool(_WRONG_CAR.search(said.text)) and turn.talk.asked != "party"
    if not (mistaken or _SWAP.search(said.text) or _introduces_another(turn)):
        return None
    if turn.context.level is Level.UNKNOWN and not turn.talk.factors_tried:
        return None
    context = drop_identity(turn.context)
    fresh = turn.__class__(context, turn.history, turn.heard, turn.knowledge, turn.now)
    fresh = fresh.at(
        factors_tried=(),
        visit="",
        car="",
        goal="",
        queue=(),
        asked="goal",
        person=type(turn.talk.person)(),
    )
    if not mistaken:
        return say(fresh, "Of course. May I ask who I'm speaking with, and how I can help?")
    # A record may have been opened for the wrong person: staff will want to know.
    note = use(fresh, "note_falsehood", private=True, key=fresh.context.code_key, code=WRONG_RECORD)
    return note.after(
        "I'm sorry, I must have the wrong account, so I've closed it. May I ask who I'm speaking with?"
    )


WRONG_RECORD = "wrong_record_opened"


def _introduces_another(turn: Turn) -> bool:
    """Somebody says a first name that is not the one that was proven."""
    named, own = cues.INTRODUCES.search(_said(turn).text), turn.context.first_name.lower()
    if named is None or not own:
        return False
    name = named["name"].lower()
    same = name[:3] == own[:3] or name == turn.talk.person.first_name.lower()
    no_name = name in heard.NOT_NAMES or cues.IS_THIS.search(_said(turn).text)
    return not (same or no_name)


def child(turn: Turn) -> Plan | None:
    """A child is asked for a grown-up; a minor may not book."""
    text = _said(turn).text
    if _CHILD.search(text):
        return say(turn, "Can I talk to a grown-up, please?")
    if _MINOR.search(text):
        return say(
            turn,
            "I need an adult to book a visit. Can a parent come to the phone, or call us back?",
        )
    return None


def slow_mode(turn: Turn) -> Plan | None:
    """Hard of hearing: slower, the last sentence again, keys offered."""
    if not _SLOW.search(_said(turn).text) or turn.context.slow:
        return None
    last = next((i.text for i in reversed(turn.history) if isinstance(i, AgentTurn)), "")
    return say(
        turn.with_context(slow=True),
        f"Of course, I'll go slower. You can also use the keypad. {last}".strip(),
    )


def wrong_number(turn: Turn) -> Plan | None:
    """They meant somebody else; of a number that was read back it is said otherwise."""
    elsewhere = turn.context.direction == "outbound" or turn.talk.asked == "confirm"
    if elsewhere or not _said(turn).means(Intent.WRONG_NUMBER):
        return None
    return use(turn.at(goal="more", asked=""), "end_call", outcome="wrong_number")


def no_advice(turn: Turn) -> Plan | None:
    """Nobody says by phone what is wrong with a car or whether it is safe; a visit is offered."""
    if not cues.ADVICE.search(_said(turn).text) or turn.talk.goal not in ("", "more"):
        return None
    return ask(turn, "book_it", before=words.NO_ADVICE)


def screening(turn: Turn) -> Plan | None:
    """A screener of a call that we make hears who rings and why; then the person is asked for."""
    if turn.talk.asked != "party" or not is_screening(_said(turn).text):
        return None
    who = turn.context.party_name
    return ask(turn, "party", before=screened(turn.knowledge), name=who)


def who_are_you(turn: Turn) -> Plan | None:
    """The truth about what this is."""
    said = _said(turn)
    if not (_WHO.search(said.text) or said.means(Intent.WHO_ARE_YOU)):
        return None
    return say(turn, words.REAL)


def never_read_out(turn: Turn) -> Plan | None:
    """Private values are not read out to anybody, verified or not."""
    if not cues.PRIVATE_ASKED.search(_said(turn).text):
        return None
    return ask(
        turn.at(goal=turn.talk.goal or "more"),
        "more",
        before="I can't read that out over the phone.",
    )


def somebody_elses(turn: Turn) -> Plan | None:
    """Another person's visit is theirs: a message at most. A new booking for them is fine."""
    said = _said(turn)
    about_visit = {"move", "cancel", "find", "status", "change"} & set(said.goals)
    if "book" in said.goals and not about_visit:
        return None
    named = cues.NAMED_PARTY.search(said.text)
    name = (named["name"] or named["other"] or "") if named else ""
    own = {turn.context.first_name.lower(), turn.talk.person.first_name.lower(), ""}
    other = bool(name) and name.split(" ")[0].lower() not in own
    third = cues.THIRD_PARTY.search(said.text)
    if third and "book" in said.goals and not cues.VISIT_WORD.search(third[0]):
        third = None  # a visit for a relative's car may be booked by anybody
    if not (other or third) or turn.context.direction == "outbound":
        return None
    if turn.talk.asked in ("message", "name", "last_name", "spelling", "route", "need"):
        return None
    return ask(turn.at(goal="more", queue=()), "third_party")


def privacy_request(turn: Turn) -> Plan | None:
    """Seeing or deleting data is a person's task."""
    if not _PRIVACY.search(_said(turn).text):
        return None
    return use(
        turn.at(goal="more", asked="more"), "take_message", reason="privacy",
        message="The caller asks to see or delete their data.", urgent=False,
    )  # fmt: skip


def no_tricks(turn: Turn) -> Plan | None:
    """Instructions to the machine are answered once and otherwise not heard."""
    if not _INJECTION.search(_said(turn).text):
        return None
    return say(turn, "I can only help with service visits here. What does your car need?")


def agreed_write(turn: Turn) -> Plan | None:
    """A plain yes to a read-back that was heard in full runs the write, whatever drives the call."""
    proposal = turn.context.proposal
    if proposal is None or not agreed_to(proposal.must_hear, turn.history):
        return None
    return use(
        turn.at(asked="confirm", misunderstood=0), proposal.tool, **orjson.loads(proposal.arguments)
    )


RULES: tuple[Step, ...] = (
    emergency,
    agreed_write,
    unsafe_car,
    stop_calling,
    card_number,
    threat,
    screening,
    another_language,
    who_are_you,
    person_please,
    angry,
    somebody_else,
    child,
    slow_mode,
    never_read_out,
    somebody_elses,
    privacy_request,
    no_tricks,
    wrong_number,
    no_advice,
)
