"""Options that several reports have: which days they are about."""

from typing import Annotated

import typer

Days = Annotated[int, typer.Option("--days", min=1, max=400, help="How many days up to today.")]
First = Annotated[
    str, typer.Option("--from", metavar="DAY", help="First day, YYYY-MM-DD; instead of --days.")
]
Last = Annotated[str, typer.Option("--to", metavar="DAY", help="Last day, included; today without it.")]
