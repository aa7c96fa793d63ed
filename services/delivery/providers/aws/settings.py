"""Settings and credentials that accounts of all of Amazon's services have."""

import re
from typing import Final

from services.delivery.providers import checks
from services.delivery.providers.kinds import Check, Credential, Setting

REGION: Final = r"[a-z]{2}(?:-[a-z]+){1,2}-[0-9]{1,2}"
TOPIC: Final = rf"arn:aws(?:-cn|-us-gov)?:sns:{REGION}:[0-9]{{12}}:[A-Za-z0-9_-]{{1,256}}"
CREDENTIALS: Final = {"access_key_id": Credential(), "secret_access_key": Credential()}


def region() -> Setting:
    """The region an account sends from."""
    return Setting(checks.matching(REGION, "must be a region such as eu-central-1"))


def topic() -> Setting:
    """The topic that tells of an account's messages; nothing of another topic is believed."""
    return Setting(checks.matching(TOPIC, "must be the ARN of a standard SNS topic"), optional=True)


def base_url(*hosts: str) -> Setting:
    """Another address of a service: in production one of Amazon's."""
    names = "|".join(re.escape(host) for host in hosts)
    pattern = rf"(?:{names})\.{REGION}\.amazonaws\.com(?:\.cn)?"
    return Setting(checks.base_url_like(pattern, f"https://{hosts[0]}.<region>.amazonaws.com"), optional=True)


def name(words: str, pattern: str = r"[A-Za-z0-9_-]{1,64}") -> Setting:
    """A name of something in the account."""
    check: Check = checks.matching(pattern, words)
    return Setting(check, optional=True)
