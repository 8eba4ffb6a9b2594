// A second click within a second is ignored. The server is safe without this: both carry the same key.

export const pause = 1000;

/** Remembers when a form was sent; tells whether it may be sent now. */
export class Once {
  #last = new WeakMap();

  allows(form, now) {
    if (now - (this.#last.get(form) ?? -Infinity) < pause) return false;
    this.#last.set(form, now);
    return true;
  }

  forget() {
    this.#last = new WeakMap();
  }
}

if (globalThis.document) {
  const once = new Once();
  // Whoever comes back to a page may send its form again.
  addEventListener("pageshow", () => once.forget());
  document.addEventListener("submit", (event) => {
    // A scanner is faster than a second, and a GET changes nothing.
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || "scanForm" in form.dataset) return;
    if (!once.allows(form, performance.now())) event.preventDefault();
  });
}
