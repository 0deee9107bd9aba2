"""Where things are and how patient we are, from the environment: `OVERTHINK_DATABASE_URL`, `OVERTHINK_SLOTS` ...

The one place that reads environment variables.
"""

import getpass
import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.addresses import database_address, redis_address
from scaling.errors import UnreachableError

CHECKOUT = Path(__file__).resolve().parent.parent


class MissingSettingError(UnreachableError):
    """A part was started without something that it cannot do without. Set the variable that the message names."""


class Settings(BaseSettings):
    """Every setting of every part. What is None has no default: the embedded stack fills it in."""

    model_config = SettingsConfigDict(env_prefix="OVERTHINK_", env_ignore_empty=True, frozen=True)

    database_url: Annotated[str, AfterValidator(database_address)] | None = Field(
        default=None, description="postgresql://user:password@host/database"
    )
    redis_url: Annotated[str, AfterValidator(redis_address)] | None = Field(
        default=None, description="redis://host:6379/0 or redis+socket:///path"
    )
    models: Path | None = Field(default=None, description="the model registry, a YAML file")
    home: Path = Field(default=CHECKOUT / ".overthink", description="the embedded stack's folder")
    data_dir: Path = Field(default_factory=Path.cwd, description="where relative data-set paths are looked up")
    owner: str = Field(default_factory=getpass.getuser, description="who submits")
    slots: int = Field(default=256, ge=1, description="jobs in flight in one worker, at most")
    lease_ttl_s: float = Field(default=30.0, gt=0, description="a job whose heartbeat is older is taken back")
    heartbeat_s: float = Field(default=5.0, gt=0)
    reconcile_s: float = Field(default=3.0, gt=0, description="pause between two reconciliations")
    commit: str | None = Field(default=None, description="what this code was built from, where it is no checkout")
    request_timeout_s: float = Field(default=600.0, gt=0, description="longest wait for one segment")

    def require_database_url(self) -> str:
        """Raises MissingSettingError."""
        if self.database_url is None:
            raise MissingSettingError(
                "no database is configured: set OVERTHINK_DATABASE_URL to postgresql://user:password@host/database"
            )
        return self.database_url

    def require_redis_url(self) -> str:
        """Raises MissingSettingError."""
        if self.redis_url is None:
            raise MissingSettingError("no Redis is configured: set OVERTHINK_REDIS_URL to redis://host:6379/0")
        return self.redis_url


def settings() -> Settings:
    """The settings as the environment says now."""
    return Settings()


def secret(name: str) -> str | None:
    """A key that the model registry keeps in the environment variable `name`; None if it is not set."""
    return os.environ.get(name)
