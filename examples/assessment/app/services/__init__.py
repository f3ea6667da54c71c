"""Business operations, free of HTTP."""
