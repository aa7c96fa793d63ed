"""Metadata of the analytics schema; each area adds its tables."""

from services.common.contact_data.tables import add_erased_person, add_merged_contact
from services.common.db.tables import add_common_tables, metadata

META = metadata("analytics")
add_common_tables(META)
add_erased_person(META)
add_merged_contact(META)
