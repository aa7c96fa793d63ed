"""Handing rendered messages to a provider account (DEL-75 to DEL-83)."""

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from services.common import telemetry
from services.common.clock import Clock
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.security.keys import KeySet
from services.common.security.tokens import TokenSigner
from services.common.telemetry import Span
from services.common.turns import in_turns
from services.delivery import providers
from services.delivery.accounts.adapters import Adapters
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.prices import Price, Prices
from services.delivery.accounts.store import ProviderAccount
from services.delivery.costs import estimates
from services.delivery.costs.estimates import Taken
from services.delivery.costs.zones import BillingZones
from services.delivery.dispatch import legs, measures, pushing
from services.delivery.dispatch.answers import Answers
from services.delivery.dispatch.choosing import BY_NUMBER
from services.delivery.dispatch.domain import RetryPolicy
from services.delivery.dispatch.legs import Legs
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.outcomes import Tariff
from services.delivery.dispatch.parcels import Answered, Parcel, Prepared
from services.delivery.dispatch.pushing import Target, push_block, shipments
from services.delivery.dispatch.rendering import Rendered
from services.delivery.dispatch.requests import Requests
from services.delivery.dispatch.trails import PublicUrls
from services.delivery.limits.rates import RateLimits, Window
from services.delivery.messages.domain import Channel, MessageClass, class_of
from services.delivery.receipts import return_path
from services.delivery.templates.cache import Template

log = structlog.get_logger("dispatch")

ONE_BY_ONE: Final = frozenset({"smtp", "ses", "twilio", "aws_sns", "meta", "gupshup"})
"""Providers that take few messages per request or just one: their rate counts messages."""

SLICE_ONE_BY_ONE: Final = 200
"""So many messages are in doubt at most when a worker dies while handing over one by one."""

LONGEST_PAUSE: Final = 2.0
LONGEST_URL: Final = 2048


@dataclass(frozen=True, slots=True)
class Tools:
    """What sending needs."""

    adapters: Adapters
    prices: Prices
    rates: RateLimits
    policy: RetryPolicy
    clock: Clock
    hash_keys: KeySet
    signer: TokenSigner
    urls: PublicUrls
    zones: BillingZones
    default_zone: ZoneInfo
    unknown_recheck: timedelta


