// The JSON API of this door. A problem document becomes an error whose message is its sentence.

export class Problem extends Error {
  constructor(status, document) {
    super(document?.detail || `The gateway answered ${status}.`);
    this.status = status;
    this.problems = document?.problems || [];
  }
}

// Numbers beyond what JavaScript counts keep the digits that they came with, where the browser can.
const exact = (_, value, context) =>
  typeof value === "number" && context?.source && String(value) !== context.source && JSON.rawJSON
    ? JSON.rawJSON(context.source) : value;

export async function call(method, path, body) {
  const headers = {Accept: "application/json"};
  if (method !== "GET") headers["X-Switchyard-Admin"] = "1";
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new Problem(0, {detail: "The gateway does not answer: look whether it runs."});
  }
  if (response.status === 401) {
    // The session is over, by time or because its token was rotated.
    location.reload();
    throw new Problem(401, {detail: "This session is over: sign in again."});
  }
  const text = await response.text();
  const isJSON = /json/.test(response.headers.get("Content-Type") || "");
  let document = null;
  try {
    document = isJSON && text ? JSON.parse(text, exact) : null;
  } catch {
    throw new Problem(response.status, {detail: "The gateway's answer cannot be read."});
  }
  if (!response.ok) throw new Problem(response.status, document);
  return document;
}

export const get = (path, query = {}) => call("GET", path + queryText(query));

export const post = (path, body) => call("POST", path, body);

// By percent signs alone: a "+" is a plus to the gateway, and not a space as in a form.
function queryText(query) {
  const text = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");
  return text ? "?" + text : "";
}
