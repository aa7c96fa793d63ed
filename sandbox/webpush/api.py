"""The one route of a push service: a message for a browser (RFC 8030), by a known sender (RFC 8292)."""

import base64
import re
import secrets
import time

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faces
from sandbox.context import Sandbox
from sandbox.faces import Faults, account_of, answering
from sandbox.push import inbox, store
from sandbox.push.store import Device
from sandbox.webpush.decryption import UndecryptableError, decrypted

MAX_BODY = 4096
LONGEST = 24 * 3600
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
URGENCIES = ("very-low", "low", "normal", "high")
VAPID = re.compile(r"vapid\s+(?=.*\bt=([\w.-]+))(?=.*\bk=([\w-]+))", re.IGNORECASE)


class RefusedError(faces.RefusalError):
    """A request a push service refuses."""

    def __init__(self, status: int, words: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(words)
        self._status, self._words, self._headers = status, words, headers

    def response(self) -> Response:
        """Returns the answer as it goes over the wire."""
        return Response(self._words, self._status, headers=self._headers, media_type="text/plain")


def too_many(reset: int | None) -> RefusedError:
    """Returns the refusal of too many requests."""
    headers = {"Retry-After": str(max(1, reset - int(time.time())))} if reset else None
    return RefusedError(429, "too many requests", headers)


def failed(status: int) -> RefusedError:
    """Returns the answer of a service that is not well."""
    return RefusedError(status, "try later")


OF_DEVICE = {
    "device_unregistered": (410, "push subscription has unsubscribed or expired"),
    "device_invalid": (404, "no such subscription"),
    "device_wrong_app": (403, "the key does not match that of the subscription"),
    "device_busy": (429, "too many messages"),
    "device_unavailable": (503, "try later"),
}


class WebPush:
    """A push service and its browsers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = Faults(sandbox, too_many, failed, accepted=201)

    def routes(self) -> list[Route]:
        """Returns the routes."""
        return [Route("/push/{token}", answering(self._push), methods=["POST"])]

    async def _push(self, request: Request) -> Response:
        token = request.path_params["token"]
        device = store.find(self._sandbox.database, "webpush", token)
        if device is None:
            raise RefusedError(404, "no such subscription")
        sender, subject = self._authorised(request, device)
        if device.behaviour.name in OF_DEVICE:
            raise RefusedError(*OF_DEVICE[device.behaviour.name])
        how, body = await self._checked(request)
        rule = self._faults.strike([token])
        if rule is not None:
            await self._faults.before(rule, request)
        try:
            shown = orjson.loads(decrypted(body, device.key, device.auth))
        except (UndecryptableError, orjson.JSONDecodeError) as error:
            # The push service cannot tell; the browser shows nothing.
            shown = {"title": "(cannot be read)", "body": str(error)}
        name = secrets.token_urlsafe(18)
        kept = {**shown, "how": how}
        account = account_of(sender, "webpush")
        await inbox.take(self._sandbox, "webpush", name, account, (subject, token, device.behaviour), kept)
        if rule is not None:
            await self._faults.after(rule, request)
        location = f"{str(request.base_url).rstrip('/')}/push/messages/{name}"
        return Response(status_code=201, headers={"Location": location, "TTL": how["TTL"]})

    async def _checked(self, request: Request) -> tuple[dict[str, str], bytes]:
        headers = request.headers
        if not headers.get("ttl", "").isdigit():
            raise RefusedError(400, "TTL is missing")
        if headers.get("content-encoding") != "aes128gcm":
            raise RefusedError(400, "Content-Encoding must be aes128gcm")
        if headers.get("urgency", "normal") not in URGENCIES:
            raise RefusedError(400, "Urgency is not one")
        if "topic" in headers and not TOPIC.fullmatch(headers["topic"]):
            raise RefusedError(400, "Topic must be at most 32 characters of base64url")
        body = await request.body()
        if len(body) > MAX_BODY:
            raise RefusedError(413, "payload too large")
        names = ("TTL", "Urgency", "Topic")
        return {name: headers[name] for name in names if name in headers}, body

    def _authorised(self, request: Request, device: Device) -> tuple[str, str]:
        found = VAPID.match(request.headers.get("authorization", ""))
        if found is None:
            raise RefusedError(401, "Authorization must be vapid")
        token, given = found[1], found[2]
        origin = f"{request.url.scheme}://{request.url.netloc}"
        try:
            point = base64.urlsafe_b64decode(given + "=" * (-len(given) % 4))
            key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            claims = jwt.decode(token, key, ["ES256"], audience=origin, options={"require": ["exp", "aud"]})
        except (ValueError, jwt.PyJWTError) as error:
            raise RefusedError(401, f"the token is refused: {error}") from None
        if claims["exp"] > time.time() + LONGEST:
            raise RefusedError(401, "the token lives longer than 24 hours")
        subject = str(claims.get("sub") or "")
        if not subject.startswith(("mailto:", "https:")):
            raise RefusedError(401, "the token names nobody to write to")
        if device.application_key and device.application_key.rstrip("=") != given.rstrip("="):
            raise RefusedError(403, "the key does not match that of the subscription")
        return given, subject
