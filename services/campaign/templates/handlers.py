"""Use cases of templates; versions come to them examined, as the workshop does before a transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from services.campaign.approvals import store as approvals
from services.campaign.approvals.domain import Approval
from services.campaign.templates import records as versions
from services.campaign.templates import store
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import (
    SystemTemplate,
    Template,
    TemplateInUse,
    TemplateType,
    Version,
    template_problems,
)
from services.campaign.tenants import handlers as tenants
from services.common import audit
from services.common.db.uow import UnitOfWork
from services.common.errors import Violation, aborted, already_exists, invalid, invalid_many, not_found

InUse = Callable[[UnitOfWork, Template], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update changes; None leaves a field as it is."""

    template_id: UUID
    etag: str
    description: str | None = None
    category: int | None = None
    template_type: TemplateType | None = None
    version: Version | None = None


async def create(uow: UnitOfWork, template: Template, version: Version) -> Template:
    """Creates a template with an examined draft; ALREADY_EXISTS when its name is taken on the channel."""
    await tenants.open_tenant(uow)
    check(template)
    created = replace(template, created_at=uow.now())
    if not await store.insert(uow, created):
        raise already_exists("template", template.name)
    await versions.insert(uow, version)
    await record(uow, "template.create", None, created)
    return created


async def get(uow: UnitOfWork, template_id: UUID, *, lock: bool = False) -> Template:
    """Returns a live template, the platform's included; NOT_FOUND when there is none."""
    found = await store.by_id(uow, template_id, lock=lock) or catalogue().by_id(template_id)
    if found is None:
        raise not_found("template", template_id)
    return found


async def own(uow: UnitOfWork, template_id: UUID) -> Template:
    """Returns a template of the tenant with its row locked; SystemTemplate for one of the platform."""
    known = await get(uow, template_id, lock=True)
    if known.is_system:
        raise SystemTemplate("a template of the platform cannot be changed: make one of the same name")
    return known


def check_etag(known: Template, etag: str) -> None:
    """Refuses a change of something that is not what was read; VERSION_CONFLICT."""
    if etag != str(known.version):
        raise aborted("the template was changed meanwhile: read it again")


async def version_of(uow: UnitOfWork, template_id: UUID, number: int) -> Version:
    """Returns a version by its number; 0 means the active one, else the newest."""
    if number:
        found = await versions.by_number(uow, template_id, number)
    else:
        found = await versions.shown(uow, template_id)
    found = found or catalogue().numbered(template_id, number)
    if found is None:
        raise not_found("template_version", f"{template_id}/{number}")
    return found


async def approvals_of(uow: UnitOfWork, known: Sequence[Version]) -> Mapping[UUID, Sequence[Approval]]:
    """Returns where the contents of versions stand at WhatsApp, by version."""
    return await approvals.of_versions(uow, [one.version_id for one in known])


async def update(uow: UnitOfWork, change: Change) -> tuple[Template, Version | None]:
    """Changes a template; new content becomes a new draft version, which must be examined."""
    known = await own(uow, change.template_id)
    check_etag(known, change.etag)
    changed = replace(
        known,
        description=known.description if change.description is None else change.description,
        category=known.category if change.category is None else change.category,
        template_type=known.template_type if change.template_type is None else change.template_type,
        version=known.version + 1,
    )
    check(changed)
    if changed.message_class is not known.message_class and await store.was_published(uow, known.template_id):
        raise invalid("template.category", "must keep its class once a version was active")
    version = None
    if change.version is not None:
        number = await versions.next_number(uow, known.template_id)
        version = replace(change.version, number=number)
        await versions.insert(uow, version)
    await store.save(uow, changed)
    await record(uow, "template.update", known, changed)
    return changed, version


async def delete(uow: UnitOfWork, template_id: UUID, in_use: InUse) -> None:
    """Archives a template, or removes one that was never active; TEMPLATE_IN_USE while something sends by it."""
    known = await own(uow, template_id)
    if user := await in_use(uow, known):
        raise TemplateInUse(user)
    if await store.was_published(uow, template_id):
        await store.archive(uow, template_id)
    else:
        await store.delete(uow, template_id)
    await record(uow, "template.delete", known, None)


def used_contact_fields(version: Version) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the plain fields and the attribute keys of a contact that a version shows.

    A launch sends nothing of a contact besides these.
    """
    fields = [path.split(".", 2) for path in version.used if path.startswith("contact.")]
    plain = tuple(sorted({path[1] for path in fields if path[1] != "attributes"}))
    keys = tuple(sorted({path[2] for path in fields if path[1] == "attributes" and len(path) == 3}))
    return plain, keys


def check(template: Template) -> None:
    """Refuses a template that contradicts itself."""
    if wrong := [Violation(*problem) for problem in template_problems(template)]:
        raise invalid_many(wrong)


async def record(uow: UnitOfWork, action: str, before: Template | None, after: Template | None) -> None:
    """Writes down who did what to a template (GEN-34)."""
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
