"""The routes of FCM's HTTP v1 API that senders use, and those of Google's server of access tokens."""

import secrets
import time
from typing import Any
from urllib.parse import parse_qs

import jwt
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import Faults, Handler, account_of, answering, json
from sandbox.fcm import errors
from sandbox.fcm.errors import RefusedError, TokenError
from sandbox.push import inbox, store
from sandbox.push.devices import by_word

AUDIENCE = "https://oauth2.googleapis.com/token"
SCOPES = (
    "https://www.googleapis.com/auth/firebase.messaging",
    "https://www.googleapis.com/auth/cloud-platform",
)
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = 3599
MAX_PAYLOAD = 4096
TARGETS = ("token", "fid", "topic", "condition")


class Fcm:
    """FCM as a sender sees it: authorises, checks, stores, answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, errors.too_many, errors.failed)
        self._access: dict[str, float] = {}

    def routes(self) -> list[Route]:
        """Returns the routes; every refusal is Google's own."""
        table: list[tuple[str, Handler]] = [
            ("/token", self._grant),
            ("/v1/projects/{project}/messages:send", self._send),
        ]
        return [Route(path, answering(handler), methods=["POST"]) for path, handler in table]

    async def _grant(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        try:
            assertion = form["assertion"][0]
            header = jwt.get_unverified_header(assertion)
            claims = jwt.decode(assertion, options={"verify_signature": False}, audience=AUDIENCE)
        except (KeyError, jwt.PyJWTError):
            raise TokenError("Invalid JWT") from None
        now = time.time()
        is_timely = (
            claims.get("iat", 0) <= now + 60 and now < claims.get("exp", 0) <= claims.get("iat", 0) + 3600
        )
        is_good = (
            form.get("grant_type") == [GRANT]
            and header.get("alg") == "RS256"
            and claims.get("scope") in SCOPES
            and claims.get("aud") == AUDIENCE
            and is_timely
        )
        if not is_good or str(claims.get("iss", "")).startswith("invalid"):
            raise TokenError("Invalid JWT Signature.")
        token = "ya29." + secrets.token_urlsafe(32)
        self._access = {name: until for name, until in self._access.items() if until > now}
        self._access[token] = now + LIFE
        return json({"access_token": token, "expires_in": LIFE, "token_type": "Bearer"})

    async def _send(self, request: Request) -> Response:
        self._authorise(request)
        try:
            given = await request.json()
        except ValueError:
            raise RefusedError(400, "INVALID_ARGUMENT", "Invalid JSON payload received.") from None
        message = given.get("message") if isinstance(given, dict) else None
        if not isinstance(message, dict):
            raise RefusedError(400, "INVALID_ARGUMENT", "Message is required.", field="message")
        token = self._checked(message)
        rule = self._faults.strike([token])
        if rule is not None:
            await self._faults.before(rule, request)
        project = request.path_params["project"]
        name = f"projects/{project}/messages/{secrets.token_hex(8)}"
        if given.get("validate_only") or "topic" in message or "condition" in message:
            return json({"name": f"projects/{project}/messages/fake_message_id"})
        device = store.find(self._sandbox.database, "fcm", token)
        behaviour = device.behaviour if device is not None else by_word(token)
        if behaviour.name in errors.OF_DEVICE:
            raise RefusedError(*errors.OF_DEVICE[behaviour.name])
        shown = message.get("notification") or {}
        how = {f"android.{key}": value for key, value in (message.get("android") or {}).items()}
        kept = {
            "title": shown.get("title"),
            "body": shown.get("body"),
            "data": message.get("data"),
            "how": how,
        }
        account = account_of(project, "fcm")
        await inbox.take(self._sandbox, "fcm", name, account, (project, token, behaviour), kept)
        if rule is not None:
            await self._faults.after(rule, request)
        return json({"name": name})

    def _checked(self, message: dict[str, Any]) -> str:
        targets = [name for name in TARGETS if message.get(name)]
        if len(targets) != 1:
            words = "Exactly one of token, fid, topic or condition is required"
            raise RefusedError(400, "INVALID_ARGUMENT", words, field="message")
        data = message.get("data") or {}
        if not all(isinstance(value, str) for value in data.values()):
            raise RefusedError(
                400, "INVALID_ARGUMENT", "Invalid value (TYPE_STRING)", field="message.data[0].value"
            )
        shown = message.get("notification") or {}
        texts = [*data, *data.values(), *(text for text in shown.values() if isinstance(text, str))]
        if sum(len(text.encode()) for text in texts) > MAX_PAYLOAD:
            raise RefusedError(400, "INVALID_ARGUMENT", "Message payload is too large", field="message")
        ttl = (message.get("android") or {}).get("ttl", "0s")
        if not (ttl.endswith("s") and ttl[:-1].replace(".", "", 1).isdigit()):
            raise RefusedError(
                400, "INVALID_ARGUMENT", "Illegal duration format", field="message.android.ttl"
            )
        return str(message[targets[0]])

    def _authorise(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or self._access.get(token, 0) < time.time():
            raise RefusedError(*errors.UNAUTHENTICATED)
