"""The dashboard in headless Chromium: what it shows, that it moves, that it cannot be turned against its reader."""

import urllib.parse

import pytest

from harness import eventually, free_port, routes, subscriber
from harness.browser import PHONE, Browser, Keys
from harness.operated import Operated
from harness.receiver import Answer
from harness.traffic import Traffic

TOKEN = "full-token"
READ_TOKEN = "read-token"
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']
# Each text of the page against what is behind it, as WCAG 2.1 counts; returns what is below AA.
CONTRAST = """
const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (element) => {
  for (let one = element; one; one = one.parentElement) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color.length < 4 || color[3] > 0) return color;
  }
  return parse(getComputedStyle(document.documentElement).getPropertyValue("background-color"));
};
const poor = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const text = walker.currentNode.data.trim();
  if (!text || element.closest(":disabled, .hidden, script, noscript, title") || !element.checkVisibility()) continue;
  const style = getComputedStyle(element);
  const [front, back] = [luminance(parse(style.color)), luminance(behind(element))];
  const contrast = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (contrast < (isLarge ? 3 : 4.5)) poor.push(`${text.slice(0, 40)}: ${contrast.toFixed(2)}`);
}
return poor;
"""


@pytest.fixture
def browser(tmp_path):
    """Chromium, as it comes out of the box."""
    made = Browser(tmp_path / "profile").start()
    yield made
    made.stop()


@pytest.fixture
def plain(gateway, receiver):
    """A gateway without tokens, and its receiver."""
    audit = receiver("audit")
    return gateway(routes(subscriber(audit, owner="compliance"))).start(), audit


@pytest.fixture
def door(plain):
    """The same, as the dashboard works it."""
    return Operated(*plain)


@pytest.fixture
def guarded(gateway, receiver):
    """A gateway with both tokens; the full one stands in a file."""
    running = gateway(routes(subscriber(receiver("audit"))), environment={"SWITCHYARD_ADMIN_READ_TOKEN": READ_TOKEN})
    (running.directory / "admin-token").write_text(TOKEN)
    running.environment["SWITCHYARD_ADMIN_TOKEN_FILE"] = str(running.directory / "admin-token")
    return running.start()


def sign_in(browser, running, token):
    browser.open(running.admin_url)
    browser.type("#token", token + Keys.ENTER)


def since_the_start(browser):
    """The callbacks accepted, as the page says."""
    return int(browser.text("#figures .figure").split(" since the start")[0].split()[-1].replace(",", ""))


# What it shows.


def test_it_loads_without_a_complaint_and_asks_nobody_else(browser, door):
    door.deliver(("alice", "bob"))
    browser.open(door.url).wait_until_live()
    browser.wait_for_text("#subscriber-audit", "closed delivers")
    browser.wait_for_text("#figures", "1 since the start")
    assert "compliance" in browser.text("#subscriber-audit")
    assert browser.text("#routes code") == door.gateway.document("/v1/stats")["routes"]["fingerprint"]
    assert browser.complaints == []
    assert browser.hosts == {urllib.parse.urlsplit(door.url).netloc}


def test_numbers_move_while_traffic_flows(browser, plain):
    running, _ = plain
    browser.open(running.admin_url).wait_until_live()
    with Traffic(running):
        browser.wait(lambda: since_the_start(browser) > 0, "the first callbacks are counted")
        first = since_the_start(browser)
        browser.wait(lambda: since_the_start(browser) > first, "more are counted")
        browser.wait(lambda: browser.text("#figures .big") not in ("", "0/s"), "a rate is shown")
        browser.wait(lambda: browser.text("#subscriber-audit [data-label='Success']").endswith("100 %"), "success is")
        browser.wait(lambda: "–" not in browser.text("#subscriber-audit [data-label='p50 / p99']"), "times are")
        line = browser.find("#subscriber-audit .spark-line")
        drawn = line.get_attribute("d")
        browser.wait(lambda: line.get_attribute("d") != drawn or "L118 2.0" in drawn, "the line rises")


