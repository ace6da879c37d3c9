// The explorer page: GraphiQL on our own /graphql, under our own bar.
// Loaded by explorer/index.html.
import 'graphiql/setup-workers/vite'; // must come first: the editor looks for its workers at import
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './explorer.css';
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { createRoot } from 'react-dom/client';
import { mountBar } from './bar';
import { firstExample } from './examples';
import { createFetcher } from './fetcher';
import { remember } from './known';
import { ExampleMenu } from './menu';

const fetcher = createFetcher(remember);
const plugins = [explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

/**
 * What the editors show on a first visit. Later GraphiQL restores its own tabs, and an initial
 * query would be added to them each time; a default tab in its stead would lose its variables.
 */
function firstVisit() {
  if (localStorage.getItem('graphiql:tabState')) return {};
  return {
    initialQuery: firstExample.document,
    initialVariables: JSON.stringify(firstExample.variables?.({}), null, 2),
  };
}

function Explorer({ slot }: { slot: HTMLElement }) {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      {...firstVisit()}
    >
      <GraphiQL.Logo> </GraphiQL.Logo>
      <ExampleMenu slot={slot} />
    </GraphiQL>
  );
}

const slot = mountBar('GraphQL');
createRoot(document.querySelector('#explorer')!).render(<Explorer slot={slot} />);
