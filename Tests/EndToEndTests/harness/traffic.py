"""Callbacks that keep coming while a test changes something."""

import threading

from harness.tencent import Callback, Tencent, pairs_body

COMMAND = "Sns.CallbackBlackListAdd"


class Traffic:
    """Posts one pair after the other from a thread of its own, from `with` until its end.

    Each is (`sender`, its number from 1 on), and each must be answered OK. `pace` is the time between two, in seconds.
    """

    def __init__(self, running, sender="a", pace=0):
        self.running = running
        self.sender = sender
        self.pace = pace
        self.begun = 0
        self.failure = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._post, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stopping.set()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive() and self.failure is None, self.failure

    def _post(self):
        tencent = Tencent(self.running)
        try:
            while not self._stopping.wait(self.pace):
                self.begun += 1
                reply = tencent.post(Callback(COMMAND, pairs_body(COMMAND, [(self.sender, str(self.begun))])))
                assert reply.ok, reply
        except Exception as error:  # Told by the test's own thread.
            self.failure = error
        finally:
            tencent.close()
