"""Tracked links: registered once per distinct target, exchanged for signed URLs of the public door (DEL-89).

A link's id is made of its target, so it is known before it is stored and is the same for every template of a tenant.
Tokens hold message and link id, no URL and nothing of the contact.
"""

import hashlib
import secrets
import string
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.security.tokens import InvalidToken, Purpose, TokenSigner
from services.common.templating import CompiledContent, Trail
from services.delivery.engagement import link_store
from services.delivery.templates.cache import Template

VALID_FOR: Final = timedelta(days=30)
KNOWN_LINKS: Final = 50_000
CODE_LENGTH: Final = 10
_ALPHABET: Final = string.ascii_letters + string.digits
_ID: Final = 16


def link_id_of(url: str) -> UUID:
    """Returns the id of a target."""
    return _id(hash_of(url))


def hash_of(url: str) -> bytes:
    """Returns the hash a target is known by."""
    return hashlib.sha256(url.encode()).digest()


def read_click(body: bytes) -> tuple[UUID, UUID]:
    """Returns message and link id of a CLICK token's body; InvalidToken when it is something else."""
    if len(body) != 2 * _ID:
        raise InvalidToken
    return UUID(bytes=body[:_ID]), UUID(bytes=body[_ID:])


def new_code() -> str:
    """Returns the code of a short link: ten letters and digits, which nobody guesses."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def is_code(token: str) -> bool:
    """Returns whether a token may be the code of a short link; signed ones are longer."""
    return len(token) == CODE_LENGTH and token.isascii() and token.isalnum()


def _id(url_hash: bytes) -> UUID:
    return UUID(bytes=url_hash[:6] + bytes((0x80 | url_hash[6] & 0x0F, url_hash[7], 0x80 | url_hash[8] & 0x3F)) + url_hash[9:_ID])  # fmt: skip


class Links:
    """Stores targets and makes the URLs of messages; used by many blocks of one event loop."""

    def __init__(self, database: Database, signer: TokenSigner, clock: Clock, base_url: str) -> None:
        self._database = database
        self._signer = signer
        self._clock = clock
        self._base = base_url.rstrip("/")
        self._known: OrderedDict[tuple[UUID, UUID], date] = OrderedDict()

    async def links_of(self, tenant_id: UUID, content: CompiledContent) -> list[UUID | None]:
        """Returns the ids of a content's links by their index, stored; None for targets that hold variables."""
        await self.register(tenant_id, [link.url for link in content.links if link.url is not None])
        return [link_id_of(link.url) if link.url is not None else None for link in content.links]

    async def register(self, tenant_id: UUID, urls: Iterable[str]) -> None:
        """Stores targets that are not known; a target that is used is kept for another year."""
        today = self._clock.now().date()
        wanted = {}
        for url in urls:
            url_hash = hash_of(url)
            if self._known.get((tenant_id, _id(url_hash))) != today:
                wanted[url_hash] = url
        if not wanted:
            return
        async with self._database.tenant(tenant_id) as uow:
            await link_store.add_links(uow, [(_id(key).bytes, key, url) for key, url in wanted.items()])
        for key in wanted:
            self._known[tenant_id, _id(key)] = today
        while len(self._known) > KNOWN_LINKS:
            self._known.popitem(last=False)

    async def shorten(self, tenant_id: UUID, links: Sequence[tuple[str, bytes, bytes]]) -> None:
        """Stores the short links of a block: code, message and link of each."""
        async with self._database.tenant(tenant_id) as uow:
            await link_store.add_short(uow, links, self._clock.now() + VALID_FOR)

    def urls(self, tenant_id: UUID, now: datetime | None = None) -> "Urls":
        """Returns the maker of URLs for a block of messages of a tenant."""
        return Urls(self._signer, self._base, tenant_id, now or self._clock.now())


