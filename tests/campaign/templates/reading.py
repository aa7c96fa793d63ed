"""The platform's templates as their readers see them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.campaign.templates import composing, rendering
from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.composing import Materials
from services.campaign.templates.domain import CHANNEL_WORDS, Template, Version
from services.campaign.tenants.domain import MarketingSettings, Tenant, TenantState
from services.campaign.translations.catalogue import words
from services.common.templating import CompiledContent, RenderTimeoutError, TemplateError

TENANT = Tenant(UUID(int=1), "Bazaar", "EUR", "DE", "Europe/Berlin", "en", TenantState.ACTIVE)


def of(version: Version) -> Template:
    """Returns the template of a version."""
    found = catalogue().by_id(version.template_id)
    assert found is not None
    return found


def channel_of(word: str) -> int:
    return next(channel for channel, one in CHANNEL_WORDS.items() if one == word)


def version_of(name: str, channel: int) -> Version:
    template = catalogue().by_name(name, channel)
    assert template is not None, f"{name} is not written for {CHANNEL_WORDS[channel]}"
    found = catalogue().version(template.active_version_id)
    assert found is not None
    return found


@cache
def materials() -> Materials:
    default = catalogue().layout("default")
    assert default is not None
    return Materials({"default": default}, words(), "en")


@cache
def composed(version_id: UUID) -> Version:
    """Returns a version put together as it is sent."""
    version = catalogue().version(version_id)
    assert version is not None
    return composing.composed(of(version), version, materials())


@cache
def compiled(version_id: UUID, language: str, colour: str) -> CompiledContent:
    """Returns a language of a version, compiled for the tenant Bazaar."""
    version = composed(version_id)
    branding = rendering.branding_of(TENANT, MarketingSettings(primary_color=colour))
    return rendering.compile_one(of(version), version, version.content(language), branding)


@dataclass(frozen=True)
class Shown:
    """A message as its reader sees it."""

    subject: str
    text: str
    html: str


def shown(
    version: Version,
    language: str,
    values: Mapping[str, Any],
    *,
    zone: str = "Europe/Berlin",
    colour: str = "",
) -> Shown:
    """Returns a content with values; the tenant is Bazaar."""
    content = compiled(version.version_id, language, colour)
    given = {**values, "tenant": {"name": "Bazaar"}}
    try:
        parts = content.render(given, rendering.PREVIEW_TRAIL, ZoneInfo(zone))
    except RenderTimeoutError:
        # The first time a language is written in, its words are read from files; a busy machine may take its time.
        parts = content.render(given, rendering.PREVIEW_TRAIL, ZoneInfo(zone))
    return Shown(parts.get("subject", ""), parts["text"], parts.get("html", ""))


def samples_of(version: Version) -> dict[str, Any]:
    return rendering.sample_variables(version, TENANT)


def unreadable(template: str, channels: Iterable[str], variables: Mapping[str, Any]) -> Iterator[str]:
    """Yields why a message with these variables cannot be sent, in any language of a channel's template."""
    # The pages of a service under test are not behind TLS.
    safe = {
        name: value.replace("http://", "https://", 1) if isinstance(value, str) else value
        for name, value in variables.items()
    }
    for channel in channels:
        version = version_of(template, channel_of(channel))
        for one in version.contents:
            try:
                shown(version, one.language_code, {**safe, "contact": {"first_name": ""}})
            except TemplateError as error:
                yield f"{template}, {channel}, {one.language_code}: {error}"