class Sending:
    """Sends parcels."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._requests = Requests()
        self._legs = Legs(tools.adapters, tools.rates)
        self._answers = Answers(tools.clock, tools.policy, tools.hash_keys, tools.unknown_recheck)

    def messages_per_second(self, account: ProviderAccount) -> int:
        """Returns how many messages a second an account takes; 0 when its rate counts requests of many."""
        return account.rate_per_second if account.provider in ONE_BY_ONE else 0

    async def parcels(
        self, tenant_id: UUID, rendered: Sequence[Rendered], usable: Sequence[ProviderAccount]
    ) -> list[Parcel]:
        """Returns the hand-overs of a block: by account, content, price and size."""
        found = []
        for group in rendered:
            if group.items[0].content.channel is Channel.PUSH:
                found += [
                    Parcel(one.account, group, one.items, len(usable) - 1, one.legs)
                    for one in shipments(group.items, usable)
                ]
                continue
            by_account: dict[UUID, list[Item]] = {}
            for item in group.items:
                if item.account is not None:
                    by_account.setdefault(item.account.account_id, []).append(item)
            for account in usable:
                for alike in await self._by_price(tenant_id, account, by_account.get(account.account_id, [])):
                    slices = self._slices(account, alike)
                    found += [Parcel(account, group, items, len(usable) - 1) for items in slices]
        return found

    async def _by_price(
        self, tenant_id: UUID, account: ProviderAccount, items: list[Item]
    ) -> Collection[list[Item]]:
        """Returns messages by what they cost, which depends on the number only where they go to numbers."""
        if not items or items[0].content.channel not in BY_NUMBER:
            return [items]
        found: dict[Price | None, list[Item]] = {}
        for item in items:
            price = await self._tools.prices.of(
                tenant_id,
                account.provider,
                account.account_id,
                item.content.channel,
                item.recipient.address,
                class_of(item.content.category),
            )
            found.setdefault(price, []).append(item)
        return found.values()

    def _slices(self, account: ProviderAccount, items: list[Item]) -> Iterator[list[Item]]:
        size = SLICE_ONE_BY_ONE if account.provider in ONE_BY_ONE else 1000
        for start in range(0, len(items), size):
            yield items[start : start + size]

    @asynccontextmanager
    async def turn(self, parcel: Parcel) -> AsyncIterator[None]:
        """Waits until its accounts have room for a parcel and their rates allow it, and keeps the room for it."""
        accounts = [leg.account for leg in parcel.legs] or [parcel.account]
        async with self._requests.room(accounts):
            await self._wait_for_rate(parcel)
            yield

    async def _wait_for_rate(self, parcel: Parcel) -> None:
        """Waits until the account's rate allows one more request; accounts that count messages were asked before."""
        account = parcel.account
        if parcel.legs:
            await self._legs.wait_for_turn(parcel.legs)
            return
        if account.provider in ONE_BY_ONE:
            return
        window = Window(f"account:{account.account_id}", account.rate_per_second, 1)
        while True:
            try:
                places = await self._tools.rates.take([window], 1)
            except ServiceError:
                # The limit of one account is held by its concurrency while the store is away.
                return
            if places.granted:
                return
            await asyncio.sleep(min(places.retry_after.total_seconds(), LONGEST_PAUSE))

    async def prepare(self, tenant_id: UUID, template: Template, parcel: Parcel) -> Prepared:
        """Gets what a hand-over needs of the database, so that nothing can fail between its answer and its record."""
        account, channel = parcel.account, parcel.items[0].content.channel
        price = await self._tools.prices.of(
            tenant_id,
            account.provider,
            account.account_id,
            channel,
            parcel.items[0].recipient.address,
            class_of(parcel.items[0].content.category),
        )
        zone = await self._tools.zones.learn(tenant_id, template.sender.time_zone)
        period = f"{self._tools.clock.now().astimezone(zone):%Y-%m}"
        is_platform_cost = price is not None and price.is_platform and account.tenant_id == PLATFORM
        tariff = Tariff(price, period, is_platform_cost) if price else None
        if parcel.legs:
            return Prepared(None, "", tariff, await self._legs.opened(parcel.legs))
        try:
            return Prepared(await self._tools.adapters.of(account), "", tariff)
        except providers.ConfigurationError as error:
            log.warning("a provider account is incomplete", provider=account.provider, error=str(error))
            return Prepared(None, str(error), tariff)

    async def estimate(self, uow: UnitOfWork, taken: Sequence[Taken], now: datetime) -> None:
        """Counts what messages cost that were taken and never recorded."""
        await estimates.charge(uow, self._tools.prices, self._tools.default_zone, taken, now)

    async def send(self, tenant_id: UUID, template: Template, parcel: Parcel, prepared: Prepared) -> Answered:
        """Hands a parcel over and returns one outcome for each of its messages, whatever happens."""
        account = parcel.account
        if parcel.legs:
            return await self._push(tenant_id, template, parcel, prepared)
        answers: dict[UUID, providers.Outcome] = {}
        started = time.perf_counter()
        failure = ""
        if prepared.provider is None:
            answers = {item.uuid: _incomplete(item.uuid, prepared.problem) for item in parcel.items}
        else:
            try:
                block = await self._block(tenant_id, template, parcel)
                with _span(parcel):
                    async for lot in prepared.provider.send(block):
                        for one in lot:
                            answers[one.message_id] = one
            except Exception as error:
                failure = type(error).__name__
                log.exception("a provider adapter failed", provider=account.provider)
        channel = parcel.items[0].content.channel
        measures.handed_over(channel, account.provider, time.perf_counter() - started)
        return await self._answers.of(tenant_id, parcel, answers, failure, prepared.tariff)

    async def _push(
        self, tenant_id: UUID, template: Template, parcel: Parcel, prepared: Prepared
    ) -> Answered:
        """Hands push messages over to the devices of their contacts; each is sent when one of them takes it."""

        def making(targets: Sequence[Target]) -> providers.Block:
            return push_block(tenant_id, template, parcel.rendered.content, targets)

        with _span(parcel):
            answers = await self._legs.send(parcel.legs, prepared.opened, making)
        of_message = legs.together(answers)
        merged = {
            item.uuid: pushing.merged(item, of_message.get(item.message_id, ())) for item in parcel.items
        }
        answered = await self._answers.of(tenant_id, parcel, merged, "", prepared.tariff)
        seen = [(leg.account, pushing.observed(outcomes)) for leg, outcomes in answers]
        return replace(answered, seen=seen[0][1], others=seen[1:], devices=legs.recorded(answers))

    async def _block(self, tenant_id: UUID, template: Template, parcel: Parcel) -> providers.Block:
        account, rendered = parcel.account, parcel.rendered
        example = parcel.items[0].content
        domain = str(account.config.get("return_path_domain") or "")
        campaign_id = str(example.campaign_id or "")
        outgoing: list[providers.Outgoing] = []
        async for part in in_turns(parcel.items):
            outgoing += [
                providers.Outgoing(
                    message_id=item.uuid,
                    address=item.recipient.address,
                    slots=item.slots,
                    name=item.recipient.name,
                    unsubscribe_url=self._tools.urls.unsubscribe(item.unsubscribe_token),
                    campaign_id=campaign_id,
                    group_key=item.content.correlation_key,
                    action_url=_leads_to(item) if example.channel is Channel.IN_APP else "",
                )
                for item in part
            ]
        return providers.Block(
            content=rendered.content,
            sender=_sender(account, template, rendered.reply_to, class_of(example.category)),
            outgoing=outgoing,
            category=example.category.name.lower(),
            template_name=template.version.name,
            tenant_id=str(tenant_id),
            attachments=rendered.enclosures.files,
            media_urls=rendered.enclosures.media_urls,
            return_path=return_path.composer(self._tools.signer, tenant_id, domain),
            approvals=template.version.approvals.get(rendered.language, {}),
            is_marketing=class_of(example.category) is MessageClass.MARKETING,
        )


