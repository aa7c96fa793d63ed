"""Use cases of a tenant's programme: its terms, and the codes of its contacts."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from angarium.campaign.v1 import referral_service_pb2 as pb
from services.campaign.contacts import handlers as contacts
from services.campaign.referrals import convert, terms
from services.campaign.referrals.domain import ReferralSettings
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import aborted
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.rpc.context import tenant

SHARED: Final = "/refer?code="
"""Page of a tenant's front end that takes a code."""


class Programme:
    """The terms of the referral programme and who refers by which code."""

    def __init__(self, database: Database, frontend_url: str) -> None:
        self._database = database
        self._frontend_url = frontend_url.rstrip("/")

    async def get(self) -> pb.GetReferralSettingsResponse:
        """Returns the terms, the defaults until somebody changed them."""
        async with self._database.tenant(tenant()) as uow:
            owner = await tenants.tenant(uow, tenant())
            found = await terms.current(uow)
        return pb.GetReferralSettingsResponse(settings=convert.settings_to_proto(found, owner.currency_code))

    async def update(self, request: pb.UpdateReferralSettingsRequest) -> pb.UpdateReferralSettingsResponse:
        """Changes what the mask names; what was promised before stays."""
        paths = apply_mask(request.update_mask, convert.MASKABLE)

        async def effect(uow: UnitOfWork) -> pb.UpdateReferralSettingsResponse:
            owner = await tenants.open_tenant(uow)
            known = await terms.current(uow, lock=True)
            if request.settings.etag != str(known.version):
                raise aborted("the settings were changed meanwhile: read them again")
            after = convert.changed_settings(known, request.settings, paths, owner.currency_code)
            if after != known:
                after = replace(after, version=known.version + 1)
                await terms.save(uow, after)
                await _record(uow, known, after, paths)
            return pb.UpdateReferralSettingsResponse(
                settings=convert.settings_to_proto(after, owner.currency_code)
            )

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "ReferralService.UpdateReferralSettings",
                request,
                pb.UpdateReferralSettingsResponse,
                effect,
            )

    async def code(self, request: pb.GetReferralCodeRequest) -> pb.GetReferralCodeResponse:
        """Returns the code of a contact, made when there is none."""
        async with self._database.tenant(tenant()) as uow:
            owner = await contacts.get(uow, UUID(request.contact_id), None)
            assert owner.contact_id is not None  # noqa: S101 - a stored contact has its id
            code = await terms.code_of(uow, owner.contact_id, owner.name)
        return pb.GetReferralCodeResponse(code=code, share_url=f"{self._frontend_url}{SHARED}{code}")


async def _record(
    uow: UnitOfWork, before: ReferralSettings, after: ReferralSettings, paths: list[str]
) -> None:
    await audit.record(
        uow,
        action="referral_settings.update",
        resource_type="referral_settings",
        resource_id=tenant(),
        before={path: str(getattr(before, path)) for path in paths},
        after={path: str(getattr(after, path)) for path in paths},
    )
