"""What the content engine says of a version: whether it can be used, and how it looks."""

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
    MissingSamples,
    Template,
    TemplateInvalid,
    VariableKind,
    Version,
    completeness_problems,
    may_use_undeclared,
    version_problems,
)
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common.templating import (
    CompiledContent,
    ContentSource,
    MissingVariablesError,
    Options,
    PlainTrail,
    TemplateError,
    TemplateInvalidError,
    Variable,
    VariableType,
    compile_content,
    sample_values,
)
from services.common.templating.amphtml import LARGEST as LARGEST_AMP
from services.common.templating.sms import count_sms
from services.common.templating.spam import SpamReport, score_spam

PREVIEW_TRAIL = PlainTrail("https://example.invalid/unsubscribe", "https://example.invalid/preferences")
SAMPLE_CONTACT = {"first_name": "Ada", "last_name": "Lovelace", "name": "Ada Lovelace", "attributes": {}}
OBJECTS = ("contact", "tenant")
_FIELDS = {"subject": "subject", "text": "body_text", "html": "body_html", "amp": "body_amp"}


@dataclass(frozen=True, slots=True)
class Findings:
    """What a version uses, and how it scores for spam in its worst language."""

    used: tuple[str, ...]
    spam_score: int
    spam_flags: tuple[str, ...]


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


def examine(template: Template, version: Version) -> Findings:
    """Checks a version that is about to be saved (CAM-88 to CAM-90, CAM-112).

    Raises:
        TemplateInvalid: Something cannot be parsed, is unsafe, undeclared or unused; all of it is told at once.
    """
    problems = list(version_problems(version))
    used: set[str] = set()
    parsed = True
    for index, one in enumerate(version.contents):
        try:
            compiled = _compile(template, version, one, {})
        except TemplateInvalidError as error:
            parsed = False
            field = _FIELDS.get(error.part, "body_text")
            told = str(error) if error.part == "amp" else error.message
            problems.append((f"version.contents[{index}].{field}", told))
            continue
        used.update(compiled.usage.used)
        if compiled.removed:
            names = ", ".join(compiled.removed)
            problems.append((f"version.contents[{index}].body_html", f"holds what mail may not: {names}"))
    if parsed:
        problems += _usage_problems(version, used)
    if problems:
        raise TemplateInvalid(problems)
    report = worst_score(template.channel, version.contents)
    return Findings(tuple(sorted(used)), report.score, report.flags)


def check_activation(template: Template, version: Version, tenant: Tenant) -> None:
    """Checks that a version is complete and renders with its samples in every language (CAM-92)."""
    examine(template, version)
    if problems := list(completeness_problems(version)):
        raise TemplateInvalid(problems)
    if lacking := [one.name for one in version.variables if one.sample is None]:
        raise MissingSamples(lacking)
    values = sample_variables(version, tenant)
    for index, one in enumerate(version.contents):
        try:
            parts = _compile(template, version, one, {}).render(
                values, PREVIEW_TRAIL, ZoneInfo(tenant.default_time_zone)
            )
        except MissingVariablesError as error:
            raise MissingSamples(list(error.names)) from None
        except TemplateError as error:
            field = f"version.contents[{index}]"
            raise TemplateInvalid([(field, f"does not render with the samples: {error}")]) from None
        if len(parts.get("amp", "").encode("utf-8", "replace")) > LARGEST_AMP:
            told = f"with the samples it is larger than {LARGEST_AMP} bytes: mail clients would not show it"
            raise TemplateInvalid([(f"version.contents[{index}].body_amp", told)])


def render(
    template: Template,
    version: Version,
    language: str,
    values: Mapping[str, Any],
    owner: tuple[Tenant, MarketingSettings],
) -> Rendered:
    """Renders one language as sending does; missing values are named instead of raised."""
    tenant, settings = owner
    branding = branding_of(tenant, settings)
    compiled = _compile(template, version, version.content(language), branding)
    try:
        parts = compiled.render(values, PREVIEW_TRAIL, ZoneInfo(tenant.default_time_zone))
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
    }


def sample_variables(version: Version, tenant: Tenant) -> dict[str, Any]:
    """Returns values made of the samples, with a contact and the tenant."""
    values = sample_values(engine_variables(version.variables))
    return {**values, "contact": SAMPLE_CONTACT, "tenant": {"name": tenant.name}}


def segments_of(template: Template, version: Version, tenant: Tenant) -> int:
    """Returns how many segments a text message of the version takes with its samples; 1 on other channels."""
    if template.channel != SMS:
        return 1
    compiled = _compile(template, version, version.content(version.fallback_language), {})
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
            one.body_text or None,
            one.body_html or None,
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


def _compile(
    template: Template, version: Version, content: Content, branding: Mapping[str, str]
) -> CompiledContent:
    source = ContentSource(
        subject=content.subject or None,
        text=content.body_text or None,
        html=content.body_html or None,
        amp=content.body_amp or None,
        preheader=content.preheader or None,
    )
    options = Options(
        channel=CHANNEL_WORDS[template.channel],
        language=content.language_code,
        marketing=template.message_class is MessageClass.MARKETING,
        track_links=False,
        pixel=False,
        branding=branding,
    )
    return compile_content(source, engine_variables((*version.variables, *implicit_variables())), options)


def _usage_problems(version: Version, used: set[str]) -> list[tuple[str, str]]:
    """Returns which variables are used without being declared, and declared without being used (CAM-90)."""
    declared = {one.name for one in version.variables}
    own = {path for path in used if path.partition(".")[0] not in OBJECTS}
    undeclared = sorted({path.partition(".")[0] for path in own} - declared)
    undeclared += sorted(path for path in used - own if not may_use_undeclared(path))
    unused = sorted(declared - {path.partition(".")[0] for path in own})
    problems = [("version.variables", f"{name} is used but not declared") for name in undeclared]
    return problems + [("version.variables", f"{name} is declared but not used") for name in unused]
