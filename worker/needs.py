"""What a part cannot do without, and what to say when the settings lack it."""

from db.settings import Settings


class MissingSettingError(Exception):
    """A part was started without the address of something that it needs. Set the variable that the message names."""


def database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise MissingSettingError(
            "no database is configured: set OVERTHINK_DATABASE_URL to postgresql://user:password@host/database"
        )
    return settings.database_url


def redis_url(settings: Settings) -> str:
    if settings.redis_url is None:
        raise MissingSettingError("no Redis is configured: set OVERTHINK_REDIS_URL to redis://host:6379/0")
    return settings.redis_url
