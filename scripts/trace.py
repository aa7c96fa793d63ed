"""Lists the requirements that no test cites yet.

Usage: python scripts/trace.py [--ids CON,DEL] [--require CON,DEL] [--summary] [--json]

Requirements are the ids defined in docs/requirements: the first bold words of a paragraph (**CON-1**) or the first cell of a
table row. Citations are the arguments of pytest.mark.req in tests/, read from the syntax tree without importing anything.
A citation of an id that does not exist is an error; an id without a test is a report, unless --require names its prefix.
"""

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "docs" / "requirements"
TESTS = ROOT / "tests"

ID = r"(?:[A-Z]{3}-\d+|[WP]\d+)"
DEFINITION = re.compile(rf"^(?:[-*] )?\*\*({ID})\b|^\| *(?:\d+ *\| *)?\**({ID})\b", re.MULTILINE)


@dataclass(frozen=True)
class Citation:
    """One id cited by one test."""

    requirement: str
    file: str
    line: int


def defined(folder: Path) -> dict[str, list[str]]:
    """Returns the ids each requirements file defines, in its own order."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.md")):
        ids = [first or second for first, second in DEFINITION.findall(file.read_text())]
        if ids:
            found[file.name] = ids
    return found


def cited(folder: Path) -> Iterator[Citation]:
    """Yields every id that a test marks itself with."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
            if isinstance(node, ast.Call) and is_req(node.func):
                yield from citations(node, str(file.relative_to(folder.parent)))


def is_req(function: ast.expr) -> bool:
    """Tells `pytest.mark.req` (and `mark.req`) from any other call."""
    if not isinstance(function, ast.Attribute) or function.attr != "req":
        return False
    owner = function.value
    return (isinstance(owner, ast.Attribute) and owner.attr == "mark") or (
        isinstance(owner, ast.Name) and owner.id == "mark"
    )


def citations(call: ast.Call, file: str) -> Iterator[Citation]:
    """Yields the ids of one marker; anything but literal ids cannot be traced and ends the run."""
    for argument in call.args:
        if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
            sys.exit(f"{file}:{argument.lineno}: write requirement ids as literal strings")
        yield Citation(argument.value, file, argument.lineno)


def prefix(requirement: str) -> str:
    """Returns the letters of an id: CON of CON-15, W of W3."""
    return requirement.rstrip("0123456789").rstrip("-")


def ranges(ids: Iterable[str]) -> str:
    """Returns ids in short form: CON-1…4, CON-9."""
    parts: list[tuple[str, int, int]] = []
    for requirement in ids:
        letters, number = prefix(requirement), int(re.sub(r"\D", "", requirement))
        if parts and parts[-1][0] == letters and parts[-1][2] == number - 1:
            parts[-1] = (letters, parts[-1][1], number)
        else:
            parts.append((letters, number, number))
    dash = {letters: "" if letters in {"W", "P"} else "-" for letters, _, _ in parts}
    return ", ".join(f"{a}{dash[a]}{lo}" + (f"…{hi}" if hi > lo else "") for a, lo, hi in parts)


def duplicates(requirements: dict[str, list[str]]) -> list[str]:
    """Returns one message per id that is defined twice: numbers are never reused."""
    seen: dict[str, str] = {}
    messages = []
    for file, ids in requirements.items():
        for requirement in ids:
            if requirement in seen:
                messages.append(f"{requirement} is defined in {seen[requirement]} and in {file}")
            seen[requirement] = file
    return messages


def report(requirements: dict[str, list[str]], proved: set[str], *, summary: bool) -> None:
    """Prints, per file, how many ids have a test and which have none."""
    for file, ids in requirements.items():
        missing = [requirement for requirement in ids if requirement not in proved]
        print(
            f"{file:<16} {len(ids):>4} ids {len(ids) - len(missing):>4} with a test {len(missing):>4} without"
        )
        if missing and not summary:
            print(f"    {ranges(missing)}")
    total = sum(map(len, requirements.values()))
    with_test = sum(requirement in proved for ids in requirements.values() for requirement in ids)
    print(f"{'all':<16} {total:>4} ids {with_test:>4} with a test {total - with_test:>4} without")


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """Returns the parsed command line; prefixes come as sets of upper-case letters."""

    def prefixes(text: str) -> set[str]:
        return {word.strip().upper() for word in text.split(",") if word.strip()}

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--ids", type=prefixes, default=set(), help="report these prefixes only, such as CON,DEL"
    )
    parser.add_argument(
        "--require", type=prefixes, default=set(), help="fail when an id of these has no test"
    )
    parser.add_argument("--summary", action="store_true", help="counts only")
    parser.add_argument("--json", action="store_true", help="everything, for machines")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Reports and returns the exit code: 1 for an unknown or doubled id, or a required one without a test."""
    options = arguments(argv)
    requirements = defined(REQUIREMENTS)
    known = {requirement for ids in requirements.values() for requirement in ids}
    letters = {prefix(requirement) for requirement in known}
    if strange := (options.ids | options.require) - letters:
        sys.exit(
            f"no requirement starts with {', '.join(sorted(strange))}; there are {', '.join(sorted(letters))}"
        )
    found = list(cited(TESTS))
    proved = {citation.requirement for citation in found}

    errors = duplicates(requirements)
    errors += [
        f"{citation.file}:{citation.line}: {citation.requirement} is not in docs/requirements"
        for citation in found
        if citation.requirement not in known
    ]
    errors += [
        f"{requirement} has no test"
        for ids in requirements.values()
        for requirement in ids
        if prefix(requirement) in options.require and requirement not in proved
    ]
    if options.ids:
        chosen = {
            file: [one for one in ids if prefix(one) in options.ids] for file, ids in requirements.items()
        }
        requirements = {file: ids for file, ids in chosen.items() if ids}
    if options.json:
        print(json.dumps(as_json(requirements, found, errors), indent=2))
    else:
        report(requirements, proved, summary=options.summary)
        for error in errors:
            print(f"error: {error}")
    return 1 if errors else 0


def as_json(
    requirements: dict[str, list[str]], found: list[Citation], errors: list[str]
) -> dict[str, object]:
    """Returns the machine-readable report: per id its file and the places that cite it."""
    places: dict[str, list[str]] = {}
    for citation in found:
        places.setdefault(citation.requirement, []).append(f"{citation.file}:{citation.line}")
    ids = {
        one: {"file": file, "tests": places.get(one, [])} for file, ids in requirements.items() for one in ids
    }
    return {
        "requirements": ids,
        "without_test": [requirement for requirement, entry in ids.items() if not entry["tests"]],
        "errors": errors,
    }


if __name__ == "__main__":
    sys.exit(main())
