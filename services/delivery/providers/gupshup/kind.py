"""An account of Gupshup: one app, which is one WhatsApp number."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Setting
from services.delivery.providers.networks import WEBHOOK_NETWORKS
from services.delivery.providers.phones import names_of_templates

HOSTS: Final = ("api.gupshup.io",)
TEMPLATE: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"

KIND: Final = Kind(
    name="gupshup",
    channels=("whatsapp",),
    adapter="Gupshup",
    settings={
        "base_url": Setting(checks.base_url(HOSTS), optional=True),
        "from": Setting(checks.matching(r"\+[1-9][0-9]{6,14}", "must be a number of E.164")),
        "app_name": Setting(checks.line(100)),
        "app_id": Setting(checks.matching(TEMPLATE, "must be the id of an app at Gupshup"), optional=True),
        "templates": Setting(names_of_templates(TEMPLATE, "an id of a template at Gupshup"), optional=True),
        "webhook_networks": WEBHOOK_NETWORKS,
    },
    credentials={"api_key": Credential(), "webhook_secret": Credential(optional=True)},
    webhook_secret="webhook_secret",  # noqa: S106 - the name of a credential
    echoes=False,
)
