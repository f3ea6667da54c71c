"""The program is a binary; this package is there for `python -m fastapi_architect`."""
