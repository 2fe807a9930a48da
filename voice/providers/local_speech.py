"""Speech without keys: the local ear and voice, and the command that makes them ready.

    python -m voice.providers.local_speech prepare

converts the recogniser's weights once (about half a minute, 142 MB under
`.autoshop/models`, or under `MODEL_CACHE`) and does nothing the next time.
"""

import argparse
import sys

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from voice.providers.base import ProviderError
from voice.providers.local import LocalSpeechToText, LocalTextToSpeech, cache, warm

__all__ = ["LocalSpeechToText", "LocalTextToSpeech", "prepare", "warm"]


def prepare(console: Console) -> None:
    """Convert the models, with a bar; silent where that has been done. Raises ProviderError."""
    if cache.is_ready():
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("speech models", total=cache.STEPS + 1)

        def tell(step: str) -> None:
            progress.update(task, advance=1, description=f"speech models: {step}")

        cache.prepare(tell)
        progress.update(task, completed=cache.STEPS + 1, description="speech models: ready")


def main(arguments: list[str]) -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(prog="local_speech", description=__doc__)
    parser.add_argument("what", choices=["prepare", "where"])
    what = parser.parse_args(arguments).what
    console = Console(stderr=True)
    if what == "where":
        Console().print(str(cache.folder()), highlight=False)
        return 0
    try:
        prepare(console)
    except ProviderError as error:
        console.print(f"[red]{error.reason}[/red]")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
