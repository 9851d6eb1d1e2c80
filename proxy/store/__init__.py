"""All SQL: verdicts, review items, keys and the audit log."""