def test_what_happens_to_a_subscriber_shows_without_loading_the_page_again(browser, plain, receiver):
    running, audit = plain
    browser.open(running.admin_url).wait_until_live()
    browser.run("document.body.dataset.mark = 'same page'")
    late = receiver("late")
    running.apply(routes(subscriber(late), subscriber(audit, paused=True)))
    browser.wait_for_text("#subscriber-audit", "paused nothing is sent")
    browser.wait_for_text("#announcement", "audit is paused.")
    browser.wait_for_text("#summary", "2 subscribers: 1 paused")
    browser.wait(lambda: browser.run(
        "return [...document.querySelectorAll('#subscribers tr')].map((row) => row.dataset.name).join()")
        == "late,audit", "the rows stand in the order of the file")
    running.apply(routes(subscriber(late)))
    browser.wait(lambda: not browser.all("#subscriber-audit"), "the row of the removed one goes")
    browser.type("#subscriber-filter", "nobody")
    assert not browser.find("#subscriber-late").is_displayed()
    browser.type("#subscriber-filter", "LATE")
    assert browser.find("#subscriber-late").is_displayed()
    assert browser.run("return document.body.dataset.mark") == "same page"


def test_a_bad_routes_file_is_shown_with_its_problems(browser, plain):
    running, _ = plain
    browser.open(running.admin_url).wait_until_live()
    running.write_routes("version: 1\nsubscribers: <b>x</b>\n")
    browser.wait_for_text("#routes", "not taken")
    browser.wait_for_text("#routes .problems", "routes.yaml")
    browser.click("#reload-check")
    browser.wait_for_text("#reload-result", "nothing was changed")
    assert browser.all("#reload-result .problems li") and not browser.all("main b > b")


def test_it_is_readable_without_javascript(browser, plain):
    running, _ = plain
    browser.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    browser.open(running.admin_url)
    assert browser.find("#subscriber-audit").is_displayed()
    assert not [one.text for one in browser.all("button") if one.is_displayed()]
    assert "As loaded" in browser.find("#connection").text


def test_the_connection_is_lost_and_comes_back(browser, gateway, receiver):
    running = gateway(routes(subscriber(receiver("audit"))), admin_port=free_port()).start()
    browser.open(running.admin_url).wait_until_live()
    browser.run("document.body.dataset.mark = 'same page'")
    running.kill()
    browser.wait_for_text("#connection", "Connection lost")
    running.start()
    with Traffic(running):
        browser.wait_for_text("#connection", "Live")
        browser.wait(lambda: since_the_start(browser) > 0, "the numbers are of the new process")
    assert browser.run("return document.body.dataset.mark") == "same page"


def test_a_page_that_nobody_looks_at_lets_go_of_its_connections(browser, plain):
    running, _ = plain
    browser.open(running.admin_url).wait_until_live()
    browser.run("""
        const place = document.getElementById("connection");
        document.body.dataset.states = "";
        new MutationObserver(() => { document.body.dataset.states += place.dataset.state + " "; })
          .observe(place, {attributes: true});
        """)
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.driver.switch_to.window(first)
    browser.wait(lambda: browser.run("return document.body.dataset.states").startswith("resting"), "it rests")
    browser.wait_until_live()


def test_a_stop_does_not_wait_for_whoever_looks(browser, plain):
    running, _ = plain
    browser.open(running.admin_url).wait_until_live()
    assert running.terminate() == 0
    browser.wait_for_text("#connection", "Connection lost")


# What it must withstand.


@pytest.mark.parametrize("account", HOSTILE)
def test_a_hostile_account_name_is_shown_as_text(browser, door, account):
    browser.open(door.url).wait_until_live()
    [delivery] = door.deliver((account, "bob"))
    browser.wait_for_text("#attempts", "blocklist.added")
    browser.type("#event-query", account)
    browser.click("#event-form button")
    browser.wait_for_text("#event-results .parties", account)
    browser.click("#event-results button.id")
    browser.wait_for_text("#story", "delivered")
    assert account.replace('"', '\\"') in browser.text("#story pre")
    assert browser.text(".story-id") == delivery.id
    assert browser.run("return document.querySelectorAll('main script, dialog script, main img, dialog img').length") == 0
    assert browser.complaints == []


