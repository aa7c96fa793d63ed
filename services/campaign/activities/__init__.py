"""Activities: what contacts did, and when, as narrow as segments need it."""
