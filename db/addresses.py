"""The addresses of PostgreSQL and Redis, checked when the settings are read: a driver's own error comes later and says
less. Nothing is connected.
"""

from urllib.parse import urlsplit

REDIS_ALLOWED = "redis://host:6379/0, rediss://host:6379/0 (TLS) or redis+socket:///path/to/redis.sock"
POSTGRESQL_ALLOWED = "postgresql://user:password@host:5432/database or postgresql:///database?host=/socket/folder"

_REDIS_ON_A_HOST = frozenset({"redis", "rediss"})
_REDIS_ON_A_SOCKET = "redis+socket"
_POSTGRESQL = frozenset({"postgresql", "postgresql+psycopg"})


def redis_address(url: str) -> str:
    """The same address. Raises ValueError, which says what is allowed."""
    scheme, host, path = _parts(url, REDIS_ALLOWED)
    if scheme not in {*_REDIS_ON_A_HOST, _REDIS_ON_A_SOCKET}:
        raise ValueError(_not_allowed(f"{scheme}:// is not understood", REDIS_ALLOWED))
    if scheme == _REDIS_ON_A_SOCKET and not path.strip("/"):
        raise ValueError(_not_allowed("the path of the socket is missing", REDIS_ALLOWED))
    if scheme in _REDIS_ON_A_HOST and not host:
        raise ValueError(_not_allowed("the host is missing", REDIS_ALLOWED))
    if scheme in _REDIS_ON_A_HOST and path.strip("/") and not path.strip("/").isdecimal():
        raise ValueError(_not_allowed(f"{path.strip('/')!r} is no number of a Redis database", REDIS_ALLOWED))
    return url


def database_address(url: str) -> str:
    """The same address. Raises ValueError, which says what is allowed."""
    scheme, _, _ = _parts(url, POSTGRESQL_ALLOWED)
    if scheme not in _POSTGRESQL:
        raise ValueError(_not_allowed(f"{scheme}:// is not understood, PostgreSQL is needed", POSTGRESQL_ALLOWED))
    return url


def without_password(url: str) -> str:
    """The address as it may be shown: what stands before the last @ is hidden but for its scheme."""
    scheme, mark, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}{mark}***@{place}" if at and credentials else url


def _parts(url: str, allowed: str) -> tuple[str, str | None, str]:
    """Scheme, host and path."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for what is no port
    except ValueError as error:
        raise ValueError(_not_allowed(str(error), allowed)) from error
    if not parts.scheme or "://" not in url:
        raise ValueError(_not_allowed("it has no scheme", allowed))
    return parts.scheme, parts.hostname, parts.path


def _not_allowed(reason: str, allowed: str) -> str:
    return f"{reason}; give {allowed}"
