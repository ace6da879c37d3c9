// The REST documentation page: Swagger UI on our own /openapi.json, under our own bar.
// Signing in and dating the sample are done here; the description itself stays as generators read it.
// Loaded by docs/index.html.
import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { makeAccessible } from './accessible';
import { askForToken, mountBar } from './bar';
import { morning } from './dates';
import { BASE } from './http';
import { currentToken, onTokenChange } from './token';

const SCHEME = 'BearerAuth';
const DESCRIPTION = `${BASE}openapi.json`;
let isAuthorized = false;

mountBar('REST');
followColorScheme();

const root = document.querySelector<HTMLElement>('#docs')!;
const ui = SwaggerUI({
  url: DESCRIPTION,
  domNode: root,
  validatorUrl: null, // else the description would be sent to a validator elsewhere
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  syntaxHighlight: { theme: 'tomorrow-night' }, // the one whose colours all stand out enough
  requestInterceptor: prepare,
  responseInterceptor: receive,
  onComplete: authorize,
});
onTokenChange(authorize);
makeAccessible(root);

function authorize(): void {
  const token = currentToken();
  if (token) ui.preauthorizeApiKey(SCHEME, token);
  else if (isAuthorized) ui.authActions.logout([SCHEME]); // it throws when nobody ever logged in
  isAuthorized = token !== '';
}

interface Sent {
  url: string;
  headers?: Record<string, string>;
}

/**
 * The description names the public URL, and somebody may have come by another name of the same host.
 * Asking elsewhere is refused by the page's policy, so every request goes where the page came from.
 */
function prepare(request: Sent): Sent {
  const { pathname, search } = new URL(request.url, location.href);
  request.url = location.origin + pathname + search;
  const { Authorization: value } = request.headers ?? {};
  // The dialog of `ApiTokenAuth` asks for a whole value, and people paste their token into it.
  if (value && !value.trim().includes(' ')) request.headers!.Authorization = `Token ${value.trim()}`;
  return request;
}

interface Received {
  url: string;
  status: number;
  text?: string;
}

function receive(response: Received): Received {
  if (response.status === 401) askForToken();
  if (new URL(response.url, location.href).pathname === DESCRIPTION && response.text)
    response.text = JSON.stringify(startingTomorrow(JSON.parse(response.text)));
  return response;
}

/** Dates the sample of a booking, so that what is sent as it is offered can be joined and moved. */
function startingTomorrow(description: any): unknown {
  const body = description.components?.requestBodies?.NewAppointment;
  const sample = body?.content?.['application/json']?.example;
  if (sample) sample.start_date_time = morning(1);
  return description;
}

function followColorScheme(): void {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', apply);
  apply();
}
