"""Settings, database, security and errors."""
