"""Push messages: each goes to every device of its contact, by the accounts that carry to them (DEL-97).

A hand-over of push messages has legs: one for each account that takes some of their devices. What comes of a message is
made of what came of its devices: it is sent when one of them took it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from services.common.templating import CompiledContent
from services.delivery import providers
from services.delivery.accounts.health import Observation
from services.delivery.accounts.store import ProviderAccount
from services.delivery.devices.store import Gone, Tried
from services.delivery.dispatch.domain import Result
from services.delivery.dispatch.loading import Item
from services.delivery.messages.domain import Lane
from services.delivery.providers import Device
from services.delivery.providers.apps import carries
from services.delivery.providers.base import stored_name
from services.delivery.templates.cache import Template

SLICE: Final = 200
"""So many messages are in doubt at most when a worker dies while handing over."""

NO_DEVICE: Final = "no_device"
URGENCY: Final[Mapping[Lane, Literal["low", "normal", "high"]]] = {
    Lane.CRITICAL: "high",
    Lane.HIGH: "high",
    Lane.NORMAL: "normal",
    Lane.LOW: "low",
}


@dataclass(frozen=True, slots=True)
class Target:
    """A message on its way to one device."""

    item: Item
    device: Device


@dataclass(frozen=True, slots=True)
class Leg:
    """What one account takes of a hand-over."""

    account: ProviderAccount
    targets: list[Target]


@dataclass(frozen=True, slots=True)
class Shipment:
    """Messages that are handed over together, under the name of the account that takes the first device of each."""

    account: ProviderAccount
    items: list[Item]
    legs: list[Leg]


@dataclass(frozen=True, slots=True)
class DeviceOutcomes:
    """What came of devices, and which of them nothing reaches any more."""

    tried: list[Tried] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)


def shipments(items: Sequence[Item], usable: Sequence[ProviderAccount]) -> Iterator[Shipment]:
    """Yields the hand-overs of messages, by the account that was chosen for each of them."""
    routes: defaultdict[UUID, list[tuple[Item, list[tuple[ProviderAccount, Target]]]]] = defaultdict(list)
    leaders: dict[UUID, ProviderAccount] = {}
    for item in items:
        if item.account is None:
            continue
        route = []
        for device in item.devices:
            carriers = [one for one in (item.account, *usable) if carries(one.provider, one.config, device)]
            if carriers:
                route.append((carriers[0], Target(item, device)))
        leaders[item.account.account_id] = item.account
        routes[item.account.account_id].append((item, route))
    for account_id, members in routes.items():
        for start in range(0, len(members), SLICE):
            yield _shipment(leaders[account_id], members[start : start + SLICE])


def _shipment(
    leader: ProviderAccount, members: Sequence[tuple[Item, list[tuple[ProviderAccount, Target]]]]
) -> Shipment:
    legs: dict[UUID, Leg] = {leader.account_id: Leg(leader, [])}
    for _, route in members:
        for account, target in route:
            legs.setdefault(account.account_id, Leg(account, [])).targets.append(target)
    return Shipment(leader, [item for item, _ in members], list(legs.values()))


def push_block(
    tenant_id: UUID, template: Template, content: CompiledContent, targets: Sequence[Target]
) -> providers.Block:
    """Returns what an adapter takes: each message once for each device."""
    shared = targets[0].item.content
    campaign_id = str(shared.campaign_id or "")
    return providers.Block(
        content=content,
        sender=providers.Sender(""),
        outgoing=[
            providers.Outgoing(
                message_id=target.item.uuid,
                address="",
                slots=target.item.slots,
                campaign_id=campaign_id,
                device=target.device,
                expire_at=target.item.expire_at,
            )
            for target in targets
        ],
        category=shared.category.name.lower(),
        template_name=template.version.name,
        tenant_id=str(tenant_id),
        urgency=URGENCY[shared.lane],
    )


def merged(item: Item, found: Sequence[providers.Outcome]) -> providers.Outcome:
    """Returns what came of a message: accepted by one device, else unknown, else worth another try, else failed."""
    by_result: defaultdict[providers.Result, list[providers.Outcome]] = defaultdict(list)
    for one in found:
        by_result[one.result].append(one)
    for result in (providers.Result.ACCEPTED, providers.Result.UNKNOWN):
        if by_result[result]:
            return by_result[result][0]
    if later := by_result[providers.Result.RETRYABLE]:
        # An account at fault costs no try, unless another device was refused for a reason of its own.
        first = next((one for one in later if one.code != providers.Code.CREDENTIALS), later[0])
        first.retry_after = max((one.retry_after for one in later if one.retry_after), default=None)
        return first
    living = [one for one in found if not one.gone]
    if living:
        return living[0]
    return providers.Outcome(
        item.uuid,
        providers.Result.PERMANENT,
        NO_DEVICE,
        f"none of {len(found)} devices is left",
        recipient_fault=True,
    )


def tried(leg: Leg, target: Target, one: providers.Outcome) -> Tried:
    """Returns the record of one device in one try."""
    account = leg.account
    return Tried(
        target.item.message_id,
        target.item.attempt,
        target.device.device_id,
        account.provider,
        account.account_id,
        Result[one.result.name],
        one.code,
        one.reason[:500],
        stored_name(one.provider_message_id),
    )


def gone(target: Target, one: providers.Outcome) -> Gone:
    """Returns a device that nothing reaches any more, unless it was registered anew since it was read or had died."""
    seen_at = target.device.seen_at
    return Gone(target.device.device_id, one.gone, min(seen_at, one.gone_at) if one.gone_at else seen_at)


def observed(found: Sequence[providers.Outcome]) -> Observation:
    """Returns what the outcomes of a leg say of its account."""
    faults = [one for one in found if one.provider_fault]
    accepted = sum(one.result is providers.Result.ACCEPTED for one in found)
    return Observation(accepted, len(faults), faults[-1].code if faults else "")
