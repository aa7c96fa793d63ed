"""The merged log turns what roles write into one readable line each."""

import io

import pytest
from rich.console import Console

from cli.console import LogPrinter


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def printer(screen: io.StringIO) -> LogPrinter:
    return LogPrinter(
        ["postgres", "valkey", "consent"], Console(file=screen, highlight=False, soft_wrap=True)
    )


def test_json_becomes_words_with_the_roles_name_in_front(printer: LogPrinter, screen: io.StringIO) -> None:
    printer.line(
        "consent",
        '{"event":"rpc","level":"info","timestamp":"2026-11-21T10:00:00.123+00:00","method":"/a/B","ms":3.2,"reason":""}',
    )
    line = screen.getvalue()
    assert "consent  │ rpc method=/a/B ms=3.2\n" in line
    assert "reason" not in line


def test_warnings_and_errors_name_their_level_and_traces_follow(
    printer: LogPrinter, screen: io.StringIO
) -> None:
    printer.line("consent", '{"event":"loop failed","level":"error","exception":"Traceback: boom"}')
    assert "error loop failed" in screen.getvalue()
    assert "Traceback: boom" in screen.getvalue()


def test_other_text_is_printed_as_it_is_even_when_it_looks_like_markup(
    printer: LogPrinter, screen: io.StringIO
) -> None:
    printer.line("consent", "[bold]not markup[/bold] {broken json")
    assert "[bold]not markup[/bold] {broken json" in screen.getvalue()


@pytest.mark.parametrize(
    ("role", "line", "shown"),
    [
        ("postgres", "2026-11-21 10:00:00.000 UTC [7] LOG:  checkpoint complete", False),
        ("postgres", "2026-11-21 10:00:00.000 UTC [7] FATAL:  out of memory", True),
        ("valkey", "7:M 21 Nov 2026 10:00:00.000 * Background AOF rewrite finished", False),
        ("valkey", "7:M 21 Nov 2026 10:00:00.000 # Asynchronous AOF fsync is taking too long", True),
        ("valkey", "7:M 21 Nov 2026 10:00:00.000 # Valkey is now ready to exit, bye bye...", False),
    ],
)
def test_of_the_stores_only_trouble_is_shown(
    printer: LogPrinter, screen: io.StringIO, role: str, line: str, shown: bool
) -> None:
    printer.line(role, line)
    assert (screen.getvalue() != "") is shown
