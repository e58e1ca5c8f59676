"""A receiver of events: it verifies each request, keeps what is in it, answers, and works on it afterwards.

    WEBHOOK_SECRETS='whsec_…' python receiver.py

WEBHOOK_SECRETS takes two secrets, with a blank between them, while one is being exchanged for the other. PORT and
INBOX have defaults.
"""

import http.server
import json
import os
import sqlite3
import threading

from standardwebhooks import Webhook, WebhookVerificationError

LONGEST_BODY = 64 << 20


class Inbox:
    """What has come and is to be worked on: a table whose key is the event's id, so that a repeat changes nothing."""

    def __init__(self, path):
        self._changed = threading.Condition()
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("CREATE TABLE IF NOT EXISTS inbox"
                               " (id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)")

    def put(self, events):
        """Puts all of them in, or none. Those whose id is known stay as they are."""
        rows = [(event["id"], json.dumps(event)) for event in events]
        with self._changed, self._database:
            self._database.executemany(
                "INSERT INTO inbox (id, event) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", rows)
            self._changed.notify()

    def work_off(self, work):
        """Hands the events to `work`, oldest first, for ever. After a crash the one that was under way comes again."""
        while True:
            with self._changed:
                while (row := self._oldest()) is None:
                    self._changed.wait()
            work(json.loads(row[1]))
            with self._changed, self._database:
                self._database.execute("UPDATE inbox SET done = 1 WHERE id = ?", row[:1])

    def _oldest(self):
        return self._database.execute(
            "SELECT id, event FROM inbox WHERE done = 0 ORDER BY rowid LIMIT 1").fetchone()


def is_genuine(webhooks, body, headers):
    """Whether one of the secrets has signed these bytes in the last five minutes."""
    for webhook in webhooks:
        try:
            webhook.verify(body, headers, json_parse=False)
            return True
        except (WebhookVerificationError, ValueError):  # The latter for signatures that are no base64.
            pass
    return False


def events_of(body, content_type):
    """The event, or those of a batch: a batch has an id of its own, but what is known again is each event's."""
    parsed = json.loads(body)
    return parsed if content_type.startswith("application/cloudevents-batch+json") else [parsed]


class Hooks(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self):
        length = int(self.headers.get("Content-Length", -1))
        if not 0 <= length <= LONGEST_BODY:
            self.close_connection = True  # The body is not read.
            self.answer(413)
            return
        body = self.rfile.read(length)
        if not is_genuine(self.server.webhooks, body, dict(self.headers)):
            self.answer(401)
            return
        try:
            self.server.inbox.put(events_of(body, self.headers.get("Content-Type", "")))
        except sqlite3.Error as error:
            self.log_error("not kept: %s", error)
            self.answer(503)  # It comes again.
            return
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


def work(event):
    """What is to be done about an event. It may be asked for the same event again after a crash."""
    print(event["id"], event["type"], event["data"].get("from"), event["data"].get("to"), flush=True)


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9101"))), Hooks)
    server.webhooks = [Webhook(secret) for secret in os.environ["WEBHOOK_SECRETS"].split()]
    server.inbox = Inbox(os.environ.get("INBOX", "inbox.db"))
    threading.Thread(target=server.inbox.work_off, args=(work,), daemon=True).start()
    server.serve_forever()
