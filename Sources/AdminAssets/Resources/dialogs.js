// Dialogs: the browser's own, which keep the focus, and give it back when they close.

import {byId, el} from "./dom.js";

export function open(id) {
  const dialog = byId(id);
  if (!dialog.open) dialog.showModal();
  return dialog;
}

// Asks twice, each time in words; resolves to whether both answers were yes.
export function confirmTwice({title, first, firstYes, second, secondYes}) {
  return confirm(title, [[first, firstYes], [second, secondYes]]);
}

export function confirmOnce({title, sentence, yes}) {
  return confirm(title, [[sentence, yes]]);
}

function confirm(title, questions) {
  const dialog = byId("confirm-dialog");
  const [text, yes, no] = ["confirm-text", "confirm-yes", "confirm-no"].map(byId);
  byId("confirm-title").textContent = title;
  let step = -1;
  const ask = () => {
    step += 1;
    const [sentence, label] = questions[step];
    text.textContent = sentence;
    yes.textContent = label;
    yes.className = step === questions.length - 1 ? "danger" : "";
    // So that a second press of the same key does not say yes twice.
    no.focus();
  };
  return new Promise((resolve) => {
    const listeners = new AbortController();
    const end = (answer) => {
      listeners.abort();
      if (dialog.open) dialog.close();
      resolve(answer);
    };
    const on = (target, type, action) => target.addEventListener(type, action, {signal: listeners.signal});
    on(yes, "click", () => (step === questions.length - 1 ? end(true) : ask()));
    on(no, "click", () => end(false));
    on(dialog, "close", () => end(false));
    dialog.showModal();
    ask();
  });
}

// Runs what a button asks for; it cannot be pressed again meanwhile, and what goes wrong is said.
export async function perform(button, action, place) {
  const was = button?.disabled;
  if (button) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
  }
  try {
    return await action();
  } catch (error) {
    complain(error.message, place);
    return undefined;
  } finally {
    if (button) {
      button.disabled = was;
      button.removeAttribute("aria-busy");
    }
  }
}

// Says what went wrong where it was asked for, or above the page.
export function complain(sentence, place) {
  const alert = el("p", {class: "alert", role: "alert"}, sentence,
    el("button", {type: "button", class: "plain", "aria-label": "Dismiss", onclick: (event) => event.target.parentNode.remove()}, "✕"));
  (place || byId("complaints")).replaceChildren(alert);
}

