// Fields that are scanned into. On a scan page each number is one POST and one line of the answer; elsewhere Enter moves on.

import { fetchFragment } from "./fragment.js";
import { composing, fill } from "./text.js";

/** The number as the server compares it: NFKC, without blanks and invisible characters, upper case. */
export function normalized(text) {
  return text.normalize("NFKC").replace(/[\s\p{Cf}\p{Cc}\p{Zs}]/gu, "").toUpperCase();
}

/** The numbers of a text: a line, a column or a row of a table each. */
export function numbers(text) {
  return text.split(/[\r\n\t]+/).map(normalized).filter((number) => number !== "");
}

/** Two sounds that are told apart without looking: short and high, long and low. */
function sound(good) {
  if (document.querySelector("[data-scan-sound]")?.checked === false) return;
  try {
    sound.context ??= new AudioContext();
    const tone = sound.context.createOscillator();
    tone.frequency.value = good ? 1320 : 220;
    tone.connect(sound.context.destination);
    tone.start();
    tone.stop(sound.context.currentTime + (good ? 0.08 : 0.35));
  } catch {
    // A machine without sound still has the line.
  }
}

class ScanForm {
  #form;
  #field;
  #results;
  #status;
  #seen = new Set();
  #waiting = [];
  #sending = false;

  constructor(form) {
    this.#form = form;
    this.#field = form.querySelector("[data-scan]");
    this.#results = document.getElementById(form.dataset.scanResults);
    this.#status = form.querySelector("[data-scan-status]");
    if (!this.#field || !this.#results) return;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take(numbers(this.#field.value));
      this.#field.value = "";
      this.#field.focus();
    });
    this.#field.addEventListener("paste", (event) => {
      const pasted = numbers(event.clipboardData.getData("text"));
      if (pasted.length < 2) return;
      event.preventDefault();
      this.#take(pasted);
    });
    this.#field.addEventListener("compositionstart", () => this.#say("composition"));
    this.#field.addEventListener("compositionend", () => this.#say(null));
  }

  #say(name, values) {
    if (this.#status) this.#status.textContent = name ? fill(this.#form.getAttribute(`data-text-${name}`), values) : "";
  }

  #take(found) {
    for (const number of found) {
      if (this.#seen.has(number)) this.#say("already", { number });
      else this.#waiting.push(number);
      this.#seen.add(number);
    }
    this.#send();
  }

  /** One after the other: the lines stand in the order of the scans. */
  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting.length) await this.#one(this.#waiting.shift());
    this.#sending = false;
  }

  async #one(number) {
    const body = new URLSearchParams(new FormData(this.#form));
    body.set(this.#field.name, number);
    // The server makes the command's id from the form's key and the number: sent again, it is the same command.
    try {
      const answer = await fetchFragment(this.#form.action, { method: "post", body });
      const line = answer.redirected ? null : answer.content.querySelector("li");
      if (!line) throw new Error("no line");
      const good = !line.classList.contains("bad");
      if (!good) this.#seen.delete(number);
      this.#results.prepend(document.adoptNode(line));
      sound(good);
    } catch {
      this.#seen.delete(number);
      this.#say("failed", { number });
      sound(false);
    }
  }
}

/** Enter in a field that may be scanned into leads to the next one, not to the form's button. */
function moveOn(event) {
  const field = event.target.closest?.("[data-scan]");
  if (!field || field.form?.matches("[data-scan-form]") || event.key !== "Enter" || composing(event)) return;
  event.preventDefault();
  field.value = normalized(field.value);
  const fields = [...(field.form?.elements ?? [])].filter((one) => !one.hidden && one.type !== "hidden" && one.tabIndex >= 0);
  fields[fields.indexOf(field) + 1]?.focus();
}

if (globalThis.document) {
  for (const form of document.querySelectorAll("form[data-scan-form]")) new ScanForm(form);
  document.addEventListener("keydown", (event) => {
    // An input method's Enter takes its letters; it sends nothing.
    if (event.key === "Enter" && composing(event) && event.target.closest?.("[data-scan]")) event.preventDefault();
    else moveOn(event);
  });
  for (const button of document.querySelectorAll("[data-scan-keyboard]")) {
    button.closest("[hidden]")?.removeAttribute("hidden");
    button.addEventListener("click", () => {
      const field = button.form.querySelector("[data-scan]");
      field.inputMode = field.inputMode === "none" ? "text" : "none";
      field.focus();
    });
  }
}
