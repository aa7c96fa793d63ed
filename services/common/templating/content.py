"""Content of one template version in one language, compiled for many recipients."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, Final

from services.common.languages import locale_of
from services.common.templating import amphtml, mailhtml, syntax
from services.common.templating.budget import Budget, PartKind
from services.common.templating.colours import readable_on
from services.common.templating.compiler import Compiler, Part, Renderer, Slots, Trail
from services.common.templating.declarations import Declarations, Usage, Variable, VariableType
from services.common.templating.errors import TemplateInvalidError
from services.common.templating.expressions import Meaning
from services.common.templating.mailhtml import Link
from services.common.templating.protect import separated
from services.common.templating.textlinks import shortened

DEFAULT_BUDGET: Final = Budget()
CHANNELS: Final = frozenset({"email", "sms", "whatsapp", "push", "in_app", "webhook"})
SHORTENED: Final = frozenset({"sms", "whatsapp"})
"""Channels besides e-mail whose texts show short links; the others have places of their own for links."""


@dataclass(frozen=True, slots=True)
class ContentSource:
    """What an author wrote for one language.

    `parameters` are the ordered variables of a template that a provider approved; `preheader` is shown by mailboxes behind the subject;
    `amp` is a complete AMP document of mail, beside the html.
    """

    subject: str | None = None
    text: str | None = None
    html: str | None = None
    parameters: tuple[str, ...] = ()
    preheader: str | None = None
    amp: str | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """Everything besides the source that decides how a content is compiled."""

    channel: str
    language: str
    marketing: bool
    track_links: bool = True
    pixel: bool = True
    shorten_links: bool = False
    branding: Mapping[str, str] = field(default_factory=dict)
    translations: Mapping[str, str] = field(default_factory=dict)
    allow_http: bool = False
    budget: Budget = DEFAULT_BUDGET


@dataclass(frozen=True, slots=True)
class PlainTrail:
    """Links of a preview, or of a message that is not tracked: targets stay as they are."""

    unsubscribe_url: str = ""
    preferences_url: str = ""
    pixel_url: str = ""

    def click_url(self, index: int, url: str) -> str:  # noqa: ARG002 - the number matters to tracking only
        return url.replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")


@dataclass(frozen=True, slots=True)
class CompiledPart:
    """Constants and slots in turn: `constants[0], slot numbers[0], constants[1], …, constants[-1]`."""

    name: str
    kind: PartKind
    constants: tuple[str, ...]
    numbers: tuple[int, ...]
    _join: Callable[[Sequence[str]], str]

    def join(self, slots: Sequence[str]) -> str:
        """The part of one recipient."""
        return self._join(slots)

    def shared(self, tag: Callable[[int], str]) -> str:
        """The part with a tag in place of each slot, for providers that substitute."""
        pieces = [self.constants[0]]
        for number, constant in zip(self.numbers, self.constants[1:], strict=True):
            pieces += (tag(number), constant)
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class CompiledContent:
    """The parts of a content by name (subject, text, amp, html, parameter_1 …), sharing one list of slots per recipient.

    The part amp is for accounts of registered senders only, and never goes without the others. `stand_ins` are the slots that
    hold nothing but a link which works for their recipient alone, with what anybody else may be shown in its place.
    """

    channel: str
    language: str
    parts: Mapping[str, CompiledPart]
    slot_count: int
    parameters: tuple[str, ...]
    links: tuple[Link, ...]
    usage: Usage
    removed: tuple[str, ...]
    appended: tuple[str, ...]
    stand_ins: Mapping[int, str]
    _render: Renderer

    def render_slots(self, variables: Mapping[str, Any], trail: Trail, zone: tzinfo = UTC) -> Slots:
        """The dynamic values of one recipient; raises MissingVariablesError, RenderError or BudgetExceededError."""
        return self._render(variables, trail, zone)

    def join(self, slots: Sequence[str], part: str = "html") -> str:
        """One part of one recipient as text."""
        return self.parts[part].join(slots)

    def shared(self, tag: Callable[[int], str], part: str = "html") -> str:
        """One part with tags in place of the slots."""
        return self.parts[part].shared(tag)

    def render(self, variables: Mapping[str, Any], trail: Trail, zone: tzinfo = UTC) -> dict[str, str]:
        """All parts of one recipient by name."""
        slots = self._render(variables, trail, zone)
        return {name: part.join(slots) for name, part in self.parts.items()}

    @property
    def has_dynamic_links(self) -> bool:
        return any(link.url is None for link in self.links)


def compile_content(
    source: ContentSource, variables: Iterable[Variable] | None, options: Options
) -> CompiledContent:
    """Compiles a content; TemplateInvalidError says what is not allowed.

    `variables` None accepts any variable and requires all of them, as for a source that is being written. Differences
    between declared and used variables are reported in `usage`, not raised: a draft may have them. Costs milliseconds
    to tens of milliseconds: compile once per version and language, off the event loop for large sources.
    """
    if options.channel not in CHANNELS:
        raise TemplateInvalidError(f"unknown channel {options.channel}")
    variables = None if variables is None else tuple(variables)
    declarations = Declarations(variables)
    mail = _mail(source, options) if options.channel == "email" else None
    if mail is None and source.amp is not None:
        raise TemplateInvalidError("only an e-mail has an AMP part", part=amphtml.PART)
    types = {one.name: one.type for one in variables or ()}
    parts, links = _parts(source, mail, options, types)
    branding = dict.fromkeys(syntax.BRANDING, "") | {
        name: value for name, value in options.branding.items() if name in syntax.BRANDING
    }
    branding["primary_text_color"] = readable_on(branding["primary_color"])
    meaning = Meaning(
        declarations,
        locale_of(options.language),
        options.translations,
        branding,
        [link.url or "" for link in links],
        options.allow_http,
    )
    compiler = Compiler(meaning, options.budget)
    render = compiler.compile(parts)
    return CompiledContent(
        channel=options.channel,
        language=options.language,
        parts={part.name: _compiled(part) for part in parts},
        slot_count=len(compiler.slots),
        parameters=source.parameters,
        links=links,
        usage=declarations.compare(compiler.used),
        removed=mail.removed if mail else (),
        appended=mail.appended if mail else (),
        stand_ins=compiler.stand_ins(),
        _render=render,
    )


def _mail(source: ContentSource, options: Options) -> mailhtml.MailSource:
    # The author's own words are parsed strictly before the platform adds its marks.
    written_parts = {
        "html": source.html,
        "text": source.text,
        "preheader": source.preheader,
        "amp": source.amp,
    }
    for name, written in written_parts.items():
        if written is not None:
            written = separated(written, name) if name in ("html", "amp") else written
            syntax.parse(written, part=name, budget=options.budget)
    if source.html is None and source.text is None:
        raise TemplateInvalidError("an e-mail needs a text or an html part")
    if source.amp is not None and source.html is None:
        raise TemplateInvalidError("an AMP part stands beside an html part", part=amphtml.PART)
    return mailhtml.prepare_mail(source.html, source.text, _treatment(options), source.preheader or "")


def _treatment(options: Options) -> mailhtml.Treatment:
    return mailhtml.Treatment(
        language=options.language,
        marketing=options.marketing,
        track_links=options.track_links,
        pixel=options.pixel,
        postal_address=options.branding.get("postal_address", ""),
    )


def _parts(
    source: ContentSource,
    mail: mailhtml.MailSource | None,
    options: Options,
    types: Mapping[str, VariableType],
) -> tuple[list[Part], tuple[Link, ...]]:
    """Returns the parts of a content, and the links that its parts name by number."""
    links = mail.links if mail else ()
    urls = {name for name, kind in types.items() if kind is VariableType.URL}
    shortens = options.shorten_links and options.track_links

    def part(name: str, kind: PartKind, written: str, *, internal: bool = False) -> Part:
        return Part(name, kind, syntax.parse(written, part=name, budget=options.budget, internal=internal))

    parts = []
    if source.subject is not None and options.channel in ("email", "push", "in_app"):
        parts.append(part("subject", PartKind.HEADER, source.subject))
    elif options.channel in ("email", "push", "in_app"):
        raise TemplateInvalidError(f"{options.channel} needs a subject")
    if mail is not None:
        written, links = shortened(mail.text, links, urls) if shortens else (mail.text, links)
        parts.append(part("text", PartKind.TEXT, written, internal=True))
        if source.amp is not None:
            prepared = amphtml.prepare_amp(source.amp, _treatment(options))
            parts.append(part(amphtml.PART, PartKind.HTML, prepared, internal=True))
        if mail.html is not None:
            parts.append(part("html", PartKind.HTML, mail.html, internal=True))
        return parts, links
    if source.text is None:
        raise TemplateInvalidError(f"{options.channel} needs a text")
    kind = PartKind.SMS if options.channel == "sms" else PartKind.TEXT
    if shortens and options.channel in SHORTENED:
        # The author's own words are parsed strictly before the platform adds its marks.
        part("text", kind, source.text)
        written, links = shortened(source.text, links, urls)
        parts.append(part("text", kind, written, internal=True))
    else:
        parts.append(part("text", kind, source.text))
    for position, name in enumerate(source.parameters, 1):
        parts.append(part(f"parameter_{position}", PartKind.TEXT, _parameter(name, types.get(name))))
    return parts, links


def _parameter(shown: str, kind: VariableType | None) -> str:
    """Returns the source of one place: what stands there in the text, or a variable by its name."""
    if kind is VariableType.MONEY:
        return f"{{% if {shown} %}}{{{{ formatCurrency({shown}) }}}}{{% endif %}}"
    if kind is VariableType.URL:  # an empty one is no address
        return f"{{% if {shown} %}}{{{{ {shown} }}}}{{% endif %}}"
    return f"{{{{ {shown} }}}}"


def _compiled(part: Part) -> CompiledPart:
    constants, numbers = [""], []
    for piece in part.pieces:
        if isinstance(piece, str):
            constants[-1] += piece
        else:
            numbers.append(piece)
            constants.append("")
    # One expression that joins everything: the fastest way to a text of known shape.
    pieces = "".join(f"{piece!r}," if isinstance(piece, str) else f"s[{piece}]," for piece in part.pieces)
    namespace: dict[str, Any] = {"__builtins__": {}}
    exec(f"def join(s): return ''.join(({pieces}))", namespace)  # noqa: S102 - literals and numbers of the compiler
    return CompiledPart(part.name, part.kind, tuple(constants), tuple(numbers), namespace["join"])
