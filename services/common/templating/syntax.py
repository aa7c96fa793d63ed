"""Parsing with Jinja2 and conversion to the checked tree; whatever has no conversion is refused (CAM-88)."""

import math
import re
from collections.abc import Iterator, Sequence
from typing import Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from services.common.templating import tree
from services.common.templating.budget import Budget
from services.common.templating.errors import TemplateInvalidError

# Only its lexer and parser are used: a checked tree is compiled by `compiler`, so nothing of the
# environment (filters, tests, globals, attribute access) exists at rendering time.
PARSER: Final = SandboxedEnvironment(keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True)

COMPARISONS: Final = {"eq": "eq", "ne": "ne", "gt": "gt", "gteq": "gte", "lt": "lt", "lteq": "lte"}
HELPERS: Final = {
    "formatDate": 1, "formatTime": 1, "formatCurrency": 1, "t": 1, "default": 2,
    "eq": 2, "ne": 2, "gt": 2, "gte": 2, "lt": 2, "lte": 2,
}  # fmt: skip
PLATFORM_URLS: Final = frozenset({"unsubscribe_url", "preferences_url"})
COLOURS: Final = frozenset({"primary_color", "primary_text_color"})
"""The branding that may stand in styles: the tenant's colour, and the one of words upon it."""
BRANDING: Final = frozenset({"postal_address", "footer_text", "logo_url", "tenant_name"}) | COLOURS
RESERVED: Final = PLATFORM_URLS | BRANDING | {"loop"}
LOOP_FIELDS: Final = frozenset({"index", "index0", "first", "last", "length"})
MAXIMUM_KEYS: Final = 8
MAXIMUM_CASES: Final = 50
MAXIMUM_NODES: Final = 5_000
INTERNAL_NAME: Final = re.compile(r"__(link|pixel|open|bare|close)_(\d+)\Z")


def parse(source: str, *, part: str, budget: Budget, internal: bool = False) -> tuple[tree.Node, ...]:
    """The checked tree of a source, or TemplateInvalidError naming the line and what is not allowed.

    `internal` admits the names the platform itself writes (`__link_0`); a tenant's source is parsed without.
    """
    if len(source) > budget.source:
        raise TemplateInvalidError(f"longer than {budget.source} characters", part=part)
    try:
        template = PARSER.parse(source)
        return _Converter(part, budget, internal).block(template.body, 0)
    except TemplateSyntaxError as error:
        raise TemplateInvalidError(error.message or "syntax error", part=part, line=error.lineno) from None
    except RecursionError:
        raise TemplateInvalidError("nested too deeply", part=part) from None
    except (ValueError, OverflowError):
        raise TemplateInvalidError("a number is too long", part=part) from None


