"""`switchyard send`: callbacks of every command, as Tencent would post them."""

import json

from harness import APP, eventually, routes, subscriber
from harness.commands import run


def send(binary, gateway, *arguments):
    return run(binary, "send", "--url", gateway.callback_url + "/", *arguments)


def test_every_command_of_the_catalogue_is_taken_and_split(gateway, receiver, binary):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    rows = json.loads(run(binary, "catalogue", "--json").stdout)

    for row in rows:
        sent = send(binary, running, "--command", row["type"], "--to", "a,b", "--json")
        assert sent.returncode == 0, row["command"] + sent.stdout + sent.stderr
        assert json.loads(sent.stdout)["answers"][0]["errorCode"] == 0

    expected = {row["command"]: 2 if "batch" in row else 1 for row in rows}
    deliveries = audit.wait_for(sum(expected.values()))
    arrived = {}
    for delivery in deliveries:
        command = delivery.event["data"]["command"]
        arrived[command] = arrived.get(command, 0) + 1
    assert arrived == expected
    assert {delivery.event["type"] for delivery in deliveries} == {f"com.tencent.chat.{row['type']}" for row in rows}
    unsplit = running.metrics().series("switchyard_callbacks_unsplit_total", app=str(APP))
    assert not any(value for _, value in unsplit)


def test_the_answer_is_shown_where_tencent_waits_for_it(gateway, receiver, binary):
    running = gateway(routes(subscriber(receiver()))).start()

    one = send(binary, running, "--command", "Sns.CallbackPrevFriendAdd", "--to", "a\u001bb").stdout.splitlines()
    assert one[0].startswith("200 OK  ")
    assert one[1].startswith('{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":"","ResultItem":[{"To_Account":"a')
    assert "\u001b" not in one[1]
    many = send(binary, running, "--command", "C2C.CallbackBeforeSendMsg", "--count", "5").stdout.splitlines()
    assert many[:2] == ["sent 5, 5 OK, 0 failed", "  5 × 200 OK, ErrorCode 0"]
    assert "p90" in many[-1]
    refused = send(binary, running, "--sdkappid", "7")
    assert refused.returncode == 1
    assert json.loads(refused.stdout.splitlines()[1])["ActionStatus"] == "FAIL"


def test_a_request_id_makes_repeats(gateway, receiver, binary):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    for _ in range(2):
        sent = send(binary, running, "--request-id", "again & again", "--count", "3", "--to", "a,b")
        assert sent.returncode == 0, sent.stdout

    eventually(lambda: running.metrics().value("switchyard_callbacks_duplicate_total", app=str(APP)) == 5, "5 repeats")
    assert running.metrics().value("switchyard_callbacks_accepted_total", app=str(APP)) == 1
    audit.wait_for_pairs([("id", "a"), ("id", "b")])


def test_a_misspelt_command_is_bad_usage_with_a_suggestion(binary):
    finished = run(binary, "send", "--command", "Sns.CalbackFriendAdd")

    assert finished.returncode == 64
    assert 'did you mean "Sns.CallbackFriendAdd"?' in finished.stderr
