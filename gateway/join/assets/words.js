// The texts of the page in the visitor's language. English is what is asked for, and what a text
// that is missing falls back to. tools/catalogs.py finds the texts, if they are written out where
// `t` and `tn` are called.

const PATIENCE = 5000; // then the page goes on in English: nobody waits for words
const RIGHT_TO_LEFT = /\p{Script=Arabic}|\p{Script=Hebrew}|\p{Script=Syriac}|\p{Script=Thaana}|\p{Script=Nko}/u;
const isRightToLeft = document.documentElement.dir === "rtl";

const catalog = await read(document.getElementById("words")?.href);

async function read(address) {
  if (!address) return {};
  try {
    return await (await fetch(address, { signal: AbortSignal.timeout?.(PATIENCE) })).json();
  } catch {
    return {};
  }
}

// The language of the page, as BCP 47 names it.
export function language() {
  return document.documentElement.lang || "en";
}

// How numbers, days and times are written: as the visitor's browser does if it is in this language.
export const locale =
  navigator.languages.find((tag) => isSame(tag, language())) ??
  (language() === "en" ? "en-GB" : language());

const asNumber = new Intl.NumberFormat(locale);
const rules = new Intl.PluralRules(language());

// Returns a text with `{name}` filled in from `values`; numbers are written as the language does.
export function t(text, values = {}) {
  return filled(catalog.texts?.[text] ?? text, values);
}

// Returns the form of a text that fits a number, which also fills in `{n}`.
export function tn(one, many, n, values = {}) {
  const forms = catalog.texts?.[one];
  const form = forms ? forms[catalog.plurals[rules.select(n)]] : undefined;
  return filled(form ?? (n === 1 ? one : many), { n, ...values });
}

function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name] ?? whole;
    return typeof value === "number" ? asNumber.format(value) : isolated(String(value));
  });
}

// A name in another script must not turn the text around it. What was put together of such names
// stays as it is: without letters of its own it would count as left to right.
function isolated(text) {
  if (text.includes("\u2068")) return text;
  return isRightToLeft || RIGHT_TO_LEFT.test(text) ? `\u2068${text}\u2069` : text;
}

function isSame(tag, other) {
  try {
    const [one, two] = [tag, other].map((each) => new Intl.Locale(each).maximize());
    return one.language === two.language && one.script === two.script;
  } catch {
    return false; // no language tag at all
  }
}
