"""Where media of messages come from: the assets of tenants, and the addresses providers fetch from (DEL-60)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MediaFile:
    """What is known of a media asset."""

    content_type: str
    size: int


class MediaAssets(Protocol):
    """Keeps the media assets of tenants."""

    async def describe(self, tenant_id: UUID, media_ids: Sequence[UUID]) -> Mapping[UUID, MediaFile]:
        """Returns what is known of assets; unknown ones are left out."""

    async def read(self, tenant_id: UUID, media_id: UUID) -> bytes:
        """Returns the bytes of an asset; ServiceError NOT_FOUND when it is gone."""


class MediaHost(Protocol):
    """Makes the addresses of media ones that a provider may fetch from."""

    async def hosted(self, tenant_id: UUID, urls: Sequence[str]) -> Sequence[str]:
        """Returns an address for each, in order; ServiceError when one cannot be had."""


@dataclass(frozen=True, slots=True)
class Media:
    """Both of them."""

    assets: MediaAssets
    host: MediaHost
