"""The assets of tenants: storing, fetching once, and the URLs by which everybody gets them (DEL-16, DEL-60)."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from services.common.clock import Clock
from services.common.db.database import Database
from services.common.errors import invalid, not_found
from services.common.net.guard import UnsafeUrl
from services.common.security.tokens import InvalidToken, Purpose, TokenSigner
from services.delivery.media import store
from services.delivery.media.fetching import Fetcher, UnreachableError
from services.delivery.media.files import EXTENSIONS, File, Kind, UnusableFileError, kind_of, usable
from services.delivery.media.store import Asset
from services.delivery.messages.media import MediaFile

KEPT: Final = timedelta(days=3650)
"""How long the URL of an asset works."""

FRESH: Final = timedelta(days=1)
"""How long what a URL led to is taken for what it leads to."""


class Assets:
    """Keeps assets; what providers fetch is fetched from here."""

    def __init__(
        self, database: Database, signer: TokenSigner, fetcher: Fetcher, clock: Clock, public_base_url: str
    ) -> None:
        self._database = database
        self._signer = signer
        self._fetcher = fetcher
        self._clock = clock
        self._base = public_base_url.rstrip("/")

    async def describe(self, tenant_id: UUID, media_ids: Sequence[UUID]) -> Mapping[UUID, MediaFile]:
        """Returns what is known of assets; unknown ones are left out."""
        async with self._database.tenant(tenant_id) as uow:
            found = await store.get(uow, media_ids)
        return {id: MediaFile(asset.content_type, asset.size) for id, asset in found.items()}

    async def read(self, tenant_id: UUID, media_id: UUID) -> bytes:
        """Returns the bytes of an asset; NOT_FOUND when it is gone."""
        async with self._database.tenant(tenant_id) as uow:
            found = await store.read(uow, media_id)
        if found is None:
            raise not_found("media", media_id)
        return found[2]

    async def hosted(self, tenant_id: UUID, urls: Sequence[str]) -> Sequence[str]:
        """Returns addresses of ours for remote files, in order; each is fetched at most once a day."""
        known = await self._known(tenant_id, urls)
        assets = [known.get(_hash(url)) or await self._fetch(tenant_id, url) for url in urls]
        return [self.url(tenant_id, asset) for asset in assets]

    async def add(self, tenant_id: UUID, kind: Kind, data: bytes, alt: str) -> tuple[Asset, bool]:
        """Stores an upload; VALIDATION_FAILED names what is wrong with it."""
        file = await _usable("chunk", kind, data)
        async with self._database.tenant(tenant_id) as uow:
            return await store.put(uow, file, alt=alt)

    async def fetched(
        self, tenant_id: UUID, url: str, *, kind: Kind | None = None, alt: str = "", field: str = "media_urls"
    ) -> Asset:
        """Returns the asset of a remote file, fetched unless that was done within a day.

        Raises:
            ServiceError: UNSAFE_URL for a URL that may not be called, VALIDATION_FAILED for one that gives no file.
        """
        known = (await self._known(tenant_id, [url])).get(_hash(url))
        if known is not None and kind in (None, known.kind):
            return known
        return await self._fetch(tenant_id, url, kind=kind, alt=alt, field=field)

    async def _known(self, tenant_id: UUID, urls: Sequence[str]) -> Mapping[bytes, Asset]:
        """Returns the assets of those URLs that were fetched within a day, by their hashes; one question for all."""
        async with self._database.tenant(tenant_id) as uow:
            return await store.fetched(uow, [_hash(url) for url in urls], self._clock.now() - FRESH)

    async def _fetch(
        self, tenant_id: UUID, url: str, *, kind: Kind | None = None, alt: str = "", field: str = "media_urls"
    ) -> Asset:
        try:
            data = await self._fetcher.fetch(url)
        except UnsafeUrl as error:
            raise invalid(field, str(error), "UNSAFE_URL") from None
        except UnreachableError as error:
            raise invalid(field, str(error)) from None
        file = await _usable(field, kind or kind_of(data), data)
        async with self._database.tenant(tenant_id) as uow:
            asset, _ = await store.put(uow, file, alt=alt, source_url=url)
            await store.remember_source(uow, _hash(url), asset.media_id)
        return asset

    def url(self, tenant_id: UUID, asset: Asset) -> str:
        """Returns where everybody can fetch an asset; its end says what it is, as some providers need."""
        token = self._signer.sign(
            Purpose.MEDIA,
            tenant_id,
            asset.media_id.bytes,
            issued=asset.created_at,
            expires=asset.created_at + KEPT,
        )
        return f"{self._base}/media/{token}{EXTENSIONS[asset.content_type]}"

    async def opened(self, token: str) -> tuple[str, bytes, bytes]:
        """Returns media type, checksum and bytes of what a URL's token names.

        Raises:
            InvalidToken, ExpiredToken: It is none of ours, or its time is over.
            ServiceError: NOT_FOUND when the asset is gone.
        """
        said = self._signer.verify(Purpose.MEDIA, token, self._clock.now())
        if len(said.body) != len(UUID(int=0).bytes):
            raise InvalidToken
        media_id = UUID(bytes=said.body)
        async with self._database.tenant(said.tenant_id) as uow:
            found = await store.read(uow, media_id)
        if found is None:
            raise not_found("media", media_id)
        return found


def _hash(url: str) -> bytes:
    return hashlib.sha256(url.encode()).digest()


async def _usable(field: str, kind: Kind | None, data: bytes) -> File:
    if kind is None:
        raise invalid(field, "is no file of a kind that is taken: PNG, JPEG, GIF, WebP, MP4, 3GPP or PDF")
    try:
        return await asyncio.to_thread(usable, kind, data)
    except UnusableFileError as error:
        raise invalid(field, str(error)) from None
