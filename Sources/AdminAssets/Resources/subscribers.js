// The subscribers: filter, pause and resume, and those that the routes file no longer names.

import {call, get, post} from "./api.js";
import {announce, button, byId, count, el, guardChanges, plural} from "./dom.js";
import {confirmTwice, perform} from "./dialogs.js";
import {openDeadLetters} from "./dead-letters.js";

const body = byId("subscribers");
const filter = byId("subscriber-filter");
const states = new Map();

export function startSubscribers() {
  guardChanges(document);
  filter.addEventListener("input", () => [...body.children].forEach(sift));
  body.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-action]");
    if (pressed) act(pressed);
  });
  [...body.children].forEach(rowChanged);
  showRemoved();
  setInterval(showRemoved, 30000);
}

export const subscriberNames = () => [...body.children].map((row) => row.dataset.name);

// Called for each row that the server sends.
export function rowChanged(row) {
  sift(row);
  const {name, state} = row.dataset;
  const before = states.get(name);
  states.set(name, state);
  if (before && before !== state) announce(`${name} is ${state.replace("_", " ")}.`);
}

function sift(row) {
  const wanted = filter.value.trim().toLowerCase();
  const {name, owner, state} = row.dataset;
  row.hidden = wanted !== "" && ![name, owner, state.replace("_", " ")].some((text) => text.toLowerCase().includes(wanted));
}

function act(pressed) {
  const {action, subscriber} = pressed.dataset;
  if (action === "dead-letters") return openDeadLetters(subscriber, Number(pressed.dataset.count));
  const done = action === "pause" ? "is paused" : "is resumed";
  return perform(pressed, async () => {
    await post(`/v1/subscribers/${encodeURIComponent(subscriber)}/${action}`);
    announce(`${subscriber} ${done}.`);
  });
}

async function showRemoved() {
  const place = byId("removed");
  if (document.hidden) return;
  let removed = [];
  try {
    removed = (await get("/v1/subscribers", {limit: 1})).removed || [];
  } catch {
    return;
  }
  if (!removed.length) {
    place.replaceChildren();
    return;
  }
  place.replaceChildren(
    el("h3", {}, "No longer in the routes file"),
    el("ul", {class: "removed"}, ...removed.map((one) => el("li", {},
      el("b", {}, one.name), ` ${plural(one.behindEvents, "event", "events")} behind, `,
      one.deadLetters > 0
        ? el("button", {type: "button", class: "link", onclick: () => openDeadLetters(one.name, one.deadLetters)},
          plural(one.deadLetters, "dead letter", "dead letters"))
        : "no dead letters", " ",
      button("Forget…", {"data-change": true, "aria-label": `Forget ${one.name}`}, (event) => forget(one, event.target))))));
}

async function forget(one, pressed) {
  const sure = await confirmTwice({
    title: `Forget ${one.name}?`,
    first: `Its position, ${count(one.behindEvents)} events that it has not seen and ${count(one.deadLetters)} dead letters are deleted.`,
    firstYes: "Forget it",
    second: "There is no way back. If the routes file names it again, it starts as a new subscriber.",
    secondYes: "Forget it for good",
  });
  if (!sure) return;
  await perform(pressed, () => call("DELETE", `/v1/subscribers/${encodeURIComponent(one.name)}`));
  announce(`${one.name} is forgotten.`);
  showRemoved();
}
