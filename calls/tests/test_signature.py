"""Only Twilio gets in; the vectors are the SDK's own (protocols: signature)."""

import pytest
from django.test import RequestFactory

from calls.signature import stream_is_signed, webhook_is_signed
from calls.tests.conftest import TOKEN
from simulators.twilio import signature

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}


@pytest.fixture
def shop(keyed):
    keyed.BASE_URL = "https://mycompany.com"
    return keyed


def _post(signed: str, path: str = "/myapp.php?foo=1&bar=2", **form: str):
    return RequestFactory().post(path, form or FORM, headers={"X-Twilio-Signature": signed})


def test_the_published_vector_is_accepted(shop):
    assert webhook_is_signed(_post("RSOYDt4T1cUTdK1PDd93/VVr8B8="))
    assert signature(TOKEN, "https://mycompany.com/myapp.php?foo=1&bar=2", FORM).startswith("RSO")


@pytest.mark.parametrize("signed", ["", "forged", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "é"])
def test_another_signature_is_not(shop, signed):
    assert not webhook_is_signed(_post(signed.encode().decode("latin-1")))


def test_a_changed_field_a_changed_query_or_another_path_is_not(shop):
    good = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert not webhook_is_signed(_post(good, **{**FORM, "From": "+14158675300"}))
    assert not webhook_is_signed(_post(good, "/myapp.php?foo=1&bar=3"))
    assert not webhook_is_signed(_post(good, "/other.php?foo=1&bar=2"))


def test_a_get_is_signed_by_its_address_alone(shop):
    path = "/incoming-call?CallSid=CA1&From=%2B12025550147"
    signed = signature(TOKEN, "https://mycompany.com" + path)
    request = RequestFactory().get(path, headers={"X-Twilio-Signature": signed})
    assert webhook_is_signed(request)


def test_a_body_that_is_no_form_cannot_ride_on_the_signature_of_an_address(shop):
    signed = signature(TOKEN, "https://mycompany.com/incoming-call")
    request = RequestFactory().post(
        "/incoming-call",
        '{"CallSid": "CA1"}',
        content_type="application/json",
        headers={"X-Twilio-Signature": signed},
    )
    assert not webhook_is_signed(request)


def test_the_host_header_plays_no_part(shop):
    request = _post("RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    request.META["HTTP_HOST"] = "evil.example"
    assert webhook_is_signed(request)


def _scope(path: str, signed: str | None, name: bytes = b"x-twilio-signature"):
    headers = [] if signed is None else [(name, signed.encode())]
    return {"path": path, "headers": headers}


@pytest.mark.parametrize("path", ["/media-stream", "/media-stream/"])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_stream_is_signed_over_its_wss_address_with_or_without_a_slash(shop, path, slash):
    signed = signature(TOKEN, f"wss://mycompany.com/media-stream{slash}")
    assert stream_is_signed(_scope(path, signed))
    assert stream_is_signed(_scope(path, signed, b"X-Twilio-Signature"))


@pytest.mark.parametrize(
    "address",
    [
        "https://mycompany.com/media-stream/",
        "wss://evil.example/media-stream/",
        "wss://mycompany.com/",
    ],
)
def test_a_signature_over_another_address_opens_no_stream(shop, address):
    assert not stream_is_signed(_scope("/media-stream/", signature(TOKEN, address)))


def test_no_signature_opens_no_stream(shop):
    assert not stream_is_signed(_scope("/media-stream/", None))
    assert not stream_is_signed({"path": "/media-stream/"})


@pytest.mark.parametrize("development", [True, False])
def test_without_a_token_only_development_lets_strangers_in(keyed, development):
    keyed.TWILIO_AUTH_TOKEN = ""
    keyed.DEVELOPMENT = development
    assert webhook_is_signed(_post("forged")) is development
    assert stream_is_signed(_scope("/media-stream/", None)) is development


def test_a_plain_http_address_keeps_its_port(keyed):
    keyed.BASE_URL = "http://127.0.0.1:5050"
    signed = signature(TOKEN, "ws://127.0.0.1:5050/media-stream/")
    assert stream_is_signed(_scope("/media-stream/", signed))
