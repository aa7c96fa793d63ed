"""Meta's webhooks: statuses and texts of people, signed with the app's secret."""

import hmac
import secrets
from hashlib import blake2b
from typing import Any

import orjson

from sandbox.meta.errors import CODES
from sandbox.store.mail import Message

SIGNATURE = "X-Hub-Signature-256"


class Webhooks:
    """How Meta tells what became of messages, and what people write."""

    most = 100
    max_bytes = 256_000
    keeps: tuple[str, ...] = ()

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - each message is whole
        data: dict[str, Any],
        at: float,
    ) -> dict[str, Any] | None:
        """Returns the value of one change."""
        kept = orjson.loads(message.personal)
        common = {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": message.sender, "phone_number_id": message.sender},
        }
        if "text" in data:
            name = blake2b(f"{message.id} {data['text']}".encode(), digest_size=20).hexdigest()
            text = {"from": kept["to"], "id": f"wamid.{name}", "timestamp": str(int(at)), "type": "text",
                    "text": {"body": data["text"]}}  # fmt: skip
            contact = {"profile": {"name": "Somebody"}, "wa_id": kept["to"]}
            return {**common, "contacts": [contact], "messages": [text]}
        return {**common, "statuses": [status(kept, data, at)]}

    def body(self, events: list[bytes]) -> bytes:
        """Returns a call of several changes."""
        changes = b",".join(b'{"field":"messages","value":' + event + b"}" for event in events)
        return b'{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[' + changes + b"]}]}"

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:
        """Returns headers and body of one attempt."""
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        if signed:
            headers[SIGNATURE] = f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
        return headers, body

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns failures under a stranger's signature."""
        call = orjson.loads(body)
        for change in call["entry"][0]["changes"]:
            for one in change["value"].get("statuses", ()):
                one |= {"status": "failed", "errors": [{"code": 131050}]}
        return self.sealed(orjson.dumps(call), secrets.token_hex(16), signed=True)


def status(kept: dict[str, Any], data: dict[str, Any], at: float) -> dict[str, Any]:
    """Returns one status of a message."""
    found: dict[str, Any] = {
        "id": kept["id"],
        "status": data["status"],
        "timestamp": str(int(at)),
        "recipient_id": kept["to"],
        "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"},
    }
    if kept.get("biz_opaque_callback_data"):
        found["biz_opaque_callback_data"] = kept["biz_opaque_callback_data"]
    if data["status"] == "failed":
        code, title = CODES[data["error"]]
        found["errors"] = [{"code": code, "title": title, "message": title, "error_data": {"details": title}}]
        del found["pricing"]
    return found
