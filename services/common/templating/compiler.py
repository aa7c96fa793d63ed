"""Compiles checked trees to one Python function that makes every dynamic value of all parts of one language.

The source of that function is written from the tree alone: identifiers are numbered by the compiler, and each text of a
tenant enters as a string literal made by `repr`. Nothing of the template is ever looked up by name at rendering time
except keys of mappings.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, Final, Protocol, TypeAlias

from services.common.templating import formats, tree, values
from services.common.templating.budget import Budget, PartKind
from services.common.templating.errors import (
    MissingVariablesError,
    OutputTooLargeError,
    RenderTimeoutError,
    TemplateInvalidError,
    TooManyIterationsError,
)
from services.common.templating.expressions import Expressions, Meaning

CHECK_EVERY: Final = 16
BUILTINS: Final = {"len": len, "sum": sum, "map": map, "enumerate": enumerate, "str": str}


class Trail(Protocol):
    """What the platform gives one message: its links. They hold only characters that need no escaping in html."""

    @property
    def unsubscribe_url(self) -> str: ...
    @property
    def preferences_url(self) -> str: ...
    @property
    def pixel_url(self) -> str: ...
    def click_url(self, index: int, url: str) -> str:
        """The tracked URL of link `index` of this message, which leads to `url`."""


Slots: TypeAlias = list[str]
Renderer: TypeAlias = Callable[[Mapping[str, Any], Trail, tzinfo], Slots]


@dataclass(slots=True)
class Part:
    """A named part on its way through the compiler; `pieces` become constants and slot numbers."""

    name: str
    kind: PartKind
    body: tuple[tree.Node, ...]
    pieces: list[str | int] = field(default_factory=list)


class Compiler(Expressions):
    """Compiles the parts of one content together, so that a value used in several places is made once."""

    def __init__(self, meaning: Meaning, budget: Budget) -> None:
        super().__init__(meaning)
        self.budget = budget
        self.code: list[str] = []
        self.slots: dict[tuple[str, tree.Node], int] = {}
        self.lists: set[str] = set()

    def compile(self, parts: Sequence[Part]) -> Renderer:
        """The renderer of all slots; fills the pieces of each part."""
        for part in parts:
            self.part = part.name
            self.loops = {}
            for node in part.body:
                self.top(part, node)
        lines = ["def render(d, trail, zone):", " get = d.get", *self.prologue()]
        if any("clock()" in line for line in self.code):
            lines.append(" n = size = 0; deadline = clock() + SECONDS")
        lines += self.code
        lines.append(f" slots = [{', '.join(f's{number}' for number in range(len(self.slots)))}]")
        lines += self.size_check(parts)
        lines.append(" return slots")
        try:
            code = compile("\n".join(lines), "<template>", "exec")
        except (RecursionError, MemoryError, SyntaxError):
            raise TemplateInvalidError("nested too deeply") from None
        namespace = self.namespace(parts)
        exec(code, namespace)  # noqa: S102 - the source is the compiler's own, see above
        render: Renderer = namespace["render"]
        return render

    # Nodes

    def top(self, part: Part, node: tree.Node) -> None:
        """A node of the part itself: constant text, or a slot."""
        fixed = node.text if isinstance(node, tree.Text) else None
        if isinstance(node, tree.Emit):
            fixed = self.fixed(node.expression, part.kind)
        if fixed is not None:
            self.constant(part, fixed)
            return
        shared = isinstance(node, tree.Emit) and isinstance(node.expression, tree.Platform)
        key = ("" if shared else part.kind.value, node)
        if key not in self.slots:
            number = len(self.slots)
            if isinstance(node, tree.Emit):
                self.share(node.expression)
                self.code.append(f" s{number} = {self.written(node.expression, part.kind.value)}")
            elif isinstance(node, tree.Target):
                self.code.append(f" s{number} = {self.target(node, part.kind.value)}")
            else:
                self.code.append(" o = []; a = o.append; size = 0")
                self.inside(node, part.kind.value, " ")
                self.code.append(f" s{number} = ''.join(o)")
            self.slots[key] = number
            if len(self.slots) % CHECK_EVERY == 0:
                total = "+".join(f"len(s{n})" for n in range(number + 1 - CHECK_EVERY, number + 1))
                self.code.append(f" if {total} > LIMIT or clock() > deadline: stop(0, {total})")
        part.pieces.append(self.slots[key])

    def stand_ins(self) -> dict[int, str]:
        """What stands for the slots that hold a link of one recipient: the target, or a mark that leads nowhere."""
        return {
            number: self.stand_in(node.expression)
            for (_, node), number in self.slots.items()
            if isinstance(node, tree.Emit)
            and isinstance(node.expression, tree.Platform)
            and node.expression.name not in self.meaning.branding
        }

    def share(self, expression: tree.Expression) -> None:
        """Makes the value of a helper a variable of its own: html and text parts show the same ones."""
        if isinstance(expression, tree.Helper) and expression not in self.shared:
            source, name = self.value(expression), f"h{len(self.shared)}"
            self.code.append(f" {name} = {source}")
            self.shared[expression] = name

    def constant(self, part: Part, text: str) -> None:
        if part.kind is PartKind.HEADER and values.LINE_BREAKS.search(text):
            raise TemplateInvalidError("a subject is one line", part=part.name)
        last = part.pieces[-1] if part.pieces else None
        if isinstance(last, str):
            part.pieces[-1] = last + text
        elif text:
            part.pieces.append(text)

    def block(self, body: Sequence[tree.Node], kind: str, indent: str) -> None:
        for node in body:
            self.inside(node, kind, indent)
        if not body:
            self.code.append(f"{indent}pass")

    def inside(self, node: tree.Node, kind: str, indent: str) -> None:
        """A node within a block: appends to the list of the slot it belongs to, and counts its size."""
        add = self.code.append
        if isinstance(node, tree.Text):
            add(f"{indent}a({node.text!r}); size += {len(node.text)}")
        elif isinstance(node, tree.Emit | tree.Target):
            source = (
                self.target(node, kind)
                if isinstance(node, tree.Target)
                else self.written(node.expression, kind)
            )
            add(f"{indent}v = {source}; a(v); size += len(v)")
            add(f"{indent}if size > LIMIT or clock() > deadline: stop(0, size)")
        elif isinstance(node, tree.Branch):
            for number, (test, body) in enumerate(node.cases):
                add(f"{indent}{'elif' if number else 'if'} {self.value(test)}:")
                self.block(body, kind, indent + " ")
            if node.otherwise:
                add(f"{indent}else:")
                self.block(node.otherwise, kind, indent + " ")
        else:
            self.loop(node, kind, indent)

    def loop(self, node: tree.Loop, kind: str, indent: str) -> None:
        add, scope = self.code.append, node.scope
        path = node.over
        if isinstance(path, tree.Helper) and path.name == "default":
            path = path.arguments[0]
        if not isinstance(path, tree.Path):
            raise TemplateInvalidError("a loop goes over a variable", part=self.part)
        self.loops[scope] = self.canonical(path)
        self.lists.add(self.loops[scope])
        add(
            f"{indent}q{scope} = seq({self.value(node.over)}, {self.loops[scope]!r}); l{scope} = len(q{scope})"
        )
        add(f"{indent}for i{scope}, x{scope} in enumerate(q{scope}, 1):")
        add(f"{indent} n += 1")
        add(f"{indent} if n > TURNS or size > LIMIT or clock() > deadline: stop(n, size)")
        self.block(node.body, kind, indent + " ")
        if node.otherwise:
            add(f"{indent}if not q{scope}:")
            self.block(node.otherwise, kind, indent + " ")

    # What is read from the caller's variables before anything else

    def prologue(self) -> list[str]:
        lines: list[str] = []
        for path, name in self.paths.items():
            found = f"dig(get({path.root!r}), {path.keys!r})" if path.keys else f"get({path.root!r})"
            lines.append(f" {name} = {found}")
            declared = self.meaning.declarations.of(path.dotted)
            if declared is None or declared.default is None:
                continue
            above = tuple(declared.name.split("."))
            below = (path.root, *path.keys)[len(above) :]
            absent = f"{name} is None" + (f" and dig(d, {above!r}) is None" if below else "")
            lines.append(f" if {absent}: {name} = dig(defaults[{declared.name!r}], {below!r})")
        tests = [
            f"{self.paths[path]} is None"
            if path in self.paths
            else f"dig(d, {(path.root, *path.keys)!r}) is None"
            for path in self.required()
        ]
        if tests:
            lines.append(f" if {' or '.join(tests)}: missing(d)")
        return lines

    def required(self) -> list[tree.Path]:
        """The paths that must have a value whatever branches are taken."""
        required: dict[tree.Path, None] = {}
        items = tuple(f"{name}." for name in self.lists)
        for used, strict in self.used.items():
            declared = self.meaning.declarations.of(used)
            if declared is None:
                if strict and self.meaning.declarations.open:
                    required[tree.Path(used.partition(".")[0])] = None
            elif declared.required and declared.default is None and not declared.name.startswith(items):
                root, *keys = declared.name.split(".")
                required[tree.Path(root, tuple(keys))] = None
        return list(required)

    # What the function sees

    def size_check(self, parts: Sequence[Part]) -> list[str]:
        """A cheap test over all slots; the exact sizes are summed only when it fails."""
        room = []
        for part in parts:
            constant = sum(len(piece) for piece in part.pieces if isinstance(piece, str))
            numbers = [piece for piece in part.pieces if isinstance(piece, int)]
            limit = self.budget.output_of(part.kind)
            if constant > limit:
                raise TemplateInvalidError(f"longer than {limit} characters", part=part.name)
            if numbers:
                room.append((limit - constant) // max(Counter(numbers).values()))
        return [f" if sum(map(len, slots)) > {min(room)}: measure(slots)"] if room else []

    def namespace(self, parts: Sequence[Part]) -> dict[str, Any]:
        limits = [(part.name, self.budget.output_of(part.kind), tuple(part.pieces)) for part in parts]
        largest = max((limit for _, limit, _ in limits), default=0)
        required = [(path.root, *path.keys) for path in self.required()]
        budget = self.budget

        def measure(slots: Slots) -> None:
            for name, limit, pieces in limits:
                if (
                    sum(len(piece) if isinstance(piece, str) else len(slots[piece]) for piece in pieces)
                    > limit
                ):
                    raise OutputTooLargeError(f"{name} is longer than {limit} characters")

        def stop(n: int, size: int) -> None:
            if n > budget.iterations:
                raise TooManyIterationsError(f"loops turn more than {budget.iterations} times")
            if size > largest:
                raise OutputTooLargeError(f"the output is longer than {largest} characters")
            raise RenderTimeoutError(f"rendering takes longer than {budget.seconds:.3f} s")

        def missing(d: Mapping[str, Any]) -> None:
            raise MissingVariablesError(
                [".".join(map(str, keys)) for keys in required if values.dig(d, keys) is None]
            )

        defaults = {}
        for used in self.used:
            declared = self.meaning.declarations.of(used)
            if declared is not None:
                defaults[declared.name] = declared.default
        return {
            "clock": time.monotonic, "SECONDS": budget.seconds, "LIMIT": largest, "TURNS": budget.iterations,
            "LOCALE": self.meaning.locale, "HTTP": self.meaning.allow_http, "defaults": defaults,
            "stop": stop, "measure": measure, "missing": missing, "fail": values.need, "dig": values.dig,
            "seq": values.sequence, "check_url": values.check_url, "address": values.address, "escape": values.escape,
            "w_html": values.html, "w_text": values.text, "w_header": values.header, "w_sms": values.sms,
            "w_url_whole": values.url_whole, "w_url_path": values.url_path, "w_url_query": values.url_query,
            "h_eq": values.eq, "h_ne": values.ne, "h_gt": values.gt, "h_gte": values.gte, "h_lt": values.lt,
            "h_lte": values.lte, "h_formatDate": formats.format_date, "h_formatTime": formats.format_time,
            "h_formatCurrency": formats.format_currency, "__builtins__": BUILTINS,
        }  # fmt: skip
