"""A journal whose file goes away under the running gateway: nothing is promised any more that cannot be kept."""

import json

from harness import Callback, Tencent, eventually, pairs_body, post, routes, subscriber

COMMAND = "Sns.CallbackBlackListAdd"


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def test_a_removed_journal_is_noticed_and_nothing_is_answered_ok(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    post(running, one("before"))
    audit.wait_for_pairs([("a", "before")])
    running.journal_path.unlink()

    tencent = Tencent(running)
    for name in ("first", "second"):
        reply = tencent.post(one(name))
        assert reply.status == 503 and reply.refused
    tencent.close()
    status, _, body = running.admin("GET", "/readyz")
    assert status == 503
    assert "has been removed or replaced while in use; restart the gateway" in json.loads(body)["detail"]
    errors = [line for line in running.current_log if line["level"] == "error"]
    assert [line["message"] for line in errors] == ["journal cannot commit"]

    assert running.terminate() == 0
    running.start()
    post(running, one("after"))
    eventually(lambda: ("a", "after") in audit.pairs, "the next start goes on with a new file")
