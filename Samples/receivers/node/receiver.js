// A receiver of events: it verifies each request, keeps what is in it, answers, and works on it afterwards.
//
//   WEBHOOK_SECRETS='whsec_…' node receiver.js
//
// WEBHOOK_SECRETS takes two secrets, with a blank between them, while one is being exchanged for the other. PORT and
// INBOX have defaults.

import http from "node:http";
import { DatabaseSync } from "node:sqlite";
import { Webhook, WebhookVerificationError } from "standardwebhooks";

const longestBody = 64 << 20;

// What has come and is to be worked on: a table whose key is the event's id, so that a repeat changes nothing.
class Inbox {
  #database;

  constructor(path) {
    this.#database = new DatabaseSync(path);
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    this.#database.exec(`CREATE TABLE IF NOT EXISTS inbox
      (id TEXT NOT NULL UNIQUE, event TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0)`);
  }

  // Puts all of them in, or none. Those whose id is known stay as they are.
  put(events) {
    const insert = this.#database.prepare("INSERT INTO inbox (id, event) VALUES (?, ?) ON CONFLICT (id) DO NOTHING");
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const event of events) insert.run(event.id, JSON.stringify(event));
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  // Hands the waiting events to `work`, oldest first. After a crash the one that was under way comes again.
  async workOff(work) {
    const oldest = this.#database.prepare("SELECT id, event FROM inbox WHERE done = 0 ORDER BY rowid LIMIT 1");
    const finish = this.#database.prepare("UPDATE inbox SET done = 1 WHERE id = ?");
    for (let row = oldest.get(); row; row = oldest.get()) {
      await work(JSON.parse(row.event, keepingDigits));
      finish.run(row.id);
    }
  }
}

// Keeps the digits of numbers that a double cannot hold.
function keepingDigits(key, value, { source }) {
  return typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;
}

// Whether one of the secrets has signed these bytes in the last five minutes.
function isGenuine(webhooks, body, headers) {
  return webhooks.some((webhook) => {
    try {
      webhook.verify(body, headers);
      return true;
    } catch (error) {
      if (error instanceof WebhookVerificationError) return false;
      throw error;
    }
  });
}

// The event, or those of a batch: a batch has an id of its own, but what is known again is each event's.
function eventsOf(body, contentType = "") {
  const parsed = JSON.parse(body.toString("utf8"), keepingDigits);
  return contentType.startsWith("application/cloudevents-batch+json") ? parsed : [parsed];
}

async function read(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > longestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function answer(request) {
  if (request.method !== "POST") return 405;
  const body = await read(request);
  if (body === null) return 413;
  if (!isGenuine(webhooks, body, request.headers)) return 401;
  inbox.put(eventsOf(body, request.headers["content-type"]));
  return 204;
}

// What is to be done about an event. It may be asked for the same event again after a crash.
async function work(event) {
  console.log(event.id, event.type, event.data.from, event.data.to);
}

const webhooks = process.env.WEBHOOK_SECRETS.split(" ").map((secret) => new Webhook(secret));
const inbox = new Inbox(process.env.INBOX ?? "inbox.db");
let working = Promise.resolve();
const workOff = () => {
  working = working.then(() => inbox.workOff(work)).catch((error) => console.error("not worked on:", error.message));
};

const server = http.createServer(async (request, response) => {
  let status = 503; // It comes again.
  try {
    status = await answer(request);
  } catch (error) {
    console.error("not kept:", error.message);
  }
  response.writeHead(status, status === 413 ? { Connection: "close" } : {}).end();
  if (status === 204) workOff();
});
server.keepAliveTimeout = 60_000; // Longer than the gateway leaves a connection idle.
server.listen(Number(process.env.PORT ?? 9101), "127.0.0.1", workOff);
