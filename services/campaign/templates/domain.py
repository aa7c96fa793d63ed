"""Templates: their values and rules. Standard library only."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

EMAIL, SMS, WHATSAPP, PUSH, IN_APP, WEBHOOK = 1, 2, 3, 4, 5, 6
CHANNEL_WORDS = {
    EMAIL: "email",
    SMS: "sms",
    WHATSAPP: "whatsapp",
    PUSH: "push",
    IN_APP: "in_app",
    WEBHOOK: "webhook",
}
_FIRST_MARKETING, _LAST_MARKETING = 21, 34
_SYSTEM_CATEGORIES = frozenset({14, 18, 19, 20, 35, 36, 37})

# Paths every content may use without declaring them.
PLAIN_FIELDS = frozenset({"contact.first_name", "contact.last_name", "contact.name", "tenant.name"})
_SHOWN = re.compile(r"(?:formatDate|formatTime|formatCurrency)\(\s*([\w.]+)\s*\)")
_ATTRIBUTE = re.compile(r"^contact\.attributes\.[^.]+$")
RESERVED = frozenset(
    {"contact", "tenant", "loop", "unsubscribe_url", "preferences_url", "rich_content"}
    | {"postal_address", "footer_text", "logo_url", "primary_color", "primary_text_color", "tenant_name"}
)


class MessageClass(IntEnum):
    """What kind of message it is by law, numbered as in the contract."""

    TRANSACTIONAL = 1
    MARKETING = 2
    SYSTEM = 3


class TemplateType(IntEnum):
    """What a template is used for, numbered as in the contract."""

    PROMOTIONAL = 1
    TRANSACTIONAL = 2
    TRIGGER = 3
    LAYOUT = 4


class VersionState(IntEnum):
    """Lifecycle of a version, numbered as in the contract."""

    DRAFT = 1
    ACTIVE = 2
    ARCHIVED = 3


class VariableKind(IntEnum):
    """Types of variables, numbered as in the contract."""

    STRING = 1
    NUMBER = 2
    MONEY = 3
    DATE = 4
    DATETIME = 5
    URL = 6
    LIST = 7
    OBJECT = 8


class TemplateInvalid(Exception):
    """A content cannot be used; each violation names its field."""

    reason = "TEMPLATE_INVALID"

    def __init__(self, violations: list[tuple[str, str]]) -> None:
        super().__init__("template is invalid: " + "; ".join(text for _, text in violations[:3]))
        self.violations = violations


class MissingSamples(Exception):
    """Variables have no value to render with."""

    reason = "MISSING_VARIABLES"

    def __init__(self, names: list[str]) -> None:
        super().__init__("variables have no value: " + ", ".join(names))
        self.metadata = {"variables": ",".join(names)}


class VersionIsFixed(Exception):
    """A version that was active never changes."""

    reason = "TEMPLATE_INVALID"


class SystemTemplate(Exception):
    """A template of the platform cannot be changed by a tenant."""

    reason = "SYSTEM_OBJECT_READ_ONLY"


class TemplateInUse(Exception):
    """Something that is live sends by the template."""

    reason = "TEMPLATE_IN_USE"

    def __init__(self, user: str) -> None:
        """Names what does: campaign, trigger, automation, rule."""
        super().__init__(f"a live {user} sends by this template")
        self.metadata = {"used_by": user}


def class_of(category: int) -> MessageClass:
    """Returns the only class a category may travel as (GEN-42)."""
    if category in _SYSTEM_CATEGORIES:
        return MessageClass.SYSTEM
    if _FIRST_MARKETING <= category <= _LAST_MARKETING:
        return MessageClass.MARKETING
    return MessageClass.TRANSACTIONAL


def may_use_undeclared(path: str) -> bool:
    """Returns whether a path is one every content may use without declaring it."""
    return path in PLAIN_FIELDS or _ATTRIBUTE.match(path) is not None


@dataclass(frozen=True, slots=True)
class DeclaredVariable:
    """A variable that a version declares."""

    name: str
    kind: VariableKind
    required: bool
    default: Any = None
    sample: Any = None


@dataclass(frozen=True, slots=True)
class Content:
    """What was written for one language; empty means absent."""

    language_code: str
    subject: str = ""
    preheader: str = ""
    body_text: str = ""
    body_html: str = ""
    body_amp: str = ""
    body_mjml: str = ""
    rich_content: Mapping[str, Any] | None = None
    """Images, videos, buttons and cards, as the contract writes them in JSON."""
    rich_html: str = ""
    rich_text: str = ""
    media_urls: tuple[str, ...] = ()
    whatsapp_name: str = ""
    variable_order: tuple[str, ...] = ()
    composed_html: str = ""
    """What is sent of the html: layout, MJML and rich content put together; empty until that was done."""
    composed_text: str = ""
    translations: Mapping[str, str] = field(default_factory=dict)
    """The words it shows by key, as they were when it was composed."""

    @property
    def html(self) -> str:
        """Returns the html that is sent."""
        return self.composed_html or self.body_html

    @property
    def text(self) -> str:
        """Returns the text that is sent; empty means it is made of the html."""
        return self.composed_text or self.body_text

    @property
    def source(self) -> tuple[str, str]:
        """Returns the name of the part that holds the page, and the page as it was written."""
        return ("body_mjml", self.body_mjml) if self.body_mjml else ("body_html", self.body_html)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a template; it never changes once active."""

    version_id: UUID
    template_id: UUID
    number: int
    fallback_language: str
    variables: tuple[DeclaredVariable, ...]
    contents: tuple[Content, ...]
    state: VersionState = VersionState.DRAFT
    used: tuple[str, ...] = ()
    """Every path the contents use, declared or not."""
    spam_score: int = 0
    spam_flags: tuple[str, ...] = ()
    created_by: str = ""
    published_at: datetime | None = None
    shorten_links: bool = False

    def content(self, language: str) -> Content:
        """Returns the content of one of its languages."""
        return next(one for one in self.contents if one.language_code == language)

    @property
    def is_published(self) -> bool:
        """Returns whether it was active at some time, and so never changes any more."""
        return self.published_at is not None


