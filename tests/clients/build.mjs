/** Bundles the scenario with every client, as the bundlers of applications do. */
import { readFile } from "node:fs/promises";
import { transformAsync } from "@babel/core";
import { build } from "esbuild";

// What Vite, Next and others do with a plugin of theirs: `graphql` tags become the compiled artifacts.
const relay = {
  name: "relay",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\/relay\/\w+\.tsx?$/ }, async ({ path }) => {
      const options = { plugins: ["typescript", "jsx"] };
      const source = await readFile(path, "utf8");
      const plugins = [["relay", { eagerEsModules: true }]];
      const { code } = await transformAsync(source, {
        ...{ filename: path, configFile: false, babelrc: false, plugins, parserOpts: options },
      });
      return { contents: code, loader: "tsx" };
    }),
};

await build({
  entryPoints: ["scenario.ts"],
  outfile: "scenario.cjs",
  bundle: true,
  platform: "node",
  format: "cjs",
  // The builds that warn.
  conditions: ["development"],
  define: { "process.env.NODE_ENV": '"development"' },
  jsx: "automatic",
  plugins: [relay],
  logLevel: "warning",
});