def test_the_content_security_policy_holds(browser, plain):
    running, _ = plain
    browser.open(running.admin_url).wait_until_live()
    foreign = f"http://127.0.0.1:{free_port()}"
    browser.run("""
        const script = document.createElement("script");
        script.textContent = "document.body.dataset.inline = 'ran'";
        document.body.append(script);
        const image = document.createElement("img");
        image.src = arguments[0] + "/x.png";
        image.setAttribute("onerror", "document.body.dataset.handler = 'ran'");
        document.body.append(image);
        const styled = document.createElement("p");
        styled.setAttribute("style", "position: fixed");
        styled.id = "styled";
        document.body.append(styled);
        fetch(arguments[0]).catch(() => { document.body.dataset.fetched = "refused"; });
        """, foreign)
    browser.wait(lambda: browser.run("return document.body.dataset.fetched") == "refused", "the fetch is refused")
    assert browser.run("return [document.body.dataset.inline, document.body.dataset.handler]") == [None, None]
    assert browser.run("return getComputedStyle(document.getElementById('styled')).position") == "static"
    said = " ".join(browser.complaints)
    for directive in ("script-src", "img-src", "style-src", "connect-src"):
        assert directive in said


# Who may.


def test_signing_in_and_out(browser, guarded):
    sign_in(browser, guarded, "wrong")
    browser.wait_for_text("[role=alert]", "not one of the door’s")
    assert browser.focused == "token"
    browser.type("#token", TOKEN + Keys.ENTER)
    browser.wait_until_live()
    [cookie] = browser.driver.get_cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict" and cookie["path"] == "/"
    assert browser.run("return document.cookie") == ""
    browser.click("#reload-now")
    browser.wait_for_text("#reload-result", "nothing has changed")
    browser.find("form[action='/session/end'] button").click()
    browser.wait(lambda: browser.all("#token"), "the page asks for a token again")
    assert browser.driver.get_cookies() == []
    assert TOKEN not in guarded.log_text


def test_a_session_of_the_read_token_looks_and_changes_nothing(browser, guarded):
    sign_in(browser, guarded, READ_TOKEN)
    browser.wait_until_live()
    browser.run("document.body.dataset.mark = 'same page'")
    assert browser.text(".badge") == "Read only"
    with Traffic(guarded):
        browser.wait(lambda: since_the_start(browser) > 0, "the page is brought up to date")
        buttons = browser.run("""
            return [...document.querySelectorAll("[data-change]")].map((one) => [one.disabled, one.title])""")
        assert len(buttons) > 3 and all(disabled and "read token" in title for disabled, title in buttons), buttons
    assert browser.run("""
        return fetch("/v1/reload", {method: "POST", headers: {"X-Switchyard-Admin": "1"}}).then((one) => one.status)
        """) == 403
    assert browser.run("return document.body.dataset.mark") == "same page"


@pytest.mark.timeout(90)
def test_a_session_ends_with_its_token_also_on_an_open_page(browser, guarded):
    sign_in(browser, guarded, TOKEN)
    browser.wait_until_live()
    (guarded.directory / "admin-token").write_text("rotated-token")
    eventually(lambda: browser.run("return Boolean(document.getElementById('token'))"), "it asks for a token again", 45)


# What it does.


def test_pause_and_resume(browser, door):
    browser.open(door.url).wait_until_live()
    browser.click("[data-action=pause]")
    browser.wait(lambda: door.is_paused, "the subscriber is paused")
    browser.wait_for_text("#announcement", "audit is paused.")


