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


def first_free_port(start: int) -> int:
    """The first port from `start` upward that nobody has bound."""
    for port in range(start, 65536):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
                probe.listen()
            except OSError:
                continue
            return port
    raise OSError(f"no free port on {LOOPBACK} from {start} upward")


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
