"""What the pages say is true: links lead somewhere, commands exist, settings and dependencies are all there."""

import importlib
import inspect
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from services.common import settings as common_settings
from tests.contract.descriptors import ROOT, SERVICES

PAGES = sorted(
    [
        *(ROOT / "docs").rglob("*.md"),
        *ROOT.glob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
        *(ROOT / "services").rglob("*.md"),
    ]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(
    r"`((?:cli|services|gateway|sandbox|protos|scripts|deploy|docs|tests|bench|examples)/[\w./-]+)`"
)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    broken = []
    for target in LINK.findall(prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, heading = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (heading and heading not in headings(file)):
            broken.append(target)
    assert broken == []


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_commands_on_pages_exist(page: Path) -> None:
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE))
    assert named <= make_targets() | {"help"}


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))],
    ids=name_of,
)
def test_files_named_on_pages_exist(page: Path) -> None:
    named = {path.rstrip("/.") for path in PATH.findall(page.read_text())}
    missing = sorted(path for path in named if not (ROOT / path).exists())
    assert missing == []


def test_the_first_commands_of_the_readme_are_demo_and_test() -> None:
    commands = re.findall(r"^make ([a-z-]+)", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert commands[:2] == ["demo", "test"]


def test_make_help_lists_every_target_for_people() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in (
        "demo",
        "test",
        "lint",
        "type",
        "gen",
        "trace",
        "bench",
        "chaos",
        "up",
        "clean",
        "check",
        "fmt",
    ):
        assert re.search(rf"^  {target} ", listed, re.MULTILINE), target


@pytest.mark.req("ARC-17")
def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *groups["test"], *groups["lint"]]
    names = {re.split(r"[\[<>=;~! ]", line)[0].lower() for line in wanted if isinstance(line, str)}
    table = (ROOT / "docs" / "decisions" / "README.md").read_text()
    described = set(re.findall(r"^\| ([A-Za-z0-9_.-]+) \|", table, re.MULTILINE))
    stubs = {name for name in names if name.startswith("types-")}
    assert names - stubs - described == set()
    assert {name for name in described if not re.match(r"(Package$|No\.$|-+$)", name)} - names == set()


@pytest.mark.req("GEN-43")
@pytest.mark.parametrize("role", [*SERVICES, "gateway"])
def test_every_setting_of_a_role_is_documented(role: str) -> None:
    module = importlib.import_module("gateway.settings" if role == "gateway" else f"services.{role}.settings")
    classes = [
        thing
        for _, thing in inspect.getmembers(module, inspect.isclass)
        if issubclass(thing, common_settings.BaseSettings)
    ]
    assert classes
    fields = {name.upper() for each in classes for name in each.model_fields}
    assert sorted(fields - documented_settings()) == []


def documented_settings() -> set[str]:
    """The names in the first column of the tables of settings."""
    rows = re.findall(r"^\| (`[^|]+) \|", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row)}


def test_no_documented_setting_is_unknown_to_the_code() -> None:
    code = "\n".join(
        file.read_text()
        for folder in ("services", "gateway", "sandbox", "cli")
        for file in (ROOT / folder).rglob("*.py")
    )
    unknown = [
        name
        for name in sorted(documented_settings())
        if name not in code and not re.search(rf"\b{name.lower()}\b", code)
    ]
    # The passwords of migrations are named after their service.
    assert [name for name in unknown if not name.endswith("_DB_PASSWORD")] == []


def test_pages_name_no_machine_of_ours() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout
    pattern = re.compile(r"(?<![\w.])/(?:work|home|root)/")
    guilty = [
        name
        for name in tracked.splitlines()
        if name.endswith((".md", ".py", ".yml", ".yaml", ".toml", ".proto", "Makefile"))
        and (ROOT / name).is_file()
        and not name.startswith(("third_party/", "tests/contract/test_docs.py"))
        and name != "Dockerfile"
        and pattern.search((ROOT / name).read_text().replace("/root/.cache/uv", ""))
    ]
    assert guilty == []
