"""Review of WhatsApp templates: handing in at providers, and asking where they stand; nothing of it is kept here."""
