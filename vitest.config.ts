import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: {
      // the page's own modules import what browsers get
      'category2vec/browser': fileURLToPath(new URL('src/browser.ts', import.meta.url)),
      'category2vec/page': fileURLToPath(new URL('src/page.ts', import.meta.url)),
      // as do the demo's
      'category2vec/report': fileURLToPath(new URL('src/report/report.ts', import.meta.url)),
      '#thread': fileURLToPath(new URL('src/engine/thread-node.ts', import.meta.url)),
    },
  },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // no test replaces a module, so files of one process share what they import: anew for each, imports take 143 s
    // instead of 40
    isolate: false,
    // one processor is left for who waits, unless there are only two
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // for machines twenty times as busy as an idle one of two cores: no test waits for as long, but for what never comes
    testTimeout: 900_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 120_000 } },
    // npm run coverage; kernels are WebAssembly and are not counted
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'html'], reportsDirectory: 'coverage' },
  },
});
