"""A server for handshakes that fail."""

import socket
import threading

from harness.ports import free_port


class Handshakes:
    """Does one TLS handshake after the other on a loopback port of its own, and hangs up after its first byte.

    With `lingers` it waits for the client's end after a handshake that failed, so that its alert is read for certain.
    Without a context it hangs up at once. It works on blocking sockets, because those send the alert that says what was wrong; asyncio's close without it.
    """

    name = "audit"
    secret = None

    def __init__(self, context, *, lingers=True):
        self.port = free_port()
        # What came over the connections.
        self.heard = b""
        self._context = context
        self._lingers = lingers
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}/hooks"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        # Wakes the thread, which close alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)
        assert not self._thread.is_alive()

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(10)
            with connection:
                if self._context:
                    self._meet(connection)

    def _meet(self, connection):
        secured = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        try:
            secured.do_handshake()
            self.heard += secured.recv(1)
        except OSError:  # An SSLError is one.
            if self._lingers:
                self._drain(secured)
        finally:
            secured.close()

    @staticmethod
    def _drain(secured):
        with socket.socket(fileno=secured.detach()) as plain:
            plain.settimeout(10)
            try:
                plain.shutdown(socket.SHUT_WR)
                while plain.recv(1 << 16):
                    pass
            except OSError:
                pass  # The client is gone already.
