"""The routes of Postmark's API that senders use."""

import time
from typing import Any
from uuid import UUID, uuid4

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, account_of, answering, json
from sandbox.postmark import errors
from sandbox.postmark.errors import RefusedError
from sandbox.postmark.rendering import ORDINALS, message_id
from sandbox.postmark.search import QueryError, details, find
from sandbox.postmark.validation import STREAM, people, problem
from sandbox.recipients.behaviours import BY_NAME, behaviour_of
from sandbox.store.mail import Content, Recipient, accept

MAX_BATCH = 500
MAX_BYTES = 50_000_000
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"


class Postmark:
    """Postmark as a sender sees it: authorises, checks each message, stores, answers for each."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, errors.too_many, errors.unavailable)

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Postmark's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/email", self._one),
            ("POST", "/email/batch", self._batch),
            ("GET", "/server", self._server),
            ("GET", "/message-streams/{stream}", self._stream),
            ("GET", "/messages/outbound", self._search),
            ("GET", "/messages/outbound/{message_id}/details", self._details),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    # Sending

    async def _one(self, request: Request) -> Response:
        (answer,) = await self._send(request, single=True)
        return json(answer, 200 if answer["ErrorCode"] == 0 else 422)

    async def _batch(self, request: Request) -> Response:
        return json(await self._send(request, single=False))

    async def _send(self, request: Request, *, single: bool) -> list[dict[str, Any]]:
        account = self._authorise(request)
        given = await self._read(request)
        messages = [given] if single else given
        if not isinstance(messages, list):
            raise RefusedError(422, *errors.BAD_JSON)
        if len(messages) > MAX_BATCH:
            raise RefusedError(422, *errors.TOO_MANY)
        rule = self._faults.strike(
            [address for one in messages if isinstance(one, dict) for _, address in people(one.get("To"))]
        )
        if rule is not None:
            await self._faults.before(rule, request)
        answers = await self._store(messages, account)
        if rule is not None:
            await self._faults.after(rule, request)
        return answers

    async def _read(self, request: Request) -> Any:
        if "json" not in request.headers.get("content-type", "application/json"):
            raise RefusedError(422, *errors.NOT_JSON)
        body = await request.body()
        if len(body) > MAX_BYTES:
            raise RefusedError(413, 0, "Payload too large.")
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            raise RefusedError(422, *errors.BAD_JSON) from None

    async def _store(self, messages: list[Any], account: str) -> list[dict[str, Any]]:
        public_id = str(UUID(int=uuid4().int & ~ORDINALS))
        seed, now = self._sandbox.settings.seed, time.time()
        submitted = time.strftime("%Y-%m-%dT%H:%M:%S.0000000Z", time.gmtime(now))
        answers: list[dict[str, Any]] = []
        recipients: list[Recipient] = []
        sender = ""
        for ordinal, message in enumerate(messages):
            wrong = problem(message) or self._inactive(message, seed)
            if wrong is not None:
                answers.append({"ErrorCode": wrong[0], "Message": wrong[1]})
                continue
            sender = people(message["From"])[0][1].lower()
            metadata = message.get("Metadata") or {}
            name = message_id(public_id, ordinal)
            personal = orjson.dumps(message).decode()
            recipients += [
                Recipient(
                    ordinal, address, metadata.get(REFERENCE) or name, metadata.get(CAMPAIGN) or "",
                    message.get("Subject") or "", personal, behaviour_of(seed, address).name,
                )
                for part in ("To", "Cc", "Bcc")
                for _, given in people(message.get(part))
                for address in (given.lower(),)
            ]  # fmt: skip
            answers.append(
                {"To": message["To"], "SubmittedAt": submitted, "MessageID": name, "ErrorCode": 0, "Message": "OK"}
            )  # fmt: skip
        if recipients:
            content = Content("postmark", public_id, account, sender, b"{}", now)
            await accept(self._sandbox.database, content, recipients)
            self._sandbox.to_plan.ring()
        return answers

    def _inactive(self, message: dict[str, Any], seed: str) -> tuple[int, str] | None:
        """People whose mail SendGrid would drop are inactive here, and refused at once."""
        for _, address in people(message["To"]):
            if BY_NAME[behaviour_of(seed, address.lower()).name].outcome == "dropped":
                return 406, errors.INACTIVE.format(address=address)
        return None

    # Reading

    async def _server(self, request: Request) -> Response:
        self._authorise(request)
        return json(
            {"ID": 23, "Name": "Sandbox", "ApiTokens": [], "Color": "blue", "SmtpApiActivated": True,
             "DeliveryType": "Live", "TrackOpens": False, "TrackLinks": "None"}
        )  # fmt: skip

    async def _stream(self, request: Request) -> Response:
        self._authorise(request)
        stream = request.path_params["stream"]
        if not STREAM.fullmatch(stream) or stream.startswith("no-"):
            raise RefusedError(422, *errors.NO_STREAM)
        kind = "Broadcasts" if stream == "broadcast" else "Transactional"
        return json(
            {"ID": stream, "ServerID": 23, "Name": stream, "MessageStreamType": kind, "ArchivedAt": None}
        )

    async def _search(self, request: Request) -> Response:
        self._authorise(request)
        try:
            return json(
                await self._sandbox.database.read(
                    lambda connection: find(connection, dict(request.query_params))
                )
            )
        except QueryError:
            raise RefusedError(422, *errors.SEARCH) from None

    async def _details(self, request: Request) -> Response:
        self._authorise(request)
        wanted = request.path_params["message_id"]
        found = await self._sandbox.database.read(lambda connection: details(connection, wanted))
        if found is None:
            raise RefusedError(422, 701, "This message was not found.")
        return json(found)

    def _authorise(self, request: Request) -> str:
        token = request.headers.get("x-postmark-server-token", "")
        if not token:
            raise RefusedError(401, *errors.NO_TOKEN)
        known = self._sandbox.settings.api_keys
        if token not in known if known else token.startswith(("invalid", "revoked")):
            raise RefusedError(401, *errors.WRONG_TOKEN)
        return account_of(token, "postmark")
