"""`angarium automations`: what is done for contacts by itself, and each run step by step."""

import typer

from cli.automations import keeping, running

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
for _part in (keeping, running):
    app.registered_commands += _part.app.registered_commands


@app.callback()
def automations() -> None:
    """Keep what is done for contacts by itself, and see each run step by step."""
