"""An account of Postmark: one server, with its streams."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Credential, Kind, Setting

_STREAM: Final = checks.matching(
    r"[a-z][a-z0-9_-]{0,29}", "must be the id of a message stream: at most 30 of a-z, 0-9, _ and -"
)


KIND: Final = Kind(
    name="postmark",
    channels=("email",),
    adapter="Postmark",
    settings={
        "base_url": Setting(checks.base_url(("api.postmarkapp.com",)), optional=True),
        "message_stream": Setting(_STREAM, optional=True),
        "broadcast_stream": Setting(_STREAM, optional=True),
        "message_search": Setting(checks.flag, optional=True),
        "from_address": Setting(checks.email_address),
        "from_name": Setting(checks.line(100), optional=True),
    },
    credentials={"server_token": Credential(), "webhook_secret": Credential(optional=True)},
    webhook_secret="webhook_secret",  # noqa: S106 - the name of it
)
