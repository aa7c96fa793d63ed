"""What is fixed of a fallback when its message is accepted: channel and version of its template (DEL-84, CAM-96)."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from angarium.delivery.v1 import message_service_pb2 as pb
from services.common.errors import ServiceError, not_found
from services.delivery.messages.domain import Category, Channel, Content
from services.delivery.templates.cache import Template, TemplateCache

PHONES: Final = frozenset({Channel.SMS, Channel.WHATSAPP})
"""Channels that reach people by the same address."""


def problems(request: pb.MessageContent, content: Content) -> list[tuple[str, str]]:
    """Returns what is wrong with the fallback that is asked for."""
    if not request.fallback_channel:
        return (
            [("content.fallback_template", "needs a fallback channel")] if request.fallback_template else []
        )
    if Channel(request.fallback_channel) is content.channel:
        return [("content.fallback_channel", "must be another channel than the message's own")]
    if content.category is Category.ACCOUNT_SECURITY:
        return [("content.fallback_channel", "codes are kept for one message only")]
    return []


async def planned(
    templates: TemplateCache,
    tenant_id: UUID,
    request: pb.MessageContent,
    content: Content,
    template: Template,
) -> tuple[Content, frozenset[str]]:
    """Returns a content with its fallback, and the variables the fallback needs.

    There is none where the tenant does not allow it, and none where no template was named and none has the same name on
    the other channel. NOT_FOUND when the one that was named is not there.
    """
    nothing: frozenset[str] = frozenset()
    if not request.fallback_channel:
        return content, nothing
    channel = Channel(request.fallback_channel)
    if not is_allowed(content.channel, channel, template):
        return content, nothing
    try:
        version_id = await _version(templates, tenant_id, request.fallback_template, channel, template)
    except ServiceError as error:
        if error.reason != "NOT_FOUND" or request.fallback_template:
            raise
        return content, nothing
    other = await templates.get(tenant_id, version_id)
    if other.version.channel is not channel:
        raise not_found("template", request.fallback_template)
    planned = replace(
        content,
        fallback_channel=channel,
        fallback_version_id=version_id,
        fallback_template=other.version.name,
    )
    return planned, other.version.required


def is_allowed(channel: Channel, fallback: Channel, template: Template) -> bool:
    """Returns whether the tenant lets messages of one channel be replaced by those of another."""
    if (channel, fallback) == (Channel.WHATSAPP, Channel.SMS):
        return template.sender.sms_fallback_enabled
    return True


def address_on(recipient: pb.Recipient, channel: Channel, fallback: Channel) -> str:
    """Returns where a recipient is reached on the fallback channel; empty when nobody knows."""
    if recipient.fallback_address:
        return recipient.fallback_address
    return recipient.address if {channel, fallback} <= PHONES else ""


async def _version(
    templates: TemplateCache, tenant_id: UUID, named: str, channel: Channel, template: Template
) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        return await templates.active(tenant_id, named or template.version.name, channel)
