"""Ports that two stacks never share."""

import socket

import pytest

from overthink.stack.ports import LOOPBACK, ClaimedPort, ReservedPort


def test_a_reserved_port_is_ours_alone_until_the_server_that_it_is_for_listens() -> None:
    reserved = ReservedPort()
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind((LOOPBACK, reserved.number))
    for _ in range(2):  # again after a restart
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((LOOPBACK, reserved.number))
            server.listen()
            socket.create_connection((LOOPBACK, reserved.number), timeout=1).close()
    reserved.close()


def test_a_port_in_use_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        claimed = ClaimedPort(port)
        assert claimed.number > port
        claimed.close()


def test_a_claimed_port_is_passed_over_before_its_server_listens() -> None:
    first = ClaimedPort(42_000)
    second = ClaimedPort(first.number)
    assert second.number > first.number
    second.close()
    first.close()
    again = ClaimedPort(first.number)
    assert again.number == first.number
    again.close()
