"""Preparation looks before it acts, and says in one sentence what is in the way."""

import re

import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import Settings

from autoshop import prepare
from autoshop.prepare import NotReady
from scheduling.models import ServiceOp


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:hunter2@127.0.0.1:1/shop",
        "postgresql://shop:hunter2@nowhere.invalid/shop",
    ],
)
def test_a_wrong_database_is_one_sentence_without_its_password(
    settings: Settings, url: str
) -> None:
    settings.DATABASE_URL = url
    with pytest.raises(NotReady) as refusal:
        prepare.check_database()
    text = str(refusal.value)
    assert text.startswith("DATABASE_URL does not work")
    assert "hunter2" not in text
    assert "\n" not in text


def test_a_wrong_redis_is_one_sentence_without_its_password(settings: Settings) -> None:
    settings.REDIS_URL = "redis://:hunter2@127.0.0.1:1/0"
    with pytest.raises(NotReady) as refusal:
        prepare.check_redis()
    assert str(refusal.value).startswith("REDIS_URL does not work")
    assert "hunter2" not in str(refusal.value)


def test_what_answers_is_no_problem() -> None:
    prepare.check_redis()
    prepare.load_django()


@pytest.mark.django_db
def test_the_staff_account_is_made_once_and_its_password_told_once() -> None:
    password = prepare.make_staff()
    assert User.objects.get(username=prepare.STAFF_NAME).check_password(password)
    assert prepare.make_staff() == ""


@pytest.mark.django_db
def test_what_staff_changed_in_the_menu_outlives_the_next_start() -> None:
    prepare.load_shop()
    op = ServiceOp.objects.first()
    assert op is not None
    ServiceOp.objects.filter(pk=op.pk).update(name="Ours")
    prepare.load_shop()
    assert ServiceOp.objects.get(pk=op.pk).name == "Ours"


@pytest.mark.django_db
def test_made_up_customers_are_for_development_alone(settings: Settings) -> None:
    settings.DEVELOPMENT = False
    assert prepare.seed() is False


def test_speech_models_are_wanted_only_where_they_speak_or_listen(settings: Settings) -> None:
    settings.STT_PROVIDER = settings.TTS_PROVIDER = "deepgram"
    prepare.prepare_speech()  # and returns at once: nothing is started


def test_a_step_says_how_long_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    with prepare.step("Tables"):
        pass
    assert re.search(r"Tables: \d+\.\d s", capsys.readouterr().out)
