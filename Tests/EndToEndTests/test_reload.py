"""The routes file takes effect without a restart, and a bad one changes nothing."""

import json
import os
import signal

import pytest

from harness import Callback, app, eventually, pairs_body, post, routes, subscriber
from harness.signatures import new_secret

COMMAND = "Sns.CallbackBlackListAdd"
BAD_URL = '''version: 1
apps:
  - sdkappid: 1400000000
subscribers:
  - name: audit
    url: "ftp://127.0.0.1/"
    unsigned: true
    events: ["*"]
'''
RELOADS = "switchyard_routes_reloads_total"
LAST_SUCCESSFUL = "switchyard_routes_last_reload_successful"


def one(name):
    return Callback(COMMAND, pairs_body(COMMAND, [("a", name)]))


def reloads(running, result):
    return running.metrics().value(RELOADS, result=result)


def wait_for_subscriber(running, name):
    """Waits until a subscriber of that name is in force."""
    eventually(lambda: running.metrics().series("switchyard_subscriber_info", subscriber=name),
               f"{name} is in force", timeout=10)


def write_in_place(running, text):
    running.routes_path.write_text(text)


def replace_by_rename(running, text):
    running.write_routes(text)


@pytest.mark.parametrize("change", [write_in_place, replace_by_rename])
def test_an_edit_takes_effect_by_itself(gateway, receiver, change):
    first, second = receiver("first"), receiver("second")
    running = gateway(routes(subscriber(first))).start()

    change(running, routes(subscriber(first), subscriber(second)))

    wait_for_subscriber(running, "second")
    post(running, one("b"))
    first.wait_for_pairs([("a", "b")])
    second.wait_for_pairs([("a", "b")])
    assert running.metrics().value(LAST_SUCCESSFUL) == 1


def test_a_symlink_swapped_as_a_kubernetes_configmap_does_takes_effect(gateway, receiver):
    first, second = receiver("first"), receiver("second")
    running = gateway()
    volume = running.directory / "volume"

    def project(version, text):
        folder = volume / f"..{version}"
        folder.mkdir(parents=True)
        (folder / "routes.yaml").write_text(text)
        (volume / "..data_tmp").symlink_to(folder.name)
        os.replace(volume / "..data_tmp", volume / "..data")

    project("2026_11_20_1", routes(subscriber(first)))
    (volume / "routes.yaml").symlink_to("..data/routes.yaml")
    running.routes_path = volume / "routes.yaml"
    running.start()

    project("2026_11_20_2", routes(subscriber(first), subscriber(second)))

    wait_for_subscriber(running, "second")
    post(running, one("b"))
    second.wait_for_pairs([("a", "b")])


def test_a_rotated_secret_file_signs_the_next_attempts(gateway, receiver):
    audit = receiver()
    audit.secret, old = new_secret(), audit.secret
    running = gateway()
    path = running.directory / "secret"
    path.write_text(old + "\n")
    running.write_routes(routes(subscriber(audit, secrets=["${file:secret}"])))
    running.start()
    before = reloads(running, "success")

    path.write_text(audit.secret + "\n")

    eventually(lambda: reloads(running, "success") > before, "the file it refers to was read again", timeout=10)
    post(running, one("b"))
    audit.wait_for_pairs([("a", "b")])


def test_a_new_file_of_an_include_takes_effect(gateway, receiver):
    first, team = receiver("first"), receiver("team")
    running = gateway(routes(subscriber(first), include=["subscribers.d/*.yaml"]))
    folder = running.directory / "subscribers.d"
    folder.mkdir()
    running.start()

    running.write_routes(json.dumps({"subscribers": [subscriber(team)]}), folder / "team.yaml")

    wait_for_subscriber(running, "team")
    post(running, one("b"))
    team.wait_for_pairs([("a", "b")])


def test_sighup_reads_the_file_again(gateway, receiver):
    running = gateway(routes(subscriber(receiver()))).start()
    before = reloads(running, "success")

    running.send_signal(signal.SIGHUP)

    eventually(lambda: reloads(running, "success") > before, "it was read again", timeout=10)
    assert running.status_of("/readyz") == 200


