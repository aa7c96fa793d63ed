"""Use cases of SuppressionService: each opens one unit of work and commits once."""

from collections.abc import Sequence
from uuid import UUID

from angarium.consent.v1 import suppression_service_pb2 as pb
from services.common import audit, paging
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, invalid, not_found
from services.common.idempotency import keyed
from services.common.rpc.context import Caller, current_caller, tenant
from services.common.security.permissions import PLATFORM_ADMIN
from services.consent import announcements
from services.consent.addresses import ANY_CHANNEL, EVERYBODY, Hasher, hint
from services.consent.consents import store as consent_store
from services.consent.consents.trail import Change
from services.consent.directory import store as directory_store
from services.consent.policy import store as policy_store
from services.consent.subjects import canonical_or_invalid
from services.consent.suppression import convert, store
from services.consent.suppression.convert import Wish
from services.consent.suppression.domain import Entry, StoredEntry, check_may_lift
from services.consent.words import CHANNEL, MESSAGE_CLASS, SCOPE, SUPPRESSION_REASON

_DEFAULT_PAGE = 100
_SERVICE = "SuppressionService"


class Suppressions:
    """Addresses that must not be written to."""

    def __init__(self, database: Database, hasher: Hasher) -> None:
        self._database = database
        self._hasher = hasher

    async def add(self, request: pb.AddSuppressionRequest) -> pb.AddSuppressionResponse:
        """Adds an entry; one of a platform administrator without tenant holds for every tenant."""
        convert.refuse_unaddressed(request.channel)
        wish = convert.wish(request)
        caller = current_caller()
        for_everybody = caller.tenant_id is None and _is_platform_admin(caller)
        transaction = self._database.system() if for_everybody else self._database.tenant(tenant())

        async def effect(uow: UnitOfWork) -> pb.AddSuppressionResponse:
            add = self._add_for_everybody if for_everybody else self._add
            return pb.AddSuppressionResponse(suppression=convert.suppression(await add(uow, wish)))

        async with transaction as uow:
            if wish.expires_at is not None and wish.expires_at <= uow.now():
                raise invalid("expire_time", "must lie ahead")
            return await keyed(uow, f"{_SERVICE}.AddSuppression", request, pb.AddSuppressionResponse, effect)

    async def _add(self, uow: UnitOfWork, wish: Wish) -> StoredEntry:
        region = (await policy_store.load(uow)).region_code
        address = canonical_or_invalid("address", wish.channel, wish.address, region)
        added = await self._add_block(uow, [(wish, address)])
        return added[0].stored

    async def _add_for_everybody(self, uow: UnitOfWork, wish: Wish) -> StoredEntry:
        address = canonical_or_invalid("address", wish.channel, wish.address, "")
        entry = self._entry(EVERYBODY, wish, address, None)
        added = await store.add_for_everybody(uow, entry, current_caller().subject)
        await _record(uow, "suppression.add", [added.stored], wish.detail)
        return added.stored

    async def _add_block(self, uow: UnitOfWork, wishes: Sequence[tuple[Wish, str]]) -> list[store.Added]:
        """Adds entries, tells of the new ones, and returns all as they stand."""
        tenant_id = uow.tenant_id or EVERYBODY
        contacts = await self._contacts(uow, tenant_id, wishes)
        entries = [self._entry(tenant_id, wish, address, contacts.get(address)) for wish, address in wishes]
        actor = current_caller().subject
        added = await store.add(uow, entries, actor)
        new = [one.stored for one in added if one.is_new]
        announcements.suppressions_added(uow, new)
        await consent_store.add_audit(uow, [_change(one, None, one.entry.reason) for one in new], actor)
        if new:
            await _record(uow, "suppression.add", new, None)
        return added

    async def _contacts(
        self, uow: UnitOfWork, tenant_id: UUID, wishes: Sequence[tuple[Wish, str]]
    ) -> dict[str, UUID]:
        """Returns the contacts behind e-mail addresses and phone numbers, one statement for each kind."""
        kinds = {
            "email": [address for _, address in wishes if "@" in address],
            "sms": [address for _, address in wishes if address.startswith("+")],
        }
        contacts: dict[str, UUID] = {}
        for channel, addresses in kinds.items():
            if not addresses:
                continue
            hashes = self._hasher.blocks(tenant_id, channel, addresses)[0]
            found = await directory_store.by_address(uow, channel, hashes)
            contacts |= {
                address: found[digest]
                for address, digest in zip(addresses, hashes, strict=True)
                if digest in found
            }
        return contacts

    def _entry(self, tenant_id: UUID, wish: Wish, address: str, contact_id: UUID | None) -> Entry:
        return Entry(
            channel=wish.channel,
            identifier_hash=self._hasher.one(tenant_id, wish.channel, address),
            key_id=self._hasher.key_id,
            scope=wish.scope,
            reason=wish.reason,
            hint=hint(address),
            detail=wish.detail,
            contact_id=contact_id,
            expires_at=wish.expires_at,
        )

    async def check(self, request: pb.CheckSuppressionRequest) -> pb.CheckSuppressionResponse:
        """Tells whether an address is suppressed now for a class."""
        convert.refuse_unaddressed(request.channel)
        channel = CHANNEL.word(request.channel)
        async with self._database.tenant(tenant()) as uow:
            region = (await policy_store.load(uow)).region_code
            address = canonical_or_invalid("address", channel, request.address, region)
            own = self._every(tenant(), channel, address)
            shared = self._every(EVERYBODY, channel, address)
            holding = await store.holding(uow, channel, own, uow.now())
            holding += await store.holding_for_everybody(uow, channel, shared, uow.now())
        is_marketing = MESSAGE_CLASS.word(request.message_class) == "marketing"
        for one in holding:
            if one.entry.scope == "all" or (one.entry.scope == "marketing" and is_marketing):
                return pb.CheckSuppressionResponse(is_suppressed=True, suppression=convert.suppression(one))
        return pb.CheckSuppressionResponse(is_suppressed=False)

    def _every(self, tenant_id: UUID, channel: str, address: str) -> list[bytes]:
        """Returns the hashes under which entries of an address on a channel, or on every one, are found."""
        return [
            *self._hasher.every(tenant_id, channel, address),
            *self._hasher.every(tenant_id, ANY_CHANNEL, address),
        ]

    async def remove(self, request: pb.RemoveSuppressionRequest) -> pb.RemoveSuppressionResponse:
        """Lifts entries; none of them when one is protected from the caller."""

        async def effect(uow: UnitOfWork) -> pb.RemoveSuppressionResponse:
            return pb.RemoveSuppressionResponse(removed_count=len(await self._remove(uow, request)))

        async with self._database.tenant(tenant()) as uow:
            return await keyed(
                uow, f"{_SERVICE}.RemoveSuppression", request, pb.RemoveSuppressionResponse, effect
            )

    async def _remove(self, uow: UnitOfWork, request: pb.RemoveSuppressionRequest) -> list[StoredEntry]:
        if request.suppression_id:
            entries = await store.lock_by_id(uow, UUID(request.suppression_id))
            if not entries:
                raise not_found("suppression", request.suppression_id)
        else:
            entries = await self._lock_by_address(uow, request)
        check_may_lift(
            (one.entry.reason for one in entries), is_platform_admin=_is_platform_admin(current_caller())
        )
        if entries:
            actor = current_caller().subject
            await store.remove(uow, [one.suppression_id for one in entries])
            announcements.suppressions_removed(uow, entries)
            changes = [_change(one, one.entry.reason, None, request.reason) for one in entries]
            await consent_store.add_audit(uow, changes, actor)
            await _record(uow, "suppression.remove", entries, request.reason)
        return entries

    async def _lock_by_address(
        self, uow: UnitOfWork, request: pb.RemoveSuppressionRequest
    ) -> list[StoredEntry]:
        channel = CHANNEL.word(request.channel) or None
        region = (await policy_store.load(uow)).region_code
        address = canonical_or_invalid("address", channel or ANY_CHANNEL, request.address, region)
        return await store.lock_by_address(uow, self._on_any_channel(tenant(), address), channel)

    def _on_any_channel(self, tenant_id: UUID, address: str) -> list[bytes]:
        """Returns the hashes under which any entry of an address is found."""
        channels = (ANY_CHANNEL, "email", "sms", "whatsapp", "push")
        return [digest for channel in channels for digest in self._hasher.every(tenant_id, channel, address)]

    async def page(self, request: pb.ListSuppressionsRequest) -> pb.ListSuppressionsResponse:
        """Lists entries, newest first; of one address when it is given."""
        size = request.page_size or _DEFAULT_PAGE
        async with self._database.tenant(tenant()) as uow:
            hashes = None
            if request.address:
                region = (await policy_store.load(uow)).region_code
                channel = CHANNEL.word(request.channel) or ANY_CHANNEL
                address = canonical_or_invalid("address", channel, request.address, region)
                hashes = self._on_any_channel(tenant(), address)
            rows = await store.page(
                uow,
                channel=CHANNEL.word(request.channel) or None,
                reason=SUPPRESSION_REASON.word(request.reason) or None,
                scope=SCOPE.word(request.scope) or None,
                hashes=hashes,
                before=paging.position(request, request.page_token),
                limit=size + 1,
            )
        shown, token = paging.cut(request, rows, size, lambda one: one.suppression_id)
        return pb.ListSuppressionsResponse(
            suppressions=map(convert.suppression, shown), next_page_token=token
        )

    async def import_block(self, request: pb.ImportSuppressionsRequest) -> pb.ImportSuppressionsResponse:
        """Imports one block in one transaction; a repeat of it changes nothing."""
        good, errors = convert.wishes(request, self._database.clock.now())
        async with self._database.tenant(tenant()) as uow:
            region = (await policy_store.load(uow)).region_code
            wishes: list[tuple[Wish, str]] = []
            for place, wish in good.items():
                try:
                    wishes.append((wish, canonical_or_invalid("address", wish.channel, wish.address, region)))
                except ServiceError as error:
                    errors[place] = error
            added = await self._add_block(uow, wishes) if wishes else []
        new = sum(one.is_new for one in added)
        return convert.import_response(request.block_number, new, len(wishes) - new, errors)


def _change(stored: StoredEntry, old: str | None, new: str | None, reason: str | None = None) -> Change:
    entry = stored.entry
    return Change(
        contact_id=entry.contact_id,
        address_hash=None if entry.contact_id else entry.identifier_hash,
        field="suppression",
        old_value=f"{entry.scope}: {old}" if old else None,
        new_value=f"{entry.scope}: {new}" if new else None,
        change_source="staff" if current_caller().kind == "person" else "system",
        channel=None if entry.channel == ANY_CHANNEL else entry.channel,
        reason=reason,
    )


async def _record(uow: UnitOfWork, action: str, entries: Sequence[StoredEntry], reason: str | None) -> None:
    first = entries[0]
    facts = {
        "channel": first.entry.channel,
        "scope": first.entry.scope,
        "reason": first.entry.reason,
        "count": len(entries),
        "note": reason,
    }
    is_removal = action.endswith("remove")
    await audit.record(
        uow,
        action=action,
        resource_type="suppression",
        resource_id=first.suppression_id,
        before=facts if is_removal else None,
        after=None if is_removal else facts,
    )


def _is_platform_admin(caller: Caller) -> bool:
    return PLATFORM_ADMIN in caller.roles
