"""Use cases of versions: which one is active, and the languages of those that never were."""

from dataclasses import replace
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.templates import handlers, store
from services.campaign.templates import records as versions
from services.campaign.templates.domain import (
    Content,
    Template,
    TemplateInUse,
    TemplateInvalid,
    Version,
    VersionIsFixed,
    VersionState,
)
from services.common.db.uow import UnitOfWork
from services.common.errors import already_exists, not_found
from services.common.events.event import Event


async def activate(uow: UnitOfWork, read: Template, checked: Version) -> tuple[Template, Version]:
    """Makes a checked version the active one; the former one is archived, messages keep theirs.

    The first time, what is sent is written down with it and never changes again. One that was active before is made so
    again: the way back from a version that was a mistake. VERSION_CONFLICT when a draft's template, as it was `read`
    before it was checked, was changed meanwhile.
    """
    known = await handlers.own(uow, read.template_id)
    if known.active_version_id == checked.version_id:
        return known, replace(checked, state=VersionState.ACTIVE)
    if not checked.is_published:
        handlers.check_etag(known, str(read.version))
        await versions.rewrite(uow, checked)
    await _retire(uow, known)
    await versions.set_state(uow, checked, VersionState.ACTIVE)
    changed = replace(
        known,
        active_version=checked.number,
        active_version_id=checked.version_id,
        version=known.version + 1,
    )
    await store.save(uow, changed)
    payload = events_pb2.TemplateActivated(
        template_id=str(known.template_id),
        template_version_id=str(checked.version_id),
        version=checked.number,
    )
    uow.emit(Event("template.activated", "template", str(known.template_id), payload))
    await handlers.record(uow, "template.activate", known, changed)
    published = checked.published_at or uow.now()
    return changed, replace(checked, state=VersionState.ACTIVE, published_at=published)


async def deactivate(uow: UnitOfWork, template_id: UUID, in_use: handlers.InUse) -> Template:
    """Leaves a template without an active version; TEMPLATE_IN_USE while something that is not finished sends by it."""
    known = await handlers.own(uow, template_id)
    if known.active_version_id is None:
        return known
    if user := await in_use(uow, known):
        raise TemplateInUse(user)
    await _retire(uow, known)
    changed = replace(known, active_version=None, active_version_id=None, version=known.version + 1)
    await store.save(uow, changed)
    await handlers.record(uow, "template.deactivate", known, changed)
    return changed


async def draft(uow: UnitOfWork, template_id: UUID, number: int) -> tuple[Template, Version]:
    """Returns a template and a version of it that may still change."""
    template = await handlers.own(uow, template_id)
    version = await versions.by_number(uow, template_id, number)
    if version is None:
        raise not_found("template_version", f"{template_id}/{number}")
    if version.is_published or version.state is not VersionState.DRAFT:
        raise VersionIsFixed(f"version {number} was active and never changes: make a new one")
    return template, version


def with_content(version: Version, content: Content) -> Version:
    """Returns a version with one more language; ALREADY_EXISTS when it has it."""
    if content.language_code in [one.language_code for one in version.contents]:
        raise already_exists("template_content", content.language_code)
    return replace(version, contents=(*version.contents, content))


def with_changed(version: Version, content: Content) -> Version:
    """Returns a version in which a language says something else."""
    kept = content_of(version, content.language_code)
    contents = [content if one is kept else one for one in version.contents]
    return replace(version, contents=tuple(contents))


def without(version: Version, language: str) -> Version:
    """Returns a version with one language less; the fallback language stays."""
    gone = content_of(version, language)
    if language == version.fallback_language:
        raise TemplateInvalid([("language_code", f"{language} is the fallback language and stays")])
    return replace(version, contents=tuple(one for one in version.contents if one is not gone))


def content_of(version: Version, language: str) -> Content:
    """Returns the content of a language; NOT_FOUND when the version has none."""
    found = next((one for one in version.contents if one.language_code == language), None)
    if found is None:
        raise not_found("template_content", language)
    return found


async def redraft(uow: UnitOfWork, etag: str, examined: Version) -> tuple[Template, Version]:
    """Writes a draft whose languages changed, as it was examined; VERSION_CONFLICT when it is not what was read."""
    known, _ = await draft(uow, examined.template_id, examined.number)
    handlers.check_etag(known, etag)
    await versions.rewrite(uow, examined)
    changed = replace(known, version=known.version + 1)
    await store.save(uow, changed)
    await handlers.record(uow, "template.localize", known, changed)
    return changed, examined


async def _retire(uow: UnitOfWork, template: Template) -> None:
    """Archives the active version, if there is one."""
    if template.active_version_id is not None:
        former = await versions.by_id(uow, template.active_version_id)
        if former is not None:
            await versions.set_state(uow, former, VersionState.ARCHIVED)
