"""The routes of Mailgun's API that senders use."""

import base64
import binascii
import re
import secrets
import time
from email.utils import formataddr, getaddresses
from typing import Any

import orjson
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, RefusalError, account_of, answering, json
from sandbox.mailgun.rendering import filled, user_variables
from sandbox.mailgun.webhooks import default_key
from sandbox.recipients.behaviours import behaviour_of
from sandbox.store.mail import Content, Recipient, accept

MAX_RECIPIENTS = 1000
MAX_BYTES = 25_000_000
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\[\]]{1,64}@[^\s@<>]+\.[^\s@<>]+")
_MANY = ("to", "cc", "bcc", "o:tag")


class RefusedError(RefusalError):
    """A request that Mailgun refuses."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, message)
        self.status, self.message, self.headers = status, message, headers

    def response(self) -> Response:
        """Returns the answer as it goes over the wire; a wrong key gets a bare word."""
        if self.status == 401:
            return Response(self.message, 401, media_type="text/plain")
        return json({"message": self.message}, self.status, self.headers)


def _too_many(reset: int | None) -> RefusedError:
    wait = {"Retry-After": str(max(1, reset - int(time.time())))} if reset is not None else None
    return RefusedError(429, "Too many requests", wait)


class Mailgun:
    """Mailgun as a sender sees it: authorises, checks the form, fills the variables, stores, answers once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(
            sandbox, _too_many, lambda status: RefusedError(status, "The service is not available")
        )

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Mailgun's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/v3/{domain}/messages", self._send),
            ("GET", "/v3/domains/{domain}", self._domain),
            ("GET", "/v4/domains/{domain}", self._domain),
            ("GET", "/v5/accounts/http_signing_key", self._signing_key),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _send(self, request: Request) -> Response:
        account, domain = self._authorise(request), self._known(request)
        form = await self._form(request)
        people = getaddresses([part for name in ("to", "cc", "bcc") for part in form.get(name) or ()])
        rule = self._faults.strike([address for _, address in people])
        if rule is not None:
            await self._faults.before(rule, request)
        variables = _checked(form, people)
        public_id = f"{time.strftime('%Y%m%d%H%M%S')}.{secrets.token_hex(8)}@{domain}"
        if form.get("o:testmode") != "yes":
            await self._store(form, people, variables, account, public_id)
        if rule is not None:
            await self._faults.after(rule, request)
        return json({"id": f"<{public_id}>", "message": "Queued. Thank you."})

    async def _form(self, request: Request) -> dict[str, Any]:
        if int(request.headers.get("content-length") or 0) > MAX_BYTES:
            async for _ in request.stream():  # read to its end, or the client never gets to see the answer
                pass
            raise RefusedError(413, "Request entity too large")
        given = await request.form(max_fields=5000, max_part_size=MAX_BYTES)
        form: dict[str, Any] = {"files": []}
        for name, value in given.multi_items():
            if isinstance(value, UploadFile):
                form["files"].append(value.filename or "")
            elif name in _MANY:
                form.setdefault(name, []).append(value)
            else:
                form[name] = value
        return form

    async def _store(
        self,
        form: dict[str, Any],
        people: list[tuple[str, str]],
        variables: dict[str, dict[str, Any]] | None,
        account: str,
        public_id: str,
    ) -> None:
        seed = self._sandbox.settings.seed
        recipients: list[Recipient] = []
        for ordinal, (name, address) in enumerate(people):
            own: dict[str, Any] = {
                "to": formataddr((name, address)) if name else address,
                "variables": (variables or {}).get(address) or {},
                "is_batch": variables is not None,
                "tags": form.get("o:tag") or [],
            }
            own["v"] = user_variables(form, own)
            subject = form.get("subject") or ""
            recipients.append(
                Recipient(
                    ordinal, address.lower(), own["v"].get(REFERENCE) or f"{public_id}.{ordinal}",
                    own["v"].get(CAMPAIGN) or "", filled(subject, own["variables"]) if own["is_batch"] else subject,
                    orjson.dumps(own).decode(), behaviour_of(seed, address.lower()).name,
                )
            )  # fmt: skip
        shared = {name: value for name, value in form.items() if name not in ("to", "recipient-variables")}
        sender = getaddresses([form["from"]])[0][1].lower()
        content = Content("mailgun", public_id, account, sender, orjson.dumps(shared), time.time())
        await accept(self._sandbox.database, content, recipients)
        self._sandbox.to_plan.ring()

    async def _domain(self, request: Request) -> Response:
        key = self._authorise(request, reading=True)
        name = self._known(request)
        return json({"domain": {"name": name, "state": "active", "id": key, "type": "custom"}})

    async def _signing_key(self, request: Request) -> Response:
        account = self._authorise(request, reading=True)
        webhook = self._sandbox.own_webhook(account)
        key = (webhook and webhook.secret) or default_key(self._sandbox.settings.seed)
        return json({"message": "success", "http_signing_key": key})

    def _known(self, request: Request) -> str:
        domain: str = request.path_params["domain"]
        if domain.startswith("unknown."):
            raise RefusedError(404, f"Domain not found: {domain}")
        return domain

    def _authorise(self, request: Request, *, reading: bool = False) -> str:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, key = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise RefusedError(401, "Forbidden") from None
        known = self._sandbox.settings.api_keys
        refused = key not in known if known else not key or key.startswith(("invalid", "revoked"))
        # keys that may only send see nothing of the domain
        if scheme.lower() != "basic" or user != "api" or refused or (reading and key.startswith("sending-")):
            raise RefusedError(401, "Forbidden")
        return account_of(key, "mailgun")


def _checked(form: dict[str, Any], people: list[tuple[str, str]]) -> dict[str, dict[str, Any]] | None:
    """Returns the recipient variables, None when there are none; refuses what Mailgun would."""
    sender = getaddresses([form.get("from") or ""])
    if not sender or not _ADDRESS.fullmatch(sender[0][1]):
        raise RefusedError(400, "from parameter is missing")
    if not form.get("to"):
        raise RefusedError(400, "to parameter is missing")
    if not all(_ADDRESS.fullmatch(address) for _, address in people) or any(
        address.startswith("malformed@") for _, address in people
    ):
        raise RefusedError(400, "to parameter is not a valid address. please check documentation")
    if len(people) > MAX_RECIPIENTS:
        raise RefusedError(400, "to parameter: too many recipients, at most 1000")
    if not form.get("text") and not form.get("html"):
        raise RefusedError(
            400, "Need at least one of 'text', 'html', 'amp-html' or 'template' parameters specified"
        )
    if "recipient-variables" not in form:
        return None
    try:
        variables = orjson.loads(form["recipient-variables"])
    except orjson.JSONDecodeError:
        raise RefusedError(400, "recipient-variables: invalid JSON") from None
    if not isinstance(variables, dict) or not all(isinstance(one, dict) for one in variables.values()):
        raise RefusedError(400, "recipient-variables: not an object of objects")
    return variables
