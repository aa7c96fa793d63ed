"""Which revisions of a schema this release brings, read from file names without loading alembic."""

from pathlib import Path

_SERVICES = Path(__file__).parents[2]


def folder_of(service: str) -> Path:
    """Returns the folder of a service's migrations; it holds `versions/NNNN_words.py`."""
    return _SERVICES / service / "migrations"


def all_of(folder: Path) -> list[str]:
    """Returns the revision numbers in order, for example `["0001", "0002"]`."""
    return sorted(path.name.partition("_")[0] for path in (folder / "versions").glob("[0-9]*_*.py"))


def head(folder: Path) -> str:
    """Returns the newest revision; `0000` when there is none."""
    found = all_of(folder)
    return found[-1] if found else "0000"
