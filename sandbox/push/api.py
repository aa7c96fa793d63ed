"""Routes for whoever plays with devices: make one, take the app off it."""

import base64

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_private_key
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.context import Sandbox
from sandbox.faces import json
from sandbox.push import store
from sandbox.push.devices import BY_DEVICE, SERVICES
from sandbox.push.store import Device


class Devices:
    """The devices of simulated people."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Returns the routes."""
        return [
            Route("/push/devices", self._make, methods=["POST"]),
            Route("/push/devices/{token:path}", self._remove, methods=["DELETE"]),
        ]

    async def _make(self, request: Request) -> Response:
        wanted = await request.json()
        service = wanted.get("service")
        behaviour = BY_DEVICE.get(wanted.get("behaviour", "device_healthy"))
        if service not in SERVICES:
            return json({"error": f"service must be one of {', '.join(SERVICES)}"}, 400)
        if behaviour is None:
            return json({"error": f"behaviour must be one of {', '.join(BY_DEVICE)}"}, 400)
        made = await store.make(
            self._sandbox.database, service, behaviour, str(wanted.get("application_server_key") or "")
        )
        return json(_shown(made, str(request.base_url).rstrip("/")), 201)

    async def _remove(self, request: Request) -> Response:
        token = request.path_params["token"].rpartition("/")[2]
        return json({"removed": await store.remove(self._sandbox.database, token)})


def _shown(device: Device, base: str) -> dict[str, object]:
    """What an app on the device learns when it registers for push messages."""
    if device.service != "webpush":
        return {"service": device.service, "token": device.token}
    key = load_der_private_key(device.key, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - the store makes no other
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return {
        "service": "webpush",
        "endpoint": f"{base}/push/{device.token}",
        "keys": {"p256dh": _text(point), "auth": _text(device.auth)},
    }


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
