"""An account of SendGrid."""

import base64
import binascii
from typing import Any, Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Rules, Setting

_P256_PREFIX: Final = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def _public_key(value: Any, _rules: Rules) -> str | None:
    try:
        decoded = base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        decoded = b"\x00"
    if not value or (len(decoded) == 91 and decoded.startswith(_P256_PREFIX)):
        return None
    return "must be a P-256 public key as SendGrid shows it: base64 of DER"


KIND: Final = Kind(
    name="sendgrid",
    channels=("email",),
    adapter="SendGrid",
    settings={
        "base_url": Setting(checks.base_url(("api.sendgrid.com", "api.eu.sendgrid.com")), optional=True),
        "verification_key": Setting(_public_key, optional=True),
        "email_activity": Setting(checks.flag, optional=True),
        "amp_registered": Setting(checks.flag, optional=True),
        "from_address": Setting(checks.email_address),
        "from_name": Setting(checks.line(100), optional=True),
    },
    credentials={"api_key": Credential()},
)
