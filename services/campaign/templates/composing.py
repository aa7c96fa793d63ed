"""Puts a content together once: its layout, its MJML, its rich content, and the words it names by key.

What comes of it is one source in the template language, and that is what previews render, what is checked, and what
delivery is given. It is kept with a version when that is activated.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from services.campaign.templates.catalogue import catalogue
from services.campaign.templates.domain import (
    EMAIL,
    Content,
    Template,
    TemplateType,
    Version,
)
from services.common.languages import choose_language, fallback_order
from services.common.templating import TemplateInvalidError, layouts, mjml, places

MARK: Final = re.compile(r"\{\{-?\s*rich_content\s*-?\}\}")
_END_OF_BODY: Final = re.compile(r"</body\s*>", re.IGNORECASE)
_MJML: Final = re.compile(r"\s*(?:<!--.*?-->\s*)*<mjml\b", re.IGNORECASE | re.DOTALL)

Words = Mapping[tuple[str, str], str]
"""Translations by language and key."""


@dataclass(frozen=True, slots=True)
class Materials:
    """What contents are put together from, besides what is written in them."""

    layouts: Mapping[str, Version] = field(default_factory=dict)
    """Versions of layouts by name; the tenant's before the platform's."""
    words: Words = field(default_factory=dict)
    """Translations, the tenant's before the platform's."""
    default_language: str = ""

    def translated(self, keys: Iterable[str], language: str) -> dict[str, str]:
        """Returns the words of keys in a language, else in those it falls back to; unknown keys are left out."""
        order = fallback_order(language, self.default_language)
        found: dict[str, str] = {}
        for key in keys:
            words = next((self.words[one, key] for one in order if (one, key) in self.words), None)
            if words is not None:
                found[key] = words
        return found


def layout_names(version: Version) -> set[str]:
    """Returns the layouts that the contents of a version extend."""
    found: set[str] = set()
    for one in version.contents:
        field_name, source = one.source
        try:
            extension = layouts.extension(source, field_name) if source else None
        except TemplateInvalidError:
            continue  # told when it is checked
        found |= {extension.layout} if extension else set()
    return found


def translation_keys(sources: Iterable[str]) -> set[str]:
    """Returns the keys of all translations that sources show."""
    return {key for source in sources for key, _ in places.translations(source)}


def sources_of(content: Content) -> Iterator[tuple[str, str]]:
    """Yields each part of a content that may hold expressions, by the name of its field."""
    for name in ("subject", "preheader", "body_text", "body_html", "body_mjml", "body_amp"):
        if written := getattr(content, name):
            yield name, written


def composed(template: Template, version: Version, materials: Materials) -> Version:
    """Returns a version with its contents put together; one that was published keeps what it was put together from.

    Raises:
        TemplateInvalidError: A layout is not there or has not the blocks, or MJML cannot be read. `part` names the field.
    """
    if version.is_published and not template.is_system:
        return version
    return replace(version, contents=tuple(compose(template, one, materials) for one in version.contents))


def compose(template: Template, content: Content, materials: Materials) -> Content:
    """Returns one content put together."""
    html, text = content.body_html, content.body_text
    if template.channel == EMAIL:
        html = page_of(template, content, materials)
        html = with_rich(html, content.rich_html)
        text = with_rich_text(text, content.rich_text)
    parts = (content.subject, content.preheader, text, html, content.body_amp)
    translations = materials.translated(sorted(translation_keys(filter(None, parts))), content.language_code)
    return replace(content, composed_html=html, composed_text=text, translations=translations)


def page_of(template: Template, content: Content, materials: Materials) -> str:
    """Returns the html of a content without its rich content: its layout filled, its MJML made html."""
    field_name, source = content.source
    if not source:
        return ""
    extension = layouts.extension(source, field_name)
    if template.template_type is TemplateType.LAYOUT:
        if extension is not None:
            raise TemplateInvalidError("a layout extends no other", part=field_name, line=1)
        source = layouts.composed(source, {}, field_name)
    elif extension is not None:
        source = _in_layout(template, extension, field_name, content.language_code, materials)
    if field_name == "body_html":
        return source
    if not _MJML.match(source):
        raise TemplateInvalidError("MJML begins with <mjml>", part=field_name, line=1)
    return mjml.html_of(source)


def with_rich(html: str, rich: str) -> str:
    """Returns html with a fragment where it says so, else at its end; its braces are no expressions."""
    fragment = rich.replace("{", "&#123;")
    if MARK.search(html):
        return MARK.sub(lambda _: fragment, html)
    if not fragment:
        return html
    end = [found.start() for found in _END_OF_BODY.finditer(html)]
    place = end[-1] if end else len(html)
    return f"{html[:place]}{fragment}{html[place:]}"


def with_rich_text(text: str, rich: str) -> str:
    """Returns the text with what the rich content says; a text that is made of the html says it already."""
    words = rich.replace("{", '{{ "{" }}')
    if MARK.search(text):
        return MARK.sub(lambda _: words, text)
    return f"{text.rstrip()}\n\n{words}\n" if text and words else text


def _in_layout(
    template: Template, extension: layouts.Extension, field_name: str, language: str, materials: Materials
) -> str:
    layout = materials.layouts.get(extension.layout)
    if layout is None:
        raise TemplateInvalidError(f"there is no active layout {extension.layout}", part=field_name, line=1)
    try:
        return _filled(layout, extension, field_name, language, materials)
    except TemplateInvalidError:
        # What the platform says must reach people whatever a tenant's layout has no place for.
        shared = catalogue().layout(extension.layout) if template.is_system else None
        if shared is None or shared is layout:
            raise
        return _filled(shared, extension, field_name, language, materials)


def _filled(
    layout: Version, extension: layouts.Extension, field_name: str, language: str, materials: Materials
) -> str:
    languages = [one.language_code for one in layout.contents]
    chosen = choose_language(language, languages, materials.default_language, layout.fallback_language)
    source = layout.content(chosen or layout.fallback_language).source[1]
    is_mjml = _MJML.match(source) is not None
    if is_mjml != (field_name == "body_mjml"):
        told = "MJML: write body_mjml" if is_mjml else "html: write body_html"
        raise TemplateInvalidError(f"the layout {extension.layout} is {told}", part=field_name, line=1)
    return layouts.composed(source, extension.blocks, field_name)
