// Keys for lists: / to the search box, j and k to the next and previous row, x to tick it. Off where the user says so, and in fields.

import { composing, typesText } from "./text.js";

const stored = "daifa.shortcuts";

/** The command of a key, or nothing: with a modifier, in a field, or while composing it belongs to somebody else. */
export function command(event, inField) {
  if (inField || composing(event) || event.ctrlKey || event.metaKey || event.altKey) return null;
  return { "/": "search", j: "next", k: "previous", x: "tick" }[event.key] ?? null;
}

/** The place of the row to go to. */
export function step(place, count, forward) {
  if (count === 0) return -1;
  return forward ? Math.min(place + 1, count - 1) : Math.max(place - 1, 0);
}

function move(forward) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => !row.hidden);
  const place = rows.findIndex((row) => row.contains(document.activeElement));
  rows[step(place, rows.length, forward)]?.querySelector("a, button, input")?.focus();
}

function pressed(event) {
  if (document.querySelector("dialog[open]") || localStorage.getItem(stored) === "off") return;
  const name = command(event, typesText(event.target));
  if (!name) return;
  event.preventDefault();
  if (name === "search") document.querySelector("input[type=search]")?.focus();
  else if (name === "tick") document.activeElement.closest?.("[data-row]")?.querySelector("[data-select-row]")?.click();
  else move(name === "next");
}

if (globalThis.document) {
  document.addEventListener("keydown", pressed);
  for (const box of document.querySelectorAll("[data-shortcuts-toggle]")) {
    box.closest("[hidden]")?.removeAttribute("hidden");
    box.checked = localStorage.getItem(stored) !== "off";
    box.addEventListener("change", () => localStorage.setItem(stored, box.checked ? "on" : "off"));
  }
}
