"""Which version is meant: by its id, by its template, or by a name; the tenant's before the platform's (CAM-52)."""

from dataclasses import replace
from uuid import UUID

from services.campaign.templates import records as versions
from services.campaign.templates import store
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import EMAIL, Template, TemplateType, Version
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.languages import choose_language

Found = tuple[Template, Version]


async def resolved(
    uow: UnitOfWork, version_id: UUID | None, template_id: UUID | None, name: str, channel: int
) -> Found:
    """Returns an immutable version with its template; NOT_FOUND when nothing that may be sent is meant.

    A template stands for its active version. Drafts and layouts are nobody's to send.
    """
    if version_id is not None:
        found = await by_version(uow, version_id)
    elif template_id is not None:
        template = await store.by_id(uow, template_id) or catalogue().by_id(template_id)
        found = await _active(uow, template) if template else None
    else:
        found = await named(uow, name, channel)
    if found is None or not found[1].is_published or found[0].template_type is TemplateType.LAYOUT:
        raise not_found("template_version", version_id or template_id or name)
    return found


async def named(uow: UnitOfWork, name: str, channel: int) -> Found | None:
    """Returns the active version of a name on a channel: the tenant's, else the platform's, else None."""
    template = await store.by_name(uow, channel, name)
    if template is not None and template.active_version_id is not None:
        version = await versions.by_id(uow, template.active_version_id)
        return (template, version) if version else None
    known = catalogue()
    shared = known.by_name(name, channel)
    shared_version = known.version(shared.active_version_id) if shared else None
    return (shared, shared_version) if shared and shared_version else None


async def layout(uow: UnitOfWork, name: str) -> Version | None:
    """Returns the active version of a layout: the tenant's, else the platform's, else None."""
    found = await named(uow, name, EMAIL)
    return found[1] if found and found[0].template_type is TemplateType.LAYOUT else None


def in_language(version: Version, language: str, default_language: str) -> Version:
    """Returns a version with the content that a language gets, and no other; whole when none is named."""
    if not language:
        return version
    languages = [one.language_code for one in version.contents]
    chosen = choose_language(language, languages, default_language, version.fallback_language)
    return replace(version, contents=(version.content(chosen or version.fallback_language),))


async def _active(uow: UnitOfWork, template: Template) -> Found | None:
    if template.active_version_id is None:
        return None
    version = await versions.by_id(uow, template.active_version_id)
    version = version or catalogue().version(template.active_version_id)
    return (template, version) if version else None


async def by_version(uow: UnitOfWork, version_id: UUID) -> Found | None:
    """Returns a version by its id with its template: the tenant's or the platform's, else None."""
    template = await store.of_version(uow, version_id)
    version = await versions.by_id(uow, version_id)
    if template is None or version is None:
        known = catalogue()
        version = known.version(version_id)
        template = known.by_id(version.template_id) if version else None
    return (template, version) if template and version else None
