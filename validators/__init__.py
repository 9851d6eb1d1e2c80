"""Text in, findings out. Knows no HTTP, no database and no policy."""
