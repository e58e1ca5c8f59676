// Events: found by id or account, and the story of one.

import {get} from "./api.js";
import {byId, count, el, kind, seconds, shape, time} from "./dom.js";
import {open, perform} from "./dialogs.js";

const idShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}-(0|[1-9][0-9]{0,8})$/;
const shapes = {delivered: "closed", in_flight: "half_open", retrying: "held", waiting: "held", dead: "misconfigured", expired: "misconfigured", not_wanted: "none", before_start: "none", removed: "none"};
const states = {delivered: "closed", in_flight: "half_open", retrying: "held", dead: "open", expired: "open"};
const results = byId("event-results");

export function startStories() {
  byId("event-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const query = byId("event-query").value.trim();
    const pressed = event.target.querySelector("button");
    if (idShape.test(query)) openStory(query);
    else if (query) search(query, null, pressed);
  });
}

async function search(account, cursor, pressed) {
  if (!cursor) results.replaceChildren();
  // A call looks at a bounded number of callbacks, so a piece may be empty without being the end.
  const piece = await perform(pressed, async () => {
    let found = await get("/v1/events", {account, limit: 50, cursor});
    for (let looks = 1; !found.events.length && found.cursor && looks < 20; looks += 1) {
      found = await get("/v1/events", {account, limit: 50, cursor: found.cursor});
    }
    return found;
  }, results);
  if (!piece) return;
  results.querySelector(".more")?.remove();
  let list = results.querySelector("ul");
  if (!list) {
    list = el("ul", {class: "events"});
    results.replaceChildren(list);
  }
  list.append(...piece.events.map((one) => el("li", {},
    el("span", {class: "quiet"}, time(one.receivedAt, {withDay: true})), " ", el("b", {}, kind(one.type)), " ",
    el("span", {class: "parties"}, parties(one)),
    el("button", {type: "button", class: "link id", onclick: () => openStory(one.id)}, one.id))));
  if (piece.cursor) {
    results.append(el("p", {class: "more"}, el("button", {type: "button", onclick: (event) => search(account, piece.cursor, event.target)}, "Look further")));
  } else if (!list.children.length) {
    results.replaceChildren(el("p", {class: "empty"}, `No event that is still kept has the account ${account}.`));
  }
}

function parties({from, to, group, account}) {
  if (from && to) return `${from} → ${to}`;
  return [from, to, group, account].filter(Boolean).join(", ");
}

export async function openStory(id) {
  const place = byId("story");
  byId("story-title").textContent = "An event’s story";
  place.replaceChildren(el("p", {class: "empty"}, "Reading…"));
  open("story-dialog");
  const story = await perform(null, () => get("/v1/events/" + encodeURIComponent(id)), place);
  if (story) place.replaceChildren(...tell(id, story));
}

function tell(id, {event, callback, subscribers}) {
  byId("story-title").textContent = event.type || "An event’s story";
  return [
    el("p", {class: "story-id"}, el("code", {}, id)),
    el("dl", {class: "facts"},
      fact("Callback", callback.command), fact("App", String(callback.sdkAppId)),
      fact("Accepted", time(callback.receivedAt, {withDay: true})), fact("From", callback.peer),
      fact("Number", `${count(callback.sequence)}, one of ${count(callback.events)} of its callback`),
      callback.requestId && fact("RequestId", callback.requestId),
      ...(callback.checks || []).map((check) => fact(check.name, check.result))),
    el("h3", {}, "What became of it"),
    subscribers.length ? el("ol", {class: "deliveries"}, ...subscribers.map(delivery)) : el("p", {class: "empty"}, "No subscriber was there to want it."),
    el("h3", {}, "The event, as it is delivered"),
    el("pre", {tabindex: "0"}, JSON.stringify(event, null, 2)),
  ];
}

const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", {}, value));

function delivery(one) {
  return el("li", {},
    el("p", {class: "delivery-head"}, el("b", {}, one.subscriber), " ",
      shape(shapes[one.state] || "none", states[one.state] || "none", one.state.replace("_", " ")),
      one.replay && el("span", {class: "quiet"}, ` ${one.replay}`),
      one.reason && el("span", {class: "quiet"}, ` ${one.reason}`),
      one.dueAt && el("span", {class: "quiet"}, " next attempt ", time(one.dueAt))),
    one.attempts.length > 0 && el("table", {},
      el("thead", {}, el("tr", {}, ...["At", "Try", "Outcome", "Took", "Said"].map((text) => el("th", {scope: "col"}, text)))),
      el("tbody", {}, ...one.attempts.map((attempt) => el("tr", {},
        el("td", {}, time(attempt.at, {withDay: true})), el("td", {}, count(attempt.attempt)), el("td", {}, outcome(attempt)),
        el("td", {}, seconds(attempt.durationSeconds)),
        el("td", {class: "error"}, attempt.error || attempt.response?.body || ""))))));
}

export function outcome({outcome: word, status}) {
  const good = word === "success";
  return shape(good ? "closed" : "misconfigured", good ? "closed" : "open", good ? "success" : word.replace("_", " "), status ? ` ${status}` : "");
}
