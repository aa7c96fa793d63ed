"""Following links by which people who are nobody's contacts stop invitations (EVT-63)."""

from uuid import UUID

from angarium.consent.v1 import preference_service_pb2
from angarium.consent.v1 import suppression_service_pb2 as pb
from services.common import audit
from services.common.db.database import Database
from services.common.rpc.context import current_caller
from services.common.security.stop_links import StopLink, unpack
from services.common.security.tokens import Purpose, TokenSigner
from services.consent import announcements
from services.consent.policy import store as policy_store
from services.consent.suppression import store
from services.consent.suppression.domain import Entry

CHANNEL = "email"


class StopLinks:
    """Links that stop messages of one kind to one address."""

    def __init__(self, database: Database, signer: TokenSigner) -> None:
        self._database = database
        self._signer = signer

    async def resolve(self, request: pb.ResolveStopLinkRequest) -> pb.ResolveStopLinkResponse:
        """Tells what a link is for; changes nothing."""
        tenant_id, link = self._open(request.token)
        async with self._database.tenant(tenant_id) as uow:
            policy = await policy_store.load(uow)
            known = await store.holding(uow, CHANNEL, [link.address_hash], uow.now())
        branding = policy.branding
        return pb.ResolveStopLinkResponse(
            masked_address=link.hint,
            tenant_name=policy.name,
            branding=preference_service_pb2.Branding(
                logo_url=branding.logo_url,
                primary_color=branding.primary_color,
                footer_text=branding.footer_text,
            ),
            is_stopped=any(one.entry.scope in ("all", link.scope) for one in known),
        )

    async def follow(self, request: pb.FollowStopLinkRequest) -> pb.FollowStopLinkResponse:
        """Suppresses the address for what the link names."""
        tenant_id, link = self._open(request.token)
        entry = Entry(
            channel=CHANNEL,
            identifier_hash=link.address_hash,
            key_id=link.key_id,
            scope=link.scope,
            reason="customer_unsubscribe",
            hint=link.hint,
        )
        async with self._database.tenant(tenant_id) as uow:
            [added] = await store.add(uow, [entry], current_caller().subject)
            if added.is_new:
                announcements.suppressions_added(uow, [added.stored])
                await audit.record(
                    uow,
                    action="suppression.add",
                    resource_type="suppression",
                    resource_id=str(added.stored.suppression_id),
                    before=None,
                    after={"scope": link.scope, "reason": entry.reason},
                )
        return pb.FollowStopLinkResponse(already_stopped=not added.is_new)

    def _open(self, token: str) -> tuple[UUID, StopLink]:
        payload = self._signer.verify(Purpose.STOP, token, self._database.clock.now())
        return payload.tenant_id, unpack(payload.body)
