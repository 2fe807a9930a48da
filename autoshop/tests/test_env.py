"""The environment is read once, and nonsense is refused with the variable's name."""

from pathlib import Path

import pytest

from autoshop import env


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_NAME", "  ")
    assert env.env("SOME_NAME", "else") == "else"


@pytest.mark.parametrize("raw", ["0", "70000", "5050x", "5.5", "-"])
def test_a_port_that_is_none_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("PORT", raw)
    with pytest.raises(env.BadSetting, match="PORT is"):
        env.env_int("PORT", 5050, low=1, high=65535)


@pytest.mark.parametrize(("raw", "meant"), [("yes", True), ("ON", True), ("0", False), ("", False)])
def test_yes_and_no_in_their_usual_spellings(
    monkeypatch: pytest.MonkeyPatch, raw: str, meant: bool
) -> None:
    monkeypatch.setenv("FLAG", raw)
    assert env.env_bool("FLAG", False) is meant


def test_a_flag_that_is_neither_yes_nor_no_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLAG", "perhaps")
    with pytest.raises(env.BadSetting, match="yes or no"):
        env.env_bool("FLAG", False)


def test_a_choice_outside_the_list_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STT_PROVIDER", "siri")
    with pytest.raises(env.BadSetting, match="deepgram, local"):
        env.env_choice("STT_PROVIDER", "local", ("deepgram", "local"))


def test_a_refused_url_never_repeats_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://shop:hunter2@db/shop")
    with pytest.raises(env.BadSetting) as refusal:
        env.env_url("DATABASE_URL", "", ("postgres", "postgresql"))
    assert "hunter2" not in str(refusal.value)
    assert "DATABASE_URL" in str(refusal.value)


def test_a_zone_nobody_lives_in_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_TIMEZONE", "America/Atlantis")
    with pytest.raises(env.BadSetting, match="SHOP_TIMEZONE"):
        env.env_zone("SHOP_TIMEZONE", "America/New_York")


def test_a_secret_is_asked_for_and_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(env.BadSetting, match="must be set when ENVIRONMENT is production"):
        env.env_secret("SECRET_KEY", at_least=32, because="ENVIRONMENT is production")
    monkeypatch.setenv("SECRET_KEY", "short")
    with pytest.raises(env.BadSetting, match="too short"):
        env.env_secret("SECRET_KEY", at_least=32, because="ENVIRONMENT is production")


def test_a_kept_secret_is_the_same_every_time_and_only_the_owners(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret_key"
    first = env.kept_secret(path)
    assert env.kept_secret(path) == first
    assert path.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == ["secret_key"]


def test_a_kept_secret_where_nothing_can_be_written_is_made_up(tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("")
    assert len(env.kept_secret(blocked / "secret_key")) > 40


def test_the_env_file_fills_gaps_and_overrides_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / ".env"
    path.write_text("# a comment\nexport FIRST='one'\nSECOND=two\n\nTHIRD\n")
    monkeypatch.delenv("AUTOSHOP_ENV_FILE")
    monkeypatch.setenv("SECOND", "kept")
    monkeypatch.setenv("FIRST", "")
    monkeypatch.delenv("FIRST")
    env.load_file(path)
    assert (env.env("FIRST"), env.env("SECOND"), env.env("THIRD")) == ("one", "kept", "")
    monkeypatch.delenv("FIRST")
