"""The browser phone in a real browser: a typed call, and one with a microphone."""

import re
import shutil
import wave
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.fixtures import Settings

from calls.models import Call
from voice.audio import FRAME_BYTES, decode, level_dbfs
from voice.providers.local import cache
from voice.rehearsal import people
from voice.tests.conftest import ROB, Cast, serving
from voice.tests.conftest import cast as cast
from voice.tests.conftest import shop as shop

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE_MS = 120_000
WISH = "I'd like to book an oil change, please."
# Which words a recogniser makes of it depends on how busy the machine is; that there are some
# does not. (What audio leaves the browser is judged exactly, in the last test.)
WORDS = re.compile(r"\w+")
_QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(400),
    pytest.mark.speech,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
    pytest.mark.skipif(not cache.is_ready(), reason="the local speech models are not made ready"),
]


@pytest.fixture
def base(cast: Cast, settings: Settings) -> Iterator[str]:
    """The shipped application with its local ear, voice and dialogue."""
    with serving(settings) as address:
        yield address


def _browse(browser: Browser, base: str) -> Page:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(f"{base}/phone/")
    page.fill("#who", "robert miller")
    page.locator("#people button", has_text="Robert Miller").click()
    assert page.input_value("#number") == ROB
    return page


def _hang_up(page: Page) -> None:
    page.click("#hangup")
    expect(page.locator("#phone")).to_have_attribute("data-state", "idle")
    expect(page.locator("#facts")).to_contain_text("abandoned", timeout=PATIENCE_MS)


def _assert_the_call_is_kept() -> None:
    call = Call.objects.get()
    assert (call.from_number, call.status) == (ROB, "completed")
    assert call.utterances.filter(role="caller").exists()


def test_without_a_microphone_typed_words_are_spoken_and_understood(base: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        page = _browse(browser, base)
        page.click("#call")
        talk = page.locator("#talk")
        expect(talk).to_contain_text("No microphone here", timeout=PATIENCE_MS)
        expect(talk.locator("li.agent").first).to_contain_text(
            "How can I help?", timeout=PATIENCE_MS
        )
        page.fill("#words", WISH)
        page.press("#words", "Enter")
        expect(talk.locator("li.caller p").first).to_have_text(WORDS, timeout=PATIENCE_MS)
        expect(talk.locator("li.agent")).not_to_have_count(1, timeout=PATIENCE_MS)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        _hang_up(page)
        browser.close()
    _assert_the_call_is_kept()


@pytest.mark.skipif(people.FLITE is None, reason="flite, the caller's voice, is not installed")
def test_what_is_said_into_a_microphone_is_understood(base: str, tmp_path: Path) -> None:
    recording = tmp_path / "caller.wav"
    with wave.open(str(recording), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        # The greeting is heard out first, else the browser's echo canceller takes words away.
        quiet = b"\xff" * 8000
        file.writeframes(decode(12 * quiet + people.say(WISH, pace=1.1) + 6 * quiet))
    microphone = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={recording}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET + microphone)
        page = _browse(browser, base)
        page.click("#call")
        expect(page.locator("#mute")).to_be_enabled(timeout=PATIENCE_MS)
        expect(page.locator("#talk li.caller p").first).to_have_text(WORDS, timeout=PATIENCE_MS)
        _hang_up(page)
        browser.close()
    _assert_the_call_is_kept()


def _through_the_line(page: Page, hertz: int) -> bytes:
    """What a second of a tone at half loudness becomes on its way out of the browser."""
    frames = page.evaluate(
        """async (hertz) => {
            const audio = new OfflineAudioContext(1, 48000, 48000);
            await audio.audioWorklet.addModule(document.getElementById("phone").dataset.line);
            const line = new AudioWorkletNode(audio, "telephone-line", { outputChannelCount: [1] });
            const frames = [];
            line.port.onmessage = ({ data }) => data.frame && frames.push(...data.frame);
            const tone = new OscillatorNode(audio, { frequency: hertz });
            tone.connect(new GainNode(audio, { gain: 0.5 })).connect(line).connect(audio.destination);
            tone.start();
            await audio.startRendering();
            await new Promise((done) => setTimeout(done, 200));
            return frames;
        }""",
        hertz,
    )
    return bytes(frames)


def test_speech_leaves_the_browser_as_telephone_audio_and_what_is_too_high_does_not(
    base: str,
) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        page = _browse(browser, base)
        heard, too_high = _through_the_line(page, 1000), _through_the_line(page, 6000)
        browser.close()
    assert len(heard) % FRAME_BYTES == 0
    assert 0.97 <= len(heard) / 8000 <= 1
    # A sine of half scale has 6 dB for its height and 3 dB for its shape.
    assert level_dbfs(heard[800:]) == pytest.approx(-9, abs=0.5)
    samples = array("h", decode(heard[800:]))
    crossings = sum((a < 0) != (b < 0) for a, b in pairwise(samples))
    assert crossings / (len(samples) / 8000) == pytest.approx(2000, rel=0.02)
    assert level_dbfs(too_high[800:]) < -40
