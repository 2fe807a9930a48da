"""Where the converted speech models are kept, and making them once.

Rules: made whole or not at all, by one process at a time; what is there is used. The
weights come out of installed packages, never from a network. `MODEL_CACHE` moves the
folder; without it, it is `.autoshop/models` beside the code.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from voice.providers.base import ProviderError
from voice.providers.local import conversion

PROVIDER = "local_speech"
VERSION = "moonshine-base-en-1"
GRAPHS = {"encoder": "encoder_model.ort", "decoder": "decoder_model_merged.ort"}
STEPS = len(GRAPHS) * len(conversion.STEPS)

Tell = Callable[[str], None]
"""Told the name of each step as it begins."""


def folder() -> Path:
    """Where the converted models are."""
    chosen = os.environ.get("MODEL_CACHE", "").strip()
    root = Path(chosen) if chosen else Path(__file__).parents[3] / ".autoshop" / "models"
    return root / VERSION


def graph(name: str) -> Path:
    """The file of one converted graph."""
    return folder() / f"{name}.onnx"


def is_ready() -> bool:
    """Whether every model has been converted."""
    return all(graph(name).is_file() for name in GRAPHS)


def package_folder() -> Path:
    """Where the package with the weights is; it is found, not imported. Raises ProviderError."""
    import importlib.util

    spec = importlib.util.find_spec("moonshine_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise ProviderError(
            PROVIDER,
            "no local speech recognition on this platform (it needs Linux on x86-64): "
            "set DEEPGRAM_API_KEY, or install it with `pip install moonshine-cpp==0.1.4`",
            retryable=False,
        )
    return Path(next(iter(spec.submodule_search_locations))) / "models" / "base-en"


def prepare(tell: Tell = lambda _: None) -> None:
    """Convert what has not been converted yet; about half a minute. Raises ProviderError."""
    if is_ready():
        return
    source = package_folder()
    try:
        with _alone():
            for name, file in GRAPHS.items():
                if not graph(name).is_file():
                    _convert(name, source / file, tell)
    except OSError as error:
        reason = f"cannot write the speech models to {folder()}: {error.strerror}"
        raise ProviderError(PROVIDER, reason, retryable=False) from error


def _convert(name: str, source: Path, tell: Tell) -> None:
    def tell_step(step: str) -> None:
        tell(f"{step} the {name}")

    with tempfile.TemporaryDirectory(dir=folder(), prefix="making-") as scratch:
        made = conversion.convert(source, Path(scratch), tell_step)
        made.replace(graph(name))


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One process converts; others wait and then find everything done."""
    folder().mkdir(parents=True, exist_ok=True)
    with (folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
