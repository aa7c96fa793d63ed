"""The schema of the consent service: what migrations make is what the tables say, and every tenant's rows are guarded."""

from collections.abc import Callable, Iterable

import services.consent.consents.tables
import services.consent.decisions.tables
import services.consent.directory.tables
import services.consent.dnd.tables
import services.consent.ledger.tables
import services.consent.policy.tables
import services.consent.preferences.tables
import services.consent.privacy.tables
import services.consent.suppression.tables  # noqa: F401 - each registers its tables
from services.common.db.testing import assert_migrations_equal_metadata, unguarded_tables
from services.consent.schema import META

Clone = Callable[[Iterable[str]], str]


def test_migrations_make_what_the_tables_say(clone_database: Clone) -> None:
    assert_migrations_equal_metadata(clone_database(["consent"]), META)


def test_every_table_of_a_tenant_is_guarded_by_forced_policies(clone_database: Clone) -> None:
    assert unguarded_tables(clone_database(["consent"]), "consent") == []
