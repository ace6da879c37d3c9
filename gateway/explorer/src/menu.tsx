// The "Examples" menu: opens an example in a tab of its own, with ids that exist.
// Rendered by explorer.tsx into the bar; must stand inside GraphiQL to reach its editors.
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { getOperationAST, type GraphQLSchema, parse, validate } from 'graphql';
import { type MouseEvent, useMemo, useRef } from 'react';
import { createPortal } from 'react-dom';
import { type Example, examples } from './examples';
import { whatIsKnown } from './known';

const GROUPS = [
  { kind: 'read', heading: 'Read' },
  { kind: 'write', heading: 'Write' },
  { kind: 'follow', heading: 'Live' },
] as const;

export function ExampleMenu({ slot }: { slot: HTMLElement }) {
  const schema = useGraphiQL((state) => state.schema);
  const offered = useMemo(() => examples.filter((one) => isKnownTo(schema, one)), [schema]);
  const open = useOpenExample();
  const panel = useRef<HTMLDivElement>(null);

  const choose = (example: Example) => {
    panel.current?.hidePopover();
    void open(example);
  };
  const place = ({ currentTarget }: MouseEvent) => {
    const left = Math.min(currentTarget.getBoundingClientRect().left, window.innerWidth - 300);
    panel.current?.style.setProperty('left', `${Math.max(8, left)}px`);
  };

  return createPortal(
    <>
      <button type="button" className="examples-button" popoverTarget="examples" onClick={place}>
        Examples
      </button>
      <div id="examples" className="examples" popover="auto" ref={panel}>
        {GROUPS.map(({ kind, heading }) => (
          <Group
            key={kind}
            heading={heading}
            examples={offered.filter((example) => example.kind === kind)}
            onChoose={choose}
          />
        ))}
      </div>
    </>,
    slot,
  );
}

interface GroupProps {
  heading: string;
  examples: Example[];
  onChoose: (example: Example) => void;
}

function Group({ heading, examples: members, onChoose }: GroupProps) {
  if (members.length === 0) return null;
  return (
    <section aria-label={heading}>
      <h2>{heading}</h2>
      {members.map((example) => (
        <button type="button" key={example.title} onClick={() => onChoose(example)}>
          {example.title}
        </button>
      ))}
    </section>
  );
}

/** An older server may not know an operation yet; offering it would only produce an error. */
function isKnownTo(schema: GraphQLSchema | null | undefined, example: Example): boolean {
  return !schema || validate(schema, parse(example.document)).length === 0;
}

function useOpenExample(): (example: Example) => Promise<void> {
  const { addTab, changeTab, setOperationName } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL((state) => ({
    tabs: state.tabs,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  return async (example) => {
    const variables = example.variables?.(example.usesKnown ? await whatIsKnown() : {});
    // A tab that still shows the example as it came is used again; edited ones are left alone.
    const index = tabs.findIndex((tab) => tab.query === example.document);
    if (index < 0) addTab();
    else changeTab(index);
    queryEditor?.setValue(example.document);
    variableEditor?.setValue(variables === undefined ? '' : JSON.stringify(variables, null, 2));
    // GraphiQL reads the name a moment later; until then it would run the one of the tab before.
    setOperationName(nameOf(example));
    queryEditor?.focus();
    requestAnimationFrame(showActiveTab);
  };
}

function nameOf(example: Example): string {
  return getOperationAST(parse(example.document))?.name?.value ?? '';
}

/** With many tabs open the new one lies beyond the edge. */
function showActiveTab(): void {
  document.querySelector('.graphiql-tab-active')?.scrollIntoView({ inline: 'nearest' });
}
