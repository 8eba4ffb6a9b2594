// Drag and drop of one file, its size told before it is sent, progress. The answer is a page, as without this.

import { fragmentOf, showMain } from "./fragment.js";
import { fill } from "./text.js";

/** Whole per cent, never 100 before all is there. */
export function percent(loaded, total) {
  return total > 0 ? Math.min(loaded >= total ? 100 : 99, Math.floor((loaded / total) * 100)) : 0;
}

class Upload {
  #form;
  #input;
  #status;
  #progress;

  constructor(form) {
    this.#form = form;
    this.#input = form.querySelector("input[type=file]");
    this.#status = form.querySelector("[data-upload-status]");
    this.#progress = form.querySelector("progress");
    if (!this.#input || !this.#status) return;
    const drop = form.querySelector(".drop");
    for (const name of ["dragenter", "dragover"]) drop?.addEventListener(name, (event) => this.#over(event, drop));
    for (const name of ["dragleave", "drop"]) drop?.addEventListener(name, () => drop.classList.remove("over"));
    drop?.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length === 1) this.#input.files = event.dataTransfer.files;
      this.#fits();
    });
    this.#input.addEventListener("change", () => this.#fits());
    form.addEventListener("submit", (event) => this.#submitted(event));
  }

  #over(event, drop) {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  }

  #say(name, values = {}) {
    this.#status.textContent = name ? fill(this.#status.getAttribute(`data-text-${name}`), values) : "";
  }

  #fits() {
    const limit = Number(this.#form.dataset.uploadLimit) || Infinity;
    const fits = (this.#input.files[0]?.size ?? 0) <= limit;
    this.#say(fits ? null : "too-large");
    return fits;
  }

  #submitted(event) {
    if (event.defaultPrevented || !this.#input.files.length) return;
    event.preventDefault();
    if (!this.#fits()) return;
    const request = new XMLHttpRequest();
    request.open("POST", this.#form.action);
    request.setRequestHeader("Accept", "text/html");
    request.upload.onprogress = ({ loaded, total }) => {
      const value = percent(loaded, total);
      if (this.#progress) Object.assign(this.#progress, { hidden: false, max: 100, value });
      this.#say(value < 100 ? "progress" : "reading", { percent: value });
    };
    request.onload = () => this.#answered(request);
    request.onerror = () => this.#failed();
    request.send(new FormData(this.#form));
  }

  #answered(request) {
    if (request.status < 400 && request.responseURL !== this.#form.action) return location.assign(request.responseURL);
    try {
      if (!showMain(fragmentOf(request))) this.#failed();
    } catch {
      this.#failed();
    }
  }

  #failed() {
    if (this.#progress) this.#progress.hidden = true;
    this.#say("failed");
  }
}

if (globalThis.document) for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
