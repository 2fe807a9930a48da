"""What the caller wants: one of our intents, "none of these" among them.

Rules: pure; `classify` takes what was recognised and returns in well under 10 ms.
Rules of high precision decide the promises that must not be missed (a person,
please; stop calling; danger) and short answers; a small linear model trained on our
own phrases decides the rest, and says OUT_OF_SCOPE when nothing fits well.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from voice.dialogue.heard import Answer, parse_yes_no
from voice.dialogue.intent_rules import first_rules
from voice.dialogue.intents.encoder import encode
from voice.dialogue.intents.names import Intent
from voice.dialogue.request_rules import request_rule

__all__ = ["Intent", "IntentHeard", "classify", "load"]
HERE = Path(__file__).parent / "intents"


@dataclass(frozen=True, slots=True)
class IntentHeard:
    """The intent, how sure (0 to 1), and the other intents of the same utterance.

    "Hi, can I talk to somebody about my bill" is HUMAN, also GREETING. An intent
    that is a request comes before one that is a courtesy.
    """

    intent: Intent
    confidence: float
    also: tuple[Intent, ...] = ()

    def includes(self, intent: Intent) -> bool:
        """Whether an intent is anywhere in the utterance."""
        return intent is self.intent or intent in self.also


# The model's share below which nothing fits well enough; more is asked of an intent that is
# about cars and visits when no word of the utterance is.
UNFIT_BELOW = 0.37
UNFIT_BELOW_ELSEWHERE = 0.55
UNFIT_BELOW_WITH_CAR = 0.22
UNFIT_WITHOUT_ITS_WORDS = 0.75
_CARS = re.compile(
    r"\b(?:cars?|trucks?|vehicles?|oil|tires?|brakes?|pads|rotors|batter(?:y|ies)|engine|transmission|service[ds]?"
    r"|maintenance|shop|repairs?|fix(?:ed)?|inspection|tune|miles?|alignment|rotation|wipers?|coolant|filter"
    r"|diagnos\w+|spark|plugs?|flush|air conditioning|a c|ac|recall|flat|synthetic|estimate|quote|specials?|coupons?)\b"
)
_PEOPLE = re.compile(
    r"\b(?:person|people|humans?|someone|somebody|anyone|anybody|agents?|staff|team|manager|advisor|operator"
    r"|representative|talk|speak|transfer|chat|machine|robot|bot|supervisor|employee|colleague|boss)\b"
)
_PRICE_WORDS = frozenset(
    "how much is it that this what do you charge does would will cost costs the price for one of them a an run me"
    " to be your rate rates fee fees there any going get can i are these those and so much what's expensive give"
    " total discount free he she pay have owe".split()
)
_ABOUT_CARS = frozenset(
    {
        Intent.BOOK,
        Intent.PRICE,
        Intent.SHOP_INFO,
        Intent.CAR_ADVICE,
        Intent.OTHER_DEPARTMENT,
        Intent.STATUS,
        Intent.SERVICE_DUE,
        Intent.SERVICE_HISTORY,
        Intent.RECALL,
        Intent.COMPLAINT,
        Intent.EMERGENCY,
        Intent.CONFIRM,
        Intent.CAPABILITIES,
        Intent.OPT_OUT,
        Intent.WRONG_NUMBER,
    }
)
_CAR_WORDS = re.compile(
    r"\b(?:cars?|trucks?|vehicles?|vans?|suvs?|oil|tires?|brakes?|batter(?:y|ies)|engine|transmission|service[ds]?|servicing"
    r"|maintenance|mechanics?|shop|appointments?|booking|book|booked|reserv\w+|schedul\w+|repairs?|fix(?:ed)?|inspection|tune"
    r"|mileage|mpg|miles|gallon|gas|fuel|gasoline|petrol|diesel|octane|psi|pressure|air|jump|alignment|rotation|recalls?"
    r"|wipers?|coolant|filter|dealership|advisor|technician|hours|open|close|located|address|shuttle|loaner|estimate"
    r"|quote|charge|cost|price|visit|come in|drop(?:ped)? (?:it |my )?off|pick up|rent\w*|lease|warranty|parts|sales|tow"
    r"|honda|toyota|ford|chevy|chevrolet|nissan|jeep|bmw|hyundai|kia|subaru|mazda|tesla|lexus|audi|dodge|ram|gmc"
    r"|help|questions?|ask|assist\w*|light|noise|leak\w*|check|started|table|meeting)\b"
)
_COURTESIES: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (
        Intent.GREETING,
        re.compile(
            r"^(?:hi|hello|hey|hiya|howdy|good (?:morning|afternoon|evening|day)|greetings|yo)"
            r"(?: there| again| everyone| folks)?\b ?"
        ),
    ),
    (
        Intent.THANKS,
        re.compile(
            r"^(?:(?:ok|okay|great|awesome|perfect|cool|good) )?(?:many |big )?"
            r"(?:thanks|thank you|thx|cheers)(?: (?:so|very) much| a lot| a bunch| a million| again)?\b ?"
        ),
    ),
    (
        Intent.AFFIRM,
        re.compile(
            r"^(?:yes|yeah|yep|yup|sure(?: thing)?|okay|ok|alright|all right|correct|right|got it|i see"
            r"|understood|indeed|exactly|that's right|great|perfect|awesome|i know|all good|amazing|cool"
            r"|good|of course|absolutely|definitely|excellent|wonderful|fine)\b ?(?! (?:time|day|news))"
        ),
    ),
    (
        Intent.DENY,
        re.compile(r"^(?:no|nope|nah)\b ?(?!thank|problem|worries|one\b|body\b|idea|clue|way\b)"),
    ),
)
_HESITATION = re.compile(r"(?:(?:u+h+|u+m+|e+r+|a+h+|hm+|so|well|like|oh) ?)+")
_FILLER = re.compile(
    r"^(?:um+|uh+(?! huh)|er+|so|well|like|please|and|but|oh|hmm+|ah+|listen|look)\b ?"
)


def classify(text: str) -> IntentHeard:
    """What an utterance is for. Empty or unheard of: OUT_OF_SCOPE with confidence 0."""
    said = clean(text)
    if not said:
        return IntentHeard(Intent.OUT_OF_SCOPE, 0.0)
    heard = _decide(said)
    if heard.intent is Intent.OUT_OF_SCOPE:
        heard = _better_than_nothing(heard, said)
    asides = [i for i, aside in _ASIDES if not heard.includes(i) and aside.search(said)]
    return replace(heard, also=(*heard.also, *dict.fromkeys(asides)))


def _decide(said: str) -> IntentHeard:
    """Rules, courtesies alone, small answers, requests, and at last the model."""
    courtesies, rest = _peel(said)
    rules = first_rules(said) or (first_rules(rest) if rest else [])
    if rules:
        return _heard(rules[0], 0.99, [*rules[1:], *courtesies])
    if _HESITATION.fullmatch(said) or (not rest and not courtesies):  # "um", "so please"
        return IntentHeard(Intent.OUT_OF_SCOPE, 0.0)
    if not rest:
        return _heard(_leading(said, courtesies), 0.98, courtesies)
    small = _small_answer(said, courtesies)
    if small:
        return small
    request = request_rule(said)
    if request:
        return _heard(request, 0.95, courtesies)
    return _by_model(said, rest, courtesies)


def _better_than_nothing(heard: IntentHeard, said: str) -> IntentHeard:
    """A short statement of ours-or-not is still an answer: "sadly that won't work"."""
    words = len(said.split())
    for intent, aside in _ASIDES:
        short = words <= 12 and intent in (Intent.DENY, Intent.AFFIRM, Intent.UNSURE)
        if short and aside.search(said):
            return IntentHeard(intent, 0.5, (Intent.OUT_OF_SCOPE, *heard.also))
    return heard


def _leading(said: str, courtesies: list[Intent]) -> Intent:
    """Which of several courtesies counts: "no thanks" is a no, "okay thanks" is thanks."""
    if re.match(r"(?:no|nope|nah)\b", said):
        return Intent.DENY
    if Intent.GOODBYE in courtesies:
        return Intent.GOODBYE
    if re.match(r"(?:yes|yeah|yep|yup|sure|correct)\b", said):
        return Intent.AFFIRM
    return courtesies[-1]


def _heard(intent: Intent, confidence: float, courtesies: list[Intent]) -> IntentHeard:
    also = dict.fromkeys(other for other in courtesies if other is not intent)
    return IntentHeard(intent, confidence, tuple(also))


def clean(text: str) -> str:
    """Lower case without punctuation, at most 600 characters."""
    plain = text[:600].lower().translate(_PLAIN)
    said = " ".join(_PUNCTUATION.sub(" ", plain).split())
    return _BARE.sub(lambda match: _APOSTROPHES[match[0]], said)


_PLAIN = str.maketrans({"’": "'", "‘": "'", "`": "'"})
# What recognisers write without its apostrophe.
_APOSTROPHES = {
    word.replace("'", ""): word
    for word in (
        "don't can't won't isn't doesn't didn't haven't wasn't couldn't wouldn't i'm that's "
        "you're i've what's there's aren't"
    ).split()
}
_BARE = re.compile(rf"\b(?:{'|'.join(_APOSTROPHES)})\b")
_PUNCTUATION = re.compile(r"[^\w\s'/:$]|_")


def _peel(said: str) -> tuple[list[Intent], str]:
    """The courtesies at the start, in order, and what remains."""
    found: list[Intent] = []
    rest = said
    for _ in range(6):
        rest = _FILLER.sub("", rest)
        for intent, pattern in _COURTESIES:
            match = pattern.match(rest)
            if match and match.end():
                found.append(intent)
                rest = rest[match.end() :]
                break
        else:
            break
    return list(dict.fromkeys(found)), rest


# What may stand anywhere in a longer utterance and is told beside its intent.
_ASIDES: tuple[tuple[Intent, re.Pattern[str]], ...] = (
    (
        Intent.GOODBYE,
        re.compile(
            r"\b(?:bye|goodbye|good bye|see you|adios|have a (?:good|nice|great) \w+|call it a day"
            r"|that's all)(?: \w+)?$"
        ),
    ),
    (Intent.THANKS, re.compile(r"\b(?:thanks|thank you|appreciated)\b")),
    (
        Intent.AFFIRM,
        re.compile(
            r"\b(?:yes|yeah|that's (?:right|correct)|(?:is|be|all|works|sounds) (?:right|correct|fine|good|great))$"
            r"|\bit's (?:the )?correct\b|^(?:i think so|that's (?:right|what i said|it|correct)|it is)\b"
        ),
    ),
    (
        Intent.UNSURE,
        re.compile(
            r"\b(?:not sure|don't (?:really |quite )?(?:know|remember|recall)|no (?:idea|clue)|unsure"
            r"|can't (?:really )?(?:remember|recall|say)|forgot(?:ten)?|cannot (?:remember|recall))\b"
        ),
    ),
    (
        Intent.DENY,
        re.compile(
            r"^(?:no |hmm |unfortunately |sorry |well |actually |hi |hello |looks like |i'm afraid |thanks )*"
            r"(?:i|we|it|that|this|there|they|he|she|hasn't|my \w+)(?: \w+)? ?(?:don't|doesn't|didn't|haven't"
            r"|hasn't|isn't|aren't|can't|won't|am not|is not|wasn't|not|cannot)\b|\banswer is no\b"
            r"|^(?:i'm|that's|it's|you're) not\b|^(?:looks like )?(?:not really|hasn't)\b|\bi'm not (?:gonna|going to)\b"
        ),
    ),
)


def _small_answer(said: str, courtesies: list[Intent]) -> IntentHeard | None:
    """A yes, a no or a don't-know that is nearly all of what was said."""
    answer = parse_yes_no(said)
    if answer is None or answer.change:
        return None
    left = len(said.split()) - len(answer.because.split())
    if left > 2:
        return None
    return _heard(_BY_ANSWER[answer.answer], 0.95, courtesies)


