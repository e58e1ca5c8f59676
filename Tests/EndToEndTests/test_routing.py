"""Who gets what: the keys of a subscriber."""

from datetime import UTC, datetime

import pytest

from harness import APP, Callback, Tencent, app, eventually, pairs_body, post, routes, subscriber

ADD, DELETE = "Sns.CallbackBlackListAdd", "Sns.CallbackBlackListDelete"
FRIEND_ADD, FRIEND_DELETE = "Sns.CallbackFriendAdd", "Sns.CallbackFriendDelete"
COMMANDS = [ADD, DELETE, FRIEND_ADD, FRIEND_DELETE]
OTHER_APP = 1400000001


def one(command=ADD, name="b", **fields):
    return Callback(command, pairs_body(command, [("a", name)]), **fields)


@pytest.mark.parametrize(("patterns", "wanted"), [
    (["*"], COMMANDS),
    (["blocklist.*"], [ADD, DELETE]),
    (["blocklist.added"], [ADD]),
    (["com.tencent.chat.friend.deleted"], [FRIEND_DELETE]),
    (["com.tencent.chat.friend.*"], [FRIEND_ADD, FRIEND_DELETE]),
    ([FRIEND_ADD], [FRIEND_ADD]),
    (["Sns.CallbackBlackList*"], [ADD, DELETE]),
    (["friend.added", DELETE], [FRIEND_ADD, DELETE]),
])
def test_events_are_chosen_by_short_name_full_type_command_or_prefix(gateway, receiver, patterns, wanted):
    everything, some = receiver("everything"), receiver("some")
    running = gateway(routes(subscriber(everything), subscriber(some, events=patterns))).start()

    post(running, *(one(command) for command in COMMANDS))

    everything.wait_for(len(COMMANDS))
    some.wait_for(len(wanted))
    running.wait_until_settled("some")
    assert sorted(delivery.event["data"]["command"] for delivery in some.deliveries) == sorted(wanted)
    metrics = running.metrics()
    assert metrics.value("switchyard_deliveries_total", subscriber="some", result="delivered") == len(wanted)


def test_apps_narrow_a_subscriber_to_some_apps(gateway, receiver):
    everything, narrow = receiver("everything"), receiver("narrow")
    running = gateway(routes(subscriber(everything), subscriber(narrow, apps=[OTHER_APP]),
                             apps=[app(), app(OTHER_APP)])).start()

    post(running, one(name="first"), one(name="second", app=OTHER_APP))

    everything.wait_for_pairs([("a", "first"), ("a", "second")])
    narrow.wait_for_pairs([("a", "second")])
    running.wait_until_settled("narrow")
    assert narrow.pairs == {("a", "second")}
    [delivery] = narrow.deliveries
    assert delivery.event["source"] == f"/tencent-chat/apps/{OTHER_APP}"


def test_match_narrows_a_subscriber_to_some_accounts(gateway, receiver):
    everything, some = receiver("everything"), receiver("some")

    def narrowed(**match):
        return routes(subscriber(everything), subscriber(some, match=match))

    def pairs(*names):
        return Callback(ADD, pairs_body(ADD, [("a/ñ", name) for name in names] + [("b", name) for name in names]))

    running = gateway(narrowed(**{"from": ["nobody", "a/ñ"], "to": ["user-?", "*é*"]})).start()
    escaped = pairs("user-1", "user-12", "USER-2", "café-3")
    assert rb"\u00e9" in escaped.body
    slashed = escaped.again(request_id="again", body=escaped.body.replace(b"/", rb"\/").replace(b"-", b"-9"))

    post(running, escaped, slashed)

    wanted = {("a/ñ", "user-1"), ("a/ñ", "café-3"), ("a/ñ", "café-93")}
    everything.wait_for(16)
    some.wait_for(len(wanted))
    running.wait_until_settled("some")
    assert some.pairs == wanted
    metrics = running.metrics()
    assert metrics.value("switchyard_backlog_events", subscriber="some") == 0
    assert metrics.value("switchyard_deliveries_total", subscriber="some", result="delivered") == len(wanted)
    assert metrics.value("switchyard_deliveries_total", subscriber="some", result="dead") == 0

    running.kill()
    running.start()
    assert running.metrics().value("switchyard_backlog_events", subscriber="some") == 0
    running.apply(narrowed(group=["*"]))
    post(running, one(name="unseen"))
    running.apply(narrowed(to=["se*n"]))
    post(running, one(name="seen"))
    some.wait_for_pairs([("a", "seen")])
    running.wait_until_settled("some")
    assert some.pairs == wanted | {("a", "seen")}


def test_a_paused_subscriber_holds_its_events_until_it_is_not(gateway, receiver):
    other, paused = receiver("other"), receiver("paused")
    held = routes(subscriber(other), subscriber(paused, paused=True))
    running = gateway(held).start()

    post(running, one(name="b"), one(name="c"))
    other.wait_for(2)
    assert running.metrics().state("paused") == "paused"
    assert running.metrics().value("switchyard_backlog_events", subscriber="paused") == 2
    assert not paused.deliveries
    running.kill()
    running.start()
    assert not paused.deliveries
    running.apply(routes(subscriber(other), subscriber(paused, paused=False)))

    paused.wait_for_pairs([("a", "b"), ("a", "c")])
    assert running.metrics().state("paused") == "closed"


