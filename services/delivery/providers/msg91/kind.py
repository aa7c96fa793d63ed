"""An account of MSG91."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Setting
from services.delivery.providers.networks import WEBHOOK_NETWORKS
from services.delivery.providers.phones import names_of_templates

HOSTS: Final = ("control.msg91.com", "api.msg91.com")

KIND: Final = Kind(
    name="msg91",
    channels=("sms",),
    adapter="Msg91",
    settings={
        "base_url": Setting(checks.base_url(HOSTS), optional=True),
        "templates": Setting(names_of_templates(r"[0-9a-f]{24}", "an id of a template at MSG91")),
        "short_urls": Setting(checks.flag, optional=True),
        "currency": Setting(checks.matching(r"[A-Z]{3}", "must be a currency of ISO 4217"), optional=True),
        "webhook_networks": WEBHOOK_NETWORKS,
    },
    credentials={"auth_key": Credential(), "webhook_secret": Credential(optional=True)},
    webhook_secret="webhook_secret",  # noqa: S106 - the name of a credential
    echoes=False,
    polls=True,
)
