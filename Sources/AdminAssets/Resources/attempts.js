// Attempts as they happen.

import {brief, byId, count, el, kind, plural, seconds, time} from "./dom.js";
import {listen} from "./live.js";
import {openStory, outcome} from "./story.js";

const most = 100;
const paintMilliseconds = 250;
const body = byId("attempts");
const [state, hold, failures, empty] = ["attempts-state", "attempts-hold", "attempts-failures", "attempts-empty"].map(byId);
let waiting = [];
let missed = 0;
let isHeld = false;
let connection = "none";

export function startAttempts() {
  hold.addEventListener("click", () => {
    isHeld = !isHeld;
    hold.setAttribute("aria-pressed", String(isHeld));
    hold.textContent = isHeld ? "Go on" : "Hold";
    paint();
  });
  failures.addEventListener("change", () => {
    for (const row of body.children) sift(row);
    told();
  });
  listen("/v1/tail", {
    attempt: (data) => {
      waiting.push(JSON.parse(data));
      // Only the latest could be shown anyway.
      if (waiting.length > most) waiting.splice(0, waiting.length - most);
    },
    dropped: (data) => { missed += JSON.parse(data).attempts; },
  }, (now) => {
    connection = now;
    told();
  });
  setInterval(paint, paintMilliseconds);
}

function paint() {
  if (isHeld) {
    told();
    return;
  }
  if (!waiting.length) return;
  const rows = waiting.map(row).reverse();
  waiting = [];
  body.prepend(...rows);
  while (body.children.length > most) body.lastElementChild.remove();
  told();
}

function row(attempt) {
  const made = el("tr", {"data-outcome": attempt.outcome},
    el("td", {}, time(attempt.at)), el("td", {}, attempt.subscriber),
    el("td", {title: attempt.error}, outcome(attempt)),
    el("td", {class: "number"}, seconds(attempt.durationSeconds)), el("td", {class: "number"}, count(attempt.attempt)),
    el("td", {}, attempt.type && kind(attempt.type), " ", attempt.events > 1 && `× ${count(attempt.events)} `,
      attempt.eventId && el("button", {type: "button", class: "link id", title: attempt.eventId, "aria-label": `The story of ${attempt.eventId}`, onclick: () => openStory(attempt.eventId)}, brief(attempt.eventId))));
  sift(made);
  return made;
}

function sift(made) { made.hidden = failures.checked && made.dataset.outcome === "success"; }

function told() {
  const parts = [];
  if (connection === "lost") parts.push("Not connected");
  if (isHeld) parts.push(waiting.length ? `${plural(waiting.length, "attempt waits", "attempts wait")}` : "Held");
  if (missed) parts.push(`${plural(missed, "attempt", "attempts")} left out, too many at a time`);
  state.textContent = parts.join(". ");
  empty.hidden = [...body.children].some((one) => !one.hidden);
  empty.textContent = failures.checked && body.children.length
    ? "None of the latest attempts has failed." : "No attempt has been made since this page was opened.";
}
