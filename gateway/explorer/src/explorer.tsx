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
 * What the editors show: the first example, later the tab that was open. GraphiQL restores its tabs
 * by itself, but not the variables of one that nobody has edited.
 */
function opening() {
  const tab = openTab();
  if (tab) return { initialQuery: tab.query ?? '', initialVariables: tab.variables ?? '' };
  return {
    initialQuery: firstExample.document,
    initialVariables: JSON.stringify(firstExample.variables?.({}), null, 2),
  };
}

function openTab(): { query: string | null; variables: string | null } | undefined {
  try {
    const state = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}');
    return state.tabs?.[state.activeTabIndex];
  } catch {
    return undefined;
  }
}

function Explorer({ slot }: { slot: HTMLElement }) {
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled={false}
      showPersistHeadersSettings={false}
      {...opening()}
    >
      <GraphiQL.Logo> </GraphiQL.Logo>
      <ExampleMenu slot={slot} />
    </GraphiQL>
  );
}

const slot = mountBar('GraphQL');
createRoot(document.querySelector('#explorer')!).render(<Explorer slot={slot} />);
