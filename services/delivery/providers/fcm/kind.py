"""An account of Firebase Cloud Messaging: a project and its service account."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.apps import APP_IDS
from services.delivery.providers.kinds import Credential, Kind, Setting

KIND: Final = Kind(
    name="fcm",
    channels=("push",),
    adapter="Fcm",
    settings={
        "base_url": Setting(checks.base_url(("fcm.googleapis.com",)), optional=True),
        "token_url": Setting(checks.base_url(("oauth2.googleapis.com",)), optional=True),
        "project_id": Setting(
            checks.matching(r"[a-z][a-z0-9-]{4,28}[a-z0-9]", "must be the id of a Firebase project")
        ),
        "app_ids": APP_IDS,
    },
    credentials={
        "client_email": Credential(),
        "private_key": Credential(lines=True),
        "private_key_id": Credential(optional=True),
    },
    has_webhook=False,
)
