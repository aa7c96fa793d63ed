"""The sub-commands of `angarium`: one module each, holding a Typer application named `app`."""
