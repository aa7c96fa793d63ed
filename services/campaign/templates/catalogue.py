"""Templates of the platform, taken where a tenant has none of the same name on the channel (CAM-9, CAM-52, EVT-84).

They are part of the program, as files below `platform/`, and stand in no database. A file is one version. Text that changes
goes into a new file with the next number, because messages that were accepted name the version they are rendered with.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from angarium.common.v1 import enums_pb2
from services.campaign.templates import dressing, platform_files
from services.campaign.templates.domain import (
    CHANNEL_WORDS,
    EMAIL,
    Content,
    MessageClass,
    Template,
    TemplateType,
    Version,
    VersionState,
    class_of,
)

PUBLISHED: Final = datetime(2026, 1, 1, tzinfo=UTC)
AUTHOR: Final = "platform"
FALLBACK_LANGUAGE: Final = "en"

_CHANNELS = {word: channel for channel, word in CHANNEL_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every version of every template of the platform."""

    templates: tuple[Template, ...]
    """Newest first, as lists show them: after all that tenants made."""
    versions: tuple[Version, ...]

    def by_id(self, template_id: UUID) -> Template | None:
        """Returns a template by its id, or None."""
        return next((one for one in self.templates if one.template_id == template_id), None)

    def by_name(self, name: str, channel: int) -> Template | None:
        """Returns a template by its name on a channel, or None."""
        return next((one for one in self.templates if (one.name, one.channel) == (name, channel)), None)

    def layout(self, name: str) -> Version | None:
        """Returns the version of a layout, or None."""
        found = self.by_name(name, EMAIL)
        is_layout = found is not None and found.template_type is TemplateType.LAYOUT
        return self.version(found.active_version_id) if found and is_layout else None

    def version(self, version_id: UUID | None) -> Version | None:
        """Returns a version by its id, or None."""
        return next((one for one in self.versions if one.version_id == version_id), None)

    def versions_of(self, template_id: UUID) -> list[Version]:
        """Returns the versions of a template, newest first."""
        return [one for one in reversed(self.versions) if one.template_id == template_id]

    def languages(self, template: Template) -> tuple[str, ...]:
        """Returns the languages of a template."""
        version = self.version(template.active_version_id)
        return tuple(one.language_code for one in version.contents) if version else ()

    def numbered(self, template_id: UUID, number: int) -> Version | None:
        """Returns a version by its number, the newest for 0, or None."""
        found = [one for one in self.versions if one.template_id == template_id]
        return next((one for one in reversed(found) if number in (0, one.number)), None)


@cache
def catalogue() -> Catalogue:
    """Returns the templates of the platform; read from their files once."""
    made = [*_layouts(), *(one for data in platform_files.files() for one in _made(data))]
    newest = {template.template_id: template for template, _ in made}
    return Catalogue(
        tuple(sorted(newest.values(), key=lambda one: one.template_id, reverse=True)),
        tuple(version for _, version in made),
    )


def _layouts() -> Iterator[tuple[Template, Version]]:
    """Yields the layouts: pages in no language of their own, with the words of the tenant."""
    for name in platform_files.layouts():
        content = Content(FALLBACK_LANGUAGE, subject=name, body_html=dressing.layout_source(name))
        data = {
            "name": name,
            "version": 1,
            "category": "account",
            "description": "Layout of the platform's e-mails; make one of the same name to replace it.",
        }
        template, version = _template(data, CHANNEL_WORDS[EMAIL], (content,))
        yield replace(template, template_type=TemplateType.LAYOUT), version


def _made(data: Mapping[str, Any]) -> Iterator[tuple[Template, Version]]:
    """Yields a file's template and version for each of its channels."""
    for word in platform_files.channels(data):
        yield _template(data, word, platform_files.contents(data, word))


def _template(data: Mapping[str, Any], word: str, contents: tuple[Content, ...]) -> tuple[Template, Version]:
    template_id = _id(data["name"], word)
    version_id = _id(data["name"], word, str(data["version"]))
    category = enums_pb2.Category.Value(f"CATEGORY_{data['category'].upper()}")
    is_marketing = class_of(category) is MessageClass.MARKETING
    template = Template(
        template_id=template_id,
        name=data["name"],
        channel=_CHANNELS[word],
        template_type=TemplateType.TRIGGER if is_marketing else TemplateType.TRANSACTIONAL,
        category=category,
        description=data["description"],
        active_version=data["version"],
        active_version_id=version_id,
        is_system=True,
        created_by=AUTHOR,
        created_at=PUBLISHED,
    )
    variables = platform_files.variables(data, contents)
    version = Version(
        version_id=version_id,
        template_id=template_id,
        number=data["version"],
        fallback_language=FALLBACK_LANGUAGE,
        variables=variables,
        contents=contents,
        state=VersionState.ACTIVE,
        used=platform_files.used(data, contents, variables),
        created_by=AUTHOR,
        published_at=PUBLISHED,
        shorten_links=data.get("shorten_links", False) and word in platform_files.SHORTENED,
    )
    return template, version


def _id(*parts: str) -> UUID:
    """Returns the id that follows from names: a UUIDv7 of the first instant, so it is older than all others."""
    digest = bytearray(hashlib.sha256("/".join(parts).encode()).digest()[:16])
    digest[:6] = bytes(6)
    digest[6] = 0x70 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return UUID(bytes=bytes(digest))
