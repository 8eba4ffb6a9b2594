// A page that waits for the end of something (a batch, an import, a command) is asked for again until it has come. Only what is new is
// put in; whoever listens is told each 5 s at most, and at the end.

import { fetchFragment } from "./fragment.js";

const shortest = 400;
const longest = 5000;
const tellPause = 5000;

/** Milliseconds before the next look: short things are seen at once, long ones cost little. */
export function pause(round) {
  return Math.min(longest, Math.round(shortest * 1.4 ** round));
}

/** Whether something was typed or ticked that is not sent yet. */
function isTyped(main) {
  const fields = [...main.querySelectorAll("input, textarea")];
  return fields.some((field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked);
}

class Again {
  #round = 0;
  #toldAt = -Infinity;

  wait() {
    setTimeout(() => (document.hidden ? this.wait() : this.#look()), pause(this.#round++));
  }

  async #look() {
    const page = await fetchFragment(location.href).catch(() => null);
    if (page?.redirected) return location.assign(page.url);
    const fresh = page?.ok ? page.content.querySelector("main") : null;
    if (!fresh) return this.wait();
    const goesOn = fresh.querySelector("[data-again]") !== null;
    this.#show(document.adoptNode(fresh), goesOn);
    if (goesOn) this.wait();
  }

  /** The region that speaks stays the same one: only a change in it is read out. */
  #show(fresh, goesOn) {
    const main = document.querySelector("main");
    const focused = main.contains(document.activeElement);
    if (goesOn && fresh.textContent === main.textContent) return;
    if (goesOn && (focused || isTyped(main))) return this.#tell(main, fresh);
    const [speaks, next] = [main.querySelector("[role=status]"), fresh.querySelector("[role=status]")];
    const text = next?.textContent;
    if (speaks && next) next.replaceWith(speaks);
    main.replaceChildren(...fresh.childNodes);
    if (focused) this.#focus(main);
    if (speaks && next) this.#say(speaks, text, goesOn);
  }

  /** Nothing moves under a hand: only figures. */
  #tell(main, fresh) {
    const [bar, next] = [main.querySelector("progress"), fresh.querySelector("progress")];
    if (bar && next) bar.value = next.value;
    const speaks = main.querySelector("[role=status]");
    if (speaks) this.#say(speaks, fresh.querySelector("[role=status]")?.textContent ?? "", true);
  }

  #say(speaks, text, goesOn) {
    const now = performance.now();
    if (goesOn && now - this.#toldAt < tellPause) return;
    this.#toldAt = now;
    setTimeout(() => (speaks.textContent = text), 100);
  }

  #focus(main) {
    const heading = main.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }
}

if (globalThis.document?.querySelector("[data-again]")) new Again().wait();
