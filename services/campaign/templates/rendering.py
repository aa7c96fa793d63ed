"""How a version looks to who gets it, how many segments it takes, and how it scores for spam."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from services.campaign.templates.domain import (
    CHANNEL_WORDS,
    SMS,
    Content,
    DeclaredVariable,
    MessageClass,
    Template,
    VariableKind,
    Version,
)
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common.templating import (
    CompiledContent,
    ContentSource,
    MissingVariablesError,
    Options,
    PlainTrail,
    TemplateError,
    Variable,
    VariableType,
    compile_content,
    sample_values,
)
from services.common.templating.sms import count_sms
from services.common.templating.spam import SpamReport, score_spam

PREVIEW_TRAIL = PlainTrail("https://example.invalid/unsubscribe", "https://example.invalid/preferences")
SAMPLE_CONTACT = {"first_name": "Ada", "last_name": "Lovelace", "name": "Ada Lovelace", "attributes": {}}
OBJECTS = ("contact", "tenant")
DEFAULT_COLOUR = "#1c1f24"
"""The colour of tenants that chose none."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A content as a recipient sees it."""

    language: str
    subject: str
    text: str
    html: str
    missing: tuple[str, ...]
    has_unsubscribe_link: bool
    amp: str = ""


def implicit_variables() -> tuple[DeclaredVariable, ...]:
    """Returns what every content may use besides what it declares; an absent field of it is empty text."""
    return tuple(DeclaredVariable(name, VariableKind.OBJECT, required=False) for name in OBJECTS)


def render(
    template: Template,
    version: Version,
    language: str,
    values: Mapping[str, Any],
    owner: tuple[Tenant, MarketingSettings],
    time_zone: str = "",
) -> Rendered:
    """Renders one language as sending does; missing values are named instead of raised.

    `time_zone` is that of the recipient; empty means the tenant's.
    """
    tenant, settings = owner
    branding = branding_of(tenant, settings)
    compiled = compile_one(template, version, version.content(language), branding)
    try:
        zone = ZoneInfo(time_zone or tenant.default_time_zone)
        parts = compiled.render(values, PREVIEW_TRAIL, zone)
        missing: tuple[str, ...] = ()
    except MissingVariablesError as error:
        parts, missing = {}, error.names
    shown = any(PREVIEW_TRAIL.unsubscribe_url in text for text in parts.values())
    return Rendered(
        language,
        parts.get("subject", ""),
        parts.get("text", ""),
        parts.get("html", ""),
        missing,
        shown,
        parts.get("amp", ""),
    )


def branding_of(tenant: Tenant, settings: MarketingSettings) -> dict[str, str]:
    """Returns the platform's words that a content may show."""
    return {
        "tenant_name": tenant.name,
        "postal_address": settings.postal_address,
        "footer_text": settings.footer_text,
        "logo_url": settings.logo_url,
        "primary_color": settings.primary_color or DEFAULT_COLOUR,
    }


def is_marketing(template: Template) -> bool:
    """Returns whether what is sent by a template is marketing."""
    return template.message_class is MessageClass.MARKETING


def sample_variables(version: Version, tenant: Tenant) -> dict[str, Any]:
    """Returns values made of the samples, with a contact and the tenant."""
    values = sample_values(engine_variables(version.variables))
    return {**values, "contact": SAMPLE_CONTACT, "tenant": {"name": tenant.name}}


def segments_of(template: Template, version: Version, tenant: Tenant) -> int:
    """Returns how many segments a text message of the version takes with its samples; 1 on other channels."""
    if template.channel != SMS:
        return 1
    compiled = compile_one(template, version, version.content(version.fallback_language), {})
    try:
        parts = compiled.render(
            sample_variables(version, tenant), PREVIEW_TRAIL, ZoneInfo(tenant.default_time_zone)
        )
    except TemplateError:
        return 1
    return count_sms(parts["text"]).segments


def worst_score(channel: int, contents: Iterable[Content], subject: str = "") -> SpamReport:
    """Returns the spam report of the worst language; `subject` replaces the written ones."""
    reports = [
        score_spam(
            CHANNEL_WORDS[channel],
            subject or one.subject,
            one.text or None,
            one.html or None,
        )
        for one in contents
    ]
    return max(reports, key=lambda report: report.score)


def engine_variables(declared: Iterable[DeclaredVariable]) -> list[Variable]:
    """Returns declarations as the engine takes them."""
    return [
        Variable(one.name, VariableType(one.kind.name.lower()), one.required, one.default, one.sample)
        for one in declared
    ]


def compile_one(
    template: Template, version: Version, content: Content, branding: Mapping[str, str]
) -> CompiledContent:
    """Returns a content that was put together, compiled for everybody it goes to."""
    source = ContentSource(
        subject=content.subject or None,
        text=content.text or None,
        html=content.html or None,
        amp=content.body_amp or None,
        preheader=content.preheader or None,
    )
    options = Options(
        channel=CHANNEL_WORDS[template.channel],
        language=content.language_code,
        marketing=is_marketing(template),
        track_links=False,
        pixel=False,
        branding=branding,
        translations=content.translations,
    )
    return compile_content(source, engine_variables((*version.variables, *implicit_variables())), options)
