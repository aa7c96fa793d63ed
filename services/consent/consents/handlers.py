"""Use cases of ConsentService: each opens one unit of work, commits once, and is safe to repeat by its key."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from google.protobuf.message import Message

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import consent_service_pb2 as pb
from services.common import paging
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.paging import page_size
from services.common.rpc.context import current_caller, tenant
from services.common.security.envelope import Envelope
from services.consent.addresses import Hasher
from services.consent.consents import changes, convert, store
from services.consent.consents.changes import Scope
from services.consent.consents.imports import Importer
from services.consent.consents.optout import OptOut
from services.consent.directory.handlers import Directory
from services.consent.keyed import keyed_about
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.policy.domain import TenantPolicy
from services.consent.subjects import ensure_own, find_subject
from services.consent.words import (
    CHANNEL,
    CONSENT_SOURCE,
    CONSENT_STATE,
    MESSAGE_CLASS,
    OPT_OUT_SOURCE,
    instant,
    uuid_or_none,
)

M = TypeVar("M", bound=Message)
About = Callable[[UnitOfWork, Subject, TenantPolicy], Awaitable[M]]


class Consents:
    """Consents of all tenants."""

    def __init__(self, database: Database, hasher: Hasher, directory: Directory, envelope: Envelope) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory
        self._envelope = envelope
        self._importer = Importer(database, hasher, directory)

    async def grant(self, request: pb.GrantConsentRequest) -> pb.GrantConsentResponse:
        """Records a consent."""
        caller = current_caller()
        wanted = convert.grant(request, caller)

        async def effect(uow: UnitOfWork, subject: Subject, policy: TenantPolicy) -> pb.GrantConsentResponse:
            found = await changes.grant_consent(uow, subject, _scope(request), wanted, policy, self._envelope)
            return pb.GrantConsentResponse(consent=convert.consent(found, uow.now()))

        return await self._change("GrantConsent", request, pb.GrantConsentResponse, effect)

    async def revoke(self, request: pb.RevokeConsentRequest) -> pb.RevokeConsentResponse:
        """Withdraws consent."""

        async def effect(uow: UnitOfWork, subject: Subject, _: TenantPolicy) -> pb.RevokeConsentResponse:
            found = await changes.revoke_consent(
                uow,
                subject,
                channel=CHANNEL.word(request.channel),
                message_classes=convert.classes(request.message_class),
                branch_id=uuid_or_none(request.branch_id),
                source=CONSENT_SOURCE.word(request.source),
                reason=request.reason or None,
            )
            return pb.RevokeConsentResponse(consents=[convert.consent(one, uow.now()) for one in found])

        return await self._change("RevokeConsent", request, pb.RevokeConsentResponse, effect)

    async def opt_out(self, request: pb.OptOutRequest) -> pb.OptOutResponse:
        """Stops marketing on one channel or on all."""

        async def effect(uow: UnitOfWork, subject: Subject, _: TenantPolicy) -> pb.OptOutResponse:
            wish = OptOut(
                channel=CHANNEL.word(request.channel) or None,
                source=OPT_OUT_SOURCE.word(request.source),
                actor=current_caller().subject,
                key_id=self._hasher.key_id,
                reason=request.reason or None,
                message_id=uuid_or_none(request.message_id),
                campaign_id=uuid_or_none(request.campaign_id),
            )
            found = await changes.opt_out(uow, subject, wish)
            return pb.OptOutResponse(summary=convert.summary(found))

        return await self._change("OptOut", request, pb.OptOutResponse, effect)

    async def check(self, request: pb.CheckConsentRequest) -> pb.CheckConsentResponse:
        """Tells whether consent holds now."""

        async def look() -> pb.CheckConsentResponse:
            async with self._database.tenant(tenant()) as uow:
                subject = await self._subject(uow, request.subject, CHANNEL.word(request.channel))
                found = await changes.check_consent(uow, subject, _scope(request))
                now = uow.now()
            return pb.CheckConsentResponse(
                has_consent=found is not None and found.status_at(now) == "granted",
                consent=convert.consent(found, now) if found else None,
            )

        return await self._directory.with_contacts(tenant(), look)

    async def page(self, request: pb.ListConsentsRequest) -> pb.ListConsentsResponse:
        """Lists consents of a contact, newest first."""
        ensure_own(UUID(request.contact_id))
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.page(
                uow,
                UUID(request.contact_id),
                channel=CHANNEL.word(request.channel) or None,
                message_class=MESSAGE_CLASS.word(request.message_class) or None,
                status=CONSENT_STATE.word(request.state) or None,
                before=paging.position(request, request.page_token),
                limit=size + 1,
            )
        now = self._database.clock.now()
        shown, token = paging.cut(request, rows, size, lambda one: one.consent_id)
        return pb.ListConsentsResponse(
            consents=[convert.consent(one, now) for one in shown], next_page_token=token
        )

    async def audit_page(self, request: pb.ListConsentAuditRequest) -> pb.ListConsentAuditResponse:
        """Lists the audit trail of a contact, newest first."""
        ensure_own(UUID(request.contact_id))
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            rows = await store.audit_page(
                uow,
                UUID(request.contact_id),
                start=instant(request.start_time) if request.HasField("start_time") else None,
                end=instant(request.end_time) if request.HasField("end_time") else None,
                before=paging.position(request, request.page_token),
                limit=size + 1,
            )
        shown, token = paging.cut(request, rows, size, lambda one: one.audit_id)
        return pb.ListConsentAuditResponse(entries=map(convert.audit_entry, shown), next_page_token=token)

    async def import_block(self, request: pb.ImportConsentsRequest) -> pb.ImportConsentsResponse:
        """Imports one block."""
        candidates, errors = convert.candidates(request, self._database.clock.now())
        result = await self._importer.take(tenant(), candidates)
        return convert.import_response(request.block_number, result, errors)

    async def _change(
        self, method: str, request: "ChangeRequest", response: type[M], effect: "About[M]"
    ) -> M:
        """Runs a change about one subject once per key, in one unit of work."""

        async def about(uow: UnitOfWork) -> M:
            policy = await policy_store.load(uow)
            channel = CHANNEL.word(request.channel)
            return await effect(uow, await self._subject(uow, request.subject, channel, policy), policy)

        return await keyed_about(
            self._database, self._directory, f"ConsentService.{method}", request, response, about
        )

    async def _subject(
        self, uow: UnitOfWork, subject: consent_pb2.Subject, channel: str, policy: TenantPolicy | None = None
    ) -> Subject:
        region = policy.region_code if policy else (await policy_store.load(uow)).region_code
        return await find_subject(uow, self._hasher, subject, channel, region)


ChangeRequest = pb.GrantConsentRequest | pb.RevokeConsentRequest | pb.OptOutRequest


def _scope(request: pb.GrantConsentRequest | pb.CheckConsentRequest) -> Scope:
    return Scope(
        CHANNEL.word(request.channel),
        MESSAGE_CLASS.word(request.message_class),
        uuid_or_none(request.branch_id),
    )
