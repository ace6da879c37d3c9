// The REST documentation page: Swagger UI on our own /openapi.json, under our own bar.
// Loaded by docs/index.html.
import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { mountBar } from './bar';
import { authorization, onTokenChange } from './token';

const SCHEME = 'ApiTokenAuth';
let isAuthorized = false;

mountBar('REST');
followColorScheme();

const ui = SwaggerUI({
  url: '/openapi.json',
  domNode: document.querySelector<HTMLElement>('#docs')!,
  validatorUrl: null, // else the description would be sent to a validator elsewhere
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  requestInterceptor: stayHere,
  onComplete: authorize,
});
onTokenChange(authorize);

function authorize(): void {
  const value = authorization();
  if (value) ui.preauthorizeApiKey(SCHEME, value);
  else if (isAuthorized) ui.authActions.logout([SCHEME]); // it throws when nobody ever logged in
  isAuthorized = value !== undefined;
}

/**
 * The description names the public URL, and somebody may have come by another name of the same host.
 * Asking elsewhere is refused by the page's policy, so every request goes where the page came from.
 */
function stayHere(request: { url: string }): { url: string } {
  const { pathname, search } = new URL(request.url, location.href);
  request.url = location.origin + pathname + search;
  return request;
}

function followColorScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', apply);
  apply();
}
