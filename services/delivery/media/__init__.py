"""Pictures and files of tenants, and rich content made of them (DEL-16, DEL-54, DEL-98)."""
