// The texts of the page in the visitor's language. English is what is asked for, and what a text
// that is missing falls back to.

const catalog = JSON.parse(document.getElementById("words")?.textContent ?? "{}");

// Returns a text with `{name}` filled in from `values`.
export function t(text, values = {}) {
  return filled(catalog.texts?.[text] ?? text, values);
}

// Returns the form of a text that fits a number, which also fills in `{n}`.
export function tn(one, many, n, values = {}) {
  const forms = catalog.texts?.[one] ?? [one, many];
  const place = catalog.plurals?.[new Intl.PluralRules(language()).select(n)] ?? Number(n !== 1);
  return filled(forms[place] ?? many, { n, ...values });
}

// The language of the page, as BCP 47 names it.
export function language() {
  return document.documentElement.lang || "en";
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
