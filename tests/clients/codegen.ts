import type { CodegenConfig } from "@graphql-codegen/cli";

const config = {
  scalars: { DateTime: "string", URL: "string" },
  strictScalars: true,
  useTypeImports: true,
};

export default {
  schema: "schema.graphql",
  documents: "operations.graphql",
  generates: {
    "generated/": { preset: "client", config },
    "generated/text/": { preset: "client", config: { ...config, documentMode: "string" } },
    "generated/schema.json": { plugins: ["introspection"], config: { minify: true } },
  },
} satisfies CodegenConfig;
