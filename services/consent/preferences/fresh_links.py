"""Fresh links for people whose link's time is over (GAT-33).

Asking costs the same for every address: whether the tenant knows it is looked up when the message is made, not before.
"""

from datetime import timedelta
from uuid import UUID

from angarium.consent.v1 import consent_pb2
from angarium.consent.v1 import preference_service_pb2 as pb
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import exhausted, not_found, unavailable
from services.common.idempotency import keyed
from services.common.ids import uuid7
from services.common.languages import LANGUAGES, base_language
from services.common.rate_windows import RateLimiter
from services.common.rpc.context import tenant
from services.common.security.envelope import Envelope
from services.common.security.tokens import ExpiredToken, InvalidToken, Payload, TokenSigner
from services.consent import announcements
from services.consent.addresses import ANY_CHANNEL, Hasher
from services.consent.people import Subject
from services.consent.policy import store as policy_store
from services.consent.preferences import fresh_link_store, links, store
from services.consent.preferences.fresh_link_store import Asked
from services.consent.preferences.links import Link
from services.consent.subjects import canonical_or_invalid, find_subject
from services.consent.words import CHANNEL, text_of, timestamp

WAITS = timedelta(hours=24)
"""How long a message is worth sending, and the address that was typed is kept."""
WINDOW = timedelta(hours=1)
AN_HOUR = 5


class FreshLinks:
    """Askings for fresh links of all tenants."""

    def __init__(
        self,
        database: Database,
        hasher: Hasher,
        signer: TokenSigner,
        envelope: Envelope,
        windows: RateLimiter,
        public_base_url: str,
    ) -> None:
        self._database = database
        self._hasher = hasher
        self._signer = signer
        self._envelope = envelope
        self._windows = windows
        self._base_url = public_base_url

    async def request(self, request: pb.RequestFreshLinkRequest) -> pb.RequestFreshLinkResponse:
        """Notes an asking and announces it; does the same for an address nobody knows."""
        purpose, payload = self._said(request.token)
        async with self._database.tenant(payload.tenant_id) as uow:
            region = (await policy_store.load(uow)).region_code
        typed = request.address.strip()
        channel = "email" if "@" in typed else "sms"
        address = canonical_or_invalid("address", channel, typed, region)
        await self._count(payload.tenant_id, channel, address)

        async def effect(uow: UnitOfWork) -> pb.RequestFreshLinkResponse:
            request_id, now = uuid7(), uow.now()
            asked = Asked(
                request_id=request_id,
                purpose=purpose,
                channel=links.unpack(payload.body).channel,
                sealed_address=await self._envelope.seal(uow, address.encode(), request_id.bytes),
                language=_language(request.language_code),
                expires_at=now + WAITS,
            )
            await fresh_link_store.add(uow, asked)
            announcements.fresh_link_requested(uow, request_id, asked.expires_at)
            return pb.RequestFreshLinkResponse()

        async with self._database.tenant(payload.tenant_id) as uow:
            return await keyed(
                uow,
                "PreferenceService.RequestFreshLink",
                request,
                pb.RequestFreshLinkResponse,
                effect,
            )

    async def get(self, request: pb.GetFreshLinkRequest) -> pb.GetFreshLinkResponse:
        """Returns the link of an asking and where to send it; NOT_FOUND when nobody is to be written to."""
        tenant_id, request_id = tenant(), UUID(request.request_id)
        async with self._database.tenant(tenant_id) as uow:
            asked = await fresh_link_store.by_id(uow, request_id)
            if asked is None or asked.expires_at <= uow.now():
                raise not_found("fresh_link", str(request_id))
            address = (await self._envelope.open(uow, asked.sealed_address, request_id.bytes)).decode()
            link = await self._link(uow, asked, address)
            issued = uow.now()
        if link is None:
            raise not_found("fresh_link", str(request_id))
        # Only contacts have preferences; the link of an address unsubscribes it.
        purpose = asked.purpose if link.contact_id else "unsubscribe"
        token = self._signer.sign(
            links.PURPOSES[purpose],
            tenant_id,
            links.pack(link),
            issued=issued,
            expires=issued + links.VALIDITY,
        )
        return pb.GetFreshLinkResponse(
            url=f"{self._base_url}/{purpose}/{token}",
            expire_time=timestamp(asked.expires_at),
            contact_id=text_of(link.contact_id),
            channel=CHANNEL.number("email" if "@" in address else "sms"),  # type: ignore[arg-type]
            address=address,
            language_code=asked.language,
        )

    async def _link(self, uow: UnitOfWork, asked: Asked, address: str) -> Link | None:
        """Returns what the fresh link says; None when the tenant does not know the address."""
        subject = await find_subject(uow, self._hasher, consent_pb2.Subject(address=address), "", "")
        fits = tuple(subject.hashes)
        if subject.contact_id is not None:
            standing = await store.standing(uow, subject.contact_id)
            # A link for every channel stays one; of another channel than the address has, it becomes one of its own.
            channel = asked.channel if asked.channel in ("", *fits) else fits[0]
            return Link(subject.contact_id, None, channel, standing.token_version)
        known = await self._known_on(uow, subject)
        if not known:
            return None
        channel = next(
            (one for one in (asked.channel, *fits) if one in known and one in fits),
            fits[0],
        )
        return Link(None, subject.hashes[channel], channel, 1)

    async def _known_on(self, uow: UnitOfWork, subject: Subject) -> set[str]:
        """Returns the channels on which an address of no contact has a consent or is suppressed."""
        anywhere = self._hasher.every(tenant(), ANY_CHANNEL, subject.address)
        return await fresh_link_store.known_on(
            uow, [*subject.hashes.values(), *subject.older_hashes, *anywhere]
        )

    async def _count(self, tenant_id: UUID, channel: str, address: str) -> None:
        """Counts an asking; RATE_LIMITED with the time to wait when there were too many of this address."""
        digest = self._hasher.one(tenant_id, channel, address)
        verdict = await self._windows.check("fresh-link", f"{tenant_id}:{digest.hex()}", AN_HOUR)
        if verdict.allowed:
            return
        if verdict.store_failed:
            raise unavailable("redis")
        raise exhausted(
            "RATE_LIMITED",
            "too many fresh links were asked for to this address",
            timedelta(seconds=verdict.retry_after),
        )

    def _said(self, token: str) -> tuple[str, Payload]:
        """Returns the purpose of a genuine token and what it says, however old it is; one answer for all others."""
        for word, purpose in links.PURPOSES.items():
            try:
                payload = self._signer.verify(purpose, token, self._database.clock.now())
            except ExpiredToken as late:
                payload = late.payload
            except InvalidToken:
                continue
            links.unpack(payload.body)
            return word, payload
        raise InvalidToken


def _language(tag: str) -> str:
    base = base_language(tag)
    return base if base in LANGUAGES else ""
