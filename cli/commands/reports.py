"""`angarium reports`: what became of messages, in tables and as files."""

import typer

from cli.reports import exporting, reading

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
for _part in (reading, exporting):
    app.registered_commands += _part.app.registered_commands


@app.callback()
def reports() -> None:
    """Show what became of messages."""
