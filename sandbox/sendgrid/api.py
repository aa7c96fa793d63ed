"""The routes of SendGrid's v3 API that senders use."""

import gzip
import secrets
import time
import zlib
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox, Webhook
from sandbox.faces import Faults, Handler, account_of, answering, json
from sandbox.recipients.behaviours import behaviour_of
from sandbox.sendgrid import errors
from sandbox.sendgrid.activity import QueryError, find, one
from sandbox.sendgrid.errors import RefusedError
from sandbox.sendgrid.rendering import subject_of
from sandbox.sendgrid.validation import validate
from sandbox.settings import SettingsError, parse_url
from sandbox.store.mail import Content, Recipient, accept

MAX_BODY = 30_000_000
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"
SCOPES = [
    "alerts.read", "categories.read", "email_activity.read", "ips.read", "mail.batch.create", "mail.send",
    "mail_settings.read", "messages.read", "sender_verification_eligible", "stats.read", "suppression.read",
    "tracking_settings.read", "user.account.read", "user.webhooks.event.settings.read",
    "user.webhooks.event.settings.update", "user.webhooks.event.test.create",
]  # fmt: skip


class SendGrid:
    """SendGrid as a sender sees it: authorises, validates, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(
            sandbox,
            partial(errors.too_many_requests, 600),
            lambda status: RefusedError(status, errors.error("The service is not available.")),
            accepted=202,
        )

    def routes(self) -> list[Route]:
        """Returns the v3 routes; every refusal is SendGrid's own."""
        settings = "/v3/user/webhooks/event/settings"
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/v3/mail/send", self._send),
            ("GET", "/v3/messages", self._messages),
            ("GET", "/v3/messages/{msg_id:path}", self._message),
            ("GET", "/v3/scopes", self._scopes),
            ("GET", "/v3/user/account", self._account),
            ("GET", settings, self._webhook),
            ("PATCH", settings, self._set_webhook),
            ("GET", f"{settings}/signed", self._signed),
            ("PATCH", f"{settings}/signed", self._set_signed),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    # Sending

    async def _send(self, request: Request) -> Response:
        account = self._authorise(request)
        mail = await self._mail(request)
        # a fault for certain addresses must see them; without faults on order this costs nothing
        rule = self._faults.strike(_addresses(mail))
        if rule is not None:
            await self._faults.before(rule, request)
        found = validate(mail)
        if found:
            raise RefusedError(400, *found)
        if mail["from"]["email"].startswith("unverified@"):
            raise RefusedError(403, errors.UNVERIFIED)
        if ((mail.get("mail_settings") or {}).get("sandbox_mode") or {}).get("enable") is True:
            return Response(status_code=200)
        public_id = secrets.token_urlsafe(16)
        await self._store(mail, account, public_id)
        if rule is not None:
            await self._faults.after(rule, request)
        return Response(status_code=202, headers={"X-Message-Id": public_id})

    async def _mail(self, request: Request) -> Any:
        if int(request.headers.get("content-length") or 0) > MAX_BODY:
            async for _ in request.stream():  # read to its end, or the client never gets to see the answer
                pass
            raise RefusedError(413, errors.TOO_LARGE)
        body = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError, zlib.error):
                raise RefusedError(400, errors.BAD_JSON) from None
        if len(body) > MAX_BODY:
            raise RefusedError(413, errors.TOO_LARGE)
        if "json" not in request.headers.get("content-type", "application/json"):
            raise RefusedError(415, errors.NOT_JSON)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            try:
                body.decode()
            except UnicodeDecodeError:
                raise RefusedError(415, errors.NOT_UTF8) from None
            raise RefusedError(400, errors.BAD_JSON) from None

    async def _store(self, mail: dict[str, Any], account: str, public_id: str) -> None:
        blocks = mail.pop("personalizations")
        shared = mail.get("custom_args") or {}
        seed = self._sandbox.settings.seed
        recipients: list[Recipient] = []
        for ordinal, block in enumerate(blocks):
            args = block.get("custom_args") or {}
            reference = args.get(REFERENCE) or shared.get(REFERENCE) or f"{public_id}.{ordinal}"
            campaign = args.get(CAMPAIGN) or shared.get(CAMPAIGN) or ""
            subject = subject_of(mail, block)
            personal = orjson.dumps(block).decode()
            for part in ("to", "cc", "bcc"):
                for entry in block.get(part) or ():
                    address = entry["email"].lower()
                    behaviour = behaviour_of(seed, address).name
                    recipients.append(
                        Recipient(ordinal, address, reference, campaign, subject, personal, behaviour)
                    )
        sender = mail["from"]["email"].lower()
        content = Content("sendgrid", public_id, account, sender, orjson.dumps(mail), time.time())
        await accept(self._sandbox.database, content, recipients)
        self._sandbox.to_plan.ring()

    # Reading

    async def _messages(self, request: Request) -> Response:
        self._authorise(request)
        try:
            limit = int(request.query_params.get("limit") or 10)
            if not 0 < limit <= 1000:
                raise QueryError("limit must be > 0 and <= 1000", "limit")
            query = request.query_params.get("query") or ""
            found = await self._sandbox.database.read(lambda connection: find(connection, query, limit))
        except ValueError as problem:
            field = problem.field if isinstance(problem, QueryError) else "limit"
            words = str(problem) if isinstance(problem, QueryError) else "limit must be a number"
            return json({"errors": [{"message": words, "field": field}]}, 400)
        return json({"messages": found})

    async def _message(self, request: Request) -> Response:
        self._authorise(request)
        msg_id = request.path_params["msg_id"]
        found = await self._sandbox.database.read(lambda connection: one(connection, msg_id))
        if found is None:
            raise RefusedError(404, errors.error("resource not found"))
        return json(found)

    async def _scopes(self, request: Request) -> Response:
        self._authorise(request)
        return json({"scopes": SCOPES})

    async def _account(self, request: Request) -> Response:
        self._authorise(request)
        return json({"type": "paid", "reputation": 100.0})

    # The Event Webhook's settings

    async def _webhook(self, request: Request) -> Response:
        account = self._authorise(request)
        return json(self._webhook_view(self._sandbox.own_webhook(account) or Webhook("", enabled=False)))

    async def _set_webhook(self, request: Request) -> Response:
        account = self._authorise(request)
        order = await self._mail(request)
        current = self._sandbox.own_webhook(account) or Webhook("")
        try:
            url = parse_url("url", order.get("url", current.url))
        except (SettingsError, AttributeError) as problem:
            raise RefusedError(400, errors.error(str(problem), "url")) from None
        webhook = Webhook(url or "", bool(order.get("enabled", current.enabled)), current.signed)
        await self._sandbox.set_webhook(account, webhook)
        return json(self._webhook_view(webhook))

    async def _signed(self, request: Request) -> Response:
        account = self._authorise(request)
        webhook = self._sandbox.own_webhook(account)
        return json(
            {"public_key": self._sandbox.signer.public_key if webhook is None or webhook.signed else ""}
        )

    async def _set_signed(self, request: Request) -> Response:
        account = self._authorise(request)
        order = await self._mail(request)
        current = self._sandbox.own_webhook(account) or Webhook("")
        signed = bool(order.get("enabled", True)) if isinstance(order, dict) else True
        await self._sandbox.set_webhook(account, Webhook(current.url, current.enabled, signed))
        return json({"public_key": self._sandbox.signer.public_key if signed else ""})

    def _webhook_view(self, webhook: Webhook) -> dict[str, Any]:
        events = ("group_resubscribe", "delivered", "group_unsubscribe", "spam_report", "bounce", "deferred",
                  "unsubscribe", "processed", "open", "click", "dropped")  # fmt: skip
        return {"enabled": webhook.enabled, "url": webhook.url, **dict.fromkeys(events, True)}

    def _authorise(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if not key:
            raise RefusedError(401, errors.NO_KEY)
        known = self._sandbox.settings.api_keys
        revoked = key.startswith(("SG.invalid", "SG.revoked")) or not key.startswith("SG.")
        if scheme.lower() != "bearer" or (key not in known if known else revoked):
            raise RefusedError(401, errors.WRONG_KEY)
        if key.startswith("SG.restricted"):
            raise RefusedError(403, errors.FORBIDDEN)
        return account_of(key)


def _addresses(mail: Any) -> list[str]:
    blocks = mail.get("personalizations") if isinstance(mail, dict) else None
    return [
        str(entry.get("email"))
        for block in (blocks if isinstance(blocks, list) else ())
        if isinstance(block, dict)
        for entry in (block.get("to") if isinstance(block.get("to"), list) else ()) or ()
        if isinstance(entry, dict)
    ]
