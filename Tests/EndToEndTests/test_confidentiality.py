"""Secrets, tokens, signatures, bodies and query strings stay out of the log and off every page."""

import json
import urllib.parse

from harness import Callback, Tencent, app, eventually, pairs_body, post, routes, subscriber
from harness.receiver import Answer

COMMAND = "Sns.CallbackBlackListAdd"
TOKEN = "callback-token-b1946ac92492d234"
OTHER_TOKEN = "other-token-7c6a61c68ef8b9b6"
HEADER_VALUE = "header-secret-591785b794601e21"
ADMIN_TOKEN = "admin-token-eb17d8e6b1d64ea0"
CHATTY_BODY = b"response-body-8ebfa9d4c2f04d1c"
ACCOUNTS = ["account-alice-5d41402a", "account-bob-7d793037"]


def test_nothing_confidential_is_logged_or_shown(gateway, receiver):
    audit, failing = receiver("audit"), receiver("failing")
    failing.answer = lambda delivery: Answer(500 if delivery.attempt == 1 else 400, body=CHATTY_BODY)
    entries = [subscriber(audit, headers={"X-Api-Key": HEADER_VALUE}), subscriber(failing)]
    good = routes(*entries, apps=[app(tokens=[TOKEN, OTHER_TOKEN])])
    running = gateway(good, log_level="trace", environment={"SWITCHYARD_ADMIN_TOKEN": ADMIN_TOKEN}).start()
    authorization = {"Authorization": f"Bearer {ADMIN_TOKEN}"}

    accepted = Callback(COMMAND, pairs_body(COMMAND, [ACCOUNTS]), token=TOKEN)
    queries = [accepted.query()]
    tencent = Tencent(running)
    assert tencent.request("POST", "/?" + queries[0], accepted.body).ok
    refused = [
        accepted.again(token="forged-token-0cc175b9"),
        accepted.again(request_time=1_500_000_000),
        accepted.again(app=1499999999),
        accepted.again(body=accepted.body[:-1]),
    ]
    for callback in refused:
        queries.append(callback.query())
        assert tencent.request("POST", "/?" + queries[-1], callback.body).status in (400, 401, 403)
    tencent.close()
    audit.wait_for(1)
    running.wait_for_metric("switchyard_dead_letters", 1, subscriber="failing")
    assert audit.deliveries[0].headers["x-api-key"] == HEADER_VALUE
    broken_secret = "whsec_" + "not*base64*at*all*3b5d5c3712955042"
    running.write_routes(good.replace(audit.secret, broken_secret))
    eventually(lambda: running.metrics().value("switchyard_routes_reloads_total", result="failure") >= 1,
               "the bad secret is refused", timeout=10)
    shown = [running.admin("GET", path, authorization)[2].decode()
             for path in ("/metrics", "/v1/stats", "/v1/subscribers", "/v1/subscribers/audit", "/readyz")]
    shown.append(json.dumps(running.admin("POST", "/v1/reload", authorization)[2].decode()))
    assert running.terminate() == 0

    log = running.log_text
    assert '"debug"' in log, "the log was to be a chatty one"
    signs = [urllib.parse.parse_qs(query)["Sign"][0] for query in queries]
    signatures = [one.headers["webhook-signature"] for one in audit.deliveries + failing.deliveries]
    confidential = [TOKEN, OTHER_TOKEN, HEADER_VALUE, ADMIN_TOKEN, broken_secret, audit.secret, failing.secret,
                    audit.secret.removeprefix("whsec_"), *signs, *signatures, *(one[3:] for one in signatures)]
    for text in confidential:
        assert text not in log, f"the log has {text}"
        assert not [page for page in shown if text in page], f"a page shows {text}"
    for text in [*queries, "RequestTime=", CHATTY_BODY.decode(), *ACCOUNTS, "From_Account"]:
        assert text not in log, f"the log has {text}"


def test_every_line_of_the_log_is_one_json_object(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit)), log_level="debug").start()
    post(running, Callback(COMMAND, pairs_body(COMMAND, [("a", "b")])))
    audit.wait_for(1)
    running.write_routes("not: [a routes file")
    eventually(lambda: running.metrics().value("switchyard_routes_reloads_total", result="failure") >= 1,
               "a failure that is logged", timeout=10)
    assert running.terminate() == 0

    for line in running.log_text.splitlines():
        record = json.loads(line)
        assert {"time", "level", "message"} <= record.keys(), line


def test_the_text_format_is_not_json(gateway, receiver):
    running = gateway(routes(subscriber(receiver())))
    running.launch()
    eventually(lambda: any(line.get("message") == "listening" for line in running.current_log), "it listens")
    running.terminate()
    running.flags = ["--log-format", "text"]
    running.launch()

    eventually(lambda: "listening" in running.log_text.splitlines()[-1] or
               any("listening" in line["message"] and line["level"] == "not JSON" for line in running.current_log),
               "it listens, in words")
    assert running.terminate() == 0


def test_refused_callbacks_do_not_flood_the_log(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    tencent = Tencent(running)
    stranger = Callback(COMMAND, pairs_body(COMMAND, [("a", "b")]), app=1499999999)
    refusals = 500

    for _ in range(refusals):
        assert tencent.post(stranger).status == 403
    tencent.close()

    running.wait_for_metric("switchyard_callbacks_rejected_total", refusals, app="unknown", reason="unknown_app")
    assert running.terminate() == 0
    lines = [line for line in running.log_text.splitlines() if "unknown_app" in line]
    assert 0 < len(lines) < refusals / 2