def test_what_the_gateway_refuses_is_said(browser, door):
    browser.open(door.url).wait_until_live()
    browser.type("#event-query", "4edc5f8c-8e34-86a1-be3e-09d43f0c033c-7")
    browser.click("#event-form button")
    browser.wait_for_text("#story [role=alert]", ".")


def test_attempts_come_live(browser, door):
    browser.open(door.url).wait_until_live()
    assert "No attempt has been made" in browser.text("#attempts-empty")
    [delivery] = door.deliver(("alice", "bob"))
    browser.wait(lambda: browser.all(f"#attempts button[title='{delivery.id}']"), "the attempt is shown")
    assert "success 200" in browser.text("#attempts tr")
    browser.click("#attempts-failures")
    assert not browser.find("#attempts tr").is_displayed()
    assert "None of the latest" in browser.text("#attempts-empty")
    browser.click("#attempts-failures")
    browser.click("#attempts-hold")
    door.deliver(("carol", "dave"))
    browser.wait_for_text("#attempts-state", "1 attempt waits")
    assert len(browser.all("#attempts tr")) == 1
    browser.click("#attempts-hold")
    browser.wait(lambda: len(browser.all("#attempts tr")) == 2, "what waited is shown")


def test_dead_letters_are_listed_in_pieces_and_discarded_after_two_questions(browser, door):
    door.bury(120)
    browser.open(door.url).wait_until_live()
    browser.wait_for_text("[data-action=dead-letters]", "120")
    browser.click("[data-action=dead-letters]")
    browser.wait_for_text("#dead-letters-state", "50 dead letters shown, and there are more.")
    browser.click("#dead-letters-more")
    browser.wait_for_text("#dead-letters-state", "100 dead letters shown")
    for one in browser.all("#dead-letters input")[:2]:
        one.click()
    browser.click("#dead-letters-discard")
    assert "2 dead letters with 2 events" in browser.text("#confirm-text")
    browser.click("#confirm-yes")
    assert "no way back" in browser.text("#confirm-text")
    assert browser.focused == "confirm-no"
    browser.press(Keys.ESCAPE)
    assert door.dead_letters == 120
    browser.click("#dead-letters-discard")
    browser.click("#confirm-yes")
    browser.click("#confirm-yes")
    browser.wait(lambda: door.dead_letters == 118, "those two are discarded, and no other")
    browser.wait_for_text("#announcement", "2 dead letters discarded.")
    # All that are left take more than one call.
    browser.click("#dead-letters-discard")
    assert "All dead letters of audit" in browser.text("#confirm-text")
    browser.click("#confirm-yes")
    browser.click("#confirm-yes")
    browser.wait(lambda: door.dead_letters == 0, "all are discarded")
    browser.wait_for_text("#dead-letters-empty", "There is none.")


def test_dead_letters_are_replayed(browser, door):
    door.bury(3)
    door.receiver.answer = lambda _: Answer()
    browser.open(door.url).wait_until_live()
    browser.wait(lambda: browser.all("[data-action=dead-letters]"), "there are dead letters")
    browser.click("[data-action=dead-letters]")
    browser.wait_for_text("#dead-letters-state", "3 dead letters.")
    browser.type("#dead-letters-error", "no such error" + Keys.ENTER)
    browser.wait_for_text("#dead-letters-empty", "There is none.")
    browser.type("#dead-letters-error", "422" + Keys.ENTER)
    browser.wait_for_text("#dead-letters-state", "3 dead letters.")
    browser.click("#dead-letters-replay")
    browser.click("#confirm-yes")
    browser.wait(lambda: door.dead_letters == 0, "they are sent again")
    browser.wait_for_text("#dead-letters-state", "3 dead letters are sent again.")


