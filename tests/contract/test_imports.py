"""Imports point one way; these are the lines that import-linter cannot draw by itself."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.descriptors import ROOT, SERVICES

DOMAINS = sorted((ROOT / "services").glob("*/**/domain.py"))
AREA_FILES = ("servicer", "cases", "convert", "handlers", "domain", "store", "tables")
FORBIDDEN = {
    "servicer": {"store", "tables"},
    "cases": {"servicer", "tables"},
    "handlers": {"cases", "servicer"},
    "store": {"cases", "handlers", "servicer"},
    "tables": {"cases", "handlers", "servicer", "store"},
    "convert": {"cases", "handlers", "servicer", "tables"},
}


def imported(file: Path) -> Iterator[str]:
    """The full names a module imports, wherever in it: modules, and what is taken from them."""
    for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules(file: Path) -> set[str]:
    """The modules a module imports; `from package import module` counts as that module."""
    names = set(imported(file))
    files = {name for name in names if (ROOT / f"{name.replace('.', '/')}.py").is_file()}
    packages = {name.rpartition(".")[0] for name in files}
    taken = {name for name in names if name.rpartition(".")[0] in names}  # a class, a function or a module
    return files | (names - taken - packages)


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.req("ARC-2")
@pytest.mark.parametrize("file", DOMAINS, ids=name_of)
def test_a_domain_imports_the_standard_library_only(file: Path) -> None:
    assert foreign_to(file, set()) == []


def foreign_to(file: Path, seen: set[Path]) -> list[str]:
    """What a domain imports beyond the standard library, and what the plain modules that it builds on do.

    A domain may build on modules of its own service, as long as those are as plain as it is.
    """
    seen.add(file)
    service = ".".join(file.relative_to(ROOT).parts[:2])
    found = []
    for module in sorted(modules(file)):
        if module.partition(".")[0] in sys.stdlib_module_names:
            continue
        plain = ROOT / f"{module.replace('.', '/')}.py"
        if module.startswith(f"{service}.") and plain.is_file():
            found += foreign_to(plain, seen) if plain not in seen else []
        else:
            found.append(f"{name_of(file)} imports {module}")
    return found


@pytest.mark.req("ARC-2")
@pytest.mark.parametrize("layer", sorted(FORBIDDEN))
def test_inside_an_area_imports_point_one_way(layer: str) -> None:
    wrong = [
        f"{name_of(file)} imports {name}"
        for file in sorted((ROOT / "services").glob(f"*/**/{layer}.py"))
        for name in imported(file)
        if name.startswith("services.") and FORBIDDEN[layer] & set(name.split(".")[2:])
    ]
    assert wrong == []


@pytest.mark.req("ARC-1")
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_no_other(service: str) -> None:
    others = {f"services.{other}" for other in SERVICES if other != service} | {"gateway", "sandbox", "cli"}
    assert crossings(ROOT / "services" / service, others) == []


@pytest.mark.req("ARC-1")
def test_what_is_common_imports_no_service() -> None:
    others = {f"services.{service}" for service in SERVICES} | {"gateway", "sandbox", "cli"}
    assert crossings(ROOT / "services" / "common", others) == []


@pytest.mark.req("ARC-1")
def test_the_gateway_imports_no_service() -> None:
    others = {f"services.{service}" for service in SERVICES} | {"sandbox", "cli"}
    assert crossings(ROOT / "gateway", others) == []


def test_the_sandbox_imports_nothing_of_the_product() -> None:
    assert crossings(ROOT / "sandbox", {"services", "gateway", "cli"}) == []


@pytest.mark.req("ARC-4")
def test_no_file_of_an_area_stands_empty() -> None:
    empty = [
        name_of(file)
        for layer in AREA_FILES
        for file in (ROOT / "services").glob(f"*/**/{layer}.py")
        if not any(not isinstance(node, ast.Expr) for node in ast.parse(file.read_text()).body)
    ]
    assert empty == []


def crossings(folder: Path, forbidden: set[str]) -> list[str]:
    """The imports below a folder that lead to forbidden packages."""
    assert folder.is_dir()
    return [
        f"{name_of(file)} imports {name}"
        for file in sorted(folder.rglob("*.py"))
        for name in imported(file)
        if any(name == package or name.startswith(f"{package}.") for package in forbidden)
    ]


UPSTREAM = {
    ("campaign", "consent"): "campaign asks consent",
    ("campaign", "delivery"): "campaign hands work to delivery",
    ("delivery", "consent"): "delivery asks consent again at the moment of sending",
    ("gateway", "consent"): "the gateway calls each",
    ("gateway", "campaign"): "the gateway calls each",
    ("gateway", "delivery"): "the gateway calls each",
    ("gateway", "analytics"): "the gateway calls each",
}
LOOK_UPS = {
    ("delivery", "campaign"): {
        "TemplateServiceStub": "once per template version, kept by its immutable id",
        "ContactServiceStub": "where a caller names a contact and no address",
        "SettingsServiceStub": "the tenant's name on a pass",
    },
    ("consent", "campaign"): {"ContactServiceStub": "contacts that events have not told of yet"},
    ("consent", "delivery"): {"MessageServiceStub": "what waits for an erased person is cancelled"},
    ("analytics", "campaign"): {"SettingsServiceStub": "figures of the ledger to compare with, once a day"},
}
"""Calls against the arrows, none of them on the way of a campaign's messages; erasure calls every service besides."""


def stubs() -> Iterator[tuple[str, str, str, str]]:
    """Caller, called, stub and file of every stub that is made for another service."""
    for folder in (*(ROOT / "services" / name for name in SERVICES), ROOT / "gateway"):
        for file in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "stub"
                ):
                    stub = ast.unparse(node.args[0]).rpartition(".")[2]
                    called = node.args[1]
                    name = called.value if isinstance(called, ast.Constant) else "each"
                    yield folder.name, str(name), stub, name_of(file)


@pytest.mark.req("ARC-6")
def test_calls_go_along_the_arrows_and_what_looks_something_up_against_them_is_known() -> None:
    found = list(stubs())
    assert len(found) > 30
    wrong = [
        f"{file} calls {called} by {stub}"
        for caller, called, stub, file in found
        if (caller, called) not in UPSTREAM
        and stub not in LOOK_UPS.get((caller, called), {})
        and (called, stub) != ("each", "ContactDataServiceStub")
    ]
    assert wrong == []
    assert {(caller, called) for caller, called, _, _ in found} >= UPSTREAM.keys()


@pytest.mark.req("ARC-6")
def test_what_leaves_is_sent_without_asking_campaign() -> None:
    hot = [ROOT / "services" / "delivery" / name for name in ("dispatch", "limits", "providers", "lanes")]
    assert [
        file for _, called, _, file in stubs() if called == "campaign" and (ROOT / file).parent in hot
    ] == []


@pytest.mark.req("ARC-5")
def test_only_the_bootstrap_of_a_service_makes_what_its_parts_share() -> None:
    made = {"Database", "Channels", "Redis", "Redis.from_url", "JobRunner", "Relay"}
    places: dict[str, set[str]] = {name: set() for name in SERVICES}
    for service in SERVICES:
        for file in sorted((ROOT / "services" / service).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) in made:
                    places[service].add(str(file.relative_to(ROOT / "services" / service)))
    assert all(places.values())
    wrong = {
        service: sorted(file for file in files if not file.startswith("bootstrap"))
        for service, files in places.items()
    }
    assert wrong == {service: [] for service in SERVICES}
