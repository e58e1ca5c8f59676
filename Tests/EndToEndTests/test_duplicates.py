"""What counts as the same callback, and what does not."""

import threading

from harness import APP, Callback, Tencent, app, eventually, pairs_body, post, routes, sample, subscriber

ADD, DELETE = "Sns.CallbackBlackListAdd", "Sns.CallbackBlackListDelete"


def one(command=ADD, name="b", **fields):
    return Callback(command, pairs_body(command, [("a", name)]), **fields)


def settled_ids(running, audit, count):
    """Waits until that many events were accepted and all are settled; returns the ids in the order of arrival."""
    assert running.metrics().sum("switchyard_events_accepted_total") == count
    audit.wait_for(count)
    running.wait_until_settled("audit")
    return [delivery.id for delivery in audit.acknowledged]


def test_the_same_request_id_twice_is_one_event_also_across_a_restart(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = one()

    post(running, callback, callback)
    assert len(settled_ids(running, audit, 1)) == 1
    running.wait_for_metric("switchyard_callbacks_duplicate_total", 1, app=str(APP))
    running.kill()
    running.start()
    post(running, callback)
    running.wait_for_metric("switchyard_callbacks_duplicate_total", 1, app=str(APP))
    post(running, one(name="marker"))

    audit.wait_for_pairs([("a", "marker")])
    assert len(audit.ids) == 2


def test_a_repeat_is_answered_as_the_first_was(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = sample("Sns.CallbackPrevFriendAdd")

    first, second = post(running, callback), post(running, callback)

    assert first.body == second.body
    assert len(settled_ids(running, audit, 1)) == 1


def test_the_same_callback_on_many_connections_at_once_is_one_event(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = one()
    together = threading.Barrier(8)
    replies = []

    def send():
        tencent = Tencent(running)
        together.wait(timeout=10)
        replies.append(tencent.post(callback))
        tencent.close()

    threads = [threading.Thread(target=send, daemon=True) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert len(replies) == 8 and all(reply.ok for reply in replies)
    assert len(settled_ids(running, audit, 1)) == 1
    running.wait_for_metric("switchyard_callbacks_duplicate_total", 7, app=str(APP))


def test_a_request_id_is_bound_to_its_app_its_command_and_its_body(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit), apps=[app(), app(1400000001)])).start()
    callback = one()

    post(running, callback, callback.again(app=1400000001), one(DELETE, request_id=callback.request_id),
         one(name="c", request_id=callback.request_id))

    assert len(set(settled_ids(running, audit, 4))) == 4


def test_block_unblock_block_of_one_pair_are_three_events(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    post(running, one(ADD), one(DELETE), one(ADD))

    assert len(set(settled_ids(running, audit, 3))) == 3


def test_without_a_request_id_nothing_is_taken_for_a_repeat(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    callback = one(request_id=None)

    post(running, callback, callback)

    assert len(set(settled_ids(running, audit, 2))) == 2


def test_by_body_goes_by_the_body_alone_within_its_time(gateway, receiver):
    audit = receiver()
    apps = [app(duplicates={"by": "body", "within": "1h"})]
    running = gateway(routes(subscriber(audit), apps=apps)).start()

    post(running, one(), one(), one(request_id=None), one(name="c"))

    assert len(settled_ids(running, audit, 2)) == 2
    running.wait_for_metric("switchyard_callbacks_duplicate_total", 2, app=str(APP))


def test_by_body_forgets_when_its_time_is_over(gateway, receiver):
    audit = receiver()
    apps = [app(duplicates={"by": "body", "within": "1s"})]
    running = gateway(routes(subscriber(audit), apps=apps)).start()
    repeat = one()

    def taken_anew():
        post(running, repeat)
        return running.metrics().sum("switchyard_events_accepted_total") == 2

    post(running, repeat)
    eventually(taken_anew, "the repeat is taken as new", timeout=15)
    audit.wait_for(2)


def test_by_none_takes_every_repeat_as_new(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit), apps=[app(duplicates={"by": "none"})])).start()
    callback = one()

    post(running, callback, callback)

    assert len(set(settled_ids(running, audit, 2))) == 2
    assert running.metrics().value("switchyard_callbacks_duplicate_total", app=str(APP)) == 0
