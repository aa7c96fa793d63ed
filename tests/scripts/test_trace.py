"""`make trace` reads requirements from pages and citations from tests."""

import json
from pathlib import Path

import pytest

from scripts import trace

PAGE = """# Some rules

- **CON-1 Consent** - the first.
- **CON-2** A second, which cites CON-9 and **CON-1** in passing.

| ID | What |
|---|---|
| CON-3 | in the first cell |

| No. | ID | Check |
|---|---|---|
| 1 | CON-5 | in the second cell |
| W1 | x | a promise |
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    requirements, tests = tmp_path / "docs" / "requirements", tmp_path / "tests"
    requirements.mkdir(parents=True)
    tests.mkdir()
    (requirements / "consent.md").write_text(PAGE)
    monkeypatch.setattr(trace, "REQUIREMENTS", requirements)
    monkeypatch.setattr(trace, "TESTS", tests)
    return tmp_path


def cite(project: Path, source: str) -> None:
    (project / "tests" / "test_it.py").write_text(source)


def test_ids_are_taken_where_they_are_defined_and_not_where_they_are_cited(project: Path) -> None:
    found = trace.defined(project / "docs" / "requirements")
    assert found == {"consent.md": ["CON-1", "CON-2", "CON-3", "CON-5", "W1"]}


def test_decorators_module_marks_and_parameters_all_cite(project: Path) -> None:
    cite(
        project,
        "import pytest\npytestmark = pytest.mark.req('CON-1')\n"
        "@pytest.mark.req('CON-2', 'CON-3')\n"
        "@pytest.mark.parametrize('x', [pytest.param(1, marks=pytest.mark.req('W1'))])\ndef test_x(x): ...\n",
    )
    assert {citation.requirement for citation in trace.cited(project / "tests")} == {
        "CON-1",
        "CON-2",
        "CON-3",
        "W1",
    }


def test_missing_ids_are_a_report_and_not_a_failure(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cite(project, "import pytest\n@pytest.mark.req('CON-1')\ndef test_x(): ...\n")
    assert trace.main([]) == 0
    out = capsys.readouterr().out
    assert "5 ids    1 with a test    4 without" in out
    assert "CON-2…3, CON-5, W1" in out


def test_an_unknown_id_is_an_error_with_its_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cite(project, "import pytest\n\n@pytest.mark.req('CON-77')\ndef test_x(): ...\n")
    assert trace.main([]) == 1
    assert "tests/test_it.py:3: CON-77 is not in docs/requirements" in capsys.readouterr().out


def test_required_prefixes_fail_when_an_id_has_no_test(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cite(project, "import pytest\n@pytest.mark.req('W1')\ndef test_x(): ...\n")
    assert trace.main(["--require", "W"]) == 0
    assert trace.main(["--require", "con"]) == 1
    assert "CON-2 has no test" in capsys.readouterr().out


def test_machines_get_every_id_with_its_tests(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cite(project, "import pytest\n@pytest.mark.req('CON-1')\ndef test_x(): ...\n")
    assert trace.main(["--json", "--ids", "CON"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["requirements"]["CON-1"] == {"file": "consent.md", "tests": ["tests/test_it.py:2"]}
    assert report["without_test"] == ["CON-2", "CON-3", "CON-5"]


def test_an_id_that_is_no_literal_ends_the_run_with_its_place(project: Path) -> None:
    cite(project, "import pytest\nX = 'CON-1'\n@pytest.mark.req(X)\ndef test_x(): ...\n")
    with pytest.raises(SystemExit, match=r"tests/test_it.py:3: write requirement ids as literal strings"):
        trace.main([])


def test_an_id_defined_twice_is_an_error(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "docs" / "requirements" / "more.md").write_text("- **CON-2** again\n")
    assert trace.main([]) == 1
    assert "CON-2 is defined in consent.md and in more.md" in capsys.readouterr().out
