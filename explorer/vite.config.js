// Builds the page into the package: dist/explorer. The library comes in as users get it: the built 'category2vec/browser'.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** The library loads this file in Node only; a browser gets an empty one. @type {() => import('vite').Plugin} */
const withoutNodeThreads = () => ({
  name: 'without-node-threads',
  enforce: 'pre',
  resolveId: (id) => (id.endsWith('/thread-node.js') ? '\0no-node-threads' : undefined),
  load: (id) =>
    id === '\0no-node-threads' ? 'export const startThread = undefined, availableParallelism = undefined;' : undefined,
});

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [withoutNodeThreads(), svelte()],
  resolve: { alias: { 'category2vec/browser': fileURLToPath(new URL('../dist/browser.js', import.meta.url)) } },
  worker: { format: 'es', plugins: () => [withoutNodeThreads()] },
  build: {
    outDir: fileURLToPath(new URL('../dist/explorer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
