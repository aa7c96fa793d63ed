"""PostgreSQL and Valkey started from wheels: nothing to install but the project."""
