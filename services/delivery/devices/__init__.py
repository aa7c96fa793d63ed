"""Push devices: where a contact gets push messages (DEL-15)."""
