"""Use cases about where a contact stands: read, changed as a whole, and the flag of an opt-out cleared."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from google.protobuf.field_mask_pb2 import FieldMask

from angarium.consent.v1 import consent_service_pb2 as pb
from angarium.consent.v1 import preference_service_pb2
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError, Violation, aborted, failed, invalid, invalid_many
from services.common.idempotency import keyed
from services.common.masks import apply_mask
from services.common.rpc.context import Caller, current_caller, tenant
from services.consent.addresses import Hasher
from services.consent.consents import changes, contact_store, convert, store
from services.consent.consents.changes import Scope
from services.consent.consents.contact_domain import CONSENT_FLAGS, PATHS, SAID, Position, opt_out_source
from services.consent.consents.domain import CHANGE_SOURCES, Grant
from services.consent.consents.optout import OptOut
from services.consent.consents.trail import Change
from services.consent.directory.handlers import Directory, require_contact
from services.consent.keyed import keyed_about
from services.consent.locks import lock_subjects
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.preferences import changes as preference_changes
from services.consent.preferences import choices_store, reading
from services.consent.preferences import store as preference_store
from services.consent.preferences.choices_store import Author
from services.consent.preferences.domain import Update
from services.consent.subjects import ensure_own
from services.consent.words import CONSENT_SOURCE


class ContactConsents:
    """Where contacts of all tenants stand."""

    def __init__(self, database: Database, hasher: Hasher, directory: Directory) -> None:
        self._database = database
        self._hasher = hasher
        self._directory = directory

    async def get(self, request: pb.GetContactConsentRequest) -> pb.GetContactConsentResponse:
        """Returns where a contact stands; reading creates nothing."""
        contact_id = UUID(request.contact_id)
        ensure_own(contact_id)

        async def work() -> pb.GetContactConsentResponse:
            hashes = await self._registry_hashes(contact_id)
            async with self._database.tenant(tenant()) as uow:
                position = await _position(uow, contact_id, hashes)
                shown = convert.contact_consent(position, uow.now())
            return pb.GetContactConsentResponse(contact_consent=shown)

        return await self._directory.with_contacts(tenant(), work)

    async def update(self, request: pb.UpdateContactConsentRequest) -> pb.UpdateContactConsentResponse:
        """Changes what the mask names, all in one transaction."""
        contact_id = UUID(request.contact_consent.contact_id)
        ensure_own(contact_id)
        paths = apply_mask(request.update_mask, PATHS)
        _check(request, paths)
        said = _said(request, paths)
        evidence = convert.evidence_of(request.evidence)

        async def work() -> pb.UpdateContactConsentResponse:
            hashes = await self._registry_hashes(contact_id)

            async def effect(uow: UnitOfWork) -> pb.UpdateContactConsentResponse:
                await require_contact(uow, contact_id)
                await lock_subjects(uow, [contact_id.bytes])
                before = await _position(uow, contact_id, hashes)
                if request.contact_consent.etag != before.etag:
                    raise aborted("the contact's consents were changed meanwhile: read them again")
                wish = _Wish(uow, request, before, evidence, current_caller(), self._hasher.key_id)
                await wish.apply(paths, said)
                after = await _position(uow, contact_id, hashes)
                shown = convert.contact_consent(after, uow.now())
                return pb.UpdateContactConsentResponse(contact_consent=shown)

            method, answer = "ConsentService.UpdateContactConsent", pb.UpdateContactConsentResponse
            async with self._database.tenant(tenant()) as uow:
                return await keyed(uow, method, request, answer, effect)

        return await self._directory.with_contacts(tenant(), work)

    async def cancel_opt_out(self, request: pb.CancelOptOutRequest) -> pb.CancelOptOutResponse:
        """Clears the flag of an opt-out, and nothing else."""
        contact_id = UUID(request.contact_id)
        ensure_own(contact_id)
        evidence = convert.evidence_of(request.evidence)
        if not evidence:
            raise failed("EVIDENCE_REQUIRED", "clearing an opt-out needs evidence")
        source = CONSENT_SOURCE.word(request.source)

        async def effect(uow: UnitOfWork) -> pb.CancelOptOutResponse:
            await require_contact(uow, contact_id)
            await changes.cancel_opt_out(
                uow,
                contact_id,
                source=source,
                change_source=_change_source(source, current_caller()),
                reason=request.reason or None,
                evidence=evidence,
            )
            found = await changes.summary(uow, Subject(contact_id), uow.now())
            return pb.CancelOptOutResponse(summary=convert.summary(found))

        return await keyed_about(
            self._database,
            self._directory,
            "ConsentService.CancelOptOut",
            request,
            pb.CancelOptOutResponse,
            effect,
        )

    async def _registry_hashes(self, contact_id: UUID) -> Sequence[bytes]:
        """Returns how registries know the contact's number; asked of its owner only by tenants that have any."""
        async with self._database.tenant(tenant()) as uow:
            await require_contact(uow, contact_id)
            registries = (await policy_store.load(uow)).dnd_registries
        return await self._directory.registry_hashes(tenant(), contact_id) if registries else ()