def test_a_replay_is_planned_and_started(browser, door):
    door.deliver(("alice", "bob"), ("alice", "carol"))
    browser.open(door.url).wait_until_live()
    browser.click("#replay-new")
    assert browser.find("#replay-start").get_attribute("disabled")
    browser.click("#replay-check")
    browser.wait_for_text("#replay-plan", "events, from")
    browser.click("#replay-start")
    browser.wait(lambda: len(door.replays) == 1, "the replay is made")
    assert door.replays[0]["subscriber"] == "audit"
    browser.wait_for_text("#replays", "audit")
    assert not browser.find("#replay-dialog").is_displayed()


# For whom.


def test_everything_can_be_reached_and_left_by_keyboard(browser, door):
    door.bury(1)
    browser.open(door.url).wait_until_live()
    browser.wait(lambda: browser.all("[data-action=dead-letters]"), "there is a dead letter")
    browser.press(Keys.TAB)
    assert browser.focused == "Skip to the content"
    browser.press(Keys.ENTER)
    assert browser.focused == "main"
    reached = []
    for _ in range(40):
        browser.press(Keys.TAB)
        reached.append(browser.focused)
        if reached[-1] == "Metrics":
            break
    for wanted in ["subscriber-filter", "1 dead letters of audit", "Pause audit", "attempts-failures", "attempts-hold",
                   "event-query", "Find", "replay-new", "reload-check", "reload-now", "The admin API", "Metrics"]:
        assert wanted in reached, (wanted, reached)
    browser.run("document.querySelector('[data-action=dead-letters]').focus()")
    assert browser.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press(Keys.ENTER)
    browser.wait_for_text("#dead-letters-state", "1 dead letter.")
    assert browser.run("return document.activeElement.closest('dialog').id") == "dead-letters-dialog"
    browser.press(Keys.ESCAPE)
    assert not browser.find("#dead-letters-dialog").is_displayed()
    assert browser.focused == "1 dead letters of audit"


def test_the_focus_stays_where_it_is_while_numbers_move(browser, plain):
    running, _ = plain
    browser.open(running.admin_url).wait_until_live()
    with Traffic(running):
        browser.run("document.querySelector('[data-action=pause]').focus()")
        first = since_the_start(browser)
        browser.wait(lambda: since_the_start(browser) > first, "the page has changed")
        browser.wait(lambda: browser.text("#subscriber-audit [data-label='Success']").endswith("100 %"), "the row has")
        assert browser.focused == "Pause audit"


@pytest.mark.parametrize("width", [PHONE[0], 320, 768, 1024, 1200, 1280, 1400])
def test_nothing_hangs_over_the_edge_of_a_narrow_screen(browser, door, receiver, width):
    broken = receiver("a-subscriber-with-a-long-name")
    broken.answer = lambda _: Answer(500)
    door.gateway.apply(routes(
        subscriber(door.receiver), subscriber(broken, breaker={"open_after": 1}, owner="a-team-with-a-long-name")))
    door.bury(2)
    browser.size(width, 844, mobile=width < 800)
    browser.open(door.url).wait_until_live()
    browser.wait(lambda: browser.all("[data-action=dead-letters]"), "there are dead letters")
    browser.wait(lambda: len(browser.all("#subscriber-a-subscriber-with-a-long-name .actions button")) == 2, "it fails")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    browser.click("[data-action=dead-letters]")
    browser.wait_for_text("#dead-letters-state", "2 dead letters.")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    edges = browser.run("const box = document.querySelector('dialog[open]').getBoundingClientRect(); "
                        "return [box.left, box.right]")
    assert edges[0] >= 0 and edges[1] <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_in_light_and_dark(browser, door, scheme, receiver):
    broken = receiver("broken")
    broken.answer = lambda _: Answer(500)
    door.gateway.apply(routes(
        subscriber(door.receiver, paused=True), subscriber(broken, breaker={"open_after": 1}, owner="somebody")))
    with Traffic(door.gateway):
        browser.prefer(prefers_color_scheme=scheme)
        browser.open(door.url).wait_until_live()
        browser.wait_for_text("#subscriber-broken", "open fails")
    ground = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, ground[4:-1].split(","))) < 200) == (scheme == "dark")
    assert browser.run(CONTRAST) == []
