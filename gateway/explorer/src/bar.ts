// The thin bar above the explorer and the REST documentation: name, places to go, token box.
// Called by explorer.tsx and docs.ts.
import './bar.css';
import { BASE, execute } from './http';
import { adoptTokenFromAddress, currentToken, keepToken, onTokenChange } from './token';

const PLACES = [
  { name: 'GraphQL', href: `${BASE}explorer/` },
  { name: 'REST', href: `${BASE}docs` },
  { name: 'Schema', href: `${BASE}schema.graphql` },
] as const;

type Place = (typeof PLACES)[number]['name'];

/** Fills the bar and returns the slot in it that is the page's own. */
export function mountBar(here: Place): HTMLElement {
  adoptTokenFromAddress();
  const bar = document.createElement('header');
  bar.className = 'bar';
  bar.innerHTML = markup(here);
  document.querySelector('#bar')?.replaceWith(bar);
  connectTokenBox(part(bar, 'input'), part(bar, '.bar-caller'));
  return part(bar, '.bar-slot');
}

function markup(here: Place): string {
  // Swagger UI has a title of its own.
  const title = here === 'GraphQL' ? '<h1 class="bar-title">GraphQL explorer</h1>' : '';
  return `${title}
    <a class="bar-name" href="${BASE}">
      <img src="${BASE}favicon.svg" alt="" width="28" height="28">
      <span>Consularia <b>Connect</b></span>
    </a>
    <nav aria-label="Faces of the API">${PLACES.map((place) => link(place, here)).join('')}</nav>
    <div class="bar-slot"></div>
    <output class="bar-caller" id="caller"></output>
    <label class="bar-token">
      <span>Token</span>
      <input name="token" placeholder="Paste an API token" autocomplete="off" spellcheck="false"
             autocapitalize="off" aria-describedby="caller" data-1p-ignore data-lpignore="true">
    </label>`;
}

function link({ name, href }: (typeof PLACES)[number], here: Place): string {
  const current = name === here ? ' aria-current="page"' : '';
  return `<a href="${href}"${current}>${name}</a>`;
}

function part<T extends HTMLElement>(bar: HTMLElement, selector: string): T {
  return bar.querySelector<T>(selector)!;
}

function connectTokenBox(box: HTMLInputElement, caller: HTMLElement): void {
  const show = (token: string): void => {
    box.value = token;
    box.removeAttribute('aria-invalid');
    void showCaller(caller);
  };
  box.addEventListener('change', () => keepToken(box.value));
  box.addEventListener('focus', () => box.select());
  onTokenChange(show);
  show(currentToken());
}

const MISSING = 'Paste an API token into the box';
const REFUSED = 'Token not accepted: paste another';

/** Points at the token box after an answer that asked for a token, or for another one. */
export function askForToken(): void {
  const caller = document.querySelector<HTMLElement>('.bar-caller');
  const box = document.querySelector<HTMLInputElement>('.bar-token input');
  if (!caller || !box) return;
  caller.textContent = currentToken() ? REFUSED : MISSING;
  caller.dataset.state = 'refused';
  box.setAttribute('aria-invalid', 'true');
}

interface Viewer {
  organization: { name: string };
  scopes: string[];
}

const WHO = 'query Caller { viewer { organization { name } scopes } }';

async function showCaller(caller: HTMLElement): Promise<void> {
  const token = currentToken();
  const { words, state } = token ? await whoIsCalling() : { words: '', state: 'none' };
  // Another token may have come in while this one was being asked about.
  if (token !== currentToken()) return;
  caller.textContent = words;
  caller.dataset.state = state;
}

async function whoIsCalling(): Promise<{ words: string; state: string }> {
  try {
    const { data } = await execute({ query: WHO, operationName: 'Caller' });
    const viewer = (data as { viewer?: Viewer } | null | undefined)?.viewer;
    if (!viewer) return { words: REFUSED, state: 'refused' };
    return { words: `${viewer.organization.name} · ${viewer.scopes.join(', ')}`, state: 'known' };
  } catch {
    return { words: 'The server does not answer', state: 'refused' };
  }
}
