"""An account of WATI: one workspace and perhaps one of its numbers."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Setting
from services.delivery.providers.networks import WEBHOOK_NETWORKS
from services.delivery.providers.phones import names_of_templates

HOST: Final = r"[a-z0-9-]+\.wati\.io"
EXAMPLE: Final = "https://live-mt-server.wati.io"

KIND: Final = Kind(
    name="wati",
    channels=("whatsapp",),
    adapter="Wati",
    settings={
        "base_url": Setting(checks.base_url_like(HOST, EXAMPLE), optional=True),
        "channel_number": Setting(
            checks.matching(r"[1-9][0-9]{6,14}", "must be a number with its country code, without +"),
            optional=True,
        ),
        "templates": Setting(names_of_templates(r"[a-z0-9_]{1,512}", "an approved template"), optional=True),
        "webhook_networks": WEBHOOK_NETWORKS,
    },
    credentials={"access_token": Credential(), "webhook_secret": Credential(optional=True)},
    webhook_secret="webhook_secret",  # noqa: S106 - the name of a credential
    echoes=False,
)
