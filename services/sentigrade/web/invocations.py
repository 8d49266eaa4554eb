"""SageMaker's invocations: one route for every form in which texts come, decode -> score -> encode."""

import re
from functools import partial
from typing import Any

from flask import Request, Response

from sentigrade.errors import InvalidRequest, MalformedRequest, UnsupportedMediaType
from sentigrade.options import Options
from sentigrade.scorer import Scorer
from sentigrade.settings import Settings
from sentigrade.web.accepting import accepted, with_charset
from sentigrade.web.bodies import JSON, is_json, require_uncompressed, require_utf8
from sentigrade.web.custom_attributes import HEADER, take_attributes
from sentigrade.web.invocation_rows import CSV, LINES, TEXT, FindScorer, answer_records, require_model_alone
from sentigrade.web.observing import NOTE
from sentigrade.web.predict import require_few
from sentigrade.web.service import Service
from sentigrade.wire import native
from sentigrade.wire.blazingtext import BlazingTextRequest, PredictionEncoder, decode_request
from sentigrade.wire.choices import OPTION_NAMES, options_of
from sentigrade.wire.rows.line_answers import encode_lines

_ANSWERS = (JSON, *LINES, TEXT)

_PLAIN_TYPE = re.compile(r"(?=.{1,100}$)[a-z0-9.+-]+/[a-z0-9.+-]+")


class Invocations:
    """Answers requests to SageMaker's model server."""

    def __init__(self, service: Service, settings: Settings) -> None:
        self._service = service
        self._settings = settings

    def answer(self, call: Request, scorer: Scorer | None = None) -> Response:
        """Answer a request in the form in which it came, or another one that it accepts.

        `scorer` answers, if it is given, and the option `model` may name no other one; else the one that the option
        names, or the default one. The custom attributes come back with the answer, and with an error too. Raises
        RequestError for what the caller can mend, SpoolError when there is no room for a body of rows.
        """
        fields = take_attributes(call)
        if call.environ["QUERY_STRING"]:
            raise InvalidRequest(
                f"Invocations take no query; options stand in the header {HEADER}: sentigrade?top_k=2&scores=true ."
            )
        require_uncompressed(call)
        find = self._service.scorer if scorer is None else partial(_only, scorer)
        if is_json(call):
            return self._answer_json(call, fields, find)
        if call.mimetype == TEXT:
            return self._answer_text(call, fields, find)
        if call.mimetype == CSV or call.mimetype in LINES:
            return answer_records(call, fields, find, self._settings)
        raise UnsupportedMediaType(_not_supported(call.mimetype))

    def _answer_json(self, call: Request, fields: dict[str, Any], find: FindScorer) -> Response:
        options = options_of(fields)
        body = call.get_data(cache=False)
        request = decode_request(body, max_texts=self._settings.max_texts)
        if request is not None:
            require_model_alone(options)
            return _predict(call, request, find(options.model))
        question = native.decode_question(body, max_texts=self._settings.max_texts)
        if fields:
            question = _with_options(question, options)
        return self._answer_question(call, question, find)

    def _answer_text(self, call: Request, fields: dict[str, Any], find: FindScorer) -> Response:
        require_utf8(call)
        text = _only_text(call.get_data(cache=False))
        return self._answer_question(call, native.Question([text], is_list=False, options=options_of(fields)), find)

    def _answer_question(self, call: Request, question: native.Question, find: FindScorer) -> Response:
        kind = accepted(call, _ANSWERS)
        if question.options.is_detailed:
            require_few(question.texts, self._settings)
        scorer = find(question.options.model)
        outcomes = scorer.score(question.texts, question.options)
        call.environ[NOTE].add(scorer.model, outcomes)
        encode = {JSON: native.encode_answers, TEXT: native.encode_labels}.get(kind, encode_lines)
        return Response(encode(outcomes, is_list=question.is_list), content_type=with_charset(kind))


def _predict(call: Request, request: BlazingTextRequest, scorer: Scorer) -> Response:
    kind = accepted(call, _ANSWERS)
    predictions = PredictionEncoder(scorer.model.manifest.labels)
    outcomes = scorer.score(request.instances)
    call.environ[NOTE].add(scorer.model, outcomes)
    encode = {JSON: predictions.encode, TEXT: predictions.encode_labels}.get(kind, predictions.encode_lines)
    return Response(encode(outcomes, request.configuration.k), content_type=with_charset(kind))


def _only(scorer: Scorer, name: str | None) -> Scorer:
    """Return the only scorer there is at an address, whichever name the caller gives."""
    if name not in (None, scorer.name):
        raise InvalidRequest("This address is one model's; leave out the option model.", pointer="/model")
    return scorer


def _with_options(question: native.Question, options: Options) -> native.Question:
    """Return the question with the options of the custom attributes, unless its body has some of its own."""
    defaults = Options()
    if any(getattr(question.options, name) != getattr(defaults, name) for name in OPTION_NAMES):
        raise InvalidRequest(f"Options stand in the body or in {HEADER}; leave them out of one.", pointer="")
    return question._replace(options=options)


def _only_text(body: bytes) -> str:
    """Return the text that a body is, without a byte order mark and the end of its last line."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedRequest("The text is not valid UTF-8; save it as UTF-8 and send it again.") from None
    return text.removesuffix("\n").removesuffix("\r")


def _not_supported(media_type: str) -> str:
    """Return what SageMaker's own containers say; a type that is written like no other is the caller's text."""
    named = f" {media_type}" if _PLAIN_TYPE.fullmatch(media_type) else ""
    return f"content-type{named} not supported; send {', '.join((JSON, *LINES, CSV, TEXT))}."
