"""The metadata all tables of this service hang on."""

from typing import Final

from services.common.db.tables import add_common_tables, metadata

META: Final = metadata("delivery")
add_common_tables(META)
