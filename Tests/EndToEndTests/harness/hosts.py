"""Machines of a network of the tests' own, each of which can be cut off from some of it or from all."""

import contextlib
import ipaddress
import os
import pathlib
import random
import re
import subprocess

SEGMENTS = ("world", "data")
# A name of ours has the id of the process that made it in it.
NAME = re.compile(r"^sy([0-9]+)-")


class Host:
    """A network namespace with a link to each of the network's two segments."""

    def __init__(self, network, letter):
        self.network = network
        self.name = f"{network.name}-{letter}"
        self.letter = letter

    @property
    def prefix(self):
        """What takes a program into it. The process that is started becomes that program."""
        return ["ip", "netns", "exec", self.name]

    @property
    def address(self):
        """Where it is reached from the world, which is where callbacks come from and where subscribers are."""
        return self._address("world")

    def cut(self, segment=None):
        """Nothing gets through between it and a segment any more, and nobody is told; without one, to nowhere."""
        self._set(segment, "down")

    def mend(self, segment=None):
        self._set(segment, "up")

    def _set(self, segment, state):
        # The end outside: inside, the route would vanish, and what is sent would fail at once.
        for one in [segment] if segment else SEGMENTS:
            ip("link", "set", self._link(one), state)

    def _link(self, segment):
        return f"{self.network.name}{segment[0]}{self.letter}"

    def _address(self, segment):
        return str(self.network.subnets[segment][10 + ord(self.letter) - ord("a")])

    def make(self):
        ip("netns", "add", self.name)
        ip("-n", self.name, "link", "set", "lo", "up")
        for segment in SEGMENTS:
            link = self._link(segment)
            ip("link", "add", link, "type", "veth", "peer", "name", segment, "netns", self.name)
            ip("link", "set", link, "master", self.network.bridge(segment), "up")
            length = self.network.subnets[segment].prefixlen
            ip("-n", self.name, "address", "add", f"{self._address(segment)}/{length}", "dev", segment)
            ip("-n", self.name, "link", "set", segment, "up")


class Network:
    """Two segments that this machine is on too: the `world`, and `data`, where the database is; from `with` to its end.

    It needs root. What is started in a host must have ended before.
    """

    def __init__(self, hosts=3):
        self.name = f"sy{os.getpid()}"
        self.subnets = {}
        self.hosts = [Host(self, letter) for letter in "abcdefgh"[:hosts]]

    def __enter__(self):
        if os.geteuid() != 0:
            raise AssertionError("this test needs machines of its own in a network of its own: run it as root")
        remove_leftovers()
        first, second = random.sample(free_subnets(), 2)
        self.subnets = {"world": first, "data": second}
        try:
            for segment, subnet in self.subnets.items():
                ip("link", "add", self.bridge(segment), "type", "bridge")
                ip("address", "add", f"{subnet[1]}/{subnet.prefixlen}", "dev", self.bridge(segment))
                ip("link", "set", self.bridge(segment), "up")
            for host in self.hosts:
                host.make()
        except BaseException:
            remove(self.name)
            raise
        return self

    def __exit__(self, *_):
        remove(self.name)

    def bridge(self, segment):
        return f"{self.name}{segment[0]}"

    def address(self, segment):
        """This machine's own."""
        return str(self.subnets[segment][1])


def ip(*words):
    run = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"ip {' '.join(words)}: {run.stderr.strip()}"
    return run.stdout


def free_subnets():
    """Some that this machine has no route to yet."""
    taken = [ipaddress.ip_network(word, strict=False) for word in re.findall(r"\d+(?:\.\d+){3}/\d+", ip("route"))]
    choices = [ipaddress.ip_network(f"10.{second}.{third}.0/24") for second in (83, 171, 219) for third in range(256)]
    return [one for one in choices if not any(one.overlaps(other) for other in taken)]


def remove(name):
    """Removes the namespaces of a network and its links; with a bridge or a namespace go the ends in it."""
    for line in ip("netns", "list").splitlines():
        if line.split()[0].startswith(name + "-"):
            ip("netns", "delete", line.split()[0])
    for link in pathlib.Path("/sys/class/net").iterdir():
        if re.fullmatch(re.escape(name) + "[wd][a-h]?", link.name):
            # With its namespace its other end is on the way out, and takes it along.
            with contextlib.suppress(AssertionError):
                ip("link", "delete", link.name)


def remove_leftovers():
    """Those of test runs that were killed."""
    for line in ip("netns", "list").splitlines():
        made_by = NAME.match(line)
        if made_by and not pathlib.Path(f"/proc/{made_by[1]}").exists():
            remove(f"sy{made_by[1]}")
