"""The metadata all tables of this service hang on."""

from typing import Final

from services.common.contact_data.tables import add_erased_person, add_merged_contact, add_person_key
from services.common.db.tables import add_common_tables, metadata

META: Final = metadata("delivery")
add_common_tables(META)
add_erased_person(META)
add_merged_contact(META)
add_person_key(META)
