"""Reading contacts from CSV files and bringing them in, row by row checked and block by block stored."""

from cli.importing.importer import check_contacts, import_contacts
from cli.importing.problems import FileRefused, Problem
from cli.importing.report import ImportReport

__all__ = ["FileRefused", "ImportReport", "Problem", "check_contacts", "import_contacts"]
