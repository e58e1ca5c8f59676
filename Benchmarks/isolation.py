"""What the trouble of others costs a healthy subscriber: the time from posting a callback to its event's arrival, alone
and beside a subscriber that is dead, one that answers after 9 s, and one that answers 429 to everything."""

import asyncio
import http.client
import json
import multiprocessing
import socket
import time

CALLBACKS_PER_SECOND = 200
SLOW_SECONDS = 9
COMMAND = "Sns.CallbackBlackListAdd"


class Receivers:
    """All receivers, in a process of their own so that they and the load do not wait for each other."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)

    def __enter__(self):
        self.process.start()
        self.healthy, self.slow, self.flooding = self.pipe.recv()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.dead = listener.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.join()

    def lags(self):
        """Seconds from posting to arrival of all events at the healthy one since the last call."""
        self.pipe.send(None)
        return self.pipe.recv()

    def routes(self, troubled):
        ports = {"healthy": self.healthy}
        if troubled:
            ports |= {"dead": self.dead, "slow": self.slow, "flooding": self.flooding}
        return "subscribers:\n" + "".join(
            f"""  - name: {name}
    url: http://127.0.0.1:{port}/
    secrets: [whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw]
    events: ["*"]
""" for name, port in ports.items())


def _serve(pipe):
    lags = []

    async def healthy(body):
        sent = int(json.loads(body)["data"]["from"])
        lags.append((time.monotonic_ns() - sent) / 1e9)
        return b"HTTP/1.1 204 No Content\r\n\r\n"

    async def slow(_):
        await asyncio.sleep(SLOW_SECONDS)
        return b"HTTP/1.1 204 No Content\r\n\r\n"

    async def flooding(_):
        return b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"

    def answering(answer):
        async def connected(reader, writer):
            try:
                while True:
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
                    writer.write(await answer(await reader.readexactly(length)))
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
        return connected

    async def serve():
        servers = [await asyncio.start_server(answering(answer), "127.0.0.1", 0) for answer in (healthy, slow, flooding)]
        pipe.send([server.sockets[0].getsockname()[1] for server in servers])

        def tell():
            pipe.recv()
            pipe.send(lags[:])
            lags.clear()

        asyncio.get_running_loop().add_reader(pipe.fileno(), tell)
        await asyncio.Event().wait()

    asyncio.run(serve())


def post(ports, seconds):
    """Posts callbacks of one pair at an even rate, to each port in turn; each carries the moment at which it was sent."""
    connections = [http.client.HTTPConnection("127.0.0.1", port) for port in ports]
    start = time.monotonic()
    for number in range(CALLBACKS_PER_SECOND * seconds):
        time.sleep(max(0, start + number / CALLBACKS_PER_SECOND - time.monotonic()))
        pair = {"From_Account": str(time.monotonic_ns()), "To_Account": f"b{number}"}
        body = json.dumps({"CallbackCommand": COMMAND, "PairList": [pair]})
        connection = connections[number % len(connections)]
        connection.request("POST", f"/callback?SdkAppid=1400000000&CallbackCommand={COMMAND}&contenttype=json", body)
        answer = connection.getresponse()
        if b'"ErrorCode":0' not in answer.read():
            raise SystemExit("a callback was not answered OK")
    return CALLBACKS_PER_SECOND * seconds


def measure(receivers, gateway, seconds):
    """Returns (p50, p99) in seconds; the first second is for warming up."""
    post(gateway.ports, 1)
    time.sleep(0.5)
    receivers.lags()
    sent = post(gateway.ports, seconds)
    time.sleep(1)
    lags = sorted(receivers.lags())
    if len(lags) < sent:
        raise SystemExit(f"{sent - len(lags)} of {sent} events did not arrive")
    return lags[len(lags) // 2], lags[len(lags) * 99 // 100]
