"""Calls of campaign that authors of templates make."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cli.output import CommandError
from cli.paging import listed
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from angarium.campaign.v1 import template_service_pb2 as pb

OWNER = "super_owner"


@asynccontextmanager
async def templates(folder: StateFolder, tenant_id: UUID | None, of: Any = None) -> AsyncIterator[Any]:
    """Yields a stub of campaign whose calls an owner of the tenant makes."""
    from angarium.campaign.v1 import template_service_pb2_grpc as grpc_pb
    from cli.client import PersonChannels, client_settings

    async with PersonChannels(client_settings(folder), tenant_id=tenant_id, role=OWNER) as channels:
        yield channels.stub(of or grpc_pb.TemplateServiceStub, "campaign")


async def every(service: Any, **wanted: Any) -> list["pb.Template"]:
    """Returns all templates that a list shows."""
    from angarium.campaign.v1 import template_service_pb2 as pb

    return await listed(service.ListTemplates, pb.ListTemplatesRequest(**wanted), "templates")


async def named(service: Any, word: str) -> "pb.Template":
    """Returns a template by its id, or by its name where one channel has it."""
    from angarium.campaign.v1 import template_service_pb2 as pb

    try:
        answer = await service.GetTemplate(pb.GetTemplateRequest(template_id=str(UUID(word))))
    except ValueError:
        name, _, channel = word.partition(":")
        found = [
            one
            for one in await every(service)
            if one.name == name and channel in ("", channel_word(one.channel))
        ]
        own = [one for one in found if not one.is_system] or found
        if len(own) != 1:
            told = "is the name of several" if own else "is the name of none"
            mend = "Name its channel too, as in autumn:email." if own else "See: angarium templates list"
            raise CommandError(f"{word} {told}.", mend) from None
        return own[0]
    template: pb.Template = answer.template
    return template


async def versions(service: Any, template_id: str) -> list["pb.TemplateVersion"]:
    """Returns the versions of a template, newest first."""
    from angarium.campaign.v1 import template_service_pb2 as pb

    answer = await service.ListTemplateVersions(
        pb.ListTemplateVersionsRequest(template_id=template_id, page_size=200)
    )
    return list(answer.versions)


async def push(
    service: Any, template: "pb.Template", version: "pb.TemplateVersion"
) -> tuple["pb.Template", "pb.TemplateVersion"]:
    """Creates a template, or gives the one of its name a new draft; returns it with the draft."""
    from google.protobuf.field_mask_pb2 import FieldMask

    from angarium.campaign.v1 import template_service_pb2 as pb
    from services.common.ids import uuid7

    known = [
        one
        for one in await every(service, channel=template.channel)
        if one.name == template.name and not one.is_system
    ]
    if not known:
        made = await service.CreateTemplate(
            pb.CreateTemplateRequest(template=template, version=version, idempotency_key=str(uuid7()))
        )
        return made.template, made.version
    template.template_id, template.etag = known[0].template_id, known[0].etag
    paths = ["description", "template_type", "category", "version"]
    changed = await service.UpdateTemplate(
        pb.UpdateTemplateRequest(
            template=template,
            version=version,
            update_mask=FieldMask(paths=paths),
            idempotency_key=str(uuid7()),
        )
    )
    return changed.template, changed.version


async def activate(service: Any, template_id: str, number: int) -> "pb.Template":
    """Makes a version the active one."""
    from angarium.campaign.v1 import template_service_pb2 as pb
    from services.common.ids import uuid7

    answer = await service.ActivateTemplateVersion(
        pb.ActivateTemplateVersionRequest(
            template_id=template_id, version=number, idempotency_key=str(uuid7())
        )
    )
    template: pb.Template = answer.template
    return template


def channel_word(number: int) -> str:
    """Returns the word of a channel."""
    from angarium.common.v1 import enums_pb2

    return enums_pb2.Channel.Name(number).removeprefix("CHANNEL_").lower()


def shown(one: "pb.Template") -> dict[str, Any]:
    """Returns a template as lists show it."""
    from angarium.campaign.v1 import template_service_pb2 as pb
    from angarium.common.v1 import enums_pb2

    return {
        "template": one.template_id,
        "name": one.name,
        "channel": channel_word(one.channel),
        "type": pb.TemplateType.Name(one.template_type).removeprefix("TEMPLATE_TYPE_").lower(),
        "category": enums_pb2.Category.Name(one.category).removeprefix("CATEGORY_").lower(),
        "active_version": one.active_version or None,
        "of_the_platform": one.is_system,
        "etag": one.etag,
    }


def version_shown(one: "pb.TemplateVersion") -> dict[str, Any]:
    """Returns a version as lists show it."""
    from angarium.campaign.v1 import template_service_pb2 as pb

    return {
        "version": one.version,
        "state": pb.TemplateVersion.State.Name(one.state).removeprefix("STATE_").lower(),
        "languages": [content.language_code for content in one.contents],
        "spam_score": one.spam_score,
        "spam_flags": list(one.spam_flags),
        "approvals": [approval_shown(found) for content in one.contents for found in content.approvals],
    }


def approval_shown(one: Any) -> dict[str, Any]:
    """Returns where a content stands at WhatsApp."""
    from angarium.common.v1 import enums_pb2

    state = enums_pb2.WhatsAppApprovalState.Name(one.state)
    return {
        "language": one.language_code,
        "name": one.whatsapp_template_name,
        "business_account": one.business_account,
        "state": state.removeprefix("WHATS_APP_APPROVAL_STATE_").lower(),
        "reason": one.reason,
    }
