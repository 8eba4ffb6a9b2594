// Shows a confirmation page in a dialog. Without this, or whenever anything is unusual, the page itself is shown.

import { fetchFragment } from "./fragment.js";

/** The page below may have the same ids: those of the dialog get names of their own, and what points at them follows. */
function rename(body) {
  for (const one of body.querySelectorAll("[id]")) one.id = `dialog-${one.id}`;
  for (const name of ["for", "form", "aria-describedby", "aria-labelledby"]) {
    for (const one of body.querySelectorAll(`[${name}]`)) {
      one.setAttribute(name, one.getAttribute(name).split(" ").map((id) => `dialog-${id}`).join(" "));
    }
  }
}

function dialogOf(body) {
  rename(body);
  const template = document.querySelector("template[data-confirm-dialog]");
  const dialog = template?.content.querySelector("dialog")?.cloneNode(true);
  if (!dialog) return null;
  const heading = body.querySelector("h1");
  if (heading) {
    heading.id ||= "confirm-heading";
    dialog.setAttribute("aria-labelledby", heading.id);
  }
  dialog.append(body);
  dialog.addEventListener("click", (event) => {
    const close = event.target.closest?.("[data-confirm-close]");
    if (!close) return;
    event.preventDefault();
    dialog.close();
  });
  // What was focused before has the focus again (the browser's part); the form must not be found twice.
  dialog.addEventListener("close", () => dialog.remove());
  return dialog;
}

async function show(url, options, fallback) {
  let page;
  try {
    page = await fetchFragment(url, options);
  } catch {
    return fallback();
  }
  const body = page.content.querySelector("[data-confirm-body]");
  const dialog = page.ok && body ? dialogOf(document.adoptNode(body)) : null;
  if (dialog) {
    document.body.append(dialog);
    return dialog.showModal();
  }
  // A redirect was followed: its page can be looked at. Else only the form itself leads there.
  if (page.redirected || options.method !== "post") location.assign(page.url);
  else fallback();
}

if (globalThis.document) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-confirm]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    show(link.href, {}, () => location.assign(link.href));
  });
  // After once.js: a second click asks for nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (event.defaultPrevented || !(button ?? form).matches("[data-confirm]")) return;
    event.preventDefault();
    const data = new URLSearchParams(new FormData(form, button));
    // Without the attribute `formAction` is the page's own address.
    const action = button?.hasAttribute("formaction") ? button.formAction : form.action;
    const native = () => {
      const { name, value } = button ?? {};
      if (name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
      form.action = action;
      form.submit();
    };
    if (form.method === "get") show(`${action.split("?")[0]}?${data}`, {}, native);
    else show(action, { method: "post", body: data }, native);
  });
}
