// Ticking rows: ranges with shift, the header's box for this page, a live count. The server keeps the selection; this only shows it sooner.

import { plural } from "./text.js";

/** Indices from one row to another, both included, in either direction. */
export function range(from, to) {
  const [first, last] = from < to ? [from, to] : [to, from];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** What the header's box shows for so many ticks of so many rows. */
export function headerState(ticked, rows) {
  return { checked: rows > 0 && ticked === rows, indeterminate: ticked > 0 && ticked < rows };
}

/** Where a form with method get leads, filled in as it is. */
export function target(action, fields) {
  const url = new URL(action);
  url.search = new URLSearchParams([...fields].filter(([, value]) => typeof value === "string" && value !== "")).toString();
  return url.pathname + url.search;
}

class Selection {
  #list;
  #last;
  #before;

  constructor(list) {
    this.#list = list;
    this.#header?.closest("[hidden]")?.removeAttribute("hidden");
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("change", () => this.#show());
    // The browser puts old ticks back after the page is shown again.
    addEventListener("pageshow", () => this.#show());
    this.#show();
    this.#before = this.#ticks;
    document.addEventListener("click", (event) => this.#left(event, event.target.closest?.("a[href]")?.getAttribute("href")));
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (form.method === "get") this.#left(event, target(form.action, new FormData(form)));
    });
  }

  get #ticks() {
    return this.#boxes.map((box) => (box.checked ? "1" : "0")).join("");
  }

  /** Another view of the same list: the ticks of this page go along. */
  #left(event, url) {
    const keep = document.querySelector("button[data-select-keep]");
    if (!keep || !url || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const place = new URL(url, location.href);
    if (place.origin !== location.origin || place.pathname !== location.pathname || this.#ticks === this.#before) return;
    event.preventDefault();
    keep.value = place.pathname + place.search;
    keep.form.requestSubmit(keep);
  }

  get #header() {
    return this.#list.querySelector("[data-select-page]");
  }

  get #boxes() {
    return [...this.#list.querySelectorAll("[data-select-row]")].filter((box) => !box.closest("[hidden]"));
  }

  #clicked(event) {
    const box = event.target;
    if (box === this.#header) {
      for (const row of this.#boxes) row.checked = box.checked;
    } else if (box.matches?.("[data-select-row]")) {
      const boxes = this.#boxes;
      const last = boxes.indexOf(this.#last);
      if (event.shiftKey && last >= 0) {
        for (const index of range(last, boxes.indexOf(box))) boxes[index].checked = box.checked;
      }
      this.#last = box;
    }
  }

  #show() {
    const boxes = this.#boxes;
    const ticked = boxes.filter((box) => box.checked).length;
    if (this.#header) Object.assign(this.#header, headerState(ticked, boxes.length));
    const elsewhere = Number(this.#list.dataset.selectElsewhere) || 0;
    for (const output of this.#list.querySelectorAll("[data-select-count]")) {
      output.textContent = plural(output, "count", ticked + elsewhere);
    }
    for (const bar of this.#list.querySelectorAll(".batch")) bar.classList.toggle("some", ticked + elsewhere > 0);
  }
}

if (globalThis.document) for (const list of document.querySelectorAll("[data-select]")) new Selection(list);
