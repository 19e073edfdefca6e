/** `npm run test:bundlers`: one small page of the packed tarball, built by each bundler and opened in Chromium. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../', import.meta.url)),
    include: ['test/bundlers/*.check.ts'],
    testTimeout: 900_000,
    hookTimeout: 900_000,
  },
});