class Urls:
    """Makes the URLs of messages of one block: a few microseconds each."""

    __slots__ = ("_click", "_click_token", "_open", "_open_token", "_short")

    def __init__(self, signer: TokenSigner, base: str, tenant_id: UUID, now: datetime) -> None:
        expires = now + VALID_FOR
        self._open_token = signer.issuer(Purpose.OPEN, tenant_id, issued=now, expires=expires)
        self._click_token = signer.issuer(Purpose.CLICK, tenant_id, issued=now, expires=expires)
        self._open = f"{base}/track/open/"
        self._click = f"{base}/track/click/"
        self._short = f"{base}/l/"

    def open_url(self, message_id: bytes) -> str:
        """Returns the URL of a message's pixel."""
        return f"{self._open}{self._open_token(message_id)}.gif"

    def click_url(self, message_id: bytes, link_id: UUID) -> str:
        """Returns the URL of a link of a message."""
        return self._click + self._click_token(message_id + link_id.bytes)

    def short_url(self, code: str) -> str:
        """Returns the URL of a short link."""
        return self._short + code

    def open_urls(self, message_ids: Sequence[bytes]) -> list[str]:
        """Returns the pixels of a block."""
        return [self.open_url(message_id) for message_id in message_ids]

    def click_urls(self, message_id: bytes, link_ids: Iterable[UUID]) -> list[str]:
        """Returns the URLs of all links of a message."""
        return [self.click_url(message_id, link_id) for link_id in link_ids]


class Tracking:
    """Tracks opens and clicks of what dispatch sends, where the tenant wants it."""

    def __init__(self, links: Links) -> None:
        self._links = links

    def is_tracked(self, template: Template, *, is_test: bool) -> bool:
        """Returns whether the tenant has tracking on; what testers do is in nobody's figures."""
        return template.sender.tracking_enabled and not is_test

    async def begin(
        self,
        tenant_id: UUID,
        template: Template,  # noqa: ARG002 - links are known by their targets
        content: CompiledContent,
        campaign_id: UUID | None,  # noqa: ARG002 - the message knows its campaign
    ) -> "Tracks":
        """Returns the maker of trails for messages of a content; links without variables are stored by then."""
        ids = await self._links.links_of(tenant_id, content)
        short = frozenset(link.index for link in content.links if link.is_short)
        return Tracks(self._links, tenant_id, ids, short)


class Tracks:
    """Makes the trails of one block."""

    def __init__(
        self, links: Links, tenant_id: UUID, ids: Sequence[UUID | None], short: frozenset[int] = frozenset()
    ) -> None:
        self._short = short
        self._codes: list[tuple[str, bytes, bytes]] = []
        self._links = links
        self._tenant_id = tenant_id
        self.ids = ids
        self.urls = links.urls(tenant_id)
        self.found: dict[str, UUID] = {}

    def of(self, message_id: bytes, unsubscribe_url: str) -> Trail:
        """Returns the links of one message."""
        return _Trail(self, message_id, unsubscribe_url)

    def link_of(self, index: int, url: str) -> UUID:
        """Returns the id of a link; a target with variables is noted, to be stored by `finish`."""
        link_id = self.ids[index]
        if link_id is None:
            link_id = self.found.get(url)
            if link_id is None:
                link_id = self.found[url] = link_id_of(url)
        return link_id

    def url_of(self, message_id: bytes, index: int, url: str) -> str:
        """Returns the URL of a link of a message; that of a short one is noted, to be stored by `finish`."""
        link_id = self.link_of(index, url)
        if index not in self._short:
            return self.urls.click_url(message_id, link_id)
        code = new_code()
        self._codes.append((code, message_id, link_id.bytes))
        return self.urls.short_url(code)

    async def finish(self) -> None:
        """Stores targets that held variables, and short links; must be done before the messages leave."""
        if self.found:
            await self._links.register(self._tenant_id, self.found)
        if self._codes:
            await self._links.shorten(self._tenant_id, self._codes)


class _Trail:
    """The links of one message; each is signed when it is asked for."""

    __slots__ = ("_message_id", "_tracks", "preferences_url", "unsubscribe_url")

    def __init__(self, tracks: Tracks, message_id: bytes, unsubscribe_url: str) -> None:
        self._tracks = tracks
        self._message_id = message_id
        self.unsubscribe_url = unsubscribe_url
        self.preferences_url = unsubscribe_url

    @property
    def pixel_url(self) -> str:
        return self._tracks.urls.open_url(self._message_id)

    def click_url(self, index: int, url: str) -> str:
        return self._tracks.url_of(self._message_id, index, url)
