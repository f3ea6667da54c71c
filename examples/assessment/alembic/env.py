"""Migration environment."""

from logging.config import fileConfig

from alembic import context

from app.core.config import settings
from app.core.db import build_engine
from app.models import Base

config = context.config
if config.config_file_name is not None:
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def run_migrations() -> None:
    """Run the migrations against the configured database."""
    url = config.get_main_option("sqlalchemy.url") or settings.DATABASE_URL
    engine = build_engine(url)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run_migrations()
