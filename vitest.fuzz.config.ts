/** `npm run fuzz`: damaged files for every reader, and system calls that fail for every command. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { alias: { '#thread': fileURLToPath(new URL('src/engine/thread-node.ts', import.meta.url)) } },
  test: {
    include: ['test/fuzz/*.fuzz.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // five times what the slowest takes here
    testTimeout: 900_000,
    hookTimeout: 900_000,
    // commands mostly wait for the disk and for their own threads
    maxConcurrency: 2,
  },
});
