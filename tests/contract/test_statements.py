"""SQL is text of the product's own: what callers send travels beside it as a parameter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.descriptors import ROOT

RUNNERS = {"execute", "fetch_all", "fetch_one", "fetch_value", "defer"}
FROM_OUTSIDE = {"request", "req", "body", "payload", "message"}
"""Names that stand for what a caller or a neighbour sent."""

SOURCES = [file for file in sorted((ROOT / "services").rglob("*.py")) if "migrations" not in file.parts]


def statements(file: Path) -> Iterator[ast.expr]:
    """The text of every statement that a module hands to the database."""
    for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in RUNNERS
            and node.args
        ):
            yield node.args[0]


def woven_in(text: ast.expr) -> Iterator[ast.expr]:
    """What is put into a text: the braces of f-strings, operands of % and +, arguments of format."""
    for node in ast.walk(text):
        if isinstance(node, ast.FormattedValue):
            yield node.value
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
            yield node.right
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
        ):
            yield from node.args
            yield from (keyword.value for keyword in node.keywords)


@pytest.mark.req("SEC-48")
def test_nothing_that_was_sent_is_woven_into_a_statement() -> None:
    looked_at, wrong = 0, []
    for file in SOURCES:
        for text in statements(file):
            looked_at += 1
            names = {
                name.id for part in woven_in(text) for name in ast.walk(part) if isinstance(name, ast.Name)
            }
            if names & FROM_OUTSIDE:
                wrong.append(f"{file.relative_to(ROOT)}:{text.lineno}")
    assert looked_at > 300
    assert wrong == []
