// The one place where text becomes HTML: our own pages and rows, fetched from our own origin. Policy "fragment" is the only one that the
// page's Content-Security-Policy allows.

const policy = globalThis.trustedTypes?.createPolicy("fragment", { createHTML: (text) => text });

function parse(text) {
  const template = document.createElement("template");
  template.innerHTML = policy ? policy.createHTML(text) : text;
  return template.content;
}

/**
 * Fetches a page or a part of one.
 * @returns {Promise<{ok: boolean, status: number, url: string, redirected: boolean, content: DocumentFragment}>}
 * @throws when nothing came, or something that is not HTML of our origin
 */
export async function fetchFragment(url, options = {}) {
  const response = await fetch(url, {
    credentials: "same-origin",
    cache: "no-store",
    ...options,
    headers: { Accept: "text/html", "X-Fragment": "1", ...options.headers },
  });
  const ours = new URL(response.url).origin === location.origin;
  if (!ours || !response.headers.get("Content-Type")?.startsWith("text/html")) throw new Error("no page of ours");
  return {
    ok: response.ok,
    status: response.status,
    url: response.url,
    redirected: response.redirected,
    content: parse(await response.text()),
  };
}

/** The same for the text of an answer that an XMLHttpRequest has got from our own origin. */
export function fragmentOf(request) {
  if (new URL(request.responseURL).origin !== location.origin) throw new Error("no page of ours");
  return parse(request.responseText);
}

/** Puts another page's main in the place of this one's, and the focus on what is wrong, else on its heading. */
export function showMain(content) {
  const main = content.querySelector("main");
  const old = document.querySelector("main");
  if (!main || !old) return false;
  old.replaceWith(document.adoptNode(main));
  const target = main.querySelector(".errors, [autofocus]") ?? main.querySelector("h1");
  target?.setAttribute("tabindex", "-1");
  target?.focus();
  return true;
}
