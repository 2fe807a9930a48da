"""The parts of the recogniser that need no model."""

from pathlib import Path

import pytest

from voice.providers.base import ProviderError
from voice.providers.local import cache
from voice.providers.local.moonshine import _circle, read_tokens


def test_a_text_that_goes_round_is_noticed() -> None:
    assert _circle([9, 1, 2, 3, 1, 2, 3, 1, 2, 3]) == 3


@pytest.mark.parametrize("digits", [[5, 5, 5], [5, 5, 5, 0, 5, 5, 5, 0], [7] * 2, []])
def test_repeated_digits_are_no_circle(digits: list[int]) -> None:
    assert _circle(digits) == 0


def test_the_vocabulary_is_read_with_short_and_long_entries(tmp_path: Path) -> None:
    long = b"x" * 200
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(b"\x02hi" + b"\x00" + bytes([128 + 200 % 128, 200 // 128]) + long)
    assert read_tokens(path) == [b"hi", b"", long]


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("MODEL_CACHE", str(blocked))
    with pytest.raises(ProviderError, match="cannot write the speech models to"):
        cache.prepare()


def test_the_cache_can_be_moved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_CACHE", str(tmp_path))
    assert cache.folder().parent == tmp_path
    assert not cache.is_ready()
