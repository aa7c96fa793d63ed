"""`angarium import`: people with their consents from a CSV file, lists of do-not-disturb registries."""

import asyncio
import csv
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO
from uuid import UUID

import typer

from cli import options
from cli.importing.problems import Problem
from cli.importing.report import ImportReport
from cli.output import FAILURE, INTERRUPTED, CommandError, Output, usage
from cli.state_folder import StateFolder

if TYPE_CHECKING:
    from cli.importing.registry import RegistryReport

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")

_MOST_SHOWN = 40
_OWNER = "super_owner"


@app.callback()
def imports() -> None:
    """Import what other systems know."""


@app.command(
    epilog="""
**Examples**

`angarium import contacts people.csv --tenant 0190…` – good rows go in, bad rows are listed

`angarium import contacts people.csv --dry-run` – only reads the file; needs no running stack

`angarium import contacts people.csv --tenant 0190… --errors rejected.csv` – every bad row into a file of its own
"""
)
def contacts(
    file: Annotated[
        Path, typer.Argument(help="CSV file; its columns are in docs/import.md.", show_default=False)
    ],
    tenant: Annotated[str, typer.Option(help="Id of the tenant the people belong to.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the file and write nothing.")] = False,
    errors: Annotated[
        Path | None, typer.Option(help="Write every problem into this CSV file.", dir_okay=False)
    ] = None,
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Import contacts with their consents and suppressions.

    A bad row is reported with line, column, reason and mend, and costs no other row. The same file may be imported
    again, whole or after an interruption: people are recognised by their external_id, and nothing is doubled.
    """
    out = Output(as_json=as_json)
    tenant_id = _tenant(tenant) if tenant else None
    if tenant_id is None and not dry_run:
        usage(
            "Nobody knows whose contacts these are.",
            "Name the tenant: --tenant <id> – or only check: --dry-run",
        )
    if not file.is_file():
        usage(f"There is no file {file}.", "Check the name.")
    with ExitStack() as held:
        on_problems = _writer(held.enter_context(_created(errors))) if errors else _ignore
        advance = held.enter_context(out.progress(f"Importing {file.name}", _count_lines(file)))
        settled = _Settled(advance)
        try:
            report = asyncio.run(
                _import(StateFolder.at(state), file, tenant_id, dry_run, settled, on_problems)
            )
        except KeyboardInterrupt:
            raise CommandError(
                f"Stopped after {settled.rows:,} rows; what was answered stays.",
                "Import the same file again: it goes on, and doubles nothing.",
                code=INTERRUPTED,
            ) from None
    _print(out, report, errors)
    out.result(report.document())
    if report.rows and not report.imported:
        raise typer.Exit(FAILURE)


class _Settled:
    """Counts rows while it tells of them."""

    def __init__(self, advance: Callable[[int], None]) -> None:
        self._advance = advance
        self.rows = 0

    def __call__(self, count: int) -> None:
        self.rows += count
        self._advance(count)


class Mode(StrEnum):
    """How a list is meant."""

    FULL = "full"
    DELTA = "delta"


@app.command(
    epilog="""
**Examples**

`angarium import dnd ncpr.txt --registry IN_NCPR --mode full` – what the file lacks is removed

`angarium import dnd changes.txt --registry IN_NCPR --mode delta` – a line `-+919876543210` takes a number out

`angarium import dnd ncpr.txt --registry IN_NCPR --mode full --json | jq .added`
"""
)
def dnd(
    file: Annotated[
        Path,
        typer.Argument(
            help="One number per line; `-` in front when it leaves, categories behind commas.",
            show_default=False,
        ),
    ],
    registry: Annotated[str, typer.Option(help="Country and name, such as IN_NCPR.")],
    mode: Annotated[Mode, typer.Option(help="The whole registry, or what changed of it.")],
    state: options.State = None,
    as_json: options.Json = False,
) -> None:
    """Import a list of a do-not-disturb registry, shared by all tenants.

    It holds as a whole from the moment this command ends, or, when it breaks off, not at all. The same list is not
    imported twice. Lines that hold no number are counted and told of.
    """
    out = Output(as_json=as_json)
    if not file.is_file():
        usage(f"There is no file {file}.", "Check the name.")
    from cli.importing.registry import measure

    measured = measure(file)
    if not measured[0]:
        usage(f"{file} holds no line.", "One number per line: +919876543210")
    with out.progress(f"Importing {file.name}", measured[0]) as advance:
        report = asyncio.run(
            _import_registry(StateFolder.at(state), file, registry, mode.value, measured, advance)
        )
    found = report.outcome
    out.line(
        f"[bold]{found.total_count:,}[/] rows   listed [bold]{found.added_count:,}[/]   "
        f"removed [bold]{found.removed_count:,}[/]   no numbers [bold]{found.invalid_count:,}[/]"
    )
    for line in report.bad_lines[:_MOST_SHOWN]:
        out.text(f"line {line:<8}", "is not a phone number")
    out.result(
        {
            "dnd_import_id": found.dnd_import_id,
            "registry": found.registry,
            "mode": mode.value,
            "rows": found.total_count,
            "added": found.added_count,
            "removed": found.removed_count,
            "invalid": found.invalid_count,
            "invalid_lines": report.bad_lines,
        }
    )


async def _import_registry(
    folder: StateFolder,
    file: Path,
    registry: str,
    mode: str,
    measured: tuple[int, bytes],
    advance: Callable[[int], None],
) -> "RegistryReport":
    from cli.client import PersonChannels, client_settings
    from cli.importing.registry import import_registry

    async with PersonChannels(client_settings(folder)) as channels:
        return await import_registry(
            file, channels, registry=registry, mode=mode, measured=measured, on_rows=advance
        )


async def _import(
    folder: StateFolder,
    file: Path,
    tenant_id: UUID | None,
    dry_run: bool,
    advance: Callable[[int], None],
    on_problems: Callable[[Sequence[Problem]], None],
) -> ImportReport:
    from cli.client import PersonChannels, client_settings
    from cli.importing.importer import check_contacts, import_contacts

    if tenant_id is None:
        return check_contacts(file, on_rows=advance, on_problems=on_problems)
    settings = client_settings(folder)
    if dry_run:
        region = await _region(PersonChannels(settings, tenant_id=tenant_id), tenant_id)
        return check_contacts(file, region=region, on_rows=advance, on_problems=on_problems)
    async with PersonChannels(settings, tenant_id=tenant_id, role=_OWNER) as channels:
        return await import_contacts(file, channels, on_rows=advance, on_problems=on_problems)


async def _region(channels: object, tenant_id: UUID) -> str:
    """Returns the country national numbers are read with."""
    from angarium.campaign.v1 import settings_service_pb2, settings_service_pb2_grpc
    from cli.client import PersonChannels

    assert isinstance(channels, PersonChannels)  # noqa: S101 - loaded late, so that help is fast
    async with channels:
        stub = channels.stub(settings_service_pb2_grpc.SettingsServiceStub, "campaign")
        found = await stub.GetTenant(settings_service_pb2.GetTenantRequest(tenant_id=str(tenant_id)))
    return str(found.tenant.region_code)


def _print(out: Output, report: ImportReport, errors: Path | None) -> None:
    if report.dry_run:
        out.line(f"[bold]{report.unchanged:,}[/] good rows   [bold]{report.rejected:,}[/] to be rejected")
    else:
        out.line(
            f"imported [bold]{report.created:,}[/]   updated [bold]{report.updated:,}[/]   "
            f"unchanged [bold]{report.unchanged:,}[/]   rejected [bold]{report.rejected:,}[/]"
        )
        out.line(
            f"consents: {report.consents_changed:,} changed, {report.consents_unchanged:,} as they were, "
            f"{report.consents_overridden:,} older than a withdrawal   "
            f"suppressions: {report.suppressions_added:,} added, {report.suppressions_unchanged:,} as they were"
        )
    for name in report.unknown_columns:
        out.text("column", f"{name} is not known and was ignored")
    shown = sorted(report.problems)[:_MOST_SHOWN]
    for problem in shown:
        out.text(f"line {problem.line:<6}", f"{problem.column}  {problem.reason}".strip())
    if report.problem_count > len(shown):
        more = f"… and {report.problem_count - len(shown):,} more problems"
        out.line(
            f"{more}, all in {errors}" if errors else f"{more}; write them all into a file: --errors FILE"
        )


def _created(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise CommandError(
            f"{path} cannot be written: {error.strerror}.", "Name another file: --errors"
        ) from error


def _writer(file: TextIO) -> Callable[[Sequence[Problem]], None]:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(Problem._fields)
    return writer.writerows


def _ignore(_problems: Sequence[Problem]) -> None:
    return


def _count_lines(file: Path) -> int:
    """Returns about how many rows a file has."""
    with file.open("rb") as raw:
        return max(1, sum(block.count(b"\n") for block in iter(lambda: raw.read(1 << 20), b"")) - 1)


def _tenant(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        usage(f"--tenant {text!r} is no id.", "Ids look like 01905e6c-8b1a-7cc0-8000-000000000000")
