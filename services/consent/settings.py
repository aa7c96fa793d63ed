"""Settings of the consent service."""

from collections.abc import Iterator
from datetime import time

from services.common.settings import Boolean, CommonSettings, Hour, Keys
from services.consent.decisions.categories import Channel
from services.consent.decisions.facts import Deployment
from services.consent.decisions.windows import Window

_SEED_BYTES = 32


class ConsentSettings(CommonSettings):
    """What the consent service needs beyond what every service does."""

    receipt_keys: Keys
    enable_email: Boolean = True
    enable_sms: Boolean = True
    enable_whatsapp: Boolean = True
    enable_push: Boolean = False
    enable_in_app: Boolean = True
    enable_webhook_delivery: Boolean = True
    sms_time_restriction_start: Hour = 8
    sms_time_restriction_end: Hour = 21

    @property
    def deployment(self) -> Deployment:
        """Returns what the deployment allows, whatever a tenant says."""
        switches: dict[Channel, bool] = {
            "email": self.enable_email,
            "sms": self.enable_sms,
            "whatsapp": self.enable_whatsapp,
            "push": self.enable_push,
            "in_app": self.enable_in_app,
            "webhook": self.enable_webhook_delivery,
        }
        return Deployment(
            channels=frozenset(channel for channel, on in switches.items() if on),
            sms_window=Window(
                time(self.sms_time_restriction_start % 24), time(self.sms_time_restriction_end % 24)
            ),
            default_time_zone=self.default_timezone,
        )

    def problems(self) -> Iterator[str]:
        """Yields what is wrong between settings, each naming its variable."""
        yield from super().problems()
        seeds = [seed for _, seed in self.receipt_keys]
        others = {
            key for keyset in (self.encryption_keys, self.hash_keys, self.token_keys) for _, key in keyset
        }
        if any(len(seed) != _SEED_BYTES for seed in seeds):
            yield f"RECEIPT_KEYS: each key must be {_SEED_BYTES} bytes, the seed of an Ed25519 key"
        if not others.isdisjoint(seeds):
            yield "RECEIPT_KEYS: shares a key with another key set"
        if self.production and any(len(set(seed)) < 8 for seed in seeds):
            yield "RECEIPT_KEYS: holds a test key"
