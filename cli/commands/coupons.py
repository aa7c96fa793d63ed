"""`angarium coupons`: discounts by code, their pools of codes, and what was redeemed."""

import typer

from cli.coupons import checking, filling, making, reading

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode="markdown")
for _part in (reading, making, checking):
    app.registered_commands += _part.app.registered_commands
app.add_typer(filling.app, name="codes")


@app.callback()
def coupons() -> None:
    """Make discounts by code, fill their pools, check codes, and see what was redeemed."""
