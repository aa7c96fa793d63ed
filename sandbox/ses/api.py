"""The routes of SES v2 that senders use."""

import base64
import binascii
import secrets
import time
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.aws import errors
from sandbox.aws.errors import RefusedError
from sandbox.aws.notices import account_of_topic, topic_of
from sandbox.aws.signature import Caller, SignatureError, caller_of
from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, answering, json
from sandbox.letter import parse_mime
from sandbox.recipients.behaviours import behaviour_of
from sandbox.ses import validation
from sandbox.ses.rendering import RenderingError, filled, message_id, values_of
from sandbox.store.mail import Content, Recipient, accept

CHANNEL = "ses"
REFERENCE = "angarium_message_id"
CAMPAIGN = "angarium_campaign_id"
EVENTS = ("SEND", "REJECT", "BOUNCE", "COMPLAINT", "DELIVERY", "OPEN", "CLICK", "RENDERING_FAILURE",
          "DELIVERY_DELAY", "SUBSCRIPTION")  # fmt: skip
QUOTA = {"Max24HourSend": 1_000_000.0, "MaxSendRate": 500.0}
MAX_BULK = 1_000_000


class Ses:
    """SES as a sender sees it: checks who signed, checks the request, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(
            sandbox,
            errors.too_many(RefusedError, 429, "TooManyRequestsException"),
            errors.failed(RefusedError, "InternalServiceErrorException"),
        )

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Amazon's own."""
        table: list[tuple[str, str, Handler]] = [
            ("POST", "/v2/email/outbound-emails", self._send),
            ("POST", "/v2/email/outbound-bulk-emails", self._send_bulk),
            ("GET", "/v2/email/account", self._account),
            ("GET", "/v2/email/identities/{identity}", self._identity),
            ("GET", "/v2/email/configuration-sets/{name}/event-destinations", self._destinations),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def _send(self, request: Request) -> Response:
        caller, given = await self._read(request)
        content = given.get("Content")
        content = content if isinstance(content, dict) else {}
        if "Raw" in content:
            entry, subject, raw = _raw(given, content["Raw"])
        elif "Simple" in content:
            simple = content["Simple"]
            validation.headers(simple.get("Headers"))
            entry, subject, raw = {"Destination": given.get("Destination")}, simple["Subject"]["Data"], None
        else:
            raise validation.bad("Content is needed: Simple or Raw")
        entry["ReplacementTags"] = given.get("EmailTags")
        (name,) = await self._store(request, caller, given, [(entry, subject, raw)])
        return json({"MessageId": name})

    async def _send_bulk(self, request: Request) -> Response:
        caller, given = await self._read(request)
        entries = given.get("BulkEmailEntries")
        template = ((given.get("DefaultContent") or {}).get("Template") or {}).get("TemplateContent")
        if not isinstance(entries, list) or not isinstance(template, dict):
            raise validation.bad("DefaultContent and BulkEmailEntries are needed")
        if not 0 < len(entries) <= validation.MAX_ENTRIES or len(await request.body()) > MAX_BULK:
            raise validation.bad("Too many destinations or too large a request")
        found: list[tuple[dict[str, Any], str, str | None]] = []
        for entry in entries:
            validation.headers(entry.get("ReplacementHeaders"))
            try:
                subject = filled(template.get("Subject") or "", values_of(given, entry))
            except RenderingError:
                subject = ""  # SES takes it and tells later that it could not be rendered
            found.append((entry, subject, None))
        names = await self._store(request, caller, given, found)
        results = [{"Status": "SUCCESS", "MessageId": name} for name in names]
        return json({"BulkEmailEntryResults": results})

    async def _store(
        self,
        request: Request,
        caller: Caller,
        given: dict[str, Any],
        entries: list[tuple[dict[str, Any], str, str | None]],
    ) -> list[str]:
        people = [validation.recipients(entry.get("Destination")) for entry, _, _ in entries]
        rule = self._faults.strike([address for part in people for _, address in part])
        if rule is not None:
            await self._faults.before(rule, request)
        sender = validation.sender(given)
        public_id, now, seed = secrets.token_hex(16), time.time(), self._sandbox.settings.seed
        events = given.get("ConfigurationSetName")
        topic = topic_of(caller.region, events) if events else ""
        base = str(request.base_url).rstrip("/")
        recipients: list[Recipient] = []
        for ordinal, ((entry, subject, raw), part) in enumerate(zip(entries, people, strict=True)):
            tags = validation.tags(
                [*(given.get("DefaultEmailTags") or ()), *(entry.get("ReplacementTags") or ())]
            )
            kept = {"tags": tags, "topic": topic, "base": base, "to": [address for _, address in part]}
            if raw is not None:
                kept["raw"] = raw
            personal = orjson.dumps(kept).decode()
            recipients += [
                Recipient(
                    ordinal, address.lower(), tags.get(REFERENCE) or message_id(public_id, ordinal),
                    tags.get(CAMPAIGN) or "", subject, personal, behaviour_of(seed, address.lower()).name,
                )
                for _, address in part
            ]  # fmt: skip
        account = account_of_topic(topic) if topic else f"{CHANNEL}:{caller.key_id}"
        content = Content(CHANNEL, public_id, account, sender, await request.body(), now)
        await accept(self._sandbox.database, content, recipients)
        self._sandbox.to_plan.ring()
        if rule is not None:
            await self._faults.after(rule, request)
        return [message_id(public_id, ordinal) for ordinal in range(len(entries))]

    # Reading

    async def _account(self, request: Request) -> Response:
        await self._authorised(request)
        return json(
            {"DedicatedIpAutoWarmupEnabled": False, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": True,
             "SendQuota": {**QUOTA, "SentLast24Hours": 0.0}, "SendingEnabled": True}
        )  # fmt: skip

    async def _identity(self, request: Request) -> Response:
        await self._authorised(request)
        identity = request.path_params["identity"]
        if identity.startswith("unverified"):
            raise RefusedError(404, "NotFoundException", f"Email identity {identity} does not exist.")
        kind = "EMAIL_ADDRESS" if "@" in identity else "DOMAIN"
        return json({"IdentityType": kind, "VerifiedForSendingStatus": True, "VerificationStatus": "SUCCESS"})

    async def _destinations(self, request: Request) -> Response:
        caller = await self._authorised(request)
        name = request.path_params["name"]
        if name.startswith("no-"):
            raise RefusedError(404, "NotFoundException", f"Configuration set <{name}> does not exist.")
        destination = {
            "Name": name,
            "Enabled": True,
            "MatchingEventTypes": list(EVENTS),
            "SnsDestination": {"TopicArn": topic_of(caller.region, name)},
        }
        return json({"EventDestinations": [destination]})

    async def _read(self, request: Request) -> tuple[Caller, dict[str, Any]]:
        caller = await self._authorised(request)
        try:
            given = orjson.loads(await request.body())
        except orjson.JSONDecodeError:
            given = None
        if not isinstance(given, dict):
            raise RefusedError(400, "SerializationException", "The body is no JSON object")
        return caller, given

    async def _authorised(self, request: Request) -> Caller:
        try:
            caller = caller_of(request, await request.body(), self._sandbox.settings.api_keys)
        except SignatureError as wrong:
            raise RefusedError(403, wrong.code, str(wrong)) from None
        if caller.service != CHANNEL:
            raise RefusedError(
                403, "InvalidSignatureException", "Credential should be scoped to correct service: 'ses'."
            )
        return caller


def _raw(given: dict[str, Any], raw: Any) -> tuple[dict[str, Any], str, str]:
    """Returns destination, subject and source of a message that comes whole."""
    try:
        source = base64.b64decode(raw["Data"], validate=True)
    except (binascii.Error, KeyError, TypeError, ValueError):
        raise validation.bad("Raw.Data is no base64") from None
    letter = parse_mime(source)
    destination = given.get("Destination") or {"ToAddresses": [letter.header("To")]}
    given.setdefault("FromEmailAddress", letter.header("From"))
    return {"Destination": destination}, letter.header("Subject"), source.decode("utf-8", "surrogateescape")
