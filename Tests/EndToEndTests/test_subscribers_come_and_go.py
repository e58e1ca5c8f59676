"""A subscriber that leaves the routes file keeps its place for when it comes back."""

from harness import Callback, pairs_body, post, routes, subscriber

COMMAND = "Sns.CallbackFriendDelete"


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def test_a_subscriber_removed_and_added_again_resumes_where_it_was(gateway, receiver):
    stays, leaves = receiver("stays"), receiver("leaves")
    both = routes(subscriber(stays), subscriber(leaves))
    running = gateway(both).start()
    post(running, one("before"))
    leaves.wait_for_pairs([("a", "before")])
    running.wait_until_settled("leaves")

    running.apply(routes(subscriber(stays)))
    post(running, one("meanwhile-1"), one("meanwhile-2"))
    stays.wait_for_pairs([("a", "meanwhile-1"), ("a", "meanwhile-2")])
    assert leaves.pairs == {("a", "before")}
    running.apply(both)

    leaves.wait_for_pairs([("a", "meanwhile-1"), ("a", "meanwhile-2")])
    post(running, one("after"))
    leaves.wait_for_pairs([("a", "after")])
    assert len(leaves.deliveries) == 4, "what was settled is not sent again"


def test_it_resumes_also_when_the_gateway_was_killed_in_between(gateway, receiver):
    stays, leaves = receiver("stays"), receiver("leaves")
    both = routes(subscriber(stays), subscriber(leaves))
    running = gateway(both).start()
    post(running, one("before"))
    leaves.wait_for_pairs([("a", "before")])

    running.apply(routes(subscriber(stays)))
    post(running, one("meanwhile-1"))
    stays.wait_for_pairs([("a", "meanwhile-1")])
    running.kill()
    running.start()
    post(running, one("meanwhile-2"))
    running.kill()
    running.write_routes(both)
    running.start()

    leaves.wait_for_pairs([("a", "before"), ("a", "meanwhile-1"), ("a", "meanwhile-2")])


def test_failed_deliveries_of_a_removed_subscriber_wait_for_it(gateway, receiver):
    stays, leaves = receiver("stays"), receiver("leaves")
    leaves.stop()
    both = routes(subscriber(stays), subscriber(leaves))
    running = gateway(both).start()
    post(running, one("failed"))
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber="leaves")

    running.apply(routes(subscriber(stays)))
    assert running.metrics().series("switchyard_retries_waiting", subscriber="leaves") == []
    leaves.start()
    post(running, one("meanwhile"))
    running.apply(both)

    leaves.wait_for_pairs([("a", "failed"), ("a", "meanwhile")])


def test_a_renamed_subscriber_is_a_new_one(gateway, receiver):
    first, second = receiver("first"), receiver("second")
    running = gateway(routes(subscriber(first))).start()
    post(running, one("before"))
    first.wait_for_pairs([("a", "before")])

    running.apply(routes(subscriber(second)))
    post(running, one("after"))

    second.wait_for_pairs([("a", "after")])
    assert second.pairs == {("a", "after")}


def test_a_changed_url_takes_the_waiting_events_along(gateway, receiver):
    audit = receiver("audit")
    moved = receiver("moved")
    audit.stop()
    running = gateway(routes(subscriber(audit))).start()
    post(running, one("x"))
    running.wait_for_metric("switchyard_retries_waiting", 1, subscriber="audit")

    running.apply(routes(subscriber(audit, url=moved.url, secrets=[moved.secret])))

    moved.wait_for_pairs([("a", "x")])