def _span(parcel: Parcel) -> AbstractContextManager[Span]:
    """Returns the provider call in the traces of its messages."""
    traces = {item.content.traceparent for item in parcel.items}
    facts: telemetry.Facts = {
        "angarium.provider": parcel.account.provider,
        "angarium.channel": parcel.items[0].content.channel.name.lower(),
        "messaging.batch.message_count": len(parcel.items),
    }
    return telemetry.span(f"send {parcel.account.provider}", kind="client", also=traces, attributes=facts)


def _leads_to(item: Item) -> str:
    """Returns where an item of an inbox leads: what its message says in the variable `action_url`, when that is https."""
    url = item.recipient.variables.fields["action_url"].string_value
    return url if url.startswith("https://") and len(url) <= LONGEST_URL else ""


def _incomplete(message_id: UUID, problem: str) -> providers.Outcome:
    """Returns the outcome of a message whose account cannot be used as it is."""
    return providers.Outcome(
        message_id, providers.Result.RETRYABLE, providers.Code.CREDENTIALS, problem, provider_fault=True
    )


def _sender(
    account: ProviderAccount, template: Template, reply_to: str, message_class: MessageClass
) -> providers.Sender:
    profile = template.sender
    own = str(account.config.get("from_address") or "")
    own_name = str(account.config.get("from_name") or "")
    if message_class is MessageClass.MARKETING and profile.from_address:
        address, name = profile.from_address, profile.from_name or profile.tenant_name
    else:
        address, name = own or profile.from_address, own_name or profile.from_name or profile.tenant_name
    return providers.Sender(address, name, reply_to or profile.reply_to)
