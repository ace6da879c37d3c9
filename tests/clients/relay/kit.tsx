import { Suspense } from "react";
import { RelayEnvironmentProvider } from "react-relay";
import { create, type ReactTestRenderer } from "react-test-renderer";
import type { Environment } from "relay-runtime";
import { Appointments } from "./Appointments";

export { connect } from "./environment";
export * from "./mutations";

// Without it the renderer, which is all that a page without a browser needs, advertises another one.
Object.assign(globalThis, { IS_REACT_NATIVE_TEST_ENVIRONMENT: true });

const SECONDS = 10;
const pages = new WeakMap<Environment, ReactTestRenderer>();

/** Opens the page, once, and presses its button until there is no more. */
export async function list(environment: Environment, person: string, first?: number) {
  const page = pages.get(environment) ?? (await open(environment, person, first));
  const buttons = () => page.root.findAllByType("button");
  for (let shown = -1; buttons().length > 0; ) {
    shown = kept(environment).length;
    buttons()[0]?.props.onClick();
    await until(() => kept(environment).length > shown);
  }
  return kept(environment);
}

/** What the page shows. */
export function kept(environment: Environment) {
  const items = pages.get(environment)?.root.findAllByType("li") ?? [];
  return items.map(({ props }) => props["data-appointment"]);
}

async function open(environment: Environment, person: string, first?: number) {
  const application = (
    <RelayEnvironmentProvider environment={environment}>
      <Suspense fallback={<p>loading</p>}>
        <Appointments person={person} first={first} />
      </Suspense>
    </RelayEnvironmentProvider>
  );
  const page = create(application);
  pages.set(environment, page);
  await until(() => page.toJSON() !== null && page.root.findAllByType("p").length === 0);
  return page;
}

async function until(isDone: () => boolean) {
  for (const end = Date.now() + SECONDS * 1000; !isDone(); ) {
    if (Date.now() > end) throw new Error("the page did not change");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
