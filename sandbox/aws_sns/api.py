"""The one route at which Amazon's older protocols are spoken: a form for SNS, JSON with a target for the others."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from sandbox.aws import errors
from sandbox.aws.errors import QueryRefusedError, RefusedError
from sandbox.aws.signature import Caller, SignatureError, caller_of
from sandbox.aws_sns.logs import Logs
from sandbox.aws_sns.query import Query
from sandbox.aws_sns.voice import Voice
from sandbox.context import Sandbox
from sandbox.faces import Faults, answering

TARGET = "x-amz-target"
SERVICES = {"PinpointSMSVoiceV2": "sms-voice", "Logs_20140328": "logs"}


class AwsSns:
    """SNS, End User Messaging and the logs, told apart by how they are spoken to."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._query, self._voice, self._logs = Query(sandbox), Voice(sandbox), Logs(sandbox)
        self._by_query = Faults(
            sandbox,
            errors.too_many(QueryRefusedError, 400, "Throttling"),
            errors.failed(QueryRefusedError, "InternalError"),
        )
        self._by_json = Faults(
            sandbox,
            errors.too_many(RefusedError, 400, "ThrottlingException"),
            errors.failed(RefusedError, "InternalServerException"),
        )

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Amazon's own."""
        return [
            Route("/", answering(self._post), methods=["POST"]),
            _Confirming("/", answering(self._confirm), methods=["GET"]),
            Route("/SimpleNotificationService-{name}.pem", answering(self._certificate), methods=["GET"]),
        ]

    async def _confirm(self, request: Request) -> Response:
        """Answers the one call that needs no signature: whoever was sent the token may make it."""
        return await self._query.confirm(dict(request.query_params))

    async def _certificate(self, request: Request) -> Response:
        if request.url.path != self._sandbox.notices.path:
            return Response(status_code=403)
        return Response(self._sandbox.notices.pem, media_type="application/x-pem-file")

    async def _post(self, request: Request) -> Response:
        target = request.headers.get(TARGET, "")
        if target:
            return await self._by_target(request, target)
        body = await request.body()
        form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        if form.get("Action") == "ConfirmSubscription":
            return await self._query.confirm(form)
        caller = await self._authorised(request, QueryRefusedError, "sns")
        if form.get("Action") != "Publish":
            return await self._query.answer(request, caller, form)
        rule = self._by_query.strike([form.get("PhoneNumber", "")])
        if rule is not None:
            await self._by_query.before(rule, request)
        answer = await self._query.answer(request, caller, form)
        if rule is not None:
            await self._by_query.after(rule, request)
        return answer

    async def _by_target(self, request: Request, target: str) -> Response:
        name, _, operation = target.partition(".")
        service = SERVICES.get(name)
        if service is None:
            raise RefusedError(400, "UnknownOperationException", "")
        caller = await self._authorised(request, RefusedError, service)
        given = await _json(request)
        if service == "logs":
            return await self._logs.answer(caller, operation, given)
        if operation != "SendTextMessage":
            return await self._voice.answer(request, caller, operation, given)
        rule = self._by_json.strike([str(given.get("DestinationPhoneNumber", ""))])
        if rule is not None:
            await self._by_json.before(rule, request)
        answer = await self._voice.answer(request, caller, operation, given)
        if rule is not None:
            await self._by_json.after(rule, request)
        return answer

    async def _authorised(self, request: Request, refused: type[RefusedError], service: str) -> Caller:
        try:
            caller = caller_of(request, await request.body(), self._sandbox.settings.api_keys)
        except SignatureError as wrong:
            code = wrong.code.removesuffix("Exception") if refused is QueryRefusedError else wrong.code
            raise refused(403, code, str(wrong)) from None
        if caller.service != service:
            raise refused(
                403, "SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{service}'."
            )
        return caller


class _Confirming(Route):
    """Leaves everything but confirmations to the mailbox, which is at the same place."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Returns whether the route is meant."""
        if b"Action=ConfirmSubscription" not in scope.get("query_string", b""):
            return Match.NONE, {}
        return super().matches(scope)


async def _json(request: Request) -> dict[str, Any]:
    try:
        given = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict):
        raise RefusedError(400, "SerializationException", "The body is no JSON object")
    return given
