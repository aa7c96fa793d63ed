"""APNs as a sender sees it: authorises, checks, stores, answers."""

import asyncio
import re
import time
import uuid
from typing import Any, NoReturn

import jwt
import orjson

from sandbox import faults
from sandbox.apns.server import HangUp, Reply, Request
from sandbox.context import Sandbox
from sandbox.faces import account_of
from sandbox.push import inbox, store
from sandbox.push.devices import by_digits

PATH = re.compile(r"/3/device/([0-9A-Za-z]*)")
TOKEN = re.compile(r"(?:[0-9a-f]{2}){16,100}")
MAX_PAYLOAD = 4096
TOKEN_LIFE = 3600
TYPES = ("alert", "background", "voip", "complication", "fileprovider", "mdm", "liveactivity", "location")
OF_DEVICE = {
    "device_unregistered": (410, "Unregistered"),
    "device_invalid": (400, "BadDeviceToken"),
    "device_wrong_app": (400, "DeviceTokenNotForTopic"),
    "device_busy": (429, "TooManyRequests"),
    "device_unavailable": (503, "ServiceUnavailable"),
}


class RefusedError(Exception):
    """A request APNs refuses."""

    def __init__(self, status: int, reason: str, at: float = 0.0) -> None:
        super().__init__(reason)
        self.status, self.reason, self.at = status, reason, at


class Apns:
    """The face."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def answer(self, request: Request) -> Reply:
        """Answers one request."""
        apns_id = request.headers.get("apns-id") or str(uuid.uuid4()).upper()
        try:
            await self._push(request, apns_id)
        except RefusedError as refused:
            body: dict[str, Any] = {"reason": refused.reason}
            if refused.at:
                body["timestamp"] = int(refused.at * 1000)
            return Reply(refused.status, {"apns-id": apns_id}, orjson.dumps(body))
        except _BrokenError as broken:
            return Reply(broken.status, {"apns-id": apns_id}, b'{"reason":"Inter')
        return Reply(200, {"apns-id": apns_id})

    async def _push(self, request: Request, apns_id: str) -> None:
        found = PATH.fullmatch(request.path)
        if request.method != "POST":
            raise RefusedError(405, "MethodNotAllowed")
        if found is None:
            raise RefusedError(404, "BadPath")
        team = self._authorised(request)
        token = found[1]
        shown, how = self._checked(request)
        rule = self._sandbox.faults.strike(faults.API, addresses=[token])
        if rule is not None:
            await _before(rule, request)
        if not token:
            raise RefusedError(400, "MissingDeviceToken")
        device = store.find(self._sandbox.database, "apns", token)
        behaviour = device.behaviour if device is not None else by_digits(token)
        if not TOKEN.fullmatch(token) or not token.strip("0"):
            raise RefusedError(400, "BadDeviceToken")
        if behaviour.name in OF_DEVICE:
            gone_at = (device.gone_at if device else 0.0) or time.time()
            raise RefusedError(
                *OF_DEVICE[behaviour.name], gone_at if behaviour.name == "device_unregistered" else 0.0
            )
        alert = shown.get("aps", {}).get("alert") or {}
        alert = alert if isinstance(alert, dict) else {"body": str(alert)}
        data = {name: value for name, value in shown.items() if name != "aps"}
        kept = {"title": alert.get("title"), "body": alert.get("body"), "data": data, "how": how}
        app = request.headers["apns-topic"]
        await inbox.take(
            self._sandbox, "apns", apns_id, account_of(team, "apns"), (app, token, behaviour), kept
        )
        if rule is not None:
            await _after(rule, request)

    def _checked(self, request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        headers = request.headers
        if not headers.get("apns-topic"):
            raise RefusedError(400, "MissingTopic")
        if headers.get("apns-push-type", "alert") not in TYPES:
            raise RefusedError(400, "InvalidPushType")
        if headers.get("apns-priority", "10") not in ("1", "5", "10"):
            raise RefusedError(400, "BadPriority")
        if not headers.get("apns-expiration", "0").isdigit():
            raise RefusedError(400, "BadExpirationDate")
        if len(headers.get("apns-collapse-id", "").encode()) > 64:
            raise RefusedError(400, "BadCollapseId")
        if not request.body:
            raise RefusedError(400, "PayloadEmpty")
        if len(request.body) > MAX_PAYLOAD:
            raise RefusedError(413, "PayloadTooLarge")
        try:
            shown = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise RefusedError(400, "PayloadEmpty") from None
        how = {name: value for name, value in headers.items() if name.startswith("apns-")}
        return shown if isinstance(shown, dict) else {}, how

    def _authorised(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise RefusedError(403, "MissingProviderToken")
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            raise RefusedError(403, "InvalidProviderToken") from None
        issued = claims.get("iat", 0)
        is_good = header.get("alg") == "ES256" and header.get("kid") and claims.get("iss")
        if not is_good or str(header["kid"]).startswith("INVALID") or issued > time.time() + 60:
            raise RefusedError(403, "InvalidProviderToken")
        if issued < time.time() - TOKEN_LIFE:
            raise RefusedError(403, "ExpiredProviderToken")
        return str(claims["iss"])


class _BrokenError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def _before(rule: faults.Rule, request: Request) -> None:
    """Commits a fault that comes before anything is accepted."""
    match rule.kind:
        case "timeout_before":
            await _hang(rule, request)
        case "slow":
            await asyncio.sleep(rule.seconds)
        case "rate_limit":
            raise RefusedError(429, "TooManyProviderTokenUpdates")
        case "server_error":
            code = rule.code or 503
            raise RefusedError(code, "InternalServerError" if code == 500 else "ServiceUnavailable")
        case "disconnect_before":
            raise HangUp
        case "broken_json" if not rule.accepted:
            raise _BrokenError(rule.code or 500)


async def _after(rule: faults.Rule, request: Request) -> None:
    """Commits a fault that comes when everything is on disk."""
    match rule.kind:
        case "timeout_after":
            await _hang(rule, request)
        case "disconnect_after":
            raise HangUp
        case "broken_json":
            raise _BrokenError(rule.code or 200)


async def _hang(rule: faults.Rule, request: Request) -> NoReturn:
    await faults.wait_out(rule.seconds, asyncio.shield(request.gone))
    raise HangUp
