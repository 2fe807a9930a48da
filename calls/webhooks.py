"""The door of every webhook: GET or POST, signed by Twilio, parsed, or turned away.

Rules: without a valid signature the answer is 403 and nothing is looked at; a form
that doesn't parse is 400. Neither ever echoes what was sent. Logs carry the sid and
codes, no numbers.
"""

import functools
import logging
from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from pydantic import BaseModel, ValidationError

from calls.signature import webhook_is_signed

log = logging.getLogger(__name__)
Form = TypeVar("Form", bound=BaseModel)


def webhook(
    form: type[Form],
) -> Callable[[Callable[[Form], str]], Callable[[HttpRequest], HttpResponseBase]]:
    """Make a view of a function from a parsed form to TwiML ("" answers 204)."""

    def decorate(answer: Callable[[Form], str]) -> Callable[[HttpRequest], HttpResponseBase]:
        @csrf_exempt
        @require_http_methods(["GET", "POST"])
        @functools.wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            if not webhook_is_signed(request):
                log.warning("webhook_refused", extra={"code": "unsigned"})
                return HttpResponse("Not signed.", status=403, content_type="text/plain")
            try:
                facts = form.model_validate(_fields(request))
            except ValidationError as problem:
                codes = sorted({error["type"] for error in problem.errors()})
                log.warning("webhook_refused", extra={"code": "malformed", "problems": codes})
                return HttpResponse("Malformed.", status=400, content_type="text/plain")
            return _reply(answer(facts))

        return view

    return decorate


def _fields(request: HttpRequest) -> dict[str, str]:
    """Query and form in one; the form wins."""
    return {**request.GET.dict(), **request.POST.dict()}


def _reply(twiml: str) -> HttpResponse:
    if not twiml:
        return HttpResponse(status=204)
    return HttpResponse(twiml, content_type="text/xml; charset=utf-8")
