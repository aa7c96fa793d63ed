"""Between templates and the contract."""

from typing import Any
from uuid import UUID

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct, Value

from angarium.campaign.v1 import template_service_pb2 as pb
from services.campaign.templates.domain import (
    CHANNEL_WORDS,
    Content,
    DeclaredVariable,
    Template,
    TemplateType,
    VariableKind,
    Version,
)
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common.ids import uuid7

MASKABLE = ("description", "category", "template_type", "version")


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
        contents=tuple(
            Content(one.language_code, one.subject, one.preheader, one.body_text, one.body_html, one.body_amp)
            for one in message.contents
        ),
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


def version_to_proto(version: Version, *more: DeclaredVariable) -> pb.TemplateVersion:
    """Returns a version as the contract shows it, with further variables where a renderer needs them."""
    message = pb.TemplateVersion(
        template_version_id=str(version.version_id),
        version=version.number,
        state=int(version.state),  # type: ignore[arg-type]  # numbered as in the contract
        fallback_language_code=version.fallback_language,
        variables=[_variable_to_proto(one) for one in (*version.variables, *more)],
        contents=[
            pb.TemplateContent(
                language_code=one.language_code,
                subject=one.subject,
                preheader=one.preheader,
                body_text=one.body_text,
                body_html=one.body_html,
                body_amp=one.body_amp,
            )
            for one in version.contents
        ],
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
    )


def channel_word(channel: int) -> str:
    """Returns the word of a channel."""
    return CHANNEL_WORDS[channel]


def plain(value: Any) -> Any:
    """Returns JSON values in which what was written as a whole number is one; a Struct knows floats only."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def variables_from_struct(struct: Struct) -> dict[str, Any]:
    """Returns the values of a Struct."""
    found: dict[str, Any] = plain(MessageToDict(struct))
    return found


def _value(declared: pb.TemplateVariable, field: str) -> Any:
    if not declared.HasField(field):
        return None
    return plain(MessageToDict(getattr(declared, field)))


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
