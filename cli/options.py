"""Options that commands share."""

from pathlib import Path
from typing import Annotated

import typer

from cli.state_folder import VARIABLE

State = Annotated[
    Path | None,
    typer.Option(
        "--state",
        envvar=VARIABLE,
        help="Folder of data, secrets and logs.",
        show_default=".angarium",
        file_okay=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