@dataclass(frozen=True, slots=True)
class Template:
    """A named piece of content on one channel."""

    template_id: UUID
    name: str
    channel: int
    template_type: TemplateType
    category: int
    description: str = ""
    active_version: int | None = None
    active_version_id: UUID | None = None
    is_system: bool = False
    version: int = field(default=1, compare=False)
    created_by: str = ""
    created_at: datetime | None = None

    @property
    def message_class(self) -> MessageClass:
        """Returns the class that follows from the category."""
        return class_of(self.category)


def template_problems(template: Template) -> Iterator[tuple[str, str]]:
    """Yields what contradicts in a template, as field and sentence."""
    marketing = template.message_class is MessageClass.MARKETING
    if template.template_type is TemplateType.LAYOUT:
        if template.channel != EMAIL:
            yield "template.channel", "of a layout must be e-mail"
        return
    if template.template_type is TemplateType.TRANSACTIONAL and marketing:
        yield "template.category", "of a transactional template may not be a marketing one"
    if template.template_type is not TemplateType.TRANSACTIONAL and not marketing:
        yield "template.category", "of a promotional or trigger template must be a marketing one"


def version_problems(version: Version) -> Iterator[tuple[str, str]]:
    """Yields what is wrong with the shape of a version before any of it is parsed."""
    languages = [one.language_code for one in version.contents]
    if len(set(languages)) != len(languages):
        yield "version.contents", "must hold each language once"
    if version.fallback_language not in languages:
        yield (
            "version.fallback_language_code",
            f"{version.fallback_language} must be among the contents' languages",
        )
    for index, one in enumerate(version.contents):
        if one.body_html and one.body_mjml:
            yield f"version.contents[{index}].body_mjml", "is written in place of body_html, not beside it"
    names = [one.name for one in version.variables]
    if len(set(names)) != len(names):
        yield "version.variables", "must name each variable once"
    for index, name in enumerate(names):
        if name in RESERVED:
            yield f"version.variables[{index}].name", f"{name} is a word of the platform"


def completeness_problems(version: Version) -> Iterator[tuple[str, str]]:
    """Yields what one language lacks of what the fallback language has (CAM-92)."""
    whole = version.content(version.fallback_language)
    for index, one in enumerate(version.contents):
        for part, written, needed in (
            ("subject", one.subject, whole.subject),
            (one.source[0] if one.source[1] else whole.source[0], one.source[1], whole.source[1]),
        ):
            if needed and not written:
                field = f"version.contents[{index}].{part}"
                yield field, f"{one.language_code}: is written in {whole.language_code} but not here"


def variable_of(place: str) -> str:
    """Returns the path of the variable that a place of an order shows, as it stands or by a helper."""
    found = _SHOWN.fullmatch(place)
    return found[1] if found else place


def parameters_of(version: Version, content: Content) -> tuple[str, ...]:
    """Returns the variables that providers put into their places, in their order: as written, else as declared."""
    compound = (VariableKind.LIST, VariableKind.OBJECT)
    return content.variable_order or tuple(one.name for one in version.variables if one.kind not in compound)
