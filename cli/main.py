"""The `angarium` command: a table of sub-commands, each loaded only when it is called."""

import importlib
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import typer
from typer.core import TyperGroup
from typer.main import get_command


class Command(NamedTuple):
    """One sub-command; its module holds a Typer application named `app`."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command("demo", "cli.commands.demo", "Show the whole path on made-up contacts, and prove its report."),
    Command("up", "cli.commands.up", "Start the whole stack; Ctrl-C drains it."),
    Command("down", "cli.commands.down", "Drain the stack that runs in the state folder."),
    Command("tenants", "cli.commands.tenants", "Create tenants; suspend, resume and close them."),
    Command("settings", "cli.commands.settings", "Show and change how a tenant markets."),
    Command("branches", "cli.commands.branches", "Look after the branches of a tenant."),
    Command("budget", "cli.commands.budget", "Show what a month may cost, and what of it is used."),
    Command("staff", "cli.commands.staff", "Keep the people who work for a tenant."),
    Command(
        "import", "cli.commands.imports", "Import contacts with their consents, and do-not-disturb lists."
    ),
    Command("contacts", "cli.commands.contacts", "Show, save, tag, merge and export contacts."),
    Command("consent", "cli.commands.consent", "Prove consents: signed receipts, verified chains."),
    Command("privacy", "cli.commands.privacy", "Export and erase people's data, with signed receipts."),
    Command("campaigns", "cli.commands.campaigns", "Plan, send, hold, repeat and prove campaigns."),
    Command("templates", "cli.commands.templates", "Write, check, show and publish what is sent."),
    Command("segments", "cli.commands.segments", "Save audiences, and see who is in them and why."),
    Command(
        "notices", "cli.commands.notices", "See what people are to be told one by one, and what became of it."
    ),
    Command("rules", "cli.commands.rules", "See which events tell whom what, and have some of it otherwise."),
    Command("triggers", "cli.commands.triggers", "Tune messages that follow visits, dates and expiries."),
    Command(
        "automations",
        "cli.commands.automations",
        "Keep what is done for contacts by itself, and see each run step by step.",
    ),
    Command("coupons", "cli.commands.coupons", "Make discounts by code, fill their pools, see their uses."),
    Command("referrals", "cli.commands.referrals", "See who brought whom, and judge what looks like fraud."),
    Command("followups", "cli.commands.followups", "See what staff is to be reminded of, and add to it."),
    Command("feedback", "cli.commands.feedback", "See how visits were rated, and look after low ratings."),
    Command("reconcile", "cli.commands.reconcile", "Prove the send ledger of a campaign."),
    Command("reports", "cli.commands.reports", "Show what became of messages, in tables and as files."),
    Command(
        "reclassify", "cli.commands.reclassify", "Judge opens and clicks of the past by the present rules."
    ),
    Command("explain", "cli.commands.explain", "Say why a message went or did not, gate by gate."),
    Command(
        "dead-letters", "cli.commands.deadletters", "Look after messages that were given up, and retry them."
    ),
    Command("console", "cli.commands.console", "Sign in to the console, the page for operators."),
    Command("status", "cli.commands.status", "Show roles, lanes, event lag and table sizes."),
    Command("lanes", "cli.commands.lanes", "Show what waits, and stop, restart or drain it."),
    Command("limits", "cli.commands.limits", "Show and set how many messages may leave."),
    Command("rates", "cli.commands.rates", "Show and set what messages cost."),
    Command("providers", "cli.commands.providers", "Show how provider accounts are."),
    Command("jobs", "cli.commands.jobs", "Show the scheduled jobs, and run one out of turn."),
    Command("doctor", "cli.commands.doctor", "Check the set-up and say how to mend what is wrong."),
    Command(
        "webhooks",
        "cli.commands.webhooks",
        "Tell a tenant's own systems of events; see and repeat what was told.",
    ),
    Command(
        "events", "cli.commands.events", "See what neighbour systems told, and the keys they sign it with."
    ),
    Command("push", "cli.commands.push", "Set push messages up: the keys of Web Push."),
    Command("token", "cli.commands.token", "Create credentials for people, contacts and neighbour systems."),
    Command("migrate", "cli.commands.migrate", "Bring the database of all services up to date."),
    Command("clean", "cli.commands.clean", "Remove the data of a stack that is down."),
)


class _LateGroup(TyperGroup):
    """Knows every command's name and help, and imports a command's module when it is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        for command in COMMANDS:
            if args and args[0] == command.name:
                loaded = get_command(importlib.import_module(command.module).app)
                loaded.name = command.name
                self.commands[command.name] = loaded
        return super().resolve_command(ctx, args)


app = typer.Typer(
    name="angarium",
    cls=_LateGroup,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_show_locals=False,
    help="Self-hosted customer messaging: consent, campaigns, delivery and honest analytics.",
    epilog="Start here: `angarium up` starts everything on this machine; `angarium doctor` finds what is wrong.",
)


def _later(name: str) -> Callable[[], None]:
    def command() -> None:
        raise RuntimeError(f"{name} was called before its module was loaded")

    return command


for _command in COMMANDS:
    app.command(_command.name, help=_command.help)(_later(_command.name))


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"angarium {version('angarium')}")
        raise typer.Exit


@app.callback()
def _angarium(
    version: bool = typer.Option(  # noqa: ARG001 - its callback does the work
        False, "--version", callback=_version, is_eager=True, help="Print the version and exit."
    ),
) -> None:
    return


def run() -> None:
    """Runs the command line: exit code 0, 1 for a failure, 2 for wrong usage, 130 after Ctrl-C."""
    try:
        app(prog_name="angarium")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        from cli.output import report

        code = report(error, as_json="--json" in sys.argv)
        if code is None:
            raise
        sys.exit(code)


if __name__ == "__main__":
    run()
