"""Where template versions come from: campaign's TemplateService, by the immutable id of a version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from google.protobuf.json_format import MessageToDict

from angarium.campaign.v1 import template_service_pb2 as pb
from angarium.campaign.v1 import template_service_pb2_grpc as grpc_pb
from angarium.common.v1 import enums_pb2
from services.common.rpc.client import Channels, as_tenant
from services.common.templating import ContentSource, Variable, VariableType
from services.delivery.enums import wire
from services.delivery.messages.domain import Category, Channel
from services.delivery.providers.base import Approved

_COMPOUND: Final = frozenset({pb.VARIABLE_TYPE_LIST, pb.VARIABLE_TYPE_OBJECT})


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """A version whole; it never changes."""

    version_id: UUID
    name: str
    channel: Channel
    category: Category
    fallback_language: str
    contents: Mapping[str, ContentSource]
    variables: tuple[Variable, ...]
    shorten_links: bool = False
    translations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The words its contents name by key, by language."""
    approvals: Mapping[str, Mapping[str, Approved]] = field(default_factory=dict)
    """Where its contents stand at WhatsApp, by language and business account."""

    @property
    def required(self) -> frozenset[str]:
        """Returns the variables every recipient must bring."""
        return frozenset(one.name for one in self.variables if one.required and one.default is None)


@dataclass(frozen=True, slots=True)
class Sender:
    """What rendering and sending need of a tenant; it may change, and is kept at most a minute."""

    tenant_name: str
    from_address: str
    from_name: str
    reply_to: str
    postal_address: str
    footer_text: str
    time_zone: str
    language: str
    tracking_enabled: bool
    sms_fallback_enabled: bool
    amp_enabled: bool = False
    logo_url: str = ""
    primary_color: str = ""


class TemplateSource(Protocol):
    """Finds a version and its tenant's sender profile."""

    async def resolve(self, tenant_id: UUID, version_id: UUID) -> tuple[TemplateVersion, Sender]:
        """Returns both; ServiceError NOT_FOUND when there is no such version."""

    async def active(self, tenant_id: UUID, name: str, channel: Channel) -> UUID:
        """Returns the active version of a template; ServiceError NOT_FOUND when there is none."""

    async def active_of(self, tenant_id: UUID, template_id: UUID) -> UUID:
        """Returns the active version of a template by its id; ServiceError NOT_FOUND when there is none."""


class CampaignTemplates:
    """Asks the campaign service."""

    def __init__(self, channels: Channels) -> None:
        self._stub = channels.stub(grpc_pb.TemplateServiceStub, "campaign")

    async def resolve(self, tenant_id: UUID, version_id: UUID) -> tuple[TemplateVersion, Sender]:
        """Returns a version and its tenant's sender profile; NOT_FOUND when there is none."""
        with as_tenant(tenant_id):
            response = await self._stub.ResolveTemplate(
                pb.ResolveTemplateRequest(template_version_id=str(version_id))
            )
        return _version(version_id, response), _sender(response.sender)

    async def active(self, tenant_id: UUID, name: str, channel: Channel) -> UUID:
        """Returns the active version of a template, the platform's where the tenant has none of the name."""
        with as_tenant(tenant_id):
            response = await self._stub.ResolveTemplate(
                pb.ResolveTemplateRequest(name=name, channel=wire(channel))
            )
        return UUID(response.version.template_version_id)

    async def active_of(self, tenant_id: UUID, template_id: UUID) -> UUID:
        """Returns the active version of a template by its id."""
        with as_tenant(tenant_id):
            response = await self._stub.ResolveTemplate(
                pb.ResolveTemplateRequest(template_id=str(template_id))
            )
        return UUID(response.version.template_version_id)


def _version(version_id: UUID, response: pb.ResolveTemplateResponse) -> TemplateVersion:
    template, version = response.template, response.version
    return TemplateVersion(
        version_id=version_id,
        name=template.name,
        channel=Channel(template.channel),
        category=Category(template.category),
        fallback_language=version.fallback_language_code or "en",
        contents={
            one.language_code: ContentSource(
                subject=one.subject or None,
                text=one.body_text or None,
                html=one.body_html or None,
                amp=one.body_amp or None,
                preheader=one.preheader or None,
                parameters=_parameters(template, version, one),
            )
            for one in version.contents
        },
        variables=tuple(_variable(one) for one in version.variables),
        shorten_links=version.shorten_links,
        translations={one.language_code: dict(one.translations) for one in version.contents},
        approvals={one.language_code: _approvals(one) for one in version.contents},
    )


def _approvals(content: pb.TemplateContent) -> Mapping[str, Approved]:
    return {
        one.business_account: Approved(
            one.whatsapp_template_name,
            one.whatsapp_template_id,
            one.state == enums_pb2.WHATS_APP_APPROVAL_STATE_APPROVED,
        )
        for one in content.approvals
    }


def _parameters(
    template: pb.Template, version: pb.TemplateVersion, content: pb.TemplateContent
) -> tuple[str, ...]:
    """Returns the ordered parameters of a template that providers approve: as written, else the variables of one value."""
    if Channel(template.channel) not in (Channel.WHATSAPP, Channel.SMS):
        return ()
    if content.variable_order:
        return tuple(content.variable_order)
    return tuple(one.name for one in version.variables if one.type not in _COMPOUND)


def _variable(declared: pb.TemplateVariable) -> Variable:
    return Variable(
        name=declared.name,
        type=VariableType(pb.VariableType.Name(declared.type).removeprefix("VARIABLE_TYPE_").lower()),
        required=declared.is_required,
        default=_value(declared, "default_value"),
        sample=_value(declared, "sample_value"),
    )


def _value(declared: pb.TemplateVariable, field: str) -> Any:
    return MessageToDict(getattr(declared, field)) if declared.HasField(field) else None


def _sender(profile: pb.SenderProfile) -> Sender:
    return Sender(
        tenant_name=profile.tenant_name,
        from_address=profile.email_from_address,
        from_name=profile.email_from_name,
        reply_to=profile.reply_to_address,
        postal_address=profile.postal_address,
        footer_text=profile.footer_text,
        time_zone=profile.default_time_zone,
        language=profile.default_language_code or "en",
        tracking_enabled=profile.tracking_enabled,
        sms_fallback_enabled=profile.sms_fallback_enabled,
        amp_enabled=profile.amp_enabled,
        logo_url=profile.logo_url,
        primary_color=profile.primary_color,
    )
