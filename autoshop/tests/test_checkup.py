"""The checks themselves, in virtual environments that either installer made."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from autoshop import embedded

ASK = (
    "import json; from autoshop.checkup import packages_check; print(json.dumps(packages_check()))"
)


def _program(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture(scope="module")
def without_pip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of a virtual environment like those that uv makes: there is no pip in it."""
    folder = tmp_path_factory.mktemp("made-by-uv")
    venv.create(folder, with_pip=False)
    return str(folder / "bin" / "python")


def _asked(python: str, path: str) -> list[str]:
    """The command by which that Python would have its packages checked."""
    environment = {**os.environ, "PATH": path}
    asked = subprocess.run(
        [python, "-c", ASK], cwd=embedded.ROOT, env=environment, capture_output=True, check=True
    )
    command: list[str] = json.loads(asked.stdout)
    return command


def test_packages_are_checked_by_uv_where_uv_made_an_environment_without_pip(
    without_pip: str, tmp_path: Path
) -> None:
    uv = _program(tmp_path / "bin", "uv", 'echo "$@"')
    command = _asked(without_pip, str(uv.parent))
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.split() == ["pip", "check", "--python", without_pip]


def test_packages_are_checked_by_pip_where_there_is_no_uv(without_pip: str, tmp_path: Path) -> None:
    assert _asked(without_pip, str(tmp_path)) == [without_pip, "-m", "pip", "check"]


def test_the_packages_of_this_environment_fit_each_other() -> None:
    command = _asked(sys.executable, os.environ["PATH"])
    outcome = subprocess.run(command, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
