// Keeps the page up to date by the server's events, and says whether it is.

import {announce, byId, guardChanges} from "./dom.js";

const again = {first: 1000, most: 10000};

// A stream that opens itself again, rests while nobody looks at the page, and tells of its state: "live", "lost",
// "resting".
export function listen(path, handlers, onState) {
  let source = null;
  let timer = 0;
  let pause = again.first;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const openNow = () => {
    close();
    const current = new EventSource(path);
    source = current;
    current.onopen = () => {
      pause = again.first;
      onState("live");
    };
    current.onerror = () => {
      if (source !== current) return;
      close();
      onState("lost");
      timer = setTimeout(openNow, pause);
      pause = Math.min(pause * 2, again.most);
    };
    for (const [name, handler] of Object.entries(handlers)) current.addEventListener(name, (event) => handler(event.data));
  };
  document.addEventListener("visibilitychange", () => {
    // A browser has few connections to one host, and pages in the background would take them all.
    if (document.hidden) {
      close();
      onState("resting");
    } else if (!source) {
      pause = again.first;
      openNow();
    }
  });
  if (!document.hidden) openNow();
  return {close, reopen: openNow};
}

const words = {live: "Live", lost: "Connection lost, trying again", resting: "Resting", none: "As loaded"};
const shapes = {live: "closed", lost: "open", resting: "paused", none: "none"};

function show(state) {
  const place = byId("connection");
  const before = place.dataset.state;
  if (before === state) return;
  place.dataset.state = state;
  place.querySelector("use").setAttribute("href", "#state-" + shapes[state]);
  place.querySelector("span").textContent = words[state];
  if (state === "lost") announce("The connection to the gateway is lost.");
  if (state === "live" && before === "lost") announce("The connection to the gateway is back.");
}

export function keepUpToDate(onRow) {
  listen("/dashboard/stream", {
    version: (version) => {
      // Another version of the gateway has come up in the place of the one that this page is of.
      if (version !== document.body.dataset.version && !document.querySelector("dialog[open]")) location.reload();
    },
    fragment: (data) => {
      const cut = data.indexOf("\n");
      apply(data.slice(0, cut), data.slice(cut + 1), onRow);
    },
    order: (data) => arrange(data.split(" ").filter(Boolean)),
  }, async (state) => {
    show(state);
    if (state === "lost") await askWhy();
  });
}

// A stream that is refused does not say why; a session that is over is one reason.
async function askWhy() {
  try {
    const answer = await fetch("/dashboard/stream", {method: "HEAD", cache: "no-store"});
    if (answer.status === 401) location.reload();
  } catch {
    // It does not answer at all, and the page says so already.
  }
}

function parse(html, container) {
  // Rendered and escaped by the server. A template is inert: nothing in it loads or runs before it is taken over.
  const template = document.createElement("template");
  template.innerHTML = html;
  guardChanges(template.content);
  container.append(template.content);
  return container;
}

function apply(id, html, onRow) {
  const element = byId(id);
  if (!id.startsWith("subscriber-")) {
    if (element) morphChildren(element, parse(html, element.cloneNode(false)));
    return;
  }
  const row = parse(html, document.createElement("tbody")).firstElementChild;
  if (element) morph(element, row);
  else byId("subscribers").append(row);
  onRow(byId(id));
}

function arrange(ids) {
  const body = byId("subscribers");
  const wanted = new Set(ids);
  for (const row of [...body.children]) if (!wanted.has(row.id)) row.remove();
  let place = body.firstElementChild;
  for (const id of ids) {
    const row = byId(id);
    if (!row) continue;
    if (row === place) place = place.nextElementSibling;
    else body.insertBefore(row, place);
  }
}

// Makes one tree like another and touches only what differs, so that focus and selection stay where they are.
function morph(from, to) {
  if (from.isEqualNode(to)) return;
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    from.data = to.data;
    return;
  }
  for (const {name} of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const {name, value} of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  morphChildren(from, to);
}

function morphChildren(from, to) {
  const [old, fresh] = [[...from.childNodes], [...to.childNodes]];
  fresh.forEach((node, index) => (index < old.length ? morph(old[index], node) : from.append(node)));
  old.slice(fresh.length).forEach((node) => node.remove());
}
