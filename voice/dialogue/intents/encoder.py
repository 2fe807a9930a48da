"""A sentence as 384 numbers: MiniLM, eight bits, on one core.

Rules: loaded once, at first use or by `load()` at start-up (about 0.2 s); safe to call
from several threads; words are cut to 62 pieces, so time is bounded. The tokenizer is
BERT's uncased WordPiece over the kept vocabulary.
"""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

HERE = Path(__file__).parent
MAX_PIECES = 62
MAX_CHARACTERS = 1000
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")
_LONGEST_WORD = 40


@lru_cache(maxsize=1)
def load() -> onnxruntime.InferenceSession:
    """The encoder, ready to run; kept for the life of the process."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(HERE / "encoder.onnx"), options, providers=["CPUExecutionProvider"]
    )


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, int]:
    pieces = (HERE / "vocabulary.txt").read_text().rstrip("\n").split("\n")
    return {piece: index for index, piece in enumerate(pieces)}


def encode(text: str) -> NDArray[np.float32]:
    """The unit vector of a sentence, shape (384,)."""
    ids = np.array([tokenise(text)], np.int64)
    positions = np.arange(ids.shape[1], dtype=np.int64)
    (vector,) = load().run(None, {"ids": ids, "positions": positions})
    return np.asarray(vector[0], np.float32)


def tokenise(text: str) -> list[int]:
    """Word-piece ids of a sentence, with its start and end marks."""
    vocabulary = _vocabulary()
    plain = unicodedata.normalize("NFD", text[:MAX_CHARACTERS].lower())
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    pieces = [piece for word in _WORD.findall(plain) for piece in _split(word, vocabulary)]
    return [vocabulary["[CLS]"], *pieces[:MAX_PIECES], vocabulary["[SEP]"]]


def _split(word: str, vocabulary: dict[str, int]) -> list[int]:
    """The longest known pieces of a word, from its left."""
    pieces: list[int] = []
    start, word = 0, word[:_LONGEST_WORD]
    while start < len(word):
        for end in range(len(word), start, -1):
            piece = vocabulary.get(("##" if start else "") + word[start:end])
            if piece is not None:
                break
        else:
            return [vocabulary["[UNK]"]]
        pieces.append(piece)
        start = end
    return pieces
