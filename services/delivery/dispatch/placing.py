"""Choosing accounts and taking places under all limits at once (DEL-65 steps 5 and 7); no transaction is open."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.common.errors import ServiceError
from services.delivery.accounts import warmup
from services.delivery.accounts.store import ProviderAccount
from services.delivery.dispatch.choosing import Choosing, Lot
from services.delivery.dispatch.hand import Hand, may_be_held
from services.delivery.dispatch.loading import Item
from services.delivery.dispatch.needs import WITHOUT_ACCOUNT, Deps, PutBackError
from services.delivery.dispatch.store import Claim
from services.delivery.limits import rates
from services.delivery.limits.rates import Places, Window


class Placing:
    """Finds room under the limits of one claim, and takes it."""

    def __init__(self, deps: Deps, claim: Claim, windows: Sequence[Window]) -> None:
        self._deps = deps
        self._claim = claim
        self._windows = windows

    async def room(self, wanted: int) -> Places:
        """Returns how many messages may go now; PutBackError when none may. Nothing is taken by asking."""
        try:
            places = await self._deps.limits.rates.room(self._windows, wanted)
        except ServiceError:
            raise PutBackError(rates.wait_without_store(self._claim.lane), "rate_store_unavailable") from None
        if not places.granted:
            rates.refused(self._claim.channel, wanted)
            raise PutBackError(places.retry_after, "rate_limited")
        return places

    async def take(self, hand: Hand, suitable: Sequence[ProviderAccount]) -> None:
        """Chooses an account for each message and takes places under all limits; who gets none stays in the block."""
        if not hand.items:
            return
        deps, claim = self._deps, self._claim
        now = deps.clock.now()
        per_second = {one.account_id: deps.sending.messages_per_second(one) for one in suitable}
        choosing = Choosing(deps.database, claim.channel, suitable)
        choice = await choosing.choose(
            hand.items, per_second, is_held=may_be_held(claim.message_class, hand.items), now=now
        )
        for stop in choice.stops:
            hand.refuse(stop)
        if choice.waiting:
            hand.leave(choice.waiting, WITHOUT_ACCOUNT)
        going: list[Item] = []
        for number, lot in enumerate(choice.lots):
            hand.items = [*going, *(item for open_lot in choice.lots[number:] for item in open_lot.items)]
            going += await self._of_lot(hand, lot, now)
        hand.items = going
        if not hand.items and hand.later:
            raise PutBackError(hand.later, "rate_limited")

    async def _of_lot(self, hand: Hand, lot: Lot, now: datetime) -> list[Item]:
        """Takes places for messages of one account in all windows at once, and returns those that got one."""
        deps, windows = self._deps, [*self._windows, *lot.windows]
        try:
            places = await deps.limits.rates.take(windows, len(lot.items))
        except ServiceError:
            raise PutBackError(rates.wait_without_store(self._claim.lane), "rate_store_unavailable") from None
        if places.mark:
            hand.mark = min(hand.mark or places.mark, places.mark)
        if places.granted < len(lot.items):
            rates.refused(self._claim.channel, len(lot.items) - places.granted)
            hand.leave(lot.items[places.granted :], places.retry_after)
        items, account = lot.items[: places.granted], lot.account
        maximum = account.warm_up.maximum(warmup.today(now)) if account.warm_up and items else None
        if maximum is not None:
            granted = await warmup.take(
                deps.database,
                account.tenant_id,
                account.account_id,
                len(items),
                maximum,
                is_held=may_be_held(self._claim.message_class, items),
                now=now,
            )
            if granted < len(items):
                # Another worker took the last places of the day since they were read.
                hand.leave(items[granted:], timedelta(seconds=1))
                await deps.limits.rates.give_back(windows, places, len(items) - granted)
            items = items[:granted]
        return items
