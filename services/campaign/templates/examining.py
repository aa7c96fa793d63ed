"""What is wrong with a version: told all at once, each with its language, part and line (CAM-88 to CAM-92, CAM-112)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from services.campaign.templates import composing, rendering
from services.campaign.templates.composing import Materials
from services.campaign.templates.domain import (
    EMAIL,
    Content,
    MissingSamples,
    Template,
    TemplateInvalid,
    TemplateType,
    Version,
    completeness_problems,
    may_use_undeclared,
    variable_of,
    version_problems,
)
from services.campaign.tenants.domain import MarketingSettings, Tenant
from services.common.templating import (
    CompiledContent,
    MissingVariablesError,
    TemplateError,
    TemplateInvalidError,
    layouts,
    places,
    syntax,
)
from services.common.templating.addresses import image_problem, link_problem
from services.common.templating.amphtml import LARGEST as LARGEST_AMP
from services.common.templating.content import DEFAULT_BUDGET
from services.common.templating.protect import separated

Problem = tuple[str, str]

LARGEST_MAIL = 102_400
"""Bytes of html after which the largest mailboxes cut a mail off, the way out of marketing with it."""

_FIELDS = {
    "subject": "subject",
    "text": "body_text",
    "preheader": "preheader",
    "html": "body_html",
    "mjml": "body_mjml",
    "amp": "body_amp",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """A content by its index, for what is told of it."""

    index: int
    content: Content

    def problem(self, field: str, words: str, line: int = 0) -> Problem:
        """Returns what is told: the field by its path, then language, line and words."""
        field = _FIELDS.get(field, field)
        if field == "body_html":
            field = self.content.source[0]
        where = f", line {line}" if line else ""
        path = f"version.contents[{self.index}]"
        return f"{path}.{field}" if field else path, f"{self.content.language_code}{where}: {words}"

    def refused(self, error: TemplateInvalidError) -> Problem:
        """Returns what is told of something the engine refused; of what was composed, the line says nothing."""
        is_authored = error.part not in ("html", "text") or not self.content.composed_html
        return self.problem(error.part or "body_text", error.message, error.line if is_authored else 0)


def examined(template: Template, version: Version, materials: Materials) -> Version:
    """Returns a version that may be saved, put together, with what it uses and how it scores for spam.

    Words that have no translation yet, and samples that are lacking, stop its activation only.

    Raises:
        TemplateInvalid: Something cannot be parsed, is unsafe, undeclared or unused; all of it is told at once.
    """
    problems = list(version_problems(version))
    contents: list[Content] = []
    used: set[str] = set()
    unparsed = False
    for index, one in enumerate(version.contents):
        place = _Place(index, one)
        wrong = list(_source_problems(place))
        try:
            if not wrong:
                made = composing.compose(template, one, materials)
                lacking = dict.fromkeys(_keys(made), "")
                compiled = rendering.compile_one(
                    template, version, replace(made, translations={**lacking, **made.translations}), {}
                )
                used.update(compiled.usage.used)
                wrong += _removed(place, compiled)
                contents.append(made)
        except TemplateInvalidError as error:
            wrong.append(_Place(index, one).refused(error))
        unparsed = unparsed or bool(wrong)
        problems += wrong
    if not unparsed:
        problems += _usage_problems(template, version, used)
        problems += _order_problems(version)
    if problems:
        raise TemplateInvalid(problems)
    report = rendering.worst_score(template.channel, contents)
    return replace(
        version,
        contents=tuple(contents),
        used=tuple(sorted(used)),
        spam_score=report.score,
        spam_flags=report.flags,
    )


def activatable(
    template: Template,
    version: Version,
    materials: Materials,
    owner: tuple[Tenant, MarketingSettings],
    *,
    is_real: bool,
) -> Version:
    """Returns a version as it will be sent; the error says what it lacks (CAM-92).

    Raises:
        TemplateInvalid: It is not complete, has links or pictures that lead nowhere, words without translation, or does
            not render with its samples in every language.
        MissingSamples: Variables have no sample.
    """
    made = examined(template, version, materials)
    problems = list(completeness_problems(version))
    for index, one in enumerate(made.contents):
        place = _Place(index, one)
        problems += _word_problems(place)
        if template.channel == EMAIL:
            problems += _address_problems(place, is_real=is_real)
    if problems:
        raise TemplateInvalid(problems)
    if lacking := [one.name for one in version.variables if one.sample is None]:
        raise MissingSamples(lacking)
    if problems := [
        problem
        for index, one in enumerate(made.contents)
        for problem in _render_problems(template, made, _Place(index, one), owner)
    ]:
        raise TemplateInvalid(problems)
    return made


def _source_problems(place: _Place) -> Iterator[Problem]:
    """Yields what is wrong with what was written, by the lines its author sees."""
    for field, written in composing.sources_of(place.content):
        if field not in ("body_html", "body_mjml"):
            continue
        try:
            extension = layouts.extension(written, field)
            if extension is not None:
                for block in extension.blocks.values():
                    # Lines before the block, so that what is told is where its author looks.
                    _parse("\n" * (block.line - 1) + block.text, field)
            elif not layouts.holds_blocks(written):
                _parse(written, field)
        except TemplateInvalidError as error:
            yield place.problem(field, error.message, error.line)


def _parse(source: str, field: str) -> None:
    syntax.parse(composing.MARK.sub("", separated(source, field)), part=field, budget=DEFAULT_BUDGET)


def _keys(content: Content) -> set[str]:
    parts = (content.subject, content.preheader, content.text, content.html, content.body_amp)
    return composing.translation_keys(filter(None, parts))


def _removed(place: _Place, compiled: CompiledContent) -> Iterator[Problem]:
    if compiled.removed:
        yield place.problem("body_html", f"holds what mail may not: {', '.join(compiled.removed)}")


def _usage_problems(template: Template, version: Version, used: set[str]) -> Iterator[Problem]:
    """Yields which variables are used without being declared, with each place, and declared without being used (CAM-90)."""
    declared = {one.name for one in version.variables}
    if template.template_type is TemplateType.LAYOUT and declared:
        yield "version.variables", "a layout declares none: what fills its blocks has variables"
    own = {path for path in used if path.partition(".")[0] not in rendering.OBJECTS}
    undeclared = {path for path in own if path.partition(".")[0] not in declared}
    undeclared |= {path for path in used - own if not may_use_undeclared(path)}
    for name in sorted({_shown(path) for path in undeclared}):
        places_of = list(_places(version, name))
        for place, field, line in places_of:
            yield place.problem(field, f"{name} is used but not declared", line)
        if not places_of:
            yield "version.variables", f"{name} is used but not declared"
    for name in sorted(declared - {path.partition(".")[0] for path in own}):
        yield "version.variables", f"{name} is declared but not used"


def _shown(path: str) -> str:
    root = path.partition(".")[0]
    return path if root in rendering.OBJECTS else root


def _places(version: Version, name: str) -> Iterator[tuple[_Place, str, int]]:
    """Yields where a variable is named first in each part of each language."""
    for index, one in enumerate(version.contents):
        for field, written in composing.sources_of(one):
            lines = (
                line
                for path, line in places.variables(written)
                if path == name or path.startswith(f"{name}.")
            )
            if line := next(lines, 0):
                yield _Place(index, one), field, line


def _order_problems(version: Version) -> Iterator[Problem]:
    """Yields what of an order of parameters is no variable that could stand in one."""
    declared = {one.name for one in version.variables}
    for index, one in enumerate(version.contents):
        for name in one.variable_order:
            path = variable_of(name)
            if path not in declared and not may_use_undeclared(path):
                yield _Place(index, one).problem("variable_order", f"{name} is not declared")


def _word_problems(place: _Place) -> Iterator[Problem]:
    """Yields the words that have no translation in any language they could be taken from."""
    told: set[str] = set()
    for field, written in composing.sources_of(place.content):
        for key, line in places.translations(written):
            if key not in place.content.translations and key not in told:
                told.add(key)
                yield place.problem(field, f"there is no translation of {key}", line)
    for key in sorted(_keys(place.content) - told - place.content.translations.keys()):
        yield place.problem("body_html", f"there is no translation of {key}, which its layout shows")


def _address_problems(place: _Place, *, is_real: bool) -> Iterator[Problem]:
    """Yields links that lead nowhere and pictures that cannot be shown."""
    field, written = place.content.source
    told: set[str] = set()
    for attribute, address, line in places.addresses(written):
        is_picture = attribute == "src"
        problem = (
            image_problem(address, is_real=is_real) if is_picture else link_problem(address, is_real=is_real)
        )
        if problem and f"{attribute}{address}" not in told:
            told.add(f"{attribute}{address}")
            yield place.problem(field, f"a {'picture' if is_picture else 'link'}: {problem}", line)


def _render_problems(
    template: Template, version: Version, place: _Place, owner: tuple[Tenant, MarketingSettings]
) -> Iterator[Problem]:
    """Yields why a language cannot be sent with the samples; MissingSamples when it is values that lack."""
    tenant, settings = owner
    values = rendering.sample_variables(version, tenant)
    try:
        compiled = rendering.compile_one(
            template, version, place.content, rendering.branding_of(tenant, settings)
        )
        parts = compiled.render(values, rendering.PREVIEW_TRAIL, ZoneInfo(tenant.default_time_zone))
    except MissingVariablesError as error:
        raise MissingSamples(list(error.names)) from None
    except TemplateInvalidError as error:
        yield place.refused(error)
        return
    except TemplateError as error:
        yield place.problem("", f"does not render with the samples: {error}")
        return
    html, amp = parts.get("html", ""), parts.get("amp", "")
    if len(html.encode("utf-8", "replace")) > LARGEST_MAIL and rendering.is_marketing(template):
        told = f"with the samples it is larger than {LARGEST_MAIL} bytes: mailboxes cut it off before its way out"
        yield place.problem("body_html", told)
    if len(amp.encode("utf-8", "replace")) > LARGEST_AMP:
        told = f"with the samples it is larger than {LARGEST_AMP} bytes: mail clients would not show it"
        yield place.problem("body_amp", told)
    if (
        rendering.is_marketing(template)
        and template.template_type is not TemplateType.LAYOUT
        and template.channel == EMAIL
        and not any(
            rendering.PREVIEW_TRAIL.unsubscribe_url in text for text in (html or parts.get("text", ""),)
        )
    ):
        yield place.problem("body_html", "shows no way to unsubscribe")
