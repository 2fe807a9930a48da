"""Clauses: short first, whole later, and never in the middle of a number or a title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.core.clauses import ClauseSplitter, split_clauses


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("", []),
        ("  \n ", []),
        ("Sure.", ["Sure."]),
        ("Sure. What day works for you?", ["Sure.", "What day works for you?"]),
        ("One moment, please.", ["One moment, please."]),
        (
            "I have Tuesday at 9:30, or Thursday at 1:00. Which one?",
            ["I have Tuesday at 9:30, or Thursday at 1:00.", "Which one?"],
        ),
        ("That is $89.95 plus tax. Shall I?", ["That is $89.95 plus tax.", "Shall I?"]),
        ("It is 3.5 hours. Fine?", ["It is 3.5 hours.", "Fine?"]),
        ("Dr. Ruiz is in. So is Mr. Kim.", ["Dr. Ruiz is in.", "So is Mr. Kim."]),
        ("At 42 Maple St. in Troy? Good.", ["At 42 Maple St. in Troy?", "Good."]),
        ("Come at 9 a.m. Does that suit?", ["Come at 9 a.m.", "Does that suit?"]),
        ("Come at 9 a.m. on Tue. the 4th.", ["Come at 9 a.m. on Tue. the 4th."]),
        ("For J. Ruiz, is that right?", ["For J. Ruiz, is that right?"]),
        ("Wait... what? Oh!", ["Wait... what?", "Oh!"]),
        ('He said "come in." Then he left it here.', ['He said "come in."', "Then he left it here."]),
    ],
)  # fmt: skip
def test_a_text_is_cut_where_a_person_would_breathe(text: str, clauses: list[str]) -> None:
    assert split_clauses(text) == clauses


def test_a_long_first_sentence_is_begun_at_its_first_good_comma() -> None:
    text = (
        "Okay, an oil change for the Honda on Tuesday the 24th, "
        "with a tire rotation while it is here, and you will wait for it. Right?"
    )
    first, *rest = split_clauses(text)
    assert first == "Okay, an oil change for the Honda on Tuesday the 24th,"
    assert rest[-1] == "Right?"


def test_the_first_clause_leaves_before_the_sentence_is_complete() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("Let me look at Thursday for you,") == []
    assert splitter.feed(" and") == ["Let me look at Thursday for you,"]
    assert splitter.finish() == "and"


def test_a_boundary_is_believed_only_when_the_next_word_has_begun() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("It opens at 9.") == []
    assert splitter.feed("30. ") == []
    assert splitter.feed("See you") == ["It opens at 9.30."]


def test_a_sentence_that_is_known_to_be_whole_waits_for_nothing() -> None:
    splitter = ClauseSplitter()
    assert splitter.feed("We have Thursday.", whole=True) == ["We have Thursday."]
    assert splitter.feed(" Or Friday.", whole=True) == []  # short: it is joined to the next
    assert splitter.feed(" Which of them suits you better?", whole=True) == [
        "Or Friday. Which of them suits you better?"
    ]
    assert splitter.finish() is None


def test_a_number_read_out_in_groups_stays_together() -> None:
    assert split_clauses("Your number is 3, 1, 3, 5, 5, 5, 0, 1, 4, 7") == [
        "Your number is 3, 1, 3, 5, 5, 5, 0, 1, 4, 7"
    ]


def test_later_clauses_are_whole_sentences_unless_they_are_very_long() -> None:
    text = "Yes. " + "This is a long story about a car, " * 6 + "and it ends."
    clauses = split_clauses(text)
    assert clauses[0] == "Yes."
    assert all(len(clause) > 20 for clause in clauses[1:-1])
    assert len(clauses) > 2


def test_later_short_sentences_are_joined() -> None:
    assert split_clauses("Okay. Yes. No. Maybe we can do it.")[1] == "Yes. No. Maybe we can do it."


@given(
    st.text(alphabet="ab c.,?!:;-—'\"19$\n", max_size=120),
    st.integers(1, 7),
    st.sets(st.integers(0, 20)),
)
def test_nothing_is_lost_however_the_words_stream_in(
    text: str, size: int, wholes: set[int]
) -> None:
    splitter = ClauseSplitter()
    clauses = []
    for n, start in enumerate(range(0, len(text), size)):
        clauses += splitter.feed(text[start : start + size], whole=n in wholes)
    rest = splitter.finish()
    clauses += [rest] if rest else []
    assert " ".join(clauses).replace(" ", "") == "".join(text.split())
    assert all(clauses)
