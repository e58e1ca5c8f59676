// One subscriber's dead letters: look, send again, discard.

import {get, post} from "./api.js";
import {announce, byId, count, el, kind, plural, time} from "./dom.js";
import {confirmOnce, confirmTwice, open, perform} from "./dialogs.js";
import {openStory} from "./story.js";

const pieceSize = 50;
const body = byId("dead-letters");
const [state, more, all, error] = ["dead-letters-state", "dead-letters-more", "dead-letters-all", "dead-letters-error"].map(byId);
let shown = {subscriber: "", error: "", cursor: null, events: 0};

export function startDeadLetters() {
  byId("dead-letters-form").addEventListener("submit", (event) => {
    event.preventDefault();
    shown.error = error.value.trim();
    show();
  });
  more.addEventListener("click", () => perform(more, addPiece, state));
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    label();
  });
  body.addEventListener("change", label);
  byId("dead-letters-replay").addEventListener("click", (event) => act("replay", selection(), event.target));
  byId("dead-letters-discard").addEventListener("click", (event) => act("discard", selection(), event.target));
}

export function openDeadLetters(subscriber, events) {
  shown = {subscriber, error: "", cursor: null, events};
  error.value = "";
  byId("dead-letters-title").textContent = `Dead letters of ${subscriber}`;
  open("dead-letters-dialog");
  show();
}

function show() {
  body.replaceChildren();
  all.checked = false;
  more.hidden = true;
  byId("dead-letters-empty").hidden = true;
  shown.cursor = null;
  state.textContent = "Reading…";
  return perform(null, addPiece, state);
}

async function addPiece() {
  const {subscriber, error: text, cursor} = shown;
  const piece = await get("/v1/dead-letters", {subscriber, error: text, limit: pieceSize, cursor});
  // A slow answer may be of what is no longer shown.
  if (subscriber !== shown.subscriber || text !== shown.error || cursor !== shown.cursor) return;
  body.append(...piece.deadLetters.map(row));
  shown.cursor = piece.cursor || null;
  more.hidden = !piece.cursor;
  byId("dead-letters-empty").hidden = body.children.length > 0 || Boolean(piece.cursor);
  label();
}

function row(letter) {
  const name = letter.state === "expired" ? `${count(letter.events)} events, expired unread` : letter.type ? kind(letter.type) : "callback no longer kept";
  return el("tr", {"data-id": letter.id, "data-events": letter.events},
    el("td", {}, el("input", {type: "checkbox", "aria-label": `Choose ${letter.id}`})),
    el("td", {}, time(letter.endedAt, {withDay: true})),
    el("td", {class: "event-cell"}, el("span", {}, name, letter.events > 1 && letter.state !== "expired" && ` × ${count(letter.events)}`),
      letter.eventId && el("button", {type: "button", class: "link id", onclick: () => openStory(letter.eventId)}, letter.eventId)),
    el("td", {class: "number"}, count(letter.attempts)),
    el("td", {class: "error"}, letter.error));
}

const boxes = () => [...body.querySelectorAll("input[type=checkbox]")];

const chosen = () => boxes().filter((box) => box.checked).map((box) => box.closest("tr"));

function label() {
  const rows = chosen();
  const verb = rows.length ? plural(rows.length, "dead letter", "dead letters") : shown.error ? "all of these" : "all";
  byId("dead-letters-replay").textContent = `Replay ${verb}…`;
  byId("dead-letters-discard").textContent = `Discard ${verb}…`;
  const listed = plural(body.children.length, "dead letter", "dead letters");
  state.textContent = shown.cursor ? `${listed} shown, and there are more.` : `${listed}.`;
  const none = body.children.length === 0;
  for (const id of ["dead-letters-replay", "dead-letters-discard"]) {
    const pressed = byId(id);
    if (!pressed.title) pressed.disabled = none;
  }
}

// What the buttons mean now, in the API's words and in the reader's.
function selection() {
  const rows = chosen();
  if (rows.length) {
    const events = rows.reduce((sum, one) => sum + Number(one.dataset.events), 0);
    return {body: {ids: rows.map((one) => one.dataset.id)}, words: `${plural(rows.length, "dead letter", "dead letters")} with ${plural(events, "event", "events")}`};
  }
  const {subscriber, error: text} = shown;
  if (text) {
    return {body: {subscriber, error: text}, words: `Every dead letter of ${subscriber} whose error has “${text}”, ${count(body.children.length)}${shown.cursor ? " or more" : ""},`};
  }
  return {body: {subscriber}, words: `All dead letters of ${subscriber}, with ${plural(shown.events, "event", "events")},`};
}

async function act(verb, {body: wanted, words}, pressed) {
  const sure = verb === "replay"
    ? await confirmOnce({title: "Send them again?", sentence: `${words} are sent again, from their first attempt on and under the ids they have.`, yes: "Replay"})
    : await confirmTwice({
      title: "Discard them?",
      first: `${words} are to be discarded: ${shown.subscriber} never gets them.`,
      firstYes: "Discard",
      second: "They are deleted for good. There is no way back.",
      secondYes: "Discard for good",
    });
  if (!sure) return;
  const done = await perform(pressed, () => inPieces(verb, wanted), state);
  await show();
  if (done) {
    const sentence = `${plural(done.deadLetters, "dead letter", "dead letters")} ${verb === "replay" ? "are sent again" : "discarded"}.`;
    state.textContent = sentence + (done.replay ? ` They carry ${done.replay}.` : "");
    announce(sentence);
  }
}

// A call does a bounded number, and says whether there are more.
async function inPieces(verb, wanted) {
  const total = {deadLetters: 0, replay: undefined};
  for (;;) {
    const done = await post(`/v1/dead-letters/${verb}`, wanted);
    total.deadLetters += done.deadLetters;
    total.replay ??= done.replay;
    if (!done.more || done.deadLetters === 0) return total;
    state.textContent = `${count(total.deadLetters)} so far…`;
  }
}
