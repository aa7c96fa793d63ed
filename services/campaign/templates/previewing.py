"""Use cases that show a content before it is sent, and judge it; they render as sending does."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.campaign.contacts import scope
from services.campaign.contacts import store as contacts
from services.campaign.contacts.domain import Contact, ContactState
from services.campaign.templates import handlers, rendering
from services.campaign.templates.composing import composed
from services.campaign.templates.domain import Template, TemplateInvalid, Version
from services.campaign.templates.workshop import Workshop, gathered
from services.campaign.tenants import handlers as tenants
from services.common.db.uow import UnitOfWork
from services.common.errors import not_found
from services.common.templating import TemplateError, TemplateInvalidError, choose_language
from services.common.templating.spam import SpamReport


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown: a saved version, or a source that is not saved."""

    template_id: UUID | None = None
    number: int = 0
    source: tuple[Template, Version] | None = None
    language: str = ""
    contact_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A rendered content, the paths it uses, and its files."""

    rendered: rendering.Rendered
    used: Sequence[str]
    channel: int
    media_urls: Sequence[str]


async def preview(
    workshop: Workshop, tenant_id: UUID, wanted: Wanted, variables: Mapping[str, Any]
) -> Preview:
    """Renders a version as sending does, with samples where nothing is given.

    Raises:
        TemplateInvalid: It cannot be put together, or not be rendered with these values.
    """
    drafted = None
    if wanted.source is not None:
        drafted = wanted.source[0], await workshop.drafted(tenant_id, *wanted.source)
    async with workshop.database.tenant(tenant_id) as uow:
        template, version = drafted or await _saved(uow, wanted)
        owner = await tenants.current_settings(uow)
        contact = await _contact(uow, wanted.contact_id) if wanted.contact_id else None
        materials = await gathered(uow, version, owner[0].default_language_code)
    language = wanted.language or (contact.language_code if contact and contact.language_code else "")
    languages = [one.language_code for one in version.contents]
    chosen = choose_language(
        language or None, languages, owner[0].default_language_code, version.fallback_language
    )
    if chosen is None or not language:
        chosen = version.fallback_language
    values = {**rendering.sample_variables(version, owner[0]), **variables}
    if contact is not None:
        values["contact"] = contact_values(contact)

    def shown() -> tuple[Version, rendering.Rendered]:
        made = composed(template, version, materials)
        zone = (contact.time_zone or "") if contact else ""
        return made, rendering.render(template, made, chosen, values, owner, zone)

    try:
        made, rendered = await asyncio.to_thread(shown)
    except TemplateInvalidError as error:
        raise TemplateInvalid([(error.part or "version", f"{chosen}: {error}")]) from None
    except TemplateError as error:
        raise TemplateInvalid([("variables", f"{chosen}: {error}")]) from None
    return Preview(rendered, made.used, template.channel, made.content(chosen).media_urls)


async def spam(workshop: Workshop, tenant_id: UUID, template_id: UUID, number: int) -> tuple[SpamReport, str]:
    """Scores a version in every language; returns the worst report and its language."""
    async with workshop.database.tenant(tenant_id) as uow:
        template, version = await _saved(uow, Wanted(template_id, number))
        owner = await tenants.current_settings(uow)
        materials = await gathered(uow, version, owner[0].default_language_code)
    made = await asyncio.to_thread(composed, template, version, materials)
    reports = [(rendering.worst_score(template.channel, [one]), one.language_code) for one in made.contents]
    return max(reports, key=lambda report: report[0].score)


def contact_values(contact: Contact) -> dict[str, Any]:
    """Returns what contents may show of a contact."""
    return {
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "name": contact.name,
        "attributes": contact.attributes,
    }


async def _saved(uow: UnitOfWork, wanted: Wanted) -> tuple[Template, Version]:
    assert wanted.template_id is not None  # noqa: S101 - the contract says one of the two is given
    template = await handlers.get(uow, wanted.template_id)
    return template, await handlers.version_of(uow, wanted.template_id, wanted.number)


async def _contact(uow: UnitOfWork, contact_id: UUID) -> Contact:
    found = scope.seen(await contacts.by_key(uow, contact_id=contact_id), contact_id)
    if found.state is ContactState.ERASED:
        raise not_found("contact", contact_id)
    return found
