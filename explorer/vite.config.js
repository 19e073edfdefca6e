// Builds the page into the package: dist/explorer. The library comes in as users get it, the built
// 'category2vec/browser', and by 'category2vec/page', which the package does not export.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [svelte()],
  resolve: {
    alias: {
      'category2vec/browser': fileURLToPath(new URL('../dist/browser.js', import.meta.url)),
      'category2vec/page': fileURLToPath(new URL('../dist/page.js', import.meta.url)),
    },
  },
  worker: { format: 'es' },
  build: {
    outDir: fileURLToPath(new URL('../dist/explorer', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
});
