// How the explorer and the REST documentation are built.
// Run by tools/frontend.py, which gives --outDir; `npm run watch` builds straight into ../static.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  publicDir: false,
  experimental: {
    // Files find each other from where they lie, as nobody knows the path of the public URL yet. The
    // pages have addresses from the root, which gateway/docs.py completes.
    renderBuiltUrl: (_, { hostType }) => (hostType === 'html' ? undefined : { relative: true }),
  },
  build: {
    outDir: here('../static'),
    // Everything hashed lies under one name, so that the server needs one rule for caching it.
    assetsDir: 'explorer/assets',
    emptyOutDir: true,
    // The editor is one large piece by nature; the warning would be shown at every first start.
    chunkSizeWarningLimit: 6000,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { explorer: here('explorer/index.html'), docs: here('docs/index.html') },
    },
  },
});
