// The error summary: it has the focus, and its links bring the field's label into view before they focus the field.

function labelOf(field) {
  return field.closest("fieldset")?.querySelector("legend") ?? field.labels?.[0] ?? field;
}

if (globalThis.document) {
  document.querySelector(".errors")?.focus();
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".errors a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    labelOf(field).scrollIntoView({ block: "start" });
    field.focus({ preventScroll: true });
  });
}
