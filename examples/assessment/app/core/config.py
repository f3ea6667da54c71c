"""Application settings, read from the environment."""

from functools import lru_cache

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of the service; every field can be set as ``ASSESSMENT_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="ASSESSMENT_", env_file=".env", extra="ignore")

    PROJECT_NAME: str = "Assessment"
    API_V1_PREFIX: str = "/api/v1"
    DATABASE_URL: str = "sqlite:///./assessment.db"

    SECRET_KEY: str = "assessment-development-signing-key-0001"
    JWT_ALGORITHM: str = "HS256"
    BCRYPT_ROUNDS: int = 12

    QUESTIONS_PER_SESSION: int = 10
    FIRST_ADMIN_EMAIL: str = "admin@example.com"
    FIRST_ADMIN_PASSWORD: str | None = None


@lru_cache
def get_settings() -> Settings:
    """Return the settings, read once per process."""
    return Settings()


settings = get_settings()
