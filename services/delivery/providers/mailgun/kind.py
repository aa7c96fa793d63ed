"""An account of Mailgun: a key and one sending domain."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Setting

# Mailgun tries a webhook again for eight hours, and nobody promises that it signs again.
RETRIED_SECONDS: Final = 12 * 3600

KIND: Final = Kind(
    name="mailgun",
    channels=("email",),
    adapter="Mailgun",
    settings={
        "base_url": Setting(checks.base_url(("api.mailgun.net", "api.eu.mailgun.net")), optional=True),
        "domain": Setting(checks.domain("that mail is sent from, as Mailgun knows it")),
        "from_address": Setting(checks.email_address),
        "from_name": Setting(checks.line(100), optional=True),
        "amp_registered": Setting(checks.flag, optional=True),
    },
    credentials={"api_key": Credential(), "signing_key": Credential(optional=True)},
    webhook_secret="signing_key",  # noqa: S106 - the name of it
    webhook_seconds=RETRIED_SECONDS,
)