def _by_model(said: str, rest: str, courtesies: list[Intent]) -> IntentHeard:
    """The model's word on what remains after the courtesies, or on the whole."""
    intent, share = _model(rest) if len(rest.split()) >= 2 else _model(said)
    if courtesies and not _fits(intent, share, said):
        whole, whole_share = _model(said)
        if whole in courtesies and whole_share >= UNFIT_BELOW:
            intent, share = whole, whole_share
    answer = parse_yes_no(said)
    sure = _fits(intent, share, said) and intent is not Intent.OUT_OF_SCOPE
    begins = courtesies and courtesies[0] in (Intent.AFFIRM, Intent.DENY)
    if sure and not (begins and answer and share < 0.65):
        return _heard(intent, share, courtesies)
    if answer and (begins or len(said.split()) <= 8 or answer.answer is Answer.UNSURE):
        also = [*courtesies, intent] if sure else courtesies
        return _heard(_BY_ANSWER[answer.answer], 0.5, also)
    return _heard(Intent.OUT_OF_SCOPE, max(share, 1 - share), courtesies)


def _fits(intent: Intent, share: float, said: str) -> bool:
    """Whether the model's word is to be believed: more share is asked for where words are missing."""
    if intent is Intent.PRICE and not _CARS.search(said) and not _only_price_words(said):
        return share >= UNFIT_WITHOUT_ITS_WORDS
    if intent is Intent.HUMAN:
        return share >= (0.7 if _PEOPLE.search(said) else UNFIT_WITHOUT_ITS_WORDS)
    if intent not in _ABOUT_CARS:
        return share >= UNFIT_BELOW
    if _CARS.search(said):
        return share >= UNFIT_BELOW_WITH_CAR
    return share >= (UNFIT_BELOW if _CAR_WORDS.search(said) else UNFIT_BELOW_ELSEWHERE)


def _only_price_words(said: str) -> bool:
    """ "how much is it": a price of what was being talked about."""
    return all(word in _PRICE_WORDS for word in said.split())


_BY_ANSWER = {
    Answer.YES: Intent.AFFIRM,
    Answer.NO: Intent.DENY,
    Answer.UNSURE: Intent.UNSURE,
}


@lru_cache(maxsize=1)
def _head() -> tuple[NDArray[np.float32], NDArray[np.float32], tuple[Intent, ...]]:
    with np.load(HERE / "head.npz") as file:
        names = tuple(Intent(name) for name in file["names"].tolist())
        return file["weights"].astype(np.float32), file["bias"], names


@lru_cache(maxsize=1024)
def _model(text: str) -> tuple[Intent, float]:
    """The likeliest intent and its share."""
    weights, bias, names = _head()
    scores = encode(text) @ weights + bias
    raised = np.exp(scores - scores.max())
    best = int(raised.argmax())
    return names[best], float(raised[best] / raised.sum())


def load() -> None:
    """Read the model now (0.2 s) rather than in somebody's first sentence."""
    classify("load")
