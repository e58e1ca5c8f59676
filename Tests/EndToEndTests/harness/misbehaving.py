"""Receivers that are none: each way of failing to answer, served from a port of its own."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass

FLOOD = 16 << 10
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(frozen=True)
class Misbehaviour:
    """What is done once a request's head is there, and the outcome that each such attempt must count as.

    `act` gets the connection's writer and may be a coroutine; the connection is closed when it has returned.
    """

    name: str
    outcome: str
    act: Callable
    scheme: str = "http"
    # Whether it counts before anything is asked.
    at_once: bool = False


def _write(data):
    return lambda writer: writer.write(data)


def _write_and_hold(data):
    async def act(writer):
        writer.write(data)
        await asyncio.Event().wait()
    return act


def _flood(start, more):
    async def act(writer):
        writer.write(start)
        block = more * (FLOOD // len(more) + 1)
        while True:
            writer.write(block)
            await writer.drain()
    return act


def _reset(writer):
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _read_no_more(writer):
    writer.transport.pause_reading()
    await asyncio.Event().wait()


MISBEHAVIOURS = [
    Misbehaviour("dies-in-the-head", "connect", _write(b"HTTP/1.1 200 OK\r\nX: y\r\n")),
    Misbehaviour("dies-in-the-body", "connect", _write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")),
    Misbehaviour("dies-in-a-chunk", "connect", _write(_CHUNKED + b"5\r\nab")),
    Misbehaviour("resets", "connect", _reset),
    Misbehaviour("resets-at-once", "connect", _reset, at_once=True),
    Misbehaviour("endless-body", "success", _flood(b"HTTP/1.1 200 OK\r\n\r\n", b"x")),
    Misbehaviour("endless-body-of-a-500", "http_5xx", _flood(b"HTTP/1.1 500 Oh\r\n\r\n", b"x")),
    Misbehaviour("endless-trailers", "success", _flood(_CHUNKED + b"0\r\n", b"X: y\r\n")),
    Misbehaviour("endless-head", "other", _flood(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")),
    Misbehaviour("endless-header", "other", _flood(b"HTTP/1.1 200 OK\r\nX: ", b"x")),
    Misbehaviour("endless-interim-answers", "other", _flood(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    Misbehaviour("broken-chunk", "other", _write_and_hold(_CHUNKED + b"zz\r\n")),
    Misbehaviour("garbage", "other", _write_and_hold(b"\0\1\2 nonsense\r\n\r\n")),
    Misbehaviour("silence", "timeout", _write_and_hold(b"")),
    Misbehaviour("stalls-in-the-body", "timeout", _write_and_hold(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")),
    Misbehaviour("reads-no-more", "timeout", _read_no_more),
    Misbehaviour("closes-without-a-word", "success", _write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
    Misbehaviour("speaks-no-tls", "tls", _write_and_hold(b"SSH-2.0-OpenSSH_9.2\r\n"), scheme="https", at_once=True),
]


class MisbehavingReceiver:
    """A loopback port with one misbehaviour, served by one thread. It takes whatever it is sent and checks nothing."""

    secret = None

    def __init__(self, misbehaviour):
        self.name = misbehaviour.name
        self.misbehaviour = misbehaviour
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), daemon=True)

    @property
    def url(self):
        return f"{self.misbehaviour.scheme}://127.0.0.1:{self._listener.getsockname()[1]}/{self.name}"

    def start(self):
        self._thread.start()
        return self

    def stop(self):
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(timeout=10)
        assert not self._thread.is_alive(), f"{self.name} did not stop"
        self._loop.close()

    async def _serve(self):
        tasks = set()

        async def connected(reader, writer):
            task = asyncio.current_task()
            tasks.add(task)
            self.connections += 1
            try:
                await self._misbehave(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass  # The gateway has had enough.
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(connected, sock=self._listener)
        await self._stopping.wait()
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # Lets the transports close their sockets.

    async def _misbehave(self, reader, writer):
        if not self.misbehaviour.at_once:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
        acting = self.misbehaviour.act(writer)
        if not asyncio.iscoroutine(acting):
            return
        # Whoever holds a connection lets go of it when the gateway does.
        acting, gone = asyncio.ensure_future(acting), asyncio.ensure_future(reader.read())
        try:
            await asyncio.wait({acting, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            acting.cancel()
            gone.cancel()
            await asyncio.gather(acting, gone, return_exceptions=True)