def test_start_says_where_a_new_subscriber_begins(gateway, receiver):
    first = receiver("first")
    late = {start: receiver(start) for start in ("now", "earliest", "moment")}
    running = gateway(routes(subscriber(first))).start()
    post(running, one(name="1"))
    first.wait_for_pairs([("a", "1")])
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    post(running, one(name="2"))
    first.wait_for_pairs([("a", "2")])

    running.apply(routes(subscriber(first), subscriber(late["now"]), subscriber(late["earliest"], start="earliest"),
                         subscriber(late["moment"], start=moment)))
    post(running, one(name="3"))

    late["earliest"].wait_for_pairs([("a", "1"), ("a", "2"), ("a", "3")])
    late["moment"].wait_for_pairs([("a", "2"), ("a", "3")])
    late["now"].wait_for_pairs([("a", "3")])
    for one_of_them in ("now", "earliest", "moment"):
        running.wait_until_settled(one_of_them)
    assert late["moment"].pairs == {("a", "2"), ("a", "3")}
    assert late["now"].pairs == {("a", "3")}


def test_unsigned_and_headers(gateway, receiver):
    unsigned = receiver("unsigned", signed=False)
    headers = {"X-Team": "trust", "Authorization": "Basic eA=="}
    running = gateway(routes(subscriber(unsigned, unsigned=True, headers=headers))).start()

    post(running, one())

    [delivery] = unsigned.wait_for(1)
    assert "webhook-signature" not in delivery.headers
    assert delivery.headers["x-team"] == "trust"
    assert delivery.headers["authorization"] == "Basic eA=="


def test_every_secret_signs(gateway, receiver):
    audit = receiver()
    other = receiver("other")
    running = gateway(routes(subscriber(audit, secrets=[other.secret, audit.secret]))).start()

    post(running, one())

    [delivery] = audit.wait_for(1)
    signatures = delivery.headers["webhook-signature"].split(" ")
    assert len(signatures) == 2 and all(signature.startswith("v1,") for signature in signatures)


def test_defaults_and_references_apply(gateway, receiver):
    audit = receiver()
    text = f"""\
version: 1
apps:
  - sdkappid: ${{APP_ID:-{APP}}}
    tokens: ["${{TOKEN}}"]
defaults:
  headers: {{X-Dollar: "$${{kept}}"}}
subscribers:
  - name: audit
    url: http://127.0.0.1:${{PORT}}/hooks
    events: ["*"]
    secrets: ["${{file:secrets/audit}}"]
"""
    running = gateway(text, environment={"TOKEN": "a-token", "PORT": str(audit.port)})
    (running.directory / "secrets").mkdir()
    (running.directory / "secrets" / "audit").write_text(audit.secret + "\n")
    running.start()

    post(running, one(token="a-token"))

    [delivery] = audit.wait_for(1)
    assert delivery.headers["x-dollar"] == "${kept}"


def test_traceparent_is_passed_on_and_otherwise_made(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    tencent = Tencent(running)
    carried, bare = one(name="carried"), one(name="bare")

    assert tencent.request("POST", f"/?{carried.query()}", carried.body, {"traceparent": parent}).ok
    assert tencent.post(bare).ok
    tencent.close()

    by_name = {delivery.pair[1]: delivery.headers["traceparent"] for delivery in audit.wait_for(2)}
    assert by_name["carried"].split("-")[1] == parent.split("-")[1]
    assert by_name["bare"].split("-")[1] not in ("0" * 32, parent.split("-")[1])


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest", "http://0.0.0.0:9/", "http://224.0.0.1/", "own door"])
def test_addresses_that_are_never_dialled(gateway, receiver, url):
    healthy = receiver("healthy")
    running = gateway(routes(subscriber(healthy))).start()
    if url == "own door":
        url = running.admin_url + "/v1/reload"
    blocked = {"name": "blocked", "url": url, "unsigned": True, "events": ["*"], "retry": {"delays": ["1h"]}}

    running.apply(routes(subscriber(healthy), blocked))
    post(running, one())

    healthy.wait_for(1)
    running.wait_for_metric("switchyard_delivery_attempts_total", 1, subscriber="blocked", outcome="blocked")


def test_private_addresses_can_be_denied_to_a_subscriber(gateway, receiver):
    audit = receiver()
    entry = subscriber(audit, private_addresses="deny", retry={"delays": ["300ms"], "jitter": 0})
    running = gateway(routes(entry)).start()

    post(running, one())
    eventually(lambda: running.metrics().value(
        "switchyard_delivery_attempts_total", subscriber="audit", outcome="blocked") >= 1, "it is blocked")
    assert not audit.deliveries
    running.apply(routes(subscriber(audit, private_addresses="allow")))

    audit.wait_for(1)


def test_a_host_name_is_resolved(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit, url=f"http://localhost:{audit.port}/hooks"))).start()

    post(running, one())

    [delivery] = audit.wait_for(1)
    assert delivery.headers["host"] == f"localhost:{audit.port}"


def test_a_name_that_does_not_resolve_is_its_own_outcome(gateway, receiver):
    entry = subscriber(receiver(), url="http://nobody.invalid/hooks", retry={"delays": ["1h"]})
    running = gateway(routes(entry)).start()

    post(running, one())

    running.wait_for_metric("switchyard_delivery_attempts_total", 1, subscriber="audit", outcome="dns")
