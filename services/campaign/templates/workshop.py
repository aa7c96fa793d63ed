"""Prepares versions before a transaction begins: asks delivery for rich content, gathers layouts and words, checks."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

from google.protobuf.json_format import ParseDict

from angarium.delivery.v1 import media_service_pb2 as media_pb
from services.campaign.templates import composing, examining, resolving
from services.campaign.templates.composing import Materials
from services.campaign.templates.domain import (
    EMAIL,
    SMS,
    WHATSAPP,
    Content,
    Template,
    TemplateInvalid,
    Version,
)
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.campaign.translations import handlers as translations
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import ServiceError
from services.common.rpc.client import as_tenant

BROKEN = frozenset({"UNSAFE_URL", "VALIDATION_FAILED", "NOT_FOUND"})
"""What delivery answers of rich content that cannot be shown; anything else is no fault of the content."""


class Media(Protocol):
    """Delivery's assets, as far as templates need them."""

    async def RenderRichContent(  # noqa: N802 - as in the contract
        self, request: media_pb.RenderRichContentRequest
    ) -> media_pb.RenderRichContentResponse:
        """Makes html and text of rich content."""

    async def GetMedia(self, request: media_pb.GetMediaRequest) -> media_pb.GetMediaResponse:  # noqa: N802
        """Returns an asset."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes of what an author wrote what can be saved, activated or shown."""

    database: Database
    media: Media
    is_real: bool
    """Whether mail leaves for real people, so that examples' addresses may not stand in it."""

    async def drafted(self, tenant_id: UUID, template: Template, version: Version) -> Version:
        """Returns an examined draft; TemplateInvalid when it cannot be saved."""
        version = await self._enriched(tenant_id, template, version)
        async with self.database.tenant(tenant_id) as uow:
            materials = await gathered(uow, version, await _default_language(uow))
        return await asyncio.to_thread(examining.examined, template, version, materials)

    async def activatable(self, tenant_id: UUID, template: Template, version: Version) -> Version:
        """Returns a version as it will be sent; TemplateInvalid or MissingSamples when it cannot be.

        A version that was active before is what it was then: nothing about it is asked again.
        """
        if version.is_published:
            return version
        version = await self._enriched(tenant_id, template, version)
        async with self.database.tenant(tenant_id) as uow:
            owner = await tenants.current_settings(uow)
            materials = await gathered(uow, version, owner[0].default_language_code)
        return await asyncio.to_thread(
            examining.activatable, template, version, materials, owner, is_real=self.is_real
        )

    async def shown(
        self, uow: UnitOfWork, template: Template, version: Version, owner: tuple[Tenant, MarketingSettings]
    ) -> Version:
        """Returns a version put together as it would be sent now; TemplateInvalidError when it cannot be."""
        materials = await gathered(uow, version, owner[0].default_language_code)
        return composing.composed(template, version, materials)

    async def _enriched(self, tenant_id: UUID, template: Template, version: Version) -> Version:
        """Returns a version with its rich content made html and text, or into the files of a message."""
        if not any(one.rich_content for one in version.contents):
            return version
        contents, problems = [], []
        with as_tenant(tenant_id):
            for index, one in enumerate(version.contents):
                try:
                    contents.append(await self._with_rich(template, one))
                except ServiceError as error:
                    if error.reason not in BROKEN:
                        raise
                    said = [violation.description for violation in error.violations] or [error.message]
                    field = f"version.contents[{index}].rich_content"
                    problems += [(field, f"{one.language_code}: {words}") for words in said]
        if problems:
            raise TemplateInvalid(problems)
        return replace(version, contents=tuple(contents))

    async def _with_rich(self, template: Template, content: Content) -> Content:
        if not content.rich_content:
            return content
        rich = rich_of(content.rich_content)
        answer = await self.media.RenderRichContent(
            media_pb.RenderRichContentRequest(content=rich, language_code=content.language_code)
        )
        if template.channel == EMAIL:
            return replace(content, rich_html=answer.html, rich_text=answer.text)
        urls = [await self._url(one) for one in rich.images] if template.channel in (SMS, WHATSAPP) else []
        return replace(content, rich_text=answer.text, media_urls=tuple(urls))

    async def _url(self, image: media_pb.RichImage) -> str:
        if image.url:
            return image.url
        return (await self.media.GetMedia(media_pb.GetMediaRequest(media_id=image.media_id))).media.url


def rich_of(stored: Mapping[str, Any]) -> media_pb.RichContent:
    """Returns rich content as the contract has it."""
    return ParseDict(dict(stored), media_pb.RichContent())


async def gathered(uow: UnitOfWork, version: Version, default_language: str) -> Materials:
    """Returns what the contents of a version are put together from."""
    layouts: dict[str, Version] = {}
    for name in composing.layout_names(version):
        found = await resolving.layout(uow, name)
        if found is not None:
            layouts[name] = found
    sources = [
        written
        for one in (version, *layouts.values())
        for content in one.contents
        for _, written in composing.sources_of(content)
    ]
    words = await translations.words(uow, composing.translation_keys(sources))
    return Materials(layouts, words, default_language)


async def _default_language(uow: UnitOfWork) -> str:
    owner, _ = await tenants.current_settings(uow)
    return owner.default_language_code
