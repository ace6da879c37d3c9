// What Swagger UI leaves out for people who listen to a page or use a keyboard: names of controls and
// of parts, levels of headings, and one control where it nests two. Called by docs.ts.
// A test runs axe-core on the page; each repair here is one of its findings.

type Repair = (element: HTMLElement) => void;

const REPAIRS: Record<string, Repair> = {
  // The title of the page is of level 1, and the next one in the markup of level 3.
  'h3, h4, h5': (heading) => name(heading, 'aria-level', String(Number(heading.tagName[1]) - 1)),
  '.auth-container h6': (heading) => name(heading, 'aria-level', '4'),
  '.information-container > section': (part) => name(part, 'aria-label', 'About'),
  '.scheme-container > section': (part) => name(part, 'aria-label', 'Server and sign-in'),
  '#servers': (field) => name(field, 'aria-label', 'Server'),
  'textarea.body-param__text': (field) => name(field, 'aria-label', 'Request body'),
  '.body-param-content-type select': (field) => name(field, 'aria-label', 'Request content type'),
  'tr[data-param-name] :is(select, input, textarea)': (field) =>
    name(field, 'aria-label', field.closest<HTMLElement>('tr')!.dataset.paramName!),
  '.auth-container input': (field) =>
    name(field, 'aria-label', field.closest('.auth-container')!.querySelector('h4')!.innerText),
  // What is read out must hold what is seen: who speaks to the machine says what is written there.
  '.auth-btn-wrapper button': (button) => name(button, 'aria-label', button.innerText),
  '.close-modal': (button) => name(button, 'aria-label', 'Close'),
  'table.responses-table[role]': (table) =>
    name(table, 'aria-label', `Answers of ${table.closest('.opblock')?.id}`),
  // A link within the button that unfolds the operation; the address follows the button as well.
  'button a.nostyle[href]': (link) => link.removeAttribute('href'),
  'pre, .renderedMarkdown table': (area) => reachable(area),
};

/** Repairs what is there, and whatever is rendered later. */
export function makeAccessible(root: HTMLElement): void {
  const guide = guideFocus(root);
  const repair = () => {
    guide(root);
    for (const [selector, mend] of Object.entries(REPAIRS))
      root.querySelectorAll<HTMLElement>(selector).forEach(mend);
  };
  // Only new elements: the repairs change attributes and would call for themselves without end.
  new MutationObserver(repair).observe(root, { childList: true, subtree: true });
  repair();
}

function name(element: HTMLElement, attribute: string, text: string): void {
  if (element.getAttribute(attribute) !== text) element.setAttribute(attribute, text);
}

/** What scrolls must be reachable by keyboard. */
function reachable(area: HTMLElement): void {
  const scrolls = area.scrollHeight > area.clientHeight || area.scrollWidth > area.clientWidth;
  if (scrolls && !area.hasAttribute('tabindex')) area.tabIndex = 0;
}

/**
 * Returns a repair that keeps the focus in the dialog, and leads it back to what opened that: when
 * Swagger UI replaces what has the focus, it falls back to the page.
 */
function guideFocus(root: HTMLElement): Repair {
  let pressed: HTMLElement | null = null;
  let opener: HTMLElement | null = null;
  const press = ({ target }: Event) => (pressed = (target as Element).closest('button'));
  root.addEventListener('click', press, { capture: true });
  return () => {
    const dialog = root.querySelector('.dialog-ux');
    const goal = dialog?.querySelector<HTMLElement>('.btn-done') ?? opener;
    if (opener && document.activeElement === document.body) goal?.focus();
    opener = dialog ? (opener ?? pressed) : null;
  };
}