def test_post_reload_tells_what_changed(gateway, receiver):
    first, second = receiver("first"), receiver("second")
    alone, both = routes(subscriber(first)), routes(subscriber(first), subscriber(second))
    running = gateway(alone).start()

    def added_is_told():
        # The watcher may have taken the file a moment before the request did: then once more.
        running.apply(alone)
        running.write_routes(both)
        status, answer = running.reload()
        assert status == 200
        return answer["added"] == ["second"] and answer["removed"] == []

    eventually(added_is_told, "the answer names the new subscriber")
    post(running, one("b"))
    second.wait_for_pairs([("a", "b")])


def test_a_dry_run_changes_nothing(gateway, receiver):
    first, second = receiver("first"), receiver("second")
    running = gateway(routes(subscriber(first))).start()

    status, answer = running.reload(dry_run=True)

    assert status == 200
    assert (answer["added"], answer["removed"], answer["changed"]) == ([], [], [])
    before = reloads(running, "success")
    running.reload(dry_run=True)
    assert reloads(running, "success") == before
    assert not second.deliveries


def test_a_bad_file_changes_nothing_and_is_told_with_its_place(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    running.write_routes(BAD_URL)

    eventually(lambda: reloads(running, "failure") >= 1, "the failure is counted", timeout=10)
    assert running.metrics().value(LAST_SUCCESSFUL) == 0
    assert running.status_of("/readyz") == 200
    for dry_run in (True, False):
        status, problem = running.reload(dry_run)
        assert status == 422
        errors = [found for found in problem["problems"] if found["severity"] == "error"]
        assert [(found["line"], found["column"]) for found in errors] == [(6, 10)], problem
    assert "routes.yaml:6:" in running.log_text
    post(running, one("b"))
    audit.wait_for_pairs([("a", "b")])

    running.apply(routes(subscriber(audit)))
    assert running.metrics().value(LAST_SUCCESSFUL) == 1


def test_a_deleted_routes_file_changes_nothing(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()

    running.routes_path.unlink()

    eventually(lambda: reloads(running, "failure") >= 1, "the failure is counted", timeout=10)
    assert running.status_of("/readyz") == 200
    post(running, one("b"))
    audit.wait_for_pairs([("a", "b")])


def test_a_bad_file_at_start_runs_on_the_last_good_copy(gateway, receiver):
    audit = receiver()
    running = gateway(routes(subscriber(audit))).start()
    assert running.terminate() == 0

    running.write_routes(BAD_URL)
    running.start()

    assert running.metrics().value(LAST_SUCCESSFUL) == 0
    assert any(line["level"] in ("warning", "error", "critical") and "routes.yaml:6:" in json.dumps(line)
               for line in running.current_log), "it did not say so"
    post(running, one("b"))
    audit.wait_for_pairs([("a", "b")])


def test_a_bad_file_at_the_first_start_is_a_configuration_error(gateway):
    running = gateway(BAD_URL).launch()

    assert running.wait() == 78
    assert "routes.yaml:6:" in running.log_text


def test_a_reference_missing_from_the_copy_disables_its_subscriber_alone(gateway, receiver):
    healthy, needy = receiver("healthy"), receiver("needy")
    good = routes(subscriber(healthy), subscriber(needy, secrets=["${NEEDED_SECRET}"]))
    running = gateway(good, environment={"NEEDED_SECRET": needy.secret}).start()
    assert running.terminate() == 0
    needed = running.environment.pop("NEEDED_SECRET")

    running.start()

    assert running.metrics().state("needy") == "misconfigured"
    post(running, one("b"))
    healthy.wait_for_pairs([("a", "b")])
    assert not needy.deliveries
    assert running.terminate() == 0
    running.environment["NEEDED_SECRET"] = needed
    running.start()
    needy.wait_for_pairs([("a", "b")])


def test_tokens_of_an_app_rotate_by_reload(gateway, receiver):
    entry = subscriber(receiver())
    running = gateway(routes(entry, apps=[app(tokens=["old-token"])])).start()
    post(running, one("b").again(token="old-token"))

    running.apply(routes(entry, apps=[app(tokens=["old-token", "new-token"])]))
    post(running, one("c").again(token="old-token"), one("d").again(token="new-token"))
    running.apply(routes(entry, apps=[app(tokens=["new-token"])]))

    post(running, one("e").again(token="new-token"))
    with pytest.raises(AssertionError, match="401"):
        post(running, one("f").again(token="old-token"))
