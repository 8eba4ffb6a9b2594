// Prints a platform's e-waybills by its component on this PC. A label is printed once it says so; nothing is ever printed twice by itself.

import { addresses, PrintStates, printersOf, printRequest, refusalOf, request } from "./print-protocol.js";
import { fill } from "./text.js";

/** Clients wait a moment after `open` before they ask (printing.md, 3.2). */
const settle = 300;
/** Without a notice the task is asked for, and soon after given up as unknown. */
const noticePatience = 60_000;
const askPatience = 10_000;
/** So many labels are on their way at once: paper keeps the list's order, and a broken connection leaves few in doubt. */
const outstanding = 3;

const unique = () => Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("");

class Printing {
  #form;
  #socket = null;
  #states = new PrintStates();
  #rows = new Map();
  /** What is still to be sent. After a broken connection the button goes on with it, and sends nothing twice. */
  #queue = [];
  #open = new Set();

  constructor(form) {
    this.#form = form;
    form.querySelector("[data-print-connect]").addEventListener("click", () => this.#connect());
    form.addEventListener("submit", (event) => {
      if (event.submitter?.matches("[data-print-start]")) this.#print(event);
    });
    form.closest("[hidden]")?.removeAttribute("hidden");
  }

  get #component() {
    return this.#form.elements.component.value;
  }

  /** A message of the page: a template's content. */
  #show(name) {
    const template = this.#form.querySelector(`template[data-print-message="${name}"]`);
    this.#form.querySelector("[data-print-messages]").replaceChildren(template?.content.cloneNode(true) ?? "");
  }

  async #connect() {
    this.#show("connecting");
    this.#socket?.close();
    const socket = new WebSocket(addresses[this.#component]);
    this.#socket = socket;
    socket.onopen = () => setTimeout(() => socket.readyState === WebSocket.OPEN && socket.send(request("getPrinters", unique())), settle);
    socket.onmessage = ({ data }) => this.#heard(data);
    socket.onclose = () => this.#closed(socket);
  }

  async #closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    // All that the socket was given, answered or not.
    for (const taskID of [...this.#open]) if (this.#states.giveUp(taskID, "lost")) this.#say(taskID, "lost");
    const permission = await navigator.permissions?.query({ name: "loopback-network" }).then((one) => one.state, () => undefined);
    this.#form.querySelector("[data-print-start]").hidden = true;
    this.#show(refusalOf({ protocol: location.protocol, hostname: location.hostname, permission }));
  }

  #heard(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    const names = printersOf(message);
    if (names) {
      const select = this.#form.elements.printer;
      select.replaceChildren(...names.map((name) => new Option(name, name)));
      this.#form.querySelector("[data-print-start]").hidden = names.length === 0;
      this.#show(names.length ? "connected" : "noPrinters");
    }
    for (const { taskID, state, reason } of this.#states.read(message)) this.#say(taskID, state, reason);
  }

  async #print(event) {
    event.preventDefault();
    const socket = this.#socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    event.submitter.hidden = true;
    if (!this.#queue.length && !(await this.#fetch())) return;
    this.#next();
  }

  async #fetch() {
    const response = await fetch(this.#form.action, {
      method: "post",
      body: new URLSearchParams(new FormData(this.#form)),
      headers: { Accept: "application/json" },
    }).catch(() => null);
    if (!response?.ok) {
      this.#show("notOpened");
      return false;
    }
    const { items } = await response.json();
    for (const { allocationId, documentId: documentID, content } of items) {
      const taskID = unique();
      this.#states.add(taskID);
      this.#rows.set(taskID, document.querySelector(`[data-print-row="${CSS.escape(allocationId)}"]`));
      this.#queue.push({ taskID, documentID, content });
      this.#say(taskID, "waiting");
    }
    return true;
  }

  #next() {
    const socket = this.#socket;
    while (socket?.readyState === WebSocket.OPEN && this.#queue.length && this.#open.size < outstanding) {
      const { taskID, ...one } = this.#queue.shift();
      this.#open.add(taskID);
      try {
        socket.send(printRequest(this.#component, unique(), { taskID, ...one, printer: this.#form.elements.printer.value }));
        setTimeout(() => this.#ask(socket, taskID), noticePatience);
      } catch {
        if (this.#states.giveUp(taskID, "failed")) this.#say(taskID, "failed");
      }
    }
  }

  #ask(socket, taskID) {
    if (socket.readyState === WebSocket.OPEN) socket.send(request("getTaskStatus", unique(), { taskID: [taskID] }));
    setTimeout(() => this.#states.giveUp(taskID, "unknown") && this.#say(taskID, "unknown"), askPatience);
  }

  #say(taskID, state, reason = "") {
    if (!["sent", "rendered"].includes(state) && this.#open.delete(taskID)) this.#next();
    const row = this.#rows.get(taskID);
    const badge = row?.querySelector("[data-print-state]");
    if (!badge) return;
    badge.textContent = fill(this.#form.getAttribute(`data-text-${state}`), { reason });
    badge.className = `badge ${{ printed: "good", failed: "bad", canceled: "warn", unknown: "warn", lost: "warn" }[state] ?? "info"}`;
    // Printed or again: a person says so where the component did not.
    row.querySelector("[data-print-ask]").hidden = !["unknown", "lost", "failed", "canceled"].includes(state);
    if (state === "printed") this.#mark(row);
  }

  /** The row's own form, as if its button were pressed; without an answer the person is asked. */
  async #mark(row) {
    const form = row.querySelector("form[data-print-mark]");
    const answer = await fetch(form.action, { method: "post", body: new URLSearchParams(new FormData(form)) }).catch(() => null);
    if (!answer?.ok) row.querySelector("[data-print-ask]").hidden = false;
  }
}

if (globalThis.document) for (const form of document.querySelectorAll("form[data-print]")) new Printing(form);
