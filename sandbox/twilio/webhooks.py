"""Twilio's callbacks: one form per call, signed with the account's token over the URL it is posted to."""

import base64
import hashlib
import hmac
import secrets
from hashlib import blake2b
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import orjson

from sandbox.context import Webhook
from sandbox.store.mail import Message

SIGNATURE = "X-Twilio-Signature"


class Callbacks:
    """How Twilio tells what became of a text, and what people write back."""

    most = 1
    max_bytes = 64_000
    keeps: tuple[str, ...] = ()

    def address(self, message: Message, data: dict[str, Any]) -> Webhook | None:
        """Returns where a call goes: statuses where the text said, answers to the same place without its query."""
        kept = orjson.loads(message.personal)
        url = kept.get("StatusCallback", "")
        if not url:
            return None
        if "text" in data:
            url = urlunsplit(urlsplit(url)._replace(query=""))
        return Webhook(url, secret=kept["token"])

    def event(
        self,
        message: Message,
        mail: dict[str, Any],  # noqa: ARG002 - each text is whole
        data: dict[str, Any],
        at: float,  # noqa: ARG002 - no callback tells when
    ) -> dict[str, Any] | None:
        """Returns a call: its URL and its form."""
        kept = orjson.loads(message.personal)
        url = kept["StatusCallback"]
        common = {"AccountSid": kept["AccountSid"], "ApiVersion": "2010-04-01"}
        own = {"From": message.sender} if not message.sender.startswith("MG") else {}
        if "text" in data:
            digest = blake2b(f"{message.id} {data['text']}".encode(), digest_size=16).hexdigest()
            form = {
                "MessageSid": f"SM{digest}", "SmsSid": f"SM{digest}", "SmsStatus": "received", "Body": data["text"],
                "From": kept["To"], "To": own.get("From", ""), "NumMedia": "0", "NumSegments": "1", **common,
            }  # fmt: skip
            return {"url": urlunsplit(urlsplit(url)._replace(query="")), "form": form}
        form = {
            "MessageSid": kept["sid"], "SmsSid": kept["sid"], "MessageStatus": data["status"],
            "SmsStatus": data["status"], "To": kept["To"], **own, **common,
        }  # fmt: skip
        if message.sender.startswith("MG"):
            form["MessagingServiceSid"] = message.sender
        if data.get("error"):
            form["ErrorCode"] = str(data["error"])
        return {"url": url, "form": form}

    def body(self, events: list[bytes]) -> bytes:
        """Returns the one call as it is kept."""
        return events[0]

    def sealed(self, body: bytes, secret: str, *, signed: bool) -> tuple[dict[str, str], bytes]:
        """Returns headers and body of one attempt."""
        call = orjson.loads(body)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "User-Agent": "TwilioProxy/1.1",
        }
        if signed:
            headers[SIGNATURE] = signature(secret, call["url"], call["form"])
        return headers, urlencode(call["form"]).encode()

    def forged(self, body: bytes) -> tuple[dict[str, str], bytes]:
        """Returns a failure under a stranger's signature."""
        call = orjson.loads(body)
        call["form"] |= {"MessageStatus": "failed", "ErrorCode": "21610"}
        return self.sealed(orjson.dumps(call), secrets.token_hex(16), signed=True)


def signature(token: str, url: str, form: dict[str, str]) -> str:
    """Returns base64 of the HMAC-SHA1 over the URL and the parameters by name."""
    pairs = parse_qsl(urlencode(form), keep_blank_values=True)
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), hashlib.sha1)).decode()
