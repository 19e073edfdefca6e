/** Hono and zod are loaded by `serve` alone. */
import { expect, test } from 'vitest';
import { importsOf, readSources } from '../structure/sources.js';

const sources = readSources('src');
const isOfService = (specifier: string) => /^(hono|@hono\/|zod)/.test(specifier);
/** Files of the service that load none of its packages, not even through another. */
const plain = new Set(['src/serve/access.ts', 'src/serve/bind.ts', 'src/serve/problem.ts', 'src/serve/limits.ts']);

test('its packages are imported within src/serve, and src/serve by its command alone', () => {
  const others = sources.filter(
    ({ path }) => plain.has(path) || (!path.startsWith('src/serve/') && path !== 'src/cli/commands/serve.ts'),
  );
  const loading = others.flatMap((source) =>
    importsOf(source).flatMap(({ line, specifier, target = '' }) => {
      const file = target.replace(/\.js$/, '.ts');
      const loads = isOfService(specifier) || (file.startsWith('src/serve/') && !plain.has(file));
      return loads ? [`${source.path}:${line} imports ${specifier}`] : [];
    }),
  );

  expect(sources.flatMap((source) => importsOf(source)).some(({ specifier }) => specifier === 'zod')).toBe(true);
  expect(loading).toEqual([]);
});
