// The routes file: read it now, or see what reading it would change.

import {post} from "./api.js";
import {byId, el} from "./dom.js";
import {complain, perform} from "./dialogs.js";

const result = byId("reload-result");

export function startRoutes() {
  byId("reload-now").addEventListener("click", (event) => reload(event.target, false));
  byId("reload-check").addEventListener("click", (event) => reload(event.target, true));
}

async function reload(pressed, isDry) {
  result.replaceChildren();
  await perform(pressed, async () => {
    try {
      result.replaceChildren(...changes(await post("/v1/reload" + (isDry ? "?dry_run=1" : "")), isDry));
    } catch (error) {
      complain(error.message, result);
      if (error.problems?.length) result.append(problems(error.problems));
    }
  }, result);
}

function changes(change, isDry) {
  const parts = [["added", "Added"], ["removed", "Removed"], ["changed", "Changed"]]
    .filter(([key]) => change[key]?.length)
    .map(([key, word]) => `${word}: ${change[key].join(", ")}.`);
  const sentence = parts.length ? parts.join(" ") : isDry ? "The file is good, and nothing would change." : "The file was read, and nothing has changed.";
  return [
    el("p", {}, isDry && parts.length ? `It would be so. ${sentence}` : sentence),
    ...(change.warnings?.length ? [problems(change.warnings)] : []),
  ];
}

function problems(all) {
  return el("ul", {class: "problems"}, ...all.map((one) => el("li", {},
    el("code", {}, [one.file, one.line, one.column].filter((part) => part !== undefined).join(":")), " ",
    el("b", {}, one.severity), " ", one.message)));
}
