"""Use cases of LedgerService: proving consents."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from angarium.consent.v1 import ledger_service_pb2 as pb
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid
from services.common.paging import PageToken, page_size, parameters_hash
from services.common.rpc.context import tenant
from services.consent.addresses import Hasher
from services.consent.consents import convert as consent_convert
from services.consent.directory.handlers import Directory
from services.consent.ledger import convert, history, receipts, store, verifying_store
from services.consent.ledger.chain import is_sealed
from services.consent.ledger.domain import check
from services.consent.ledger.history import Scope, all_hashes
from services.consent.ledger.receipts import ChainPart, ReceiptKeys
from services.consent.ledger.verifying import Verification
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.subjects import find_subject
from services.consent.words import CHANNEL, CONSENT_STATE, MESSAGE_CLASS, instant, uuid_or_none

MAX_RECEIPT_ENTRIES = 2000


class Ledger:
    """The ledgers of all tenants."""

    def __init__(
        self, database: Database, hasher: Hasher, directory: Directory, keys: ReceiptKeys, issuer: str
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory
        self._keys = keys
        self._issuer = issuer

    async def consent_at(self, request: pb.GetConsentAtRequest) -> pb.GetConsentAtResponse:
        """Tells what stood at an instant."""
        at = instant(request.at_time)
        if at > self._database.clock.now():
            raise invalid("at_time", "must not lie ahead")
        scope = Scope(
            CHANNEL.word(request.channel),
            MESSAGE_CLASS.word(request.message_class),
            uuid_or_none(request.branch_id),
        )

        async def look() -> pb.GetConsentAtResponse:
            async with self._database.tenant(tenant()) as uow:
                subject = await self._subject(uow, request, scope.channel)
                deciding = await history.deciding(uow, subject, scope, at)
                entries = await history.entries(uow, subject, scope, at)
                opted_out = await history.opted_out(uow, subject, at)
            state = history.state_at(deciding, at) if deciding else ""
            return pb.GetConsentAtResponse(
                has_consent=state == "granted",
                state=CONSENT_STATE.number(state),  # type: ignore[arg-type]
                marketing_opted_out=opted_out,
                deciding_entry=consent_convert.audit_entry(deciding) if deciding else None,
                entries=map(consent_convert.audit_entry, entries),
            )

        return await self._directory.with_contacts(tenant(), look)

    async def receipt(self, request: pb.ExportConsentReceiptRequest) -> pb.ExportConsentReceiptResponse:
        """Makes a signed receipt of a person's trail."""

        async def look() -> bytes:
            async with self._database.tenant(tenant()) as uow:
                subject = await self._subject(uow, request, CHANNEL.word(request.channel))
                chains = await self._chains(uow, subject)
                return receipts.document(
                    tenant(),
                    subject.contact_id,
                    all_hashes(subject),
                    chains,
                    issuer=self._issuer,
                    key_id=self._keys.current_id,
                    at=uow.now(),
                )

        document = await self._directory.with_contacts(tenant(), look)
        return convert.receipt(self._keys.sign(document))

    def keys(self, request: pb.ListReceiptKeysRequest) -> pb.ListReceiptKeysResponse:
        """Lists the public keys, the current one first."""
        names = [one.key_id for one in self._keys.public]
        last = PageToken.decode(request.page_token, parameters_hash(request), length=1)
        start = names.index(last[0]) + 1 if last and last[0] in names else 0
        shown = self._keys.public[start : start + page_size(request.page_size)]
        is_last = not shown or shown[-1].key_id == names[-1]
        token = "" if is_last else PageToken.encode([shown[-1].key_id], parameters_hash(request))
        return convert.keys(shown, token)

    async def verify(
        self, request: pb.VerifyConsentLedgerRequest
    ) -> AsyncGenerator[pb.VerifyConsentLedgerResponse, None]:
        """Verifies chains, telling how far it is."""
        work = Verification(self._database, tenant(), uuid_or_none(request.contact_id))
        async with aclosing(work.run()) as told:
            async for is_finished in told:
                for response in convert.progress(work.progress, is_finished=is_finished):
                    yield response

    async def _subject(
        self, uow: UnitOfWork, request: pb.GetConsentAtRequest | pb.ExportConsentReceiptRequest, channel: str
    ) -> Subject:
        policy = await policy_store.load(uow)
        return await find_subject(uow, self._hasher, request.subject, channel, policy.region_code)

    async def _chains(self, uow: UnitOfWork, subject: Subject) -> list[ChainPart]:
        """Returns the chains of a person, checked, while nobody adds to them."""
        tenant_id = uow.tenant_id or tenant()
        contacts = [subject.contact_id.bytes] if subject.contact_id else []
        hashes = [] if subject.contact_id else sorted(set(all_hashes(subject)))
        heads = await store.locked_heads(uow, tenant_id, contacts, hashes)
        if sum(one.head.last_sequence for one in heads) > MAX_RECEIPT_ENTRIES:
            raise invalid("subject", f"has more than {MAX_RECEIPT_ENTRIES} entries: too many for one receipt")
        chain_ids = sorted(one.head.chain_id for one in heads)
        _, entries = await verifying_store.chains(uow, tenant_id, chain_ids)
        parts = []
        for one in sorted(heads, key=lambda known: known.head.chain_id):
            own = [entry for entry in entries if entry.entry.chain_id == one.head.chain_id]
            faults = check(one.head.chain_id, one.head, own, sealed=is_sealed(uow.keys, one))
            parts.append(ChainPart(one.head.chain_id, own, is_whole=not faults))
        return parts
