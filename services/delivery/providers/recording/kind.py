"""An account of the recording provider; it exists with PROVIDER_MODE recording only (DEL-79)."""

from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Kind, Setting

KIND: Final = Kind(
    name="recording",
    channels=("email", "sms", "whatsapp", "push"),
    adapter="Recording",
    settings={
        name: Setting(checks.anything, optional=True)
        for name in (
            "channel",
            "max_batch",
            "rules",
            "verified",
            "from_address",
            "from_name",
            "verification_key",
            "amp_registered",
        )
    },
)
