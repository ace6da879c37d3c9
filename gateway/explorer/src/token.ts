// The API token this browser tab works with, shared by the explorer and the REST documentation.
// It is kept in sessionStorage: it survives a reload and is forgotten with the tab.

const STORAGE_KEY = 'connect.token';
const changes = new EventTarget();

export function currentToken(): string {
  return sessionStorage.getItem(STORAGE_KEY) ?? '';
}

export function keepToken(token: string): void {
  const trimmed = token.trim();
  if (trimmed === currentToken()) return;
  if (trimmed) sessionStorage.setItem(STORAGE_KEY, trimmed);
  else sessionStorage.removeItem(STORAGE_KEY);
  changes.dispatchEvent(new Event('change'));
}

export function onTokenChange(listener: (token: string) => void): void {
  changes.addEventListener('change', () => listener(currentToken()));
}

/** The value of the Authorization header, or nothing when there is no token. */
export function authorization(): string | undefined {
  const token = currentToken();
  return token ? `Token ${token}` : undefined;
}

/**
 * Takes the token out of `#token=…`, so that it stays neither in the address bar nor in the history.
 * A fragment never reaches a server, which is why the printed link may carry it.
 */
export function adoptTokenFromAddress(): void {
  takeFragment();
  window.addEventListener('hashchange', takeFragment);
}

function takeFragment(): void {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  keepToken(token);
}
