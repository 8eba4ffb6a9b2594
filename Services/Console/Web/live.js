// What the stream tells becomes visible: rows are fetched again, new ones are announced, and nothing moves under a hand.

import { fetchFragment } from "./fragment.js";
import { Stream } from "./stream.js";
import { plural, typesText } from "./text.js";

/** At most one row a second. */
const rowPause = 1000;
const pollPause = 30_000;
/** Hidden for longer than this, the page is read again as a whole. */
const hiddenTooLong = 60_000;

/** Whether a change is news: versions are numbers that grow. */
export function isNews(shown, told) {
  return told === undefined || !(Number(told) <= Number(shown));
}

/** Whether somebody is working on it: it has the focus, a tick or an open part, or text of it is selected. */
function busy(row) {
  const selection = getSelection();
  return (
    row.contains(document.activeElement) ||
    row.querySelector(":checked, details[open]") !== null ||
    row.matches(":has(button:hover, a:hover)") ||
    document.querySelector("dialog[open]") !== null ||
    (selection && !selection.isCollapsed && selection.intersectsNode(row))
  );
}

class Live {
  #state = document.querySelector("[data-live-state]");
  #queue = new Map();
  #timer = 0;
  #fresh = new Set();
  #hiddenSince = 0;
  #polling = 0;

  start(root) {
    const { stream: url, since } = root.dataset;
    new Stream({ url, since, heard: (event) => this.#heard(event) });
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#hiddenSince = Date.now();
      else if (Date.now() - this.#hiddenSince > hiddenTooLong) this.#readAll();
    });
    document.addEventListener("click", (event) => {
      const row = event.target.closest?.("[data-live-update]")?.closest("[data-live]");
      if (row) this.#fetch(row, true);
    });
  }

  #heard(event) {
    if (event.type === "changed") this.#changed(event.data);
    else this.#say(event.type);
  }

  #say(type) {
    if (this.#state) {
      this.#state.dataset.state = type;
      const text = this.#state.querySelector("[data-live-text]");
      if (text) text.textContent = this.#state.getAttribute(`data-text-${type}`) ?? "";
    }
    clearInterval(this.#polling);
    if (type === "poll") this.#polling = setInterval(() => document.hidden || this.#readAll(), pollPause);
    if (type === "reset") this.#readAll();
  }

  #changed({ kind, id, version, created }) {
    const rows = document.querySelectorAll(`[data-live="${CSS.escape(kind)}"][data-id="${CSS.escape(id)}"]`);
    for (const row of rows) if (isNews(row.dataset.version, version)) this.#queue.set(row.dataset.fragment, row);
    if (!rows.length && created) this.#announce(kind, id);
    this.#timer ||= setTimeout(() => this.#next(), 100);
  }

  #announce(kind, id) {
    const bar = document.querySelector(`[data-live-newer="${CSS.escape(kind)}"]`);
    if (!bar) return;
    this.#fresh.add(id);
    bar.hidden = false;
    bar.querySelector("button, a").textContent = plural(bar, "count", this.#fresh.size);
  }

  #next() {
    const [first] = this.#queue;
    this.#timer = first ? setTimeout(() => this.#next(), rowPause) : 0;
    if (!first) return;
    this.#queue.delete(first[0]);
    if (first[1].isConnected) this.#fetch(first[1], false);
  }

  async #fetch(row, asked) {
    if (!asked && busy(row)) return this.#mark(row);
    try {
      const answer = await fetchFragment(row.dataset.fragment);
      const fresh = answer.content.querySelector("[data-live]");
      if (answer.status === 404) row.classList.add("changed");
      if (!answer.ok || answer.redirected || !fresh) return;
      // Somebody may have begun meanwhile.
      if (!asked && busy(row)) return this.#mark(row);
      row.replaceWith(document.adoptNode(fresh));
      if (asked) fresh.querySelector("a, button, input")?.focus();
    } catch {
      this.#mark(row);
    }
  }

  #mark(row) {
    row.classList.add("changed");
    for (const note of row.querySelectorAll("[data-live-note]")) note.hidden = false;
  }

  /** The page is asked for as it is: what has a newer version there is fetched, what is not here is announced. */
  async #readAll() {
    if (typesText(document.activeElement) && document.activeElement.value) return;
    const page = await fetchFragment(location.href).catch(() => null);
    if (!page?.ok || page.redirected) return;
    for (const row of page.content.querySelectorAll("[data-live]")) {
      this.#changed({ kind: row.dataset.live, id: row.dataset.id, version: row.dataset.version, created: true });
    }
  }
}

if (globalThis.document) {
  const root = document.querySelector("[data-stream]");
  if (root) new Live().start(root);
}
