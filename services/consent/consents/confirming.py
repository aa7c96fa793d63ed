"""Double opt-in: links are made and read, what waits is asked again, and what is confirmed is granted (CON-57)."""

from dataclasses import dataclass
from uuid import UUID

from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import invalid, not_found
from services.common.rpc.context import Caller
from services.common.security.envelope import Envelope
from services.common.security.tokens import InvalidToken, Payload, Purpose, TokenSigner
from services.consent.consents import changes, confirmation, domain, store
from services.consent.consents.confirmation import Confirmation
from services.consent.consents.domain import Consent, Grant, NotPendingError, Terms
from services.consent.directory import store as directory_store
from services.consent.locks import lock_subjects
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.preferences import store as preference_store


@dataclass(frozen=True, slots=True)
class Opened:
    """What a genuine confirmation token says, with the tenant it belongs to."""

    tenant_id: UUID
    said: Confirmation
    payload: Payload


@dataclass(frozen=True, slots=True)
class PendingLink:
    """The link of a consent that waits, and whom to send it to."""

    consent: Consent
    token: str
    address: str
    """The bare address; empty for a contact."""


class Confirmations:
    """Confirmations of all tenants."""

    def __init__(self, database: Database, signer: TokenSigner, envelope: Envelope) -> None:
        self._database = database
        self._signer = signer
        self._envelope = envelope

    def open(self, token: str) -> Opened:
        """Returns what a token says; one answer for every kind of bad token, another when it is expired."""
        payload = self._signer.verify(Purpose.CONFIRM, token, self._database.clock.now())
        return Opened(payload.tenant_id, confirmation.unpack(payload.body), payload)

    async def look(self, uow: UnitOfWork, opened: Opened) -> Consent:
        """Returns the consent a token is about.

        Raises:
            InvalidToken: There is no such consent any more, or the links of its person were voided.
        """
        found = await store.by_id(uow, opened.said.consent_id)
        if found is None or await link_version(uow, found) != opened.said.link_version:
            raise InvalidToken
        return found

    async def confirm(
        self, uow: UnitOfWork, opened: Opened, *, ip_address: str | None, user_agent: str | None, actor: str
    ) -> tuple[Consent, bool]:
        """Grants what waits; returns the consent as it stands, and whether this changed it (CON-17).

        A token that was used, or is not of the newest asking, changes nothing.
        """
        known = await self.look(uow, opened)
        subject = subject_of(known)
        await lock_subjects(uow, [subject.key])
        current = await self.look(uow, opened)
        now = uow.now()
        is_newest = confirmation.is_newest(current, opened.said, opened.payload.issued)
        if current.status_at(now) != "pending" or not is_newest:
            return current, False
        wanted = Grant(
            source="double_opt_in",
            evidence=None,
            expires_at=None,
            double_opt_in=False,
            by_staff=False,
            by_service=True,
            ip_address=ip_address,
            user_agent=user_agent,
            recorded_by=actor,
        )
        policy = await policy_store.load(uow)
        terms = Terms(frozenset(), changes.validity(policy), opt_out_source=None)
        decided = domain.grant(current, wanted, current, terms, now)
        stored = await changes.store_grant(uow, subject, current, decided, wanted, "consent.confirm")
        return stored, True

    async def ask_again(self, uow: UnitOfWork, consent_id: UUID, caller: Caller) -> Consent:
        """Asks once more for a consent that waits (CON-18); NOT_FOUND for what is not the contact's own."""
        known = await _of_caller(uow, consent_id, caller)
        subject = subject_of(known)
        await lock_subjects(uow, [subject.key])
        current = await _of_caller(uow, consent_id, caller)
        decided = domain.ask_again(current, uow.now())
        if current.key.contact_id is None and current.sealed_address is None:
            raise invalid(
                "consent_id", "is of an address that an import named and nobody keeps: grant it again"
            )
        asked = Grant(
            source=current.source,
            evidence=None,
            expires_at=None,
            double_opt_in=True,
            by_staff=caller.kind == "person",
            recorded_by=caller.subject,
        )
        return await changes.store_grant(uow, subject, current, decided, asked, "consent.ask_again")

    async def link(self, uow: UnitOfWork, consent_id: UUID) -> PendingLink:
        """Returns the link of a consent that waits, for the message that carries it."""
        consent = await store.by_id(uow, consent_id)
        if consent is None:
            raise not_found("consent", str(consent_id))
        if consent.status_at(uow.now()) != "pending" or uow.tenant_id is None:
            raise NotPendingError
        version = await link_version(uow, consent)
        if version is None:
            raise NotPendingError
        address = ""
        if consent.sealed_address is not None:
            opened = await self._envelope.open(uow, consent.sealed_address, consent.consent_id.bytes)
            address = opened.decode()
        token = confirmation.sign(self._signer, uow.tenant_id, consent, version)
        return PendingLink(consent, token, address)


def subject_of(consent: Consent) -> Subject:
    """Returns the person a consent is about."""
    key = consent.key
    return Subject(key.contact_id, {key.channel: key.address_hash} if key.address_hash else {})


async def link_version(uow: UnitOfWork, consent: Consent) -> int | None:
    """Returns the version the links of a consent's person have; None when the person was erased."""
    contact_id = consent.key.contact_id
    if contact_id is None:
        return 1
    if (await directory_store.states(uow, [contact_id])).get(contact_id) == "erased":
        return None
    return (await preference_store.standing(uow, contact_id)).token_version


async def _of_caller(uow: UnitOfWork, consent_id: UUID, caller: Caller) -> Consent:
    found = await store.by_id(uow, consent_id)
    if found is None or (caller.kind == "contact" and caller.contact_id != found.key.contact_id):
        raise not_found("consent", str(consent_id))
    return found
