"""Writes the Python of expressions: how a variable is found, how helpers are called, what is constant."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.common.templating import tree, values
from services.common.templating.budget import PartKind
from services.common.templating.declarations import Declarations, VariableType
from services.common.templating.errors import TemplateInvalidError

MAXIMUM_PIECES: Final = 64
WRITERS: Final[Mapping[PartKind, Callable[[Any, str], str]]] = {
    PartKind.HTML: values.html,
    PartKind.TEXT: values.text,
    PartKind.HEADER: values.header,
    PartKind.SMS: values.sms,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the platform's own names and the declared variables mean for one content."""

    declarations: Declarations
    locale: str
    translations: Mapping[str, str]
    branding: Mapping[str, str]
    links: Sequence[str] = ()
    allow_http: bool = False


class Expressions:
    """Python source for expressions, and the record of every variable they use."""

    def __init__(self, meaning: Meaning) -> None:
        self.meaning = meaning
        self.part = ""
        self.paths: dict[tree.Path, str] = {}
        self.loops: dict[int, str] = {}
        # Values of helpers that several parts show, made once.
        self.shared: dict[tree.Expression, str] = {}
        # Canonical path -> whether it is used anywhere without a default beside it.
        self.used: dict[str, bool] = {}

    def canonical(self, path: tree.Path) -> str:
        """The dotted path from the caller's variables; an item of a list is named like the list."""
        if not path.scope:
            return path.dotted
        return ".".join([self.loops[path.scope], *map(str, path.keys)])

    def written(self, expression: tree.Expression, kind: str) -> str:
        """Python that gives the text of an expression as it stands in a part of this kind."""
        if isinstance(expression, tree.Platform) and expression.name not in self.meaning.branding:
            return self.platform(expression)
        value = self.shared.get(expression) or self.value(expression)
        if not isinstance(expression, tree.Path):
            return f"w_{kind}({value}, {expression.name if isinstance(expression, tree.Helper) else 'a value'!r})"
        name = self.canonical(expression)
        declared = self.meaning.declarations.of(name)
        if declared is not None and declared.type is VariableType.URL and not kind.startswith("url"):
            checked = f"address({value}, {name!r}, HTTP)"
            return f"escape({checked})" if kind == PartKind.HTML else checked
        if value.isidentifier():  # letters and digits need no treatment in any kind of part
            return (
                f"{value} if {value}.__class__ is str and {value}.isalnum() else w_{kind}({value}, {name!r})"
            )
        return f"w_{kind}({value}, {name!r})"

    def platform(self, value: tree.Platform) -> str:
        if value.name == "link":
            return f"trail.click_url({value.index}, {self.meaning.links[value.index]!r})"
        return "trail.pixel_url" if value.name == "pixel" else f"trail.{value.name}"

    def stand_in(self, value: tree.Platform) -> str:
        """What is shown of a link that works for its recipient alone."""
        if value.name == "link":
            return values.escape(self.meaning.links[value.index])
        return "" if value.name == "pixel" else f"#{value.name.removesuffix('_url')}"

    def target(self, target: tree.Target, kind: str) -> str:
        """Python that gives the address of a link with variables, checked and, when tracked, exchanged."""
        if self.is_absent(target.body):
            return "''"
        joined, _, count = self.address(target.body, "whole")
        if count > MAXIMUM_PIECES:
            raise TemplateInvalidError(f"an address has more than {MAXIMUM_PIECES} pieces", part=self.part)
        checked = f"check_url({joined}, 'the address of a link', HTTP)"
        if target.tracked:
            return f"trail.click_url({target.index}, {checked})"
        return f"escape({checked})" if kind == PartKind.HTML else checked

    def is_absent(self, body: Sequence[tree.Node]) -> bool:
        """Whether an address is nothing but branding that the tenant has not: its mail leaves without it."""
        only = body[0] if len(body) == 1 else None
        named = only.expression if isinstance(only, tree.Emit) else None
        return isinstance(named, tree.Platform) and self.meaning.branding.get(named.name) == ""

    def address(self, body: Sequence[tree.Node], where: str) -> tuple[str, str, int]:
        """Python of an address; what a value may hold unescaped depends on where in the address it stands."""
        pieces: list[str] = []
        count = 0
        for node in body:
            count += 1
            if isinstance(node, tree.Text):
                pieces.append(repr(node.text))
                where = "query" if where == "query" or "?" in node.text or "#" in node.text else "path"
            elif isinstance(node, tree.Emit):
                pieces.append(f"({self.written(node.expression, f'url_{where}')})")
                where = "path" if where == "whole" else where
            elif isinstance(node, tree.Branch):
                source, ends, inner = self.cases(node, where)
                pieces.append(source)
                count += inner
                where = "query" if "query" in ends else "path" if "path" in ends else where
            else:
                raise TemplateInvalidError("an address cannot hold a loop", part=self.part)
        return f"''.join(({' '.join(piece + ',' for piece in pieces)}))", where, count

    def cases(self, branch: tree.Branch, where: str) -> tuple[str, list[str], int]:
        source, end, count = self.address(branch.otherwise, where)
        ends = [end]
        for test, body in reversed(branch.cases):
            inner, end, size = self.address(body, where)
            source = f"({inner} if {self.value(test)} else {source})"
            count += size
            ends.append(end)
        return source, ends, count

    def fixed(self, expression: tree.Expression, kind: PartKind) -> str | None:
        """The text of an expression that is the same for every recipient, else None."""
        if isinstance(expression, tree.Const):
            found: Any = expression.value
        elif isinstance(expression, tree.Helper) and expression.name == "t":
            found = self.translation(expression)
        elif isinstance(expression, tree.Platform) and expression.name in self.meaning.branding:
            found = self.meaning.branding[expression.name]
        else:
            return None
        return WRITERS[kind](found, "a constant")

    def translation(self, helper: tree.Helper) -> str:
        key = helper.arguments[0]
        name = str(key.value) if isinstance(key, tree.Const) else ""
        if name not in self.meaning.translations:
            raise TemplateInvalidError(f"there is no translation {name}", part=self.part)
        return self.meaning.translations[name]

    def value(self, expression: tree.Expression, lenient: bool = False) -> str:
        """Python that gives the value of an expression."""
        match expression:
            case tree.Const(value):
                return repr(value)
            case tree.Path():
                return self.read(expression, lenient)
            case tree.LoopField(scope, name):
                return {
                    "index": f"i{scope}", "index0": f"(i{scope} - 1)", "first": f"(i{scope} == 1)",
                    "last": f"(i{scope} == l{scope})", "length": f"l{scope}",
                }[name]  # fmt: skip
            case tree.Platform(name):
                branded = self.meaning.branding.get(name)
                return self.platform(expression) if branded is None else repr(branded)
            case tree.Helper():
                return self.helper(expression)
            case tree.Not(operand):
                return f"(not {self.value(operand)})"
            case tree.Logic(operator, operands):
                return "(" + f" {operator} ".join(map(self.value, operands)) + ")"
            case tree.Choice(test, then, otherwise):
                return f"({self.value(then)} if {self.value(test)} else {self.value(otherwise)})"

    def read(self, path: tree.Path, lenient: bool) -> str:
        canonical = self.canonical(path)
        self.used[canonical] = self.used.get(canonical, False) or not lenient
        declared = self.meaning.declarations.of(canonical)
        if path.scope:
            if not path.keys:
                return f"x{path.scope}"
            found = f"dig(x{path.scope}, {path.keys!r})"
        else:
            found = self.paths.setdefault(path, f"p{len(self.paths)}")
            if declared.name == canonical if declared else self.meaning.declarations.open and not path.keys:
                return found  # its presence is checked before anything is rendered
        if lenient or (declared is not None and not (declared.required and declared.default is None)):
            return found
        return f"(f if (f := {found}) is not None else fail({canonical!r}))"

    def helper(self, helper: tree.Helper) -> str:
        if helper.name == "t":
            return repr(self.translation(helper))
        if helper.name == "default":
            first, second = self.value(helper.arguments[0], lenient=True), self.value(helper.arguments[1])
            return f"(f if (f := {first}) is not None else {second})"
        arguments = ", ".join(map(self.value, helper.arguments))
        if helper.name in ("formatDate", "formatTime"):
            return f"h_{helper.name}({arguments}, zone, LOCALE)"
        if helper.name == "formatCurrency":
            return f"h_{helper.name}({arguments}, LOCALE)"
        return f"h_{helper.name}({arguments})"