class _Converter:
    def __init__(self, part: str, budget: Budget, internal: bool) -> None:
        self.part, self.budget, self.internal = part, budget, internal
        self.scopes: list[tuple[str, int]] = []
        self.loops = self.nodes = 0

    def refuse(self, message: str, node: nodes.Node) -> TemplateInvalidError:
        return TemplateInvalidError(message, part=self.part, line=node.lineno)

    # blocks

    def block(self, body: Sequence[nodes.Node], depth: int) -> tuple[tree.Node, ...]:
        if depth > self.budget.block_depth:
            raise self.refuse(f"blocks nested deeper than {self.budget.block_depth}", body[0])
        converted: list[tree.Node] = []
        for node in self.flat(body):
            made = self.node(node, depth)
            last = converted[-1] if converted else None
            if isinstance(made, tree.Text) and isinstance(last, tree.Text):
                converted[-1] = tree.Text(last.text + made.text)
            elif made != tree.Text(""):
                converted.append(made)
        self.nodes += len(converted)
        if self.nodes > MAXIMUM_NODES:
            raise self.refuse(f"more than {MAXIMUM_NODES} variables and blocks", body[0])
        return tuple(self.targets(converted)) if self.internal else tuple(converted)

    @staticmethod
    def targets(converted: Sequence[tree.Node]) -> Iterator[tree.Node]:
        """Gathers what stands between the marks around an address that holds variables."""
        opened: tree.Platform | None = None
        held: list[tree.Node] = []
        for node in converted:
            mark = node.expression if isinstance(node, tree.Emit) else None
            if isinstance(mark, tree.Platform) and mark.name in ("open", "bare"):
                opened, held = mark, []
            elif isinstance(mark, tree.Platform) and mark.name == "close" and opened is not None:
                yield tree.Target(opened.index, opened.name == "open", tuple(held))
                opened = None
            elif opened is not None:
                held.append(node)
            else:
                yield node

    @staticmethod
    def flat(body: Sequence[nodes.Node]) -> Iterator[nodes.Node]:
        for node in body:
            if isinstance(node, nodes.Output):
                yield from node.nodes
            else:
                yield node

    def node(self, node: nodes.Node, depth: int) -> tree.Node:
        if isinstance(node, nodes.TemplateData):
            return tree.Text(node.data)
        if isinstance(node, nodes.If):
            return self.branch(node, depth)
        if isinstance(node, nodes.For):
            return self.loop(node, depth)
        if isinstance(node, nodes.Expr):
            return tree.Emit(self.expression(node, 0))
        raise self.refuse(f"{type(node).__name__.lower()} is not part of the template language", node)

    def branch(self, node: nodes.If, depth: int) -> tree.Branch:
        if len(node.elif_) >= MAXIMUM_CASES:
            raise self.refuse(f"more than {MAXIMUM_CASES} cases", node)
        cases = [
            (self.expression(case.test, 0), self.block(case.body, depth + 1)) for case in (node, *node.elif_)
        ]
        return tree.Branch(tuple(cases), self.block(node.else_, depth + 1) if node.else_ else ())

    def loop(self, node: nodes.For, depth: int) -> tree.Loop:
        if node.recursive or node.test is not None or not isinstance(node.target, nodes.Name):
            raise self.refuse("a loop is written `for item in list`", node)
        name = node.target.name
        if name in RESERVED or name in HELPERS or name.startswith("_"):
            raise self.refuse(f"{name} cannot name a loop variable", node)
        over = self.expression(node.iter, 0)
        if not isinstance(over, tree.Path | tree.Helper):
            raise self.refuse("a loop goes over a variable", node)
        otherwise = self.block(node.else_, depth + 1) if node.else_ else ()
        self.loops += 1
        scope = self.loops
        self.scopes.append((name, scope))
        body = self.block(node.body, depth + 1)
        self.scopes.pop()
        return tree.Loop(scope, name, over, body, otherwise)

    # expressions

    def expression(self, node: nodes.Node, depth: int) -> tree.Expression:  # noqa: C901 - one line per kind of node
        if depth > self.budget.expression_depth:
            raise self.refuse("an expression is nested too deeply", node)
        down = depth + 1
        if isinstance(node, nodes.Const):
            return tree.Const(self.constant(node.value, node))
        if isinstance(node, nodes.Neg) and isinstance(node.node, nodes.Const):
            value = self.constant(node.node.value, node)
            if isinstance(value, int | float) and not isinstance(value, bool):
                return tree.Const(-value)
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            return self.path(node)
        if isinstance(node, nodes.Not):
            return tree.Not(self.expression(node.node, down))
        if isinstance(node, nodes.And | nodes.Or):
            operator = "and" if isinstance(node, nodes.And) else "or"
            return tree.Logic(operator, (self.expression(node.left, down), self.expression(node.right, down)))
        if isinstance(node, nodes.Compare):
            return self.compare(node, down)
        if isinstance(node, nodes.CondExpr):
            if node.expr2 is None:
                raise self.refuse("an inline if needs an else", node)
            return tree.Choice(
                self.expression(node.test, down),
                self.expression(node.expr1, down),
                self.expression(node.expr2, down),
            )
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name):
            return self.helper(node.node.name, node.args, node, down)
        if isinstance(node, nodes.Filter) and node.node is not None:
            return self.helper(node.name, [node.node, *node.args], node, down)
        raise self.refuse(f"{type(node).__name__.lower()} is not part of the template language", node)

    def constant(self, value: object, node: nodes.Node) -> tree.Scalar:
        if value is None or isinstance(value, str | bool | int):
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        raise self.refuse("a constant is a text, a number, true, false or none", node)

    def compare(self, node: nodes.Compare, depth: int) -> tree.Expression:
        left = self.expression(node.expr, depth)
        tests: list[tree.Expression] = []
        for operand in node.ops:
            if operand.op not in COMPARISONS:
                raise self.refuse(f"the operator {operand.op} is not part of the template language", node)
            right = self.expression(operand.expr, depth)
            tests.append(tree.Helper(COMPARISONS[operand.op], (left, right)))
            left = right
        return tests[0] if len(tests) == 1 else tree.Logic("and", tuple(tests))

    def helper(
        self, name: str, arguments: Sequence[nodes.Node], node: nodes.Call | nodes.Filter, depth: int
    ) -> tree.Expression:
        if name not in HELPERS:
            raise self.refuse(f"there is no helper {name}", node)
        if node.kwargs or node.dyn_args or node.dyn_kwargs or len(arguments) != HELPERS[name]:
            raise self.refuse(f"{name} takes {HELPERS[name]} argument(s)", node)
        converted = tuple(self.expression(argument, depth) for argument in arguments)
        if name == "t" and not (isinstance(converted[0], tree.Const) and isinstance(converted[0].value, str)):
            raise self.refuse("t takes the translation key as a text", node)
        return tree.Helper(name, converted)

    def path(self, node: nodes.Name | nodes.Getattr | nodes.Getitem) -> tree.Expression:
        keys: list[str | int] = []
        inner: nodes.Node = node
        while not isinstance(inner, nodes.Name):
            if isinstance(inner, nodes.Getattr):
                keys.append(inner.attr)
            elif isinstance(inner, nodes.Getitem) and isinstance(inner.arg, nodes.Const):
                keys.append(self.key(inner.arg.value, inner))
            else:
                raise self.refuse("a variable is written as names joined by dots", node)
            inner = inner.node
            if len(keys) > MAXIMUM_KEYS:
                raise self.refuse(f"a path has more than {MAXIMUM_KEYS} keys", node)
        keys.reverse()
        return self.named(inner.name, tuple(keys), node)

    def key(self, value: object, node: nodes.Node) -> str | int:
        if isinstance(value, str) and not value.startswith("_"):
            return value
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        raise self.refuse("a key is a name or a position, and does not begin with an underscore", node)

    def named(self, root: str, keys: tuple[str | int, ...], node: nodes.Node) -> tree.Expression:
        if any(isinstance(key, str) and key.startswith("_") for key in keys):
            raise self.refuse("a name does not begin with an underscore", node)
        internal = INTERNAL_NAME.match(root) if self.internal else None
        if internal and not keys:
            return tree.Platform(internal[1], int(internal[2]))
        if root.startswith("_"):
            raise self.refuse("a name does not begin with an underscore", node)
        for name, scope in reversed(self.scopes):
            if name == root:
                return tree.Path(root, keys, scope)
        if root == "loop":
            if not self.scopes or len(keys) != 1 or keys[0] not in LOOP_FIELDS:
                raise self.refuse("loop has index, index0, first, last and length, inside a loop", node)
            return tree.LoopField(self.scopes[-1][1], str(keys[0]))
        if root in PLATFORM_URLS or root in BRANDING:
            if keys:
                raise self.refuse(f"{root} has no fields", node)
            return tree.Platform(root)
        if root in HELPERS:
            raise self.refuse(f"{root} is a helper and needs arguments", node)
        return tree.Path(root, keys)