class _Wish:
    """One update of one locked contact."""

    def __init__(
        self,
        uow: UnitOfWork,
        request: pb.UpdateContactConsentRequest,
        before: Position,
        evidence: Mapping[str, Any] | None,
        caller: Caller,
        key_id: str,
    ) -> None:
        self._uow = uow
        self._wanted = request.contact_consent
        self._before = before
        self._evidence = evidence
        self._caller = caller
        self._key_id = key_id
        self._source = CONSENT_SOURCE.word(request.source)
        self._reason = request.reason or None
        self._subject = Subject(before.contact_id)

    async def apply(self, paths: Sequence[str], said: Update) -> None:
        """Makes each named field what it should be; what is so already stays untouched."""
        if "marketing_opted_out" in paths and self._wanted.marketing_opted_out:
            await self._opt_out()
        for path in paths:
            if path in CONSENT_FLAGS:
                await self._consent(CONSENT_FLAGS[path], wanted=getattr(self._wanted, path))
        if "is_dnd" in paths:
            await changes.set_dnd(
                self._uow,
                self._before.contact_id,
                is_dnd=self._wanted.is_dnd,
                change_source=_change_source(self._source, self._caller),
                reason=self._reason,
            )
        if said.values:
            await self._say(said)

    async def _opt_out(self) -> None:
        wish = OptOut(
            channel=None,
            source=opt_out_source(self._source),
            actor=self._caller.subject,
            key_id=self._key_id,
            reason=self._reason,
        )
        await changes.opt_out(self._uow, self._subject, wish)

    async def _consent(self, channel: str, *, wanted: bool) -> None:
        now = self._uow.now()
        row = self._before.consents.get(channel)
        if wanted and not self._before.consents_to(channel, now):
            await changes.grant_consent(
                self._uow,
                self._subject,
                Scope(channel, "marketing", None),
                Grant(
                    source=self._source,
                    evidence=self._evidence,
                    expires_at=None,
                    double_opt_in=False,
                    by_staff=self._caller.kind == "person",
                    by_service=self._caller.kind == "service",
                    recorded_by=self._caller.subject,
                ),
                await policy_store.load(self._uow),
            )
        elif not wanted and row is not None and row.status_at(now) in ("granted", "pending"):
            await changes.revoke_consent(
                self._uow,
                self._subject,
                channel=channel,
                message_classes=("marketing",),
                branch_id=None,
                source=self._source,
                reason=self._reason,
            )

    async def _say(self, said: Update) -> None:
        before = await choices_store.read(self._uow, self._before.contact_id)
        by_contact = self._caller.kind == "contact"
        author = Author("contact" if by_contact else self._caller.subject, "api", self._reason)
        after = await preference_changes.change(self._uow, self._before.contact_id, said, author)
        told = [
            Change(
                contact_id=self._before.contact_id,
                address_hash=None,
                field=name,
                old_value=str(before.values[name] or "") or None,
                new_value=str(after.values[name] or "") or None,
                change_source=_change_source(self._source, self._caller),
                reason=self._reason,
            )
            for name in said.values
            if before.values[name] != after.values[name]
        ]
        await store.add_audit(self._uow, told, self._caller.subject)


async def _position(uow: UnitOfWork, contact_id: UUID, registry_hashes: Sequence[bytes]) -> Position:
    standing = await preference_store.standing(uow, contact_id)
    choices = await choices_store.read(uow, contact_id)
    registries = (await policy_store.load(uow)).dnd_registries
    return Position(
        contact_id=contact_id,
        consents=await contact_store.marketing(uow, contact_id),
        opted_out=standing.opted_out,
        opted_out_at=standing.opted_out_at,
        opt_out_source=standing.opt_out_source,
        asserted_dnd=standing.is_dnd,
        is_registered=await contact_store.is_registered(uow, registry_hashes, registries),
        preferred_channel=str(choices.values["preferred_channel"]),
        language_code=await preference_store.language(uow, contact_id),
        preference_version=choices.version,
    )


def _check(request: pb.UpdateContactConsentRequest, paths: Sequence[str]) -> None:
    wanted = request.contact_consent
    if "marketing_opted_out" not in paths:
        return
    if not wanted.marketing_opted_out:
        raise invalid("contact_consent.marketing_opted_out", "is cleared by CancelOptOut only")
    both = [path for path in paths if path in CONSENT_FLAGS and getattr(wanted, path)]
    if both:
        raise invalid_many(
            Violation(f"contact_consent.{path}", "contradicts marketing_opted_out") for path in both
        )


def _said(request: pb.UpdateContactConsentRequest, paths: Sequence[str]) -> Update:
    """Returns the preferences among the named fields; VALIDATION_FAILED names the fields as this request does."""
    named = [path for path in paths if path in SAID]
    if not named:
        return Update()
    wanted = request.contact_consent
    preferences = preference_service_pb2.Preferences(
        preferred_channel=wanted.preferred_channel, language_code=wanted.language_code
    )
    try:
        return reading.update_of(preferences, FieldMask(paths=named), frozenset(SAID))
    except ServiceError as error:
        raise invalid_many(
            Violation(one.field.replace("preferences.", "contact_consent.", 1), one.description)
            for one in error.violations
        ) from None


def _change_source(source: str, caller: Caller) -> str:
    return "staff" if caller.kind == "person" else CHANGE_SOURCES[source]
