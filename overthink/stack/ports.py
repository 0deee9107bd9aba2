"""TCP ports on this machine's loopback interface, chosen so that two stacks never meet."""

import http.client
import socket

LOOPBACK = "127.0.0.1"


class ReservedPort:
    """A free port that stays ours until `close`, for a server that binds it itself later, and again after a restart.

    The port is bound but not listened to. Others cannot bind it, and outgoing connections do not use it; a server that
    sets SO_REUSEADDR (uvicorn and vLLM do) can, because nobody listens. (Linux.)
    """

    def __init__(self) -> None:
        self._socket = socket.socket()
        self._socket.bind((LOOPBACK, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)

    @property
    def number(self) -> int:
        number: int = self._socket.getsockname()[1]
        return number

    def close(self) -> None:
        self._socket.close()


class ClaimedPort:
    """The first free port from `start` upward, claimed against other stacks until `close`.

    A reservation would refuse ports whose old connections linger for a minute, and the dashboard would move at every
    restart. So other stacks are told by a socket in Linux's abstract namespace, which leaves no file.
    """

    def __init__(self, start: int) -> None:
        self._claim: socket.socket | None = None
        self.number = next((port for port in range(start, 65536) if self._can_claim(port)), 0)
        if self.number == 0:
            raise OSError(f"no free port on {LOOPBACK} from {start} upward")

    def close(self) -> None:
        if self._claim is not None:
            self._claim.close()

    def _can_claim(self, port: int) -> bool:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0overthink-port-{port}")
        except OSError:
            claim.close()
            return False
        if not _is_free(port):
            claim.close()
            return False
        self._claim = claim
        return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except OSError:
            return False
        return True


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server on this machine answers a GET with 200. No proxy is asked."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
