"""Languages of content and the locales their dates and amounts are written in (GEN-23)."""

from collections.abc import Collection
from typing import Final

DEFAULT_LANGUAGE: Final = "en"
LOCALES: Final = {
    "en": "en_US",
    "hi": "hi_IN",
    "es": "es_ES",
    "fr": "fr_FR",
    "de": "de_DE",
    "pt": "pt_BR",
    "zh": "zh_CN",
    "ja": "ja_JP",
}
LANGUAGES: Final = tuple(LOCALES)


def base_language(tag: str) -> str:
    """The language of a tag without its region: `pt-BR` and `pt_BR` give `pt`."""
    return tag.replace("_", "-").split("-", 1)[0].lower()


def locale_of(language: str) -> str:
    """The locale in which a message of this language formats dates and amounts."""
    return LOCALES.get(base_language(language), LOCALES[DEFAULT_LANGUAGE])


def fallback_order(wanted: str | None, tenant_default: str | None = None) -> tuple[str, ...]:
    """Exact tag, base language, tenant default, its base, then English; lower case, hyphenated, no repeats."""
    order: dict[str, None] = {}
    for tag in (wanted, tenant_default, DEFAULT_LANGUAGE):
        if tag:
            order.setdefault(tag.replace("_", "-").lower())
            order.setdefault(base_language(tag))
    return tuple(order)


def choose_language(
    wanted: str | None,
    available: Collection[str],
    tenant_default: str | None = None,
    version_fallback: str | None = None,
) -> str | None:
    """The available language nearest to the wanted one, else the version's own fallback, else None."""
    named = {tag.replace("_", "-").lower(): tag for tag in available}
    for tag in fallback_order(wanted, tenant_default):
        if tag in named:
            return named[tag]
    if version_fallback is not None:
        return named.get(version_fallback.replace("_", "-").lower())
    return None
