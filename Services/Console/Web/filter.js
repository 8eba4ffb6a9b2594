// Narrows a short list that is whole in the page (factories, warehouses) while one types. Lists with pages are filtered by the server.

import { plural } from "./text.js";

/** Whether a row's text has all words, whatever their width and case. */
export function matches(text, query) {
  const plain = (value) => value.normalize("NFKC").toLowerCase();
  return plain(query).split(/\s+/).every((word) => plain(text).includes(word));
}

class Filter {
  #field;
  #list;
  #composing = false;

  constructor(field) {
    this.#field = field;
    this.#list = document.getElementById(field.dataset.filterRows);
    if (!this.#list) return;
    field.closest("[hidden]")?.removeAttribute("hidden");
    field.addEventListener("compositionstart", () => (this.#composing = true));
    field.addEventListener("compositionend", () => {
      this.#composing = false;
      this.#narrow();
    });
    field.addEventListener("input", () => this.#composing || this.#narrow());
    if (field.value) this.#narrow();
  }

  #narrow() {
    let shown = 0;
    for (const row of this.#list.querySelectorAll("[data-filter-row]")) {
      // What is chosen stays in view.
      const stays = matches(row.textContent, this.#field.value) || row.querySelector(":checked") !== null;
      row.hidden = !stays;
      if (stays) shown += 1;
    }
    const status = document.getElementById(this.#field.dataset.filterStatus);
    if (status) status.textContent = this.#field.value ? plural(status, "count", shown) : "";
  }
}

if (globalThis.document) for (const field of document.querySelectorAll("[data-filter-rows]")) new Filter(field);
