"""An account of Amazon SES: a key, a region, and the configuration set whose events are told."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from services.delivery.providers import checks
from services.delivery.providers.aws import settings
from services.delivery.providers.kinds import Kind, Problem, Setting

HOST: Final = "email"
# SNS gives a notification up after an hour.
RETRIED_SECONDS: Final = 3600


def _events(config: Mapping[str, Any]) -> Iterator[Problem]:
    if config.get("topic_arn") and not config.get("configuration_set"):
        yield "config.configuration_set", "belongs to topic_arn: it names the events that are told"


KIND: Final = Kind(
    name="ses",
    channels=("email",),
    adapter="Ses",
    settings={
        "base_url": settings.base_url(HOST, "email-fips"),
        "region": settings.region(),
        "from_address": Setting(checks.email_address),
        "from_name": Setting(checks.line(100), optional=True),
        "amp_registered": Setting(checks.flag, optional=True),
        "configuration_set": settings.name("must be the name of a configuration set"),
        "topic_arn": settings.topic(),
        "allow_signature_version_1": Setting(checks.flag, optional=True),
    },
    credentials=settings.CREDENTIALS,
    config_whole=_events,
    webhook_seconds=RETRIED_SECONDS,
    priority=20,
)
