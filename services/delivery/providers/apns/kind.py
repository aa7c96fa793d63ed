"""An account of APNs: a key of a developer team, which serves all its apps."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.apps import APP_IDS
from services.delivery.providers.kinds import Credential, Kind, Setting

HOSTS: Final = ("api.push.apple.com", "api.sandbox.push.apple.com")
_ID: Final = checks.matching(r"[A-Z0-9]{10}", "must be the ten letters and digits that Apple shows")

KIND: Final = Kind(
    name="apns",
    channels=("push",),
    adapter="Apns",
    settings={
        "base_url": Setting(checks.base_url(HOSTS), optional=True),
        "key_id": Setting(_ID),
        "team_id": Setting(_ID),
        "topic": Setting(
            checks.matching(r"[A-Za-z0-9.-]{1,155}", "must be a topic, such as com.example.app"),
            optional=True,
        ),
        "app_ids": APP_IDS,
    },
    credentials={"private_key": Credential(lines=True)},
    has_webhook=False,
)
