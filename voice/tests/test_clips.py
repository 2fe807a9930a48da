"""Ready-made audio: found by its exact words, kept for the next run, never of anything else."""

from pathlib import Path

import pytest

from voice import choices, ready
from voice.clips import ClipStore, make_clips
from voice.providers.base import Play


class Voice:
    """A voice whose audio is its words."""

    async def connect(self) -> None:
        """Nothing to do."""

    async def speak(self, text: str, play: Play, *, last: bool) -> None:
        """The words, letter by letter."""
        for letter in text:
            play(letter.encode())

    async def close(self) -> None:
        """Nothing to do."""


async def test_what_is_missing_is_made_once_and_is_there_after_a_restart(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, "voice", ["One moment.", "Hello."])
    assert await make_clips(store, Voice(), str.upper) == 2
    again = ClipStore(tmp_path, "voice", ["One moment.", "Hello."])
    assert again.find("Hello.") == b"HELLO."
    assert again.missing == ()
    assert await make_clips(again, Voice(), str.upper) == 0


def test_another_voice_has_its_own_clips(tmp_path: Path) -> None:
    ClipStore(tmp_path, "one", ["Hello."]).keep("Hello.", b"audio")
    assert ClipStore(tmp_path, "other", ["Hello."]).find("Hello.") is None


def test_a_sentence_wanted_later_is_found_if_it_was_made_before(tmp_path: Path) -> None:
    ClipStore(tmp_path, "voice", ["Hello."]).keep("Hello.", b"audio")
    store = ClipStore(tmp_path, "voice", [])
    assert store.find("Hello.") is None
    store.want(["Hello."])
    assert store.find("Hello.") == b"audio"


def test_what_is_not_on_the_list_is_not_kept(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, "voice", ["Hello."])
    store.keep("Hello Ana Ruiz.", b"audio")
    assert store.find("Hello Ana Ruiz.") is None
    assert list(tmp_path.rglob("*.ulaw")) == []


@pytest.mark.django_db(transaction=True)
async def test_the_greeting_of_a_stranger_is_among_the_clips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ClipStore(tmp_path, "voice", ["One moment."])
    monkeypatch.setattr(ready, "_clips", store)
    monkeypatch.setattr(choices, "make_own_voice", Voice)
    await ready.make_clips()
    assert store.missing == ()
    assert store.find("How can I help?") == b"How can I help?"
