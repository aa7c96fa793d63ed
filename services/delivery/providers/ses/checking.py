"""Whether an account of SES can send and be heard: the account, the sender's identity, the events."""

from typing import Any, Final
from urllib.parse import quote

from services.delivery.providers.aws.connection import Service
from services.delivery.providers.aws.errors import words_of
from services.delivery.providers.base import Account, Verification

_NEITHER: Final = "neither"

NEEDED: Final = frozenset({"DELIVERY", "BOUNCE", "COMPLAINT", "REJECT"})
"""Events without which the fate of messages stays unknown."""


async def verified(account: Account, service: Service) -> Verification:
    """What a live check found; the first thing that is wrong."""
    found = await service.get("/v2/email/account")
    if found.status != 200:
        return found.unverified(words_of(found) or "the key was refused")
    state = found.json()
    if state.get("SendingEnabled") is False:
        return _wrong(f"sending is switched off ({state.get('EnforcementStatus') or 'paused'})")
    problem = await _identity(account.text("from_address"), service)
    if not problem:
        problem = await _events(account.text("configuration_set"), account.text("topic_arn"), service)
    if problem:
        return _wrong(problem)
    return _good(state)


async def sender_verified(address: str, service: Service) -> Verification:
    """What SES says of a sender: verified, not verified, or nothing that can be read."""
    problem = await _identity(address, service)
    return Verification(
        not problem, problem, provider_fault=bool(problem) and not problem.startswith(_NEITHER)
    )


async def _identity(address: str, service: Service) -> str:
    """What is wrong with the sender: its address or its domain must be verified."""
    domain = address.rpartition("@")[2]
    for identity in dict.fromkeys((domain, address)):
        if not identity:
            continue
        found = await service.get(f"/v2/email/identities/{quote(identity, safe='')}")
        if found.status == 200 and found.json().get("VerifiedForSendingStatus") is True:
            return ""
        if found.status not in (200, 404):
            return words_of(found) or "the sender's identity cannot be read"
    return f"{_NEITHER} {domain} nor the sender's address is verified"


async def _events(configuration_set: str, topic: str, service: Service) -> str:
    """What is wrong with the events: they must be told to the topic, those of failures among them."""
    if not configuration_set:
        return ""
    found = await service.get(
        f"/v2/email/configuration-sets/{quote(configuration_set, safe='')}/event-destinations"
    )
    if found.status == 404:
        return f"there is no configuration set {configuration_set}"
    if found.status != 200:
        return words_of(found) or "the configuration set cannot be read"
    if not topic:
        return ""
    told: set[str] = set()
    for one in found.json().get("EventDestinations") or ():
        if isinstance(one, dict) and one.get("Enabled") and _topic(one) == topic:
            told |= {str(kind) for kind in one.get("MatchingEventTypes") or ()}
    missing = sorted(NEEDED - told)
    return f"{configuration_set} does not tell {', '.join(missing)} to the topic" if missing else ""


def _topic(destination: dict[str, Any]) -> str:
    sns = destination.get("SnsDestination")
    return str(sns.get("TopicArn") or "") if isinstance(sns, dict) else ""


def _good(state: dict[str, Any]) -> Verification:
    quota = state.get("SendQuota")
    quota = quota if isinstance(quota, dict) else {}
    most, sent = quota.get("Max24HourSend", -1), quota.get("SentLast24Hours", 0)
    left = int(most - sent) if most >= 0 else None
    words = ["the key and the sender are accepted", f"{quota.get('MaxSendRate', 0):g} messages a second"]
    if left is not None:
        words.append(f"{left} left for the next 24 hours")
    if state.get("ProductionAccessEnabled") is False:
        words.append("the account is in Amazon's sandbox: only verified addresses are written to")
    return Verification(True, "; ".join(words), quota=left)


def _wrong(words: str) -> Verification:
    return Verification(False, words, provider_fault=True)
