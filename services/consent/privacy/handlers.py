"""Use cases of privacy requests (CON-50 to CON-53, CON-93)."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

from angarium.consent.v1 import privacy_service_pb2 as pb
from services.common import audit
from services.common.contact_data import merged
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import already_exists, not_found
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.paging import cut, page_size, position
from services.common.privacy import redact_text
from services.common.rpc.context import current_caller, tenant
from services.consent.directory import store as directory_store
from services.consent.directory.handlers import Directory, require_contact
from services.consent.keyed import keyed_about
from services.consent.locks import lock_subjects
from services.consent.privacy import convert, events, marking, store
from services.consent.privacy.archive import ARCHIVE
from services.consent.privacy.domain import (
    TO_BE_DONE_WITHIN,
    Kind,
    NotOpenError,
    Request,
    check_phrase,
)
from services.consent.privacy.pieces import ArchiveGoneError, Vault
from services.consent.words import uuid_or_none

TRUSTED_EVENT = "user.deleted"
"""How the requester is known when a trusted neighbour says that the account is gone (CON-93)."""


class Privacy:
    """Requests about people's data; the job does the work."""

    def __init__(self, database: Database, directory: Directory, vault: Vault) -> None:
        self._database = database
        self._directory = directory
        self._vault = vault

    async def create_export(self, request: pb.CreateExportRequest) -> pb.CreateExportResponse:
        """Notes that everything known of a contact is to be gathered."""

        async def effect(uow: UnitOfWork) -> pb.CreateExportResponse:
            contact_id = await merged.kept(uow, UUID(request.contact_id))
            await require_contact(uow, contact_id)
            made = await self._create(
                uow,
                contact_id,
                "export",
                verified_by=request.requester_verified_by,
                form=convert.FORMAT.word(request.format) or "json",
            )
            return pb.CreateExportResponse(privacy_request=convert.privacy_request(made))

        return await keyed_about(
            self._database,
            self._directory,
            "PrivacyService.CreateExport",
            request,
            pb.CreateExportResponse,
            effect,
        )

    async def create_erasure(self, request: pb.CreateErasureRequest) -> pb.CreateErasureResponse:
        """Marks a contact as erased and notes that every service is to forget them."""
        check_phrase(request.confirmation_phrase, UUID(request.contact_id))

        async def effect(uow: UnitOfWork) -> pb.CreateErasureResponse:
            contact_id = await merged.kept(uow, UUID(request.contact_id))
            made = await self.erase(
                uow, contact_id, reason=request.reason, verified_by=request.requester_verified_by
            )
            return pb.CreateErasureResponse(privacy_request=convert.privacy_request(made))

        return await keyed_about(
            self._database,
            self._directory,
            "PrivacyService.CreateErasure",
            request,
            pb.CreateErasureResponse,
            effect,
        )

    async def user_deleted(self, uow: UnitOfWork, contact_id: UUID) -> Request | None:
        """Asks for the erasure of somebody whose account a trusted neighbour says is gone (EVT-49).

        Returns None when the contact is erased already, or is about to be.
        """
        contact_id = await merged.kept(uow, contact_id)
        state = (await directory_store.states(uow, [contact_id])).get(contact_id)
        if state == "erased" or await store.open_of(uow, contact_id, "erasure") is not None:
            return None
        return await self.erase(uow, contact_id, reason="the account was deleted", verified_by=TRUSTED_EVENT)

    async def erase(self, uow: UnitOfWork, contact_id: UUID, *, reason: str, verified_by: str) -> Request:
        """Marks a contact as erased and makes the request; from the commit on every decision denies."""
        await lock_subjects(uow, [contact_id.bytes])
        await self._refuse_second(uow, contact_id, "erasure")
        await require_contact(uow, contact_id)
        added = await marking.mark(uow, contact_id, current_caller().subject)
        for export_id, state in await store.exports_of(uow, contact_id):
            if state in ("received", "running"):
                await store.end(uow, export_id, "failed", "contact_erased")
        return await self._create(
            uow, contact_id, "erasure", verified_by=verified_by, reason=reason, suppression_ids=added
        )

    async def get(self, request: pb.GetPrivacyRequestRequest) -> pb.GetPrivacyRequestResponse:
        """Returns a request with its parts."""
        async with self._database.tenant(tenant()) as uow:
            found = await _known(uow, request.privacy_request_id)
        return pb.GetPrivacyRequestResponse(privacy_request=convert.privacy_request(found))

    async def page(self, request: pb.ListPrivacyRequestsRequest) -> pb.ListPrivacyRequestsResponse:
        """Returns a page of requests, newest first."""
        size = page_size(request.page_size)
        async with self._database.tenant(tenant()) as uow:
            found = await store.page(
                uow,
                contact_id=uuid_or_none(request.contact_id),
                kind=convert.KIND.word(request.kind) or None,
                state=convert.STATE.word(request.state) or None,
                before=position(request, request.page_token),
                limit=size + 1,
            )
        rows, token = cut(request, found, size, lambda one: one.request_id)
        return pb.ListPrivacyRequestsResponse(
            privacy_requests=map(convert.privacy_request, rows), next_page_token=token
        )

    async def reject(self, request: pb.RejectPrivacyRequestRequest) -> pb.RejectPrivacyRequestResponse:
        """Refuses a request that has not begun; of an erasure, the mark is taken back."""

        async def effect(uow: UnitOfWork) -> pb.RejectPrivacyRequestResponse:
            found = await _known(uow, request.privacy_request_id, lock=True)
            if found.state != "received":
                raise NotOpenError(found.state)
            if found.kind == "erasure":
                await lock_subjects(uow, [found.contact_id.bytes])
                added = await store.suppression_ids(uow, found.request_id)
                await marking.unmark(uow, found.contact_id, added)
            await store.end(uow, found.request_id, "rejected", redact_text(request.reason))
            await _audit(uow, found, f"privacy.{found.kind}_rejected", "rejected")
            rejected = await _known(uow, request.privacy_request_id)
            return pb.RejectPrivacyRequestResponse(privacy_request=convert.privacy_request(rejected))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow,
                "PrivacyService.RejectPrivacyRequest",
                request,
                pb.RejectPrivacyRequestResponse,
                effect,
            )

    async def download(self, request: pb.DownloadExportRequest) -> AsyncIterator[pb.DownloadExportResponse]:
        """Streams the archive of a completed export until it expires; each download is audited before its first byte."""
        async with self._database.tenant(tenant()) as uow:
            found = await _known(uow, request.privacy_request_id)
            now = uow.now()
            if (
                found.state != "completed"
                or found.result_expires_at is None
                or found.result_expires_at <= now
            ):
                raise ArchiveGoneError("the request has no archive to download")
            await _audit(uow, found, "privacy.download", found.state)
        async for piece in self._vault.read(found.tenant_id, found.request_id, ARCHIVE):
            yield pb.DownloadExportResponse(data=piece)

    async def _create(
        self,
        uow: UnitOfWork,
        contact_id: UUID,
        kind: Kind,
        *,
        verified_by: str,
        reason: str = "",
        form: str = "json",
        suppression_ids: list[UUID] | None = None,
    ) -> Request:
        await self._refuse_second(uow, contact_id, kind)
        now = uow.now()
        request = Request(
            tenant_id=tenant(),
            request_id=uuid7(),
            contact_id=contact_id,
            tombstone_id=uuid4(),
            kind=kind,
            state="received",
            format=form,
            requested_by=current_caller().subject,
            verified_by=redact_text(verified_by),
            reason=redact_text(reason),
            requested_at=now,
            due_at=now + TO_BE_DONE_WITHIN,
        )
        archive = self._vault.new_key(request.tenant_id, request.request_id) if kind == "export" else None
        uow.on_violation("uq_privacy_request_open", lambda: _second(kind))
        await store.insert(uow, request, archive=archive, suppression_ids=suppression_ids or ())
        events.created(uow, request)
        await _audit(uow, request, f"privacy.{kind}", None)
        return await _known(uow, str(request.request_id))

    @staticmethod
    async def _refuse_second(uow: UnitOfWork, contact_id: UUID, kind: Kind) -> None:
        if await store.open_of(uow, contact_id, kind) is not None:
            raise _second(kind)


def _second(kind: Kind) -> Exception:
    return already_exists("open privacy request", kind)


async def _known(uow: UnitOfWork, request_id: str, *, lock: bool = False) -> Request:
    found = await store.by_id(uow, UUID(request_id), lock=lock)
    if found is None:
        raise not_found("privacy request", request_id)
    return found


async def _audit(uow: UnitOfWork, request: Request, action: str, before: str | None) -> None:
    await audit.record(
        uow,
        action=action,
        resource_type="privacy_request",
        resource_id=request.request_id,
        before=None if before is None else {"state": before},
        after={"kind": request.kind, "verified_by": request.verified_by, "due_at": request.due_at},
    )
