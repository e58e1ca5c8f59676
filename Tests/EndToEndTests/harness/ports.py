"""Ports that can be given up and taken again."""

import random
import socket

LOWEST = 15_000


def free_port(address="127.0.0.1"):
    """A free port at an address of this machine, below the range for outgoing connections.

    A port that is closed and opened again in a test must not come from that range: a client that dials it meanwhile
    could be given the very same port as its own and be connected to itself.
    """
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first_outgoing = int(file.read().split()[0])
    for port in random.sample(range(LOWEST, max(first_outgoing, LOWEST + 1000)), 200):
        with socket.socket() as probe:
            try:
                probe.bind((address, port))
                return port
            except OSError:
                continue
    raise AssertionError("no free port was found")
