"""`angarium webhooks`: who is told of a tenant's events, what was sent, and sending it again."""

import typer

from cli.webhooks import deliveries, subscriptions

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
for _part in (subscriptions, deliveries):
    app.registered_commands += _part.app.registered_commands


@app.callback()
def webhooks() -> None:
    """Tell a tenant's own systems of events, and see what was told."""
