"""The calls that check a campaign before their transaction, because prices and consent are asked by RPC (GEN-3)."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from google.protobuf.message import Message

from angarium.campaign.v1 import campaign_pb2
from services.campaign.campaigns import convert, handlers, launch, queries, trials
from services.campaign.campaigns.checks import Checks
from services.campaign.campaigns.domain import HARMLESS_FIELDS, Campaign
from services.campaign.campaigns.findings import Checked, Findings
from services.campaign.campaigns.states import LAUNCHED, Action, InvalidStatus, State, after
from services.campaign.campaigns.trials import Trial, Trials
from services.campaign.segments import handlers as segments
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import once
from services.common.rpc.context import current_caller, tenant

M = TypeVar("M", bound=Message)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Calls:
    """What calls about campaigns need."""

    database: Database
    checks: Checks
    trials: Trials

    async def read(self, campaign_id: UUID) -> Campaign:
        """Returns a campaign of the caller's."""
        async with self.database.tenant(tenant()) as uow:
            return await handlers.get(uow, campaign_id, current_caller())

    async def known(self, uow: UnitOfWork, campaign_id: str) -> Campaign:
        """Returns a campaign of the caller's within a transaction."""
        return await handlers.get(uow, UUID(campaign_id), current_caller())

    async def shown(self, uow: UnitOfWork, campaign: Campaign) -> campaign_pb2.Campaign:
        """Returns a campaign as the contract shows it."""
        return convert.campaign_to_proto(await queries.shown(uow, campaign))

    async def check_draft(self, draft: Campaign) -> None:
        """Checks what a campaign that was not created says by itself, and that the caller sees its segment."""
        handlers.check_caller(draft, current_caller())
        self.checks.input(draft)
        await self._see_segment(draft)

    @staticmethod
    async def checked(check: Callable[[], Awaitable[V]]) -> Checked[V]:
        """Returns what a check came to, to be told where its effect would happen."""
        return await Checked.of(check)

    async def repeatable(
        self,
        method: str,
        request: Any,
        response_type: type[M],
        effect: Callable[[UnitOfWork], Awaitable[M]],
    ) -> M:
        """Runs an effect in a transaction, once per key of its caller; a repeat gets the first answer."""
        async with self.database.tenant(tenant()) as uow:
            response, repeated = await once(
                uow,
                method=f"CampaignService.{method}",
                key=request.idempotency_key,
                request=request,
                response_type=response_type,
                effect=lambda: effect(uow),
            )
        if "deduplicated" in response.DESCRIPTOR.fields_by_name:
            response.deduplicated = repeated  # type: ignore[attr-defined]  # looked up a line above
        return response

    async def checked_draft(self, draft: Campaign) -> Checked[Findings]:
        """Checks a draft that is about to be created."""
        await self.check_draft(draft)
        return await Checked.of(lambda: self.checks.draft(tenant(), draft))

    async def checked_change(
        self, campaign_id: UUID, etag: str, changes: dict[str, Any]
    ) -> Checked[tuple[Campaign, Campaign, Findings | None]]:
        """Checks a change that is about to be written: the campaign before, after, and what was found."""

        async def check() -> tuple[Campaign, Campaign, Findings | None]:
            known = await self.read(campaign_id)
            wanted = handlers.changed(known, etag, changes)
            handlers.check_caller(wanted, current_caller())
            self.checks.input(wanted)
            if wanted.segment_id != known.segment_id:
                await self._see_segment(wanted)
            if known.state in LAUNCHED or not set(changes) - HARMLESS_FIELDS:
                return known, wanted, None
            return known, wanted, await self.checks.draft(tenant(), handlers.as_draft(wanted))

        return await Checked.of(check)

    async def _see_segment(self, campaign: Campaign) -> None:
        """Refuses a segment that is not there for a caller limited to branches (SEC-6)."""
        if campaign.segment_id is not None and current_caller().own_branches():
            async with self.database.tenant(tenant()) as uow:
                await segments.get(uow, campaign.segment_id)

    async def checked_submit(self, campaign_id: UUID) -> Checked[tuple[Campaign, Findings]]:
        """Checks a draft that is about to be submitted."""

        async def check() -> tuple[Campaign, Findings]:
            known = await self.read(campaign_id)
            after(known.state, Action.SUBMIT)
            self.checks.schedule(known)
            return known, await self.checks.launchable(tenant(), handlers.as_draft(known))

        return await Checked.of(check)

    async def checked_send(self, campaign_id: UUID, *, send_now: bool) -> Checked[tuple[Campaign, Findings]]:
        """Checks a campaign that is about to be launched."""

        async def check() -> tuple[Campaign, Findings]:
            known = await self.read(campaign_id)
            handlers.check_caller(known, current_caller())
            if known.state is State.SCHEDULED and not send_now:
                raise InvalidStatus(known.state, "be sent before its time without send_now")
            return known, await launch.check(self.database, self.checks, tenant(), known)

        return await Checked.of(check)

    async def checked_resume(self, campaign_id: UUID) -> Checked[Campaign]:
        """Checks a held campaign that is about to go on."""

        async def check() -> Campaign:
            known = await self.read(campaign_id)
            after(known.state, Action.RESUME)
            await self.checks.resumable(tenant(), known)
            return known

        return await Checked.of(check)

    async def checked_trial(
        self,
        campaign_id: UUID,
        variant_key: str,
        staff_ids: Sequence[str],
        addresses: Sequence[str],
        values: dict[str, Any],
    ) -> tuple[Campaign, Trial]:
        """Returns a test that may be sent."""
        async with self.database.tenant(tenant()) as uow:
            campaign = await handlers.get(uow, campaign_id, current_caller())
            return campaign, await trials.prepare(uow, campaign, variant_key, staff_ids, addresses, values)
