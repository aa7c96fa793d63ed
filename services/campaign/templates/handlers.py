"""Use cases of templates; what compiles contents is called before the transaction, off the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from angarium.campaign.v1 import campaign_events_pb2 as events_pb2
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import Contact, ContactState
from services.campaign.templates import rendering, store
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import (
    SystemTemplate,
    Template,
    TemplateInUse,
    TemplateType,
    Version,
    VersionState,
    template_problems,
)
from services.campaign.tenants import handlers as tenants
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common import audit
from services.common.db.database import Database
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, already_exists, invalid, invalid_many, not_found
from services.common.events.event import Event
from services.common.templating import choose_language

InUse = Callable[[UnitOfWork, UUID], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update changes; None leaves a field as it is."""

    template_id: UUID
    etag: str
    description: str | None = None
    category: int | None = None
    template_type: TemplateType | None = None
    version: Version | None = None


async def examined(template: Template, version: Version) -> Version:
    """Returns a version with what the engine found; TemplateInvalid when it cannot be used."""
    found = await asyncio.to_thread(rendering.examine, template, version)
    return replace(version, used=found.used, spam_score=found.spam_score, spam_flags=found.spam_flags)


async def create(uow: UnitOfWork, template: Template, version: Version) -> Template:
    """Creates a template with an examined draft; ALREADY_EXISTS when its name is taken on the channel."""
    _check(template)
    created = replace(template, created_at=uow.now())
    if not await store.insert(uow, created):
        raise already_exists("template", template.name)
    await store.insert_version(uow, version)
    await _record(uow, "template.create", None, created)
    return created


async def get(uow: UnitOfWork, template_id: UUID, *, lock: bool = False) -> Template:
    """Returns a live template, the platform's included; NOT_FOUND when there is none."""
    found = await store.by_id(uow, template_id, lock=lock) or catalogue().by_id(template_id)
    if found is None:
        raise not_found("template", template_id)
    return found


async def version_of(uow: UnitOfWork, template_id: UUID, number: int) -> Version:
    """Returns a version by its number; 0 means the active one, else the newest."""
    if number:
        found = await store.version_by_number(uow, template_id, number)
    else:
        found = await store.shown_version(uow, template_id)
    found = found or catalogue().numbered(template_id, number)
    if found is None:
        raise not_found("template_version", f"{template_id}/{number}")
    return found


async def update(uow: UnitOfWork, change: Change) -> tuple[Template, Version | None]:
    """Changes a template; new content becomes a new draft version, which must be examined."""
    known = await get(uow, change.template_id, lock=True)
    if known.is_system:
        raise SystemTemplate("a template of the platform cannot be changed")
    if change.etag != str(known.version):
        raise aborted("the template was changed meanwhile: read it again")
    changed = replace(
        known,
        description=known.description if change.description is None else change.description,
        category=known.category if change.category is None else change.category,
        template_type=known.template_type if change.template_type is None else change.template_type,
        version=known.version + 1,
    )
    _check(changed)
    if changed.message_class is not known.message_class and await store.was_published(uow, known.template_id):
        raise invalid("template.category", "must keep its class once a version was active")
    version = None
    if change.version is not None:
        number = await store.next_number(uow, known.template_id)
        version = replace(change.version, number=number)
        await store.insert_version(uow, version)
    await store.save(uow, changed)
    await _record(uow, "template.update", known, changed)
    return changed, version


async def activate(uow: UnitOfWork, template_id: UUID, checked: Version) -> tuple[Template, Version]:
    """Makes a checked version the active one; the former one is archived, messages keep theirs."""
    known = await get(uow, template_id, lock=True)
    if known.is_system:
        raise SystemTemplate("a template of the platform cannot be changed")
    if known.active_version_id == checked.version_id:
        return known, replace(checked, state=VersionState.ACTIVE)
    if known.active_version_id is not None:
        former = await store.version_by_id(uow, known.active_version_id)
        if former is not None:
            await store.set_version_state(uow, former, VersionState.ARCHIVED)
    await store.set_version_state(uow, checked, VersionState.ACTIVE)
    changed = replace(
        known,
        active_version=checked.number,
        active_version_id=checked.version_id,
        version=known.version + 1,
    )
    await store.save(uow, changed)
    payload = events_pb2.TemplateActivated(
        template_id=str(template_id),
        template_version_id=str(checked.version_id),
        version=checked.number,
    )
    uow.emit(Event("template.activated", "template", str(template_id), payload))
    await _record(uow, "template.activate", known, changed)
    published = checked.published_at or uow.now()
    return changed, replace(checked, state=VersionState.ACTIVE, published_at=published)


async def checked_for_activation(
    database: Database, tenant_id: UUID, template_id: UUID, number: int
) -> Version:
    """Returns a version that may be activated; the error says what it lacks."""
    async with database.tenant(tenant_id) as uow:
        template = await get(uow, template_id)
        version = await version_of(uow, template_id, number)
        owner = await tenants.tenant(uow, tenant_id)
    await asyncio.to_thread(rendering.check_activation, template, version, owner)
    return version


