// Replays: how far they have come, and new ones.

import {call, get, post} from "./api.js";
import {announce, button, byId, count, el, shape, time} from "./dom.js";
import {confirmOnce, open, perform} from "./dialogs.js";
import {subscriberNames} from "./subscribers.js";

const [list, state, plan, start] = ["replays", "replays-state", "replay-plan", "replay-start"].map(byId);
const shapes = {running: "half_open", paused: "paused", done: "closed", cancelled: "none"};
const states = {running: "half_open", paused: "paused", done: "closed", cancelled: "none"};
const soon = 2000;
const later = 15000;
let timer = 0;

export function startReplays() {
  byId("replay-new").addEventListener("click", openForm);
  byId("replay-form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  byId("replay-form").addEventListener("input", () => {
    start.disabled = true;
    plan.textContent = "";
  });
  start.addEventListener("click", begin);
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  let isRunning = false;
  if (!document.hidden) {
    try {
      const {replays, cursor} = await get("/v1/replays", {limit: 20});
      isRunning = replays.some((one) => one.state === "running");
      show(replays);
      state.textContent = cursor ? "the newest 20" : "";
    } catch (error) {
      state.textContent = error.message;
    }
  }
  timer = setTimeout(refresh, isRunning ? soon : later);
}

function show(replays) {
  // Their buttons may have the focus, and are left alone while nothing has changed.
  const text = JSON.stringify(replays);
  if (list.dataset.shown === text) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  list.dataset.shown = text;
  list.replaceChildren(replays.length
    ? el("ul", {class: "replays"}, ...replays.map(item))
    : el("p", {class: "empty"}, "No replay in the last week. A replay sends a retained span again, to one subscriber."));
  if (focused) [...list.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === focused)?.focus();
}

function item(one) {
  const isOver = one.state === "done" || one.state === "cancelled";
  const share = one.totalEvents > 0 ? one.doneEvents / one.totalEvents : 1;
  return el("li", {},
    el("p", {class: "replay-head"}, shape(shapes[one.state], states[one.state], one.state), el("b", {}, one.subscriber),
      el("span", {class: "quiet"}, time(one.from, {withDay: true}), " to ", time(one.to, {withDay: true}),
        one.events ? `, ${one.events.join(" ")}` : "", one.rateLimit ? `, at most ${one.rateLimit}` : "")),
    el("progress", {max: "1", value: isOver && one.state === "done" ? 1 : share, "aria-label": `Replay to ${one.subscriber}`}),
    el("p", {class: "quiet"}, `${count(one.doneEvents)} of ${one.isExact ? "" : "about "}${count(one.totalEvents)}`,
      one.waitingEvents ? `, ${count(one.waitingEvents)} to be retried` : "",
      one.deadLetters ? `, ${count(one.deadLetters)} dead` : "", one.reason ? `. ${one.reason}` : ""),
    !isOver && el("div", {class: "buttons"},
      one.state === "paused"
        ? button("Resume", {"data-change": true, "aria-label": `Resume the replay ${one.id}`}, (event) => act(one, "resume", event.target))
        : button("Pause", {"data-change": true, "aria-label": `Pause the replay ${one.id}`}, (event) => act(one, "pause", event.target)),
      button("Cancel…", {"data-change": true, "aria-label": `Cancel the replay ${one.id}`}, (event) => cancel(one, event.target))));
}

const path = (one) => `/v1/replays/${encodeURIComponent(one.id)}`;

async function act(one, verb, pressed) {
  await perform(pressed, () => post(`${path(one)}/${verb}`));
  refresh();
}

async function cancel(one, pressed) {
  const sentence = `${count(Math.max(0, one.totalEvents - one.doneEvents))} events of it have not been sent. What is in flight may still arrive.`;
  if (!await confirmOnce({title: `Cancel the replay to ${one.subscriber}?`, sentence, yes: "Cancel the replay"})) return;
  await perform(pressed, () => call("DELETE", path(one)));
  refresh();
}

function openForm() {
  byId("replay-subscriber").replaceChildren(...subscriberNames().map((name) => el("option", {}, name)));
  const from = byId("replay-from");
  if (!from.value) from.value = local(new Date(Date.now() - 3600000));
  start.disabled = true;
  plan.textContent = "";
  open("replay-dialog");
}

const local = (moment) => new Date(moment.getTime() - moment.getTimezoneOffset() * 60000).toISOString().slice(0, 19);

function wanted() {
  const [subscriber, from, to, events, rate] = ["subscriber", "from", "to", "events", "rate"].map((name) => byId("replay-" + name).value.trim());
  const body = {subscriber, from: new Date(from).toISOString()};
  if (to) body.to = new Date(to).toISOString();
  if (events) body.events = events.split(/[\s,]+/).filter(Boolean);
  if (rate) body.rateLimit = rate;
  return body;
}

async function check() {
  const planned = await perform(byId("replay-check"), () => post("/v1/replays?dry_run=1", wanted()), plan);
  if (!planned) return;
  plan.replaceChildren(`${planned.isExact ? "" : "At most "}${count(planned.totalEvents)} events, from `, time(planned.from, {withDay: true}), " to ", time(planned.to, {withDay: true}), ".");
  start.disabled = planned.totalEvents === 0;
}

async function begin() {
  const made = await perform(start, () => post("/v1/replays", wanted()), plan);
  if (!made) return;
  byId("replay-dialog").close();
  announce(`The replay to ${made.subscriber} has begun.`);
  refresh();
}
