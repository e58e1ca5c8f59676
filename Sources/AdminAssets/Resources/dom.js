// Elements made by hand. What the API says goes into the page as text and attributes, never as HTML.

export const byId = (id) => document.getElementById(id);

// el("td", {class: "number", onclick: f, hidden: true}, "text", child, …)
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

// A state by shape and word.
export function shape(symbol, state, ...words) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "shape");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", "#state-" + symbol);
  svg.append(use);
  return el("span", {class: "state", "data-state": state}, svg, ...words);
}

export function announce(sentence) {
  const place = byId("announcement");
  place.textContent = "";
  // Said again also where it is the same sentence.
  setTimeout(() => { place.textContent = sentence; }, 50);
}

export const isReadOnly = document.body.dataset.right === "read";

// Takes from a session that may only look what it may not do.
export function guardChanges(root) {
  if (!isReadOnly) return;
  const found = root.querySelectorAll ? [...root.querySelectorAll("[data-change]")] : [];
  if (root.matches?.("[data-change]")) found.push(root);
  for (const button of found) {
    button.disabled = true;
    button.title = "This session was opened with the read token: it may look and change nothing.";
  }
}

export function button(label, properties, onclick) {
  const made = el("button", {type: "button", ...properties, onclick}, label);
  guardChanges(made);
  return made;
}

const clock = new Intl.DateTimeFormat(undefined, {hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false});
const day = new Intl.DateTimeFormat(undefined, {day: "numeric", month: "short"});

// A moment by the reader's clock; the title has it in full.
export function time(text, {withDay = false} = {}) {
  const moment = new Date(text);
  const label = Number.isNaN(moment.getTime()) ? text
    : withDay ? `${day.format(moment)}, ${clock.format(moment)}` : clock.format(moment);
  return el("time", {datetime: text, title: text}, label);
}

export const count = (number) => Number(number).toLocaleString("en-US");

export const plural = (number, one, more) => `${count(number)} ${number === 1 ? one : more}`;

// An event's type without what all of them begin with.
export const kind = (type) => type.replace(/^com\.tencent\.chat\./, "");

// The ends of an id, which is where ids differ.
export const brief = (id) => id.replace(/^([0-9a-f]{8})-.*-([0-9]+)$/, "$1…$2");

export function seconds(number) {
  const milliseconds = number * 1000;
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 999.5 ? `${milliseconds.toFixed(0)} ms` : `${number.toFixed(number < 9.95 ? 1 : 0)} s`;
}
