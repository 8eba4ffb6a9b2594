// Texts come from the page (data-text-…): this only fills their slots and groups their numbers.

/** `{count} selected` with its values put in. A slot without a value stays. */
export function fill(text, values) {
  return (text ?? "").replace(/\{(\w+)\}/g, (slot, name) => (name in values ? String(values[name]) : slot));
}

/** The number as the page's language groups it. */
export function grouped(count, language = globalThis.document?.documentElement.lang || "en") {
  return new Intl.NumberFormat(language).format(count);
}

/** `data-text-<name>-one` or `…-other` of an element, with its count. Languages of one form have no `-one`. */
export function plural(element, name, count, values = {}) {
  const form = new Intl.PluralRules(document.documentElement.lang || "en").select(count);
  const text = element.getAttribute(`data-text-${name}-${form}`) ?? element.getAttribute(`data-text-${name}-other`);
  return fill(text, { count: grouped(count), ...values });
}

/** Whether a key belongs to an input method that is composing. */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** Whether the element takes typed text. */
export function typesText(element) {
  const inputs = "input:not([type=checkbox], [type=radio], [type=button], [type=submit])";
  return Boolean(element?.closest?.(`${inputs}, textarea, select, [contenteditable]`));
}
