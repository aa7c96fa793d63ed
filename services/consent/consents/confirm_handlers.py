"""Use cases of double opt-in: each opens one unit of work and commits once."""

from uuid import UUID

from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1 import preference_service_pb2
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.idempotency import keyed
from services.common.rpc.context import current_caller, tenant
from services.consent.consents import confirmation, convert
from services.consent.consents.confirming import Confirmations
from services.consent.directory import store as directory_store
from services.consent.policy import store as policy_store
from services.consent.preferences import store as preference_store
from services.consent.words import CHANNEL, CONSENT_STATE, text_of, timestamp

MAX_USER_AGENT = 512


class ConfirmCalls:
    """Calls about consents that wait."""

    def __init__(self, database: Database, confirmations: Confirmations, public_base_url: str) -> None:
        self._database = database
        self._confirmations = confirmations
        self._base_url = public_base_url

    async def confirm(self, request: pb.ConfirmConsentRequest) -> pb.ConfirmConsentResponse:
        """Grants what waits; a used or superseded link returns what stands and changes nothing."""
        opened = self._confirmations.open(request.token)
        async with self._database.tenant(opened.tenant_id) as uow:
            found, changed = await self._confirmations.confirm(
                uow,
                opened,
                ip_address=request.ip_address or None,
                user_agent=request.user_agent[:MAX_USER_AGENT] or None,
                actor=current_caller().subject,
            )
            now = uow.now()
        return pb.ConfirmConsentResponse(
            consent=convert.consent(found, now),
            already_confirmed=not changed and found.status_at(now) == "granted",
        )

    async def ask_again(
        self, request: pb.ResendConsentConfirmationRequest
    ) -> pb.ResendConsentConfirmationResponse:
        """Asks a person again to confirm."""

        async def effect(uow: UnitOfWork) -> pb.ResendConsentConfirmationResponse:
            found = await self._confirmations.ask_again(uow, UUID(request.consent_id), current_caller())
            return pb.ResendConsentConfirmationResponse(consent=convert.consent(found, uow.now()))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "ConsentService.ResendConsentConfirmation",
                request,
                pb.ResendConsentConfirmationResponse,
                effect,
            )

    async def link(self, request: pb.GetConfirmationLinkRequest) -> pb.GetConfirmationLinkResponse:
        """Returns the link of a consent that waits, and whom to send it to."""
        async with self._database.tenant(tenant()) as uow:
            found = await self._confirmations.link(uow, UUID(request.consent_id))
        consent = found.consent
        return pb.GetConfirmationLinkResponse(
            url=f"{self._base_url}/{confirmation.PATH}/{found.token}",
            expire_time=timestamp(consent.confirmation_expires_at),
            confirmation_count=consent.confirmation_count,
            contact_id=text_of(consent.key.contact_id),
            channel=CHANNEL.number(consent.key.channel),  # type: ignore[arg-type]
            address=found.address,
        )

    async def resolve(self, token: str) -> preference_service_pb2.ResolveTokenResponse:
        """Tells what a confirmation link is for; changes nothing (CON-65)."""
        opened = self._confirmations.open(token)
        async with self._database.tenant(opened.tenant_id) as uow:
            found = await self._confirmations.look(uow, opened)
            policy = await policy_store.load(uow)
            contact_id = found.key.contact_id
            hints = await directory_store.hints(uow, contact_id) if contact_id else {}
            language = await preference_store.language(uow, contact_id) if contact_id else ""
            now = uow.now()
        return preference_service_pb2.ResolveTokenResponse(
            purpose=preference_service_pb2.TOKEN_PURPOSE_CONFIRM,
            masked_address=hints.get(found.key.channel, ""),
            channel=CHANNEL.number(found.key.channel),  # type: ignore[arg-type]
            tenant_name=policy.name,
            language_code=language,
            branding=preference_service_pb2.Branding(
                logo_url=policy.branding.logo_url,
                primary_color=policy.branding.primary_color,
                footer_text=policy.branding.footer_text,
            ),
            consent_state=CONSENT_STATE.number(found.status_at(now)),  # type: ignore[arg-type]
        )
