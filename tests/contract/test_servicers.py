"""A servicer names who does what is asked: it holds no SQL, no unit of work, no `try` and no decision."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.descriptors import ROOT, files

MOST_STEPS = 3
"""Convert in, call, convert out."""

Function = ast.FunctionDef | ast.AsyncFunctionDef

DECISIONS = (ast.If, ast.IfExp, ast.BoolOp, ast.Compare, ast.Match, ast.While, ast.Try, ast.Raise, ast.Assert)


def answers_the_contract(file: Path) -> bool:
    """Whether a module has a class that the contract's generated code is the base of."""
    return any(
        isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).endswith("ServiceServicer") for base in node.bases)
        for node in ast.walk(ast.parse(file.read_text(), filename=str(file)))
    )


FILES = sorted(
    file
    for file in (ROOT / "services").rglob("*.py")
    if file.name.endswith("servicer.py") or answers_the_contract(file)
)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def functions(file: Path) -> Iterator[Function]:
    """Every function of a module, in classes and beside them."""
    for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def decisions(function: Function) -> list[str]:
    """The places where a function does one thing or another, by what stands there."""
    return [
        f"{function.name} decides: {ast.unparse(node).splitlines()[0]}"
        for node in ast.walk(function)
        if isinstance(node, DECISIONS) or (isinstance(node, ast.comprehension) and node.ifs)
    ]


def work(function: Function) -> list[str]:
    """The places where a function opens a unit of work, or asks a database, itself."""
    return [
        f"{function.name} works: {ast.unparse(node).splitlines()[0]}"
        for node in ast.walk(function)
        if (isinstance(node, ast.Attribute) and node.attr in {"tenant", "system", "execute"})
        or (isinstance(node, ast.Attribute) and node.attr.startswith("fetch_"))
        or (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and node is not function)
    ]


def steps(body: list[ast.stmt]) -> int:
    """How many things are done one after the other; what passes a stream on is as long as what it does with each."""
    return sum(
        steps(one.body) if isinstance(one, ast.With | ast.AsyncWith | ast.For | ast.AsyncFor) else 1
        for one in body
        if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))
    )


@pytest.mark.req("ARC-3")
@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_servicer_decides_nothing_and_works_at_nothing(file: Path) -> None:
    found = [line for function in functions(file) for line in (*decisions(function), *work(function))]
    assert found == []


@pytest.mark.req("ARC-3")
@pytest.mark.parametrize("file", FILES, ids=name_of)
def test_a_servicer_answers_in_three_steps_at_most(file: Path) -> None:
    long = {
        function.name: steps(function.body)
        for function in functions(file)
        if function.name[0].isupper() and steps(function.body) > MOST_STEPS
    }
    assert long == {}


def test_every_service_of_the_contract_has_a_servicer_that_is_looked_at() -> None:
    promised = {service.name for file in files() for service in file.service}
    served = {
        ast.unparse(base).rpartition(".")[2].removesuffix("Servicer")
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text(), filename=str(file)))
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    }
    assert promised <= served
