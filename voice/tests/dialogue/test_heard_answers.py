"""Yes, no and corrections: what lets a write run and what stops it."""

import pytest

from voice.dialogue.heard import Answer, parse_correction, parse_yes_no

PLAIN_YES = """yes|yeah|yep|yup|sure|okay|correct|right|that's right|that is correct|perfect|sounds good|uh-huh
mm-hm|uh huh|absolutely|of course|go ahead|yes please|yeah that's fine|that works|sounds good to me|no problem
no that's right|no, that's fine|no no that's fine|nope that's correct|no it's fine|yeah no problem|not a problem
I guess|I guess so|I think so|sure why not|why not|go for it|please do|just do it|book it|let's do it|you got it
yes thank you|yes, that works, thank you|Yes!|YES|well yes|um yeah|uh, yes|oh yes|actually yes|yes sir|it is|I do
you bet|fine|good|great|works for me|that's me|this is she|speaking|I don't mind|that's not wrong|si
yes but that's fine|okay but go ahead|yeah that's it|exactly|definitely|it's correct|that sounds great|dont mind"""
PLAIN_NO = """no|nope|nah|no thanks|no thank you|not really|absolutely not|of course not|no way|never|negative
that's wrong|that's not right|that isn't right|incorrect|it's not|I don't think so|I don't|I can't|not today
no, that's not right|no that's wrong|no, that's incorrect|okay no|yeah no|well no|actually no|no sir|don't
don't do that|please don't|not at all|I'd rather not|not that one|neither|forget it|that doesn't work|no it isn't
that's totally wrong|no that is not correct|you got it wrong|I'm afraid not|no that'll be all|no that's all|dont"""
UNSURE = """I don't know|i dont know|I'm not sure|not sure|maybe|perhaps|possibly|it depends|I have no idea
let me think|I'd have to check|hold on|one moment|could be|who knows|I can't remember|hard to say|give me a second
I haven't a clue|I couldn't say"""
NONE = """|what|what did you say|hello|I need an oil change|tuesday|nine thirty|can I do Friday instead|um|why
right now is bad|good morning|give me a list|how much is it|Dana Ruiz|555 0147|good night|it was nice chatting"""


def _split(text: str) -> list[str]:
    return [part for line in text.split("\n") for part in line.split("|")]


@pytest.mark.parametrize("text", _split(PLAIN_YES))
def test_a_plain_yes_agrees(text: str) -> None:
    found = parse_yes_no(text)
    assert found is not None
    assert found.answer is Answer.YES
    assert found.agreed


@pytest.mark.parametrize("text", _split(PLAIN_NO))
def test_a_no(text: str) -> None:
    found = parse_yes_no(text)
    assert found is not None
    assert found.answer is Answer.NO
    assert not found.agreed


@pytest.mark.parametrize("text", _split(UNSURE))
def test_unsure(text: str) -> None:
    found = parse_yes_no(text)
    assert found is not None
    assert found.answer is Answer.UNSURE
    assert not found.agreed


@pytest.mark.parametrize("text", _split(NONE))
def test_no_answer_at_all(text: str) -> None:
    assert parse_yes_no(text) is None


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("yes but make it Thursday", "make it thursday"),
        ("yeah that's right but can you make it ten", "can you make it ten"),
        ("yes, actually can we do Friday", "can we do friday"),
        ("okay but later", "later"),
        ("yes and add a tire rotation", "add a tire rotation"),
        ("yes except it's the Accord", "accord"),
        ("yes at nine", "at nine"),
        ("yes for Wednesday", "wednesday"),
        ("yeah only it's ten not nine", "ten"),
        ("yes it's the Civic though can you also check the brakes", "brakes"),
        ("right but the time is wrong", "wrong"),
        ("yes wait no", "no"),
        ("yes no I mean no", "no"),
        ("yeah, what about the rotation", "rotation"),
        ("sure, how much is it", "how much"),
        ("yes, hold on", "hold on"),
        ("okay wait", "wait"),
        ("yes, is that the Civic?", "is that"),
        ("yes tuesday", "tuesday"),
        ("yes ten thirty", "ten thirty"),
        ("that's right except my name is Dana", "dana"),
    ],
)
def test_a_yes_that_asks_for_something_else_does_not_agree(text: str, change: str) -> None:
    found = parse_yes_no(text)
    assert found is None or not found.agreed
    if found is not None and found.answer is Answer.YES:
        assert change in found.change


@pytest.mark.parametrize(
    ("text", "change"),
    [
        ("nope wrong day", "wrong day"),
        ("no, make it Thursday", "thursday"),
        ("no wait, make it Thursday", "thursday"),
        ("no I said Tuesday", "tuesday"),
        ("no, can we do ten instead", "ten"),
        ("no thanks", ""),
    ],
)
def test_a_no_carries_what_is_wanted_instead(text: str, change: str) -> None:
    found = parse_yes_no(text)
    assert found is not None
    assert found.answer is Answer.NO
    assert change in found.change
    assert bool(change) == bool(found.change)


@pytest.mark.parametrize(
    ("text", "new"),
    [
        ("no wait, Thursday", "thursday"),
        ("I mean Thursday", "thursday"),
        ("actually Thursday", "thursday"),
        ("Tuesday, no, wait, Wednesday", "wednesday"),
        ("Tuesday, actually make it Thursday", "thursday"),
        ("scratch that, the Civic", "the civic"),
        ("sorry, I meant the Accord", "the accord"),
        ("make it ten", "ten"),
        ("no sorry 0148", "0148"),
        ("Tuesday no wait Wednesday actually Friday", "friday"),
        ("scratch that", ""),
        ("never mind", ""),
        ("wait", ""),
    ],
)
def test_a_correction(text: str, new: str) -> None:
    found = parse_correction(text)
    assert found is not None
    assert found.new == new


@pytest.mark.parametrize("text", ["", "Thursday", "yes", "the Civic please", "I need brakes", "no"])
def test_no_correction(text: str) -> None:
    assert parse_correction(text) is None