async def delete(uow: UnitOfWork, template_id: UUID, in_use: InUse) -> None:
    """Archives a template, or removes one that was never active; TEMPLATE_IN_USE while a campaign needs it."""
    known = await get(uow, template_id, lock=True)
    if known.is_system:
        raise SystemTemplate("a template of the platform cannot be deleted")
    if await in_use(uow, template_id):
        raise TemplateInUse("a campaign that is not finished uses this template")
    if await store.was_published(uow, template_id):
        await store.archive(uow, template_id)
    else:
        await store.delete(uow, template_id)
    await _record(uow, "template.delete", known, None)


async def resolve(
    uow: UnitOfWork, version_id: UUID | None, template_id: UUID | None, name: str, channel: int
) -> tuple[Template, Version, tuple[Tenant, MarketingSettings]]:
    """Returns an immutable version with its sender, the tenant's own before the platform's (CAM-52).

    A template stands for its active version. Drafts are nobody's to send.
    """
    if version_id is not None:
        found = await _by_version(uow, version_id)
    elif template_id is not None:
        found = await _active(uow, await get(uow, template_id))
    else:
        found = await named(uow, name, channel)
    if found is None or found[1].published_at is None:
        raise not_found("template_version", version_id or template_id or name)
    return *found, await tenants.current_settings(uow)


async def named(uow: UnitOfWork, name: str, channel: int) -> tuple[Template, Version] | None:
    """Returns the active version of a name on a channel: the tenant's, else the platform's, else None."""
    template = await store.by_name(uow, channel, name)
    if template is not None and template.active_version_id is not None:
        version = await store.version_by_id(uow, template.active_version_id)
        return (template, version) if version else None
    known = catalogue()
    shared = known.by_name(name, channel)
    version = known.version(shared.active_version_id) if shared else None
    return (shared, version) if shared and version else None


async def _active(uow: UnitOfWork, template: Template) -> tuple[Template, Version] | None:
    if template.active_version_id is None:
        return None
    version = await store.version_by_id(uow, template.active_version_id)
    version = version or catalogue().version(template.active_version_id)
    return (template, version) if version else None


async def _by_version(uow: UnitOfWork, version_id: UUID) -> tuple[Template, Version] | None:
    template = await store.of_version(uow, version_id)
    version = await store.version_by_id(uow, version_id)
    if template is None or version is None:
        known = catalogue()
        version = known.version(version_id)
        template = known.by_id(version.template_id) if version else None
    return (template, version) if template and version else None


@dataclass(frozen=True, slots=True)
class Preview:
    """A rendered content and the paths it uses."""

    rendered: rendering.Rendered
    used: Sequence[str]
    channel: int


async def preview(
    database: Database,
    tenant_id: UUID,
    *,
    template_id: UUID,
    number: int,
    language: str,
    contact_id: UUID | None,
    variables: Mapping[str, Any],
) -> Preview:
    """Renders a version as sending does, with samples where nothing is given."""
    async with database.tenant(tenant_id) as uow:
        template = await get(uow, template_id)
        version = await version_of(uow, template_id, number)
        owner = await tenants.current_settings(uow)
        contact = await _contact(uow, contact_id) if contact_id else None
    languages = [one.language_code for one in version.contents]
    chosen = choose_language(language or None, languages, None, version.fallback_language)
    if chosen is None or not language:
        chosen = version.fallback_language
    values = {**rendering.sample_variables(version, owner[0]), **variables}
    if contact is not None:
        values["contact"] = contact_values(contact)
    rendered = await asyncio.to_thread(rendering.render, template, version, chosen, values, owner)
    return Preview(rendered, version.used, template.channel)


def contact_values(contact: Contact) -> dict[str, Any]:
    """Returns what contents may show of a contact."""
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "name": contact.name,
        "attributes": contact.attributes,
    }


def used_contact_fields(version: Version) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the plain fields and the attribute keys of a contact that a version shows.

    A launch sends nothing of a contact besides these.
    """
    fields = [path.split(".", 2) for path in version.used if path.startswith("contact.")]
    plain = tuple(sorted({path[1] for path in fields if path[1] != "attributes"}))
    keys = tuple(sorted({path[2] for path in fields if path[1] == "attributes" and len(path) == 3}))
    return plain, keys


async def _contact(uow: UnitOfWork, contact_id: UUID) -> Contact:
    found = await contacts.by_key(uow, contact_id=contact_id)
    if found is None or found.state is ContactState.ERASED:
        raise not_found("contact", contact_id)
    return found


def _check(template: Template) -> None:
    if wrong := [Violation(*problem) for problem in template_problems(template)]:
        raise invalid_many(wrong)


async def _record(uow: UnitOfWork, action: str, before: Template | None, after: Template | None) -> None:
    template = after or before
    assert template is not None  # noqa: S101 - one of the two is given
    await audit.record(
        uow,
        action=action,
        resource_type="template",
        resource_id=template.template_id,
        before=None if before is None else _shown(before),
        after=None if after is None else _shown(after),
    )


def _shown(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "category": template.category,
        "template_type": template.template_type.name,
        "active_version": template.active_version,
    }
