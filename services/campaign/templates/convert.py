"""Between templates and the contract."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value

from angarium.campaign.v1 import template_approval_pb2 as approval_pb
from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.approvals.domain import Approval
from services.campaign.templates.domain import (
    CHANNEL_WORDS,
    Content,
    DeclaredVariable,
    Template,
    TemplateType,
    VariableKind,
    Version,
)
from services.campaign.templates.rendering import DEFAULT_COLOUR
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common import objects
from services.common.ids import uuid7

MASKABLE = ("description", "category", "template_type", "version")
CONTENT_MASKABLE = (
    "subject",
    "preheader",
    "body_text",
    "body_html",
    "body_mjml",
    "body_amp",
    "rich_content",
    "whatsapp_template_name",
    "variable_order",
)
_CONTENT_FIELDS = {"whatsapp_template_name": "whatsapp_name"}


def template_from_proto(message: pb.Template, actor: str) -> Template:
    """Returns the template to create."""
    return Template(
        template_id=uuid7(),
        name=message.name,
        channel=message.channel,
        template_type=TemplateType(message.template_type),
        category=message.category,
        description=message.description,
        created_by=actor,
    )


def version_from_proto(message: pb.TemplateVersion, template_id: UUID, number: int, actor: str) -> Version:
    """Returns a draft version."""
    return Version(
        version_id=uuid7(),
        template_id=template_id,
        number=number,
        fallback_language=message.fallback_language_code or "en",
        variables=tuple(
            DeclaredVariable(
                one.name,
                VariableKind(one.type),
                one.is_required,
                _value(one, "default_value"),
                _value(one, "sample_value"),
            )
            for one in message.variables
        ),
        contents=tuple(content_from_proto(one) for one in message.contents),
        created_by=actor,
        shorten_links=message.shorten_links,
    )


def template_to_proto(template: Template) -> pb.Template:
    """Returns a template as the contract shows it."""
    message = pb.Template(
        template_id=str(template.template_id),
        name=template.name,
        description=template.description,
        channel=template.channel,  # type: ignore[arg-type]  # numbered as in the contract
        template_type=int(template.template_type),  # type: ignore[arg-type]
        category=template.category,  # type: ignore[arg-type]
        active_version=template.active_version or 0,
        active_version_id=str(template.active_version_id or ""),
        is_system=template.is_system,
        etag=str(template.version),
    )
    if template.created_at is not None:
        message.create_time.FromDatetime(template.created_at)
    return message


def content_from_proto(message: pb.TemplateContent) -> Content:
    """Returns a content as its author wrote it."""
    rich = MessageToDict(message.rich_content) if message.HasField("rich_content") else {}
    return Content(
        language_code=message.language_code,
        subject=message.subject,
        preheader=message.preheader,
        body_text=message.body_text,
        body_html=message.body_html,
        body_amp=message.body_amp,
        body_mjml=message.body_mjml,
        rich_content=rich or None,
        whatsapp_name=message.whatsapp_template_name,
        variable_order=tuple(message.variable_order),
    )


def merged(known: Content, message: pb.TemplateContent, paths: Iterable[str]) -> Content:
    """Returns a content in which some fields say what a message says."""
    given = content_from_proto(message)
    names = {_CONTENT_FIELDS.get(path, path) for path in paths}
    # What was made of it before is made again.
    fresh = {"rich_html": "", "rich_text": "", "media_urls": (), "composed_html": "", "composed_text": ""}
    return replace(known, **fresh, **{name: getattr(given, name) for name in names})  # type: ignore[arg-type]


def content_to_proto(one: Content, approvals: Iterable[Approval] = ()) -> pb.TemplateContent:
    """Returns a content as its author wrote it, and where it stands at WhatsApp."""
    message = pb.TemplateContent(
        language_code=one.language_code,
        subject=one.subject,
        preheader=one.preheader,
        body_text=one.body_text,
        body_html=one.body_html,
        body_amp=one.body_amp,
        body_mjml=one.body_mjml,
        whatsapp_template_name=one.whatsapp_name,
        variable_order=one.variable_order,
        media_urls=one.media_urls,
        approvals=[
            approval_to_proto(known) for known in approvals if known.language_code == one.language_code
        ],
    )
    if one.rich_content:
        ParseDict(dict(one.rich_content), message.rich_content)
    return message


def approval_to_proto(one: Approval) -> approval_pb.WhatsAppApproval:
    """Returns where a content stands at WhatsApp."""
    message = approval_pb.WhatsAppApproval(
        language_code=one.language_code,
        provider_account_id=str(one.provider_account_id),
        business_account=one.business_account,
        whatsapp_template_name=one.name,
        whatsapp_template_id=one.provider_template_id,
        state=int(one.state),  # type: ignore[arg-type]  # numbered as in the contract
        reason=one.reason,
    )
    message.submit_time.FromDatetime(one.submitted_at)
    message.update_time.FromDatetime(one.updated_at)
    return message


def version_to_proto(
    version: Version, *, approvals: Mapping[UUID, Sequence[Approval]] | None = None
) -> pb.TemplateVersion:
    """Returns a version as its author wrote it."""
    known = (approvals or {}).get(version.version_id, ())
    message = _version_to_proto(version)
    message.variables.extend(_variable_to_proto(one) for one in version.variables)
    message.contents.extend(content_to_proto(one, known) for one in version.contents)
    return message


def outline_to_proto(version: Version, approvals: Mapping[UUID, Sequence[Approval]]) -> pb.TemplateVersion:
    """Returns a version as lists show it: of its contents the languages, and where they stand at WhatsApp."""
    bare = replace(version, contents=tuple(Content(one.language_code) for one in version.contents))
    return version_to_proto(bare, approvals=approvals)


def sent_to_proto(
    version: Version, implicit: Iterable[DeclaredVariable], approvals: Mapping[UUID, Sequence[Approval]]
) -> pb.TemplateVersion:
    """Returns a version as it is sent: put together, with its words, and all variables that a renderer must know."""
    known = approvals.get(version.version_id, ())
    message = _version_to_proto(version)
    message.variables.extend(_variable_to_proto(one) for one in (*version.variables, *implicit))
    for one in version.contents:
        content = content_to_proto(one, known)
        content.ClearField("body_mjml")
        content.ClearField("rich_content")
        content.body_html, content.body_text = one.html, one.text
        content.translations.update(one.translations)
        message.contents.append(content)
    return message


def _version_to_proto(version: Version) -> pb.TemplateVersion:
    message = pb.TemplateVersion(
        template_version_id=str(version.version_id),
        version=version.number,
        state=int(version.state),  # type: ignore[arg-type]  # numbered as in the contract
        fallback_language_code=version.fallback_language,
        spam_score=version.spam_score,
        spam_flags=version.spam_flags,
        shorten_links=version.shorten_links,
    )
    if version.published_at is not None:
        message.publish_time.FromDatetime(version.published_at)
    return message


def sender_to_proto(tenant: Tenant, settings: MarketingSettings) -> pb.SenderProfile:
    """Returns what rendering and sending need of a tenant."""
    return pb.SenderProfile(
        tenant_name=tenant.name,
        email_from_address=settings.email_from_address,
        email_from_name=settings.email_from_name,
        reply_to_address=settings.reply_to_address,
        postal_address=settings.postal_address,
        footer_text=settings.footer_text,
        default_time_zone=tenant.default_time_zone,
        default_language_code=tenant.default_language_code,
        tracking_enabled=settings.tracking_enabled,
        sms_fallback_enabled=settings.sms_fallback_enabled,
        amp_enabled=settings.amp_enabled,
        logo_url=settings.logo_url,
        primary_color=settings.primary_color or DEFAULT_COLOUR,
    )


def channel_word(channel: int) -> str:
    """Returns the word of a channel."""
    return CHANNEL_WORDS[channel]


def variables_from_struct(struct: Struct) -> dict[str, Any]:
    """Returns the values of a Struct."""
    found: dict[str, Any] = objects.plain(struct)
    return found


def _value(declared: pb.TemplateVariable, field: str) -> Any:
    if not declared.HasField(field):
        return None
    return objects.plain(getattr(declared, field))


def _variable_to_proto(one: DeclaredVariable) -> pb.TemplateVariable:
    message = pb.TemplateVariable(
        name=one.name,
        type=int(one.kind),  # type: ignore[arg-type]  # numbered as in the contract
        is_required=one.required,
    )
    if one.default is not None:
        message.default_value.CopyFrom(ParseDict(one.default, Value()))
    if one.sample is not None:
        message.sample_value.CopyFrom(ParseDict(one.sample, Value()))
    return message
