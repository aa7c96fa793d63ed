"""Which account carries each message, and what that account has room for (DEL-75, DEL-77, W12)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.db.database import Database
from services.delivery.accounts import domains, warmup
from services.delivery.accounts.countries import country_of
from services.delivery.accounts.domain import PLATFORM
from services.delivery.accounts.domains import PROBE, Deferral, domain_of, limit_of
from services.delivery.accounts.store import ProviderAccount
from services.delivery.dispatch.loading import Item, Stop
from services.delivery.limits.rates import Window
from services.delivery.messages.domain import Channel, State
from services.delivery.providers.apps import carries
from services.delivery.receipts.domain import OUTCOME_UNKNOWN

BY_NUMBER: Final = frozenset({Channel.SMS, Channel.WHATSAPP})
AFTER_PROBE: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Lot:
    """Messages that take their places together: of one account and, where it limits them, of one domain."""

    account: ProviderAccount
    windows: tuple[Window, ...]
    items: list[Item] = field(default_factory=list)


@dataclass(slots=True)
class Choice:
    """What is to become of the messages of a pass."""

    lots: list[Lot] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    waiting: list[Item] = field(default_factory=list)
    """Whose accounts may not be used now; they stay in their block."""


class Choosing:
    """Chooses accounts by country, room of the day, and what is known of the recipient's domain."""

    def __init__(self, database: Database, channel: Channel, accounts: Sequence[ProviderAccount]) -> None:
        self._database = database
        self._channel = channel
        self._accounts = accounts
        self._rooms: dict[UUID, int | None] = {}
        self._deferrals: Mapping[UUID, Mapping[str, Deferral]] = {}
        self._probes: Counter[tuple[UUID, str]] = Counter()
        self._by_country: dict[str, list[ProviderAccount]] = {}
        self._lots: dict[tuple[UUID, str], Lot] = {}

    async def choose(
        self, items: Sequence[Item], per_second: Mapping[UUID, int], *, is_held: bool, now: datetime
    ) -> Choice:
        """Chooses for each message.

        Args:
            items: The messages.
            per_second: How many messages a second an account takes; accounts whose rate counts requests are left out.
            is_held: Whether they wait when the day of an account that warms up is full; else they are only counted.
            now: The time.
        """
        await self._learn(now)
        choice = Choice()
        if (only := self._only(items, now)) is not None:
            for item in items:
                item.account = only
            lot = self._lot(items[0], only, per_second.get(only.account_id, 0))
            lot.items.extend(items)
            choice.lots = [lot]
            return choice
        for item in items:
            candidates = self._candidates(item)
            if item.kept_account is not None:
                # It may have gone out by this account, so no other one sends it; without the account it ends here.
                candidates = [one for one in self._accounts if one.account_id == item.kept_account]
                if not candidates:
                    choice.stops.append(
                        Stop(item, State.FAILED, OUTCOME_UNKNOWN, OUTCOME_UNKNOWN, dead_letter=True)
                    )
                    continue
            if not candidates:
                choice.stops.append(Stop(item, State.FAILED, "provider_not_configured", dead_letter=True))
                continue
            usable = [one for one in candidates if one.is_usable(now)]
            if not usable:
                choice.waiting.append(item)
                continue
            account, stop = self._first_open(item, _in_turn(item, usable), is_held=is_held, now=now)
            if account is None:
                choice.stops.append(stop or Stop(item, State.DEFERRED, "warm_up", until=warmup.next_day(now)))
                continue
            item.account = account
            self._lot(item, account, per_second.get(account.account_id, 0)).items.append(item)
        choice.lots = list(self._lots.values())
        return choice

    def _only(self, items: Sequence[Item], now: datetime) -> ProviderAccount | None:
        """Returns the one account there is, when nothing about a message could speak against it."""
        if len(self._accounts) != 1 or self._channel is Channel.PUSH:
            return None
        [only] = self._accounts
        is_plain = not (only.countries or only.warm_up or only.domain_limits or self._deferrals)
        if any(item.kept_account not in (None, only.account_id) for item in items):
            return None
        return only if is_plain and only.is_usable(now) else None

    async def _learn(self, now: datetime) -> None:
        """Reads what today's rooms are and which domains put mail off, where any account has to do with it."""
        warming = [one for one in self._accounts if one.warm_up is not None]
        mailing = [one.account_id for one in self._accounts if one.provider == "smtp"]
        if not warming and not mailing:
            return
        tenants = {one.tenant_id for one in self._accounts} | {PLATFORM}
        async with self._database.system() as uow:
            used = (
                await warmup.used(uow, tenants, [one.account_id for one in warming], now) if warming else {}
            )
            self._deferrals = await domains.deferrals(uow, tenants, mailing) if mailing else {}
        for one in warming:
            maximum = one.warm_up.maximum(warmup.today(now)) if one.warm_up else None
            if maximum is not None:
                self._rooms[one.account_id] = max(maximum - used.get(one.account_id, 0), 0)

    def _candidates(self, item: Item) -> list[ProviderAccount]:
        """Returns the tenant's accounts for the country of a message, or for one of its devices, else the platform's."""
        if self._channel is Channel.PUSH:
            carrying = [one for one in self._accounts if _reaches(one, item)]
            return [one for one in carrying if one.tenant_id != PLATFORM] or carrying
        country = ""
        if self._channel in BY_NUMBER and any(one.countries for one in self._accounts):
            country = country_of(item.recipient.address)
        known = self._by_country.get(country)
        if known is None:
            serving = [one for one in self._accounts if not one.countries or country in one.countries]
            known = [one for one in serving if one.tenant_id != PLATFORM] or serving
            self._by_country[country] = known
        return known

    def _first_open(
        self, item: Item, accounts: Sequence[ProviderAccount], *, is_held: bool, now: datetime
    ) -> tuple[ProviderAccount | None, Stop | None]:
        stop = None
        domain = domain_of(item.recipient.address) if self._deferrals else ""
        for account in accounts:
            known = self._deferrals.get(account.account_id, {}).get(domain)
            if known is not None and (until := self._put_off_until(account, domain, known, now)):
                stop = Stop(item, State.DEFERRED, "domain_deferred", until=until)
                continue
            room = self._rooms.get(account.account_id)
            if room is not None:
                if is_held and not room:
                    continue
                self._rooms[account.account_id] = max(room - 1, 0)
            return account, None
        return None, stop

    def _put_off_until(
        self, account: ProviderAccount, domain: str, known: Deferral, now: datetime
    ) -> datetime | None:
        if known.resume_at > now:
            return known.resume_at
        self._probes[account.account_id, domain] += 1
        return now + AFTER_PROBE if self._probes[account.account_id, domain] > PROBE else None

    def _lot(self, item: Item, account: ProviderAccount, per_second: int) -> Lot:
        domain = domain_of(item.recipient.address) if account.domain_limits else ""
        limit = limit_of(account.domain_limits, domain) if domain else None
        slow = limit is not None and limit.max_per_minute
        key = (account.account_id, domain if slow else "")
        lot = self._lots.get(key)
        if lot is None:
            windows = [Window(f"account:{account.account_id}", per_second, 1)] if per_second else []
            if limit is not None and slow:
                name = f"domain:{account.account_id}:{domain}"
                windows.append(Window(name, limit.max_per_minute, 60))
            lot = self._lots[key] = Lot(account, tuple(windows))
        return lot


def _reaches(account: ProviderAccount, item: Item) -> bool:
    """Returns whether an account carries push messages to one of a contact's devices."""
    return any(carries(account.provider, account.config, device) for device in item.devices)


def _in_turn(item: Item, usable: Sequence[ProviderAccount]) -> Sequence[ProviderAccount]:
    """Returns accounts in the order they are tried: the first, or after a refusal the next one in turn (DEL-77)."""
    places = [account.account_id for account in usable]
    if item.last_account is None or item.last_account not in places:
        return usable
    place = places.index(item.last_account)
    return [*usable[place + 1 :], *usable[: place + 1]]
