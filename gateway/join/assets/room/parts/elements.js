// Makes elements, so that the markup of the room stands beside what it does.

// Returns an element: `properties` named like attributes are set as such, `onclick` and the like
// as listeners, others as properties; `null` and `undefined` children are left out.
export function el(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) give(element, key, value);
  element.append(...children.filter((child) => child != null));
  return element;
}

function give(element, key, value) {
  if (value == null) return;
  if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
  else if (key in element) element[key] = value;
  else element.setAttribute(key, value);
}

// Shows one row for each item, in their order, and keeps the element of an item that stays: a
// picture plays on, and the focus is not lost. Returns nothing; `rows` is the caller's Map.
export function keep(parent, rows, items, key, make, update) {
  const wanted = new Map(items.map((item) => [key(item), item]));
  let hadFocus = false;
  for (const [id, row] of rows) {
    if (wanted.has(id)) continue;
    hadFocus ||= row.contains(document.activeElement);
    row.remove();
    rows.delete(id);
  }
  let place = parent.firstElementChild;
  for (const [id, item] of wanted) {
    if (!rows.has(id)) rows.set(id, make(item));
    const row = rows.get(id);
    update(row, item);
    if (row === place) place = place.nextElementSibling;
    else parent.insertBefore(row, place);
  }
  if (hadFocus) focusNear(parent);
}

// Puts the focus where somebody goes on whose button has gone: nearby, not at the top of the page.
export function focusNear(element) {
  const button = element.querySelector("button:enabled");
  const headline = (element.closest("aside") ?? document).querySelector("[tabindex='-1']");
  (button?.offsetParent ? button : headline)?.focus();
}

// Sets a text only if it is another one: what has not changed is not read out again.
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
