/** The house keeps its rules: floors, cycles, lengths, types, comments, purity. Every fault comes with its file and line. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { provenanceFields } from '../src/embedding/provenance.js';
import { kernelBinary } from '../src/numerics/kernel-binary.js';
import { shownBy } from './structure/public-types.js';
import * as rules from './structure/rules.js';
import { importGraph, readSources, sourceFromText } from './structure/sources.js';

const library = readSources('src');
const kernels = readSources('kernels');
const everything = [...kernels, ...library];
const { dependencies, optionalDependencies = {} } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { dependencies: Record<string, string>; optionalDependencies?: Record<string, string> };
const declared = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)]);

describe('the sources', () => {
  test('every file stands on a floor', () => {
    expect(rules.homelessFiles(everything)).toEqual([]);
  });

  test('a file imports only from floors below its own, or from its own folder', () => {
    expect(everything.flatMap(rules.floorFaults)).toEqual([]);
  });

  test('no import leads back to where it began', () => {
    expect(rules.importCycle(everything)).toEqual([]);
  });

  test('packages are imported on floors 7 and 8 only, and are declared; node: modules stay out of what browsers run', () => {
    expect(everything.flatMap((source) => rules.packageFaults(source, declared))).toEqual([]);
  });

  test('what browsers get imports nothing of Node and no package, by any road that a bundler takes', () => {
    const graph = importGraph('src/browser.ts', library, ['browser', 'default']);
    const outside = [...graph].flatMap(([path, imports]) =>
      imports
        .filter(({ target, specifier }) => target === undefined || /thread-node|worker\.js$/.test(specifier + target))
        .map(({ line, specifier }) => `${path}:${line} imports ${specifier}`),
    );

    expect(outside).toEqual([]);
    expect([...graph.keys()]).toContain('src/engine/thread-web.ts');
    expect([...importGraph('src/index.ts', library, ['node', 'default']).keys()]).toContain(
      'src/engine/thread-node.ts',
    );
  });

  test('no file is longer than 400 lines', () => {
    expect([...everything, ...readSources('test'), ...readSources('bench')].flatMap(rules.lengthFaults)).toEqual([]);
  });

  test('no line has more than 130 columns', () => {
    expect(everything.flatMap(rules.widthFaults)).toEqual([]);
  });

  test('no any, no non-null assertion, no silenced compiler', () => {
    expect(everything.flatMap(rules.typeFaults)).toEqual([]);
  });

  test('every export has a doc comment', () => {
    expect(library.flatMap(rules.documentationFaults)).toEqual([]);
  });

  test('the public faces hold re-exports and no code', () => {
    expect(library.flatMap(rules.faceFaults)).toEqual([]);
  });

  test('the public faces show nothing that the explorer alone needs', () => {
    const inner =
      /^(Random|leadingEigenvectors|EigenProblem|LeadingEigenvectors|CategoryTable|categoryTable(From|To)Bytes|colorTogether|Coloring|themes|fitToPlane|regionsOf|(exchange|feature)Paths)$/;
    const shown = [...shownBy('src/index.ts').keys()];

    expect(shown).toContain('trainEmbedding');
    expect(shown.filter((name) => inner.test(name))).toEqual([]);
  });

  test('nothing whose bits matter calls a function that differs between engines', () => {
    expect(library.flatMap(rules.inexactFaults)).toEqual([]);
  });

  test('optional packages are loaded at first use: what imports them imports types', () => {
    const optional = Object.keys(optionalDependencies).join('|');
    const eager = new RegExp(`^import (?!type ).* from '(${optional})[/']`, 'm');
    expect(optional).toContain('duckdb');
    expect(library.filter(({ text }) => eager.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('provenance is looked into by its own file alone', () => {
    const fields = new Set(provenanceFields);
    expect(library.flatMap((source) => rules.provenanceFaults(source, fields))).toEqual([]);
    const faults = (text: string): number =>
      rules.provenanceFaults(sourceFromText('src/cli/a.ts', text), fields).length;

    expect(faults('const { loss } = embedding.provenance;')).toBe(1);
    expect(faults("const a = typeof embedding.provenance.maxTime === 'number';")).toBe(1);
    expect(faults("const a = provenance['maxTime'];")).toBe(1);
    expect(faults('const a = embedding.provenance.loss;')).toBe(1);
    expect(faults('const a = Object.entries(embedding.provenance);')).toBe(1);
    expect(faults('const { maxTime } = embedding.provenance, a = embedding.provenance.measures?.loss;')).toBe(0);
  });

  test('below the programs nothing reads clock, environment or foreign chance, and nothing prints', () => {
    expect(library.flatMap(rules.impurityFaults)).toEqual([]);
  });
});

describe('the explorer', () => {
  const page = readSources('explorer/src');
  const { devDependencies } = JSON.parse(
    readFileSync(new URL('../explorer/package.json', import.meta.url), 'utf8'),
  ) as { devDependencies: Record<string, string> };

  test('imports of ours only what users can, category2vec/browser, and what category2vec/page re-exports', () => {
    expect(page.length).toBeGreaterThan(10);
    expect(page.flatMap((source) => rules.explorerFaults(source, new Set(Object.keys(devDependencies))))).toEqual([]);
  });

  test('keeps the rules of length, types, comments and cycles', () => {
    const { lengthFaults, typeFaults, documentationFaults, importCycle } = rules;
    const faults = page.flatMap((source) =>
      [lengthFaults, typeFaults, documentationFaults].flatMap((rule) => rule(source)),
    );
    expect([...faults, ...importCycle(page)]).toEqual([]);
  });

  test('and with it examples and tests, has no line of more than 130 columns but single texts', () => {
    const components = readdirSync('explorer/src', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.svelte'))
      .map((name) => sourceFromText(`explorer/src/${name}`, readFileSync(`explorer/src/${name}`, 'utf8')));
    const all = [...page, ...components, ...readSources('examples'), ...readSources('test')];
    const isText = (line: string): boolean => /^\s*(test\(|\[)?['"`/]/.test(line);
    const wide = all.flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, i) => (line.length > 130 && !isText(line) ? [`${path}:${i + 1}`] : [])),
    );

    expect(components.length).toBeGreaterThan(10);
    expect(wide).toEqual([]);
  });

  test('catch an import past the face, and a package that is not declared', () => {
    const faults = (specifier: string): string[] =>
      rules.explorerFaults(sourceFromText('explorer/src/map/a.ts', `import '${specifier}';`), new Set(['svelte']));

    expect(faults('../../../src/vocabulary.js')).toHaveLength(1);
    expect(faults('category2vec')).toHaveLength(1);
    expect(faults('regl')).toHaveLength(1);
    expect(['svelte', 'category2vec/browser', '../space.js'].flatMap(faults)).toEqual([]);
  });
});

describe('the kernels', () => {
  test('own no memory: the binary has no data section', () => {
    const dataSections = wasmSections(Buffer.from(kernelBinary, 'base64')).filter((id) => id === 11 || id === 12);

    expect(dataSections).toEqual([]);
  });
});

describe('the rules themselves', () => {
  test.each([
    ['an import that goes up', rules.floorFaults, 'src/vocabulary.ts', `import { a } from './training/options.js';`],
    [
      'a kernel that imports from another room',
      rules.floorFaults,
      'kernels/projection/a.ts',
      `import { b } from '../training/b';`,
    ],
    ['an import into a neighbor', rules.floorFaults, 'src/training/a.ts', `export { b } from '../formats/npy.js';`],
    ['a dynamic import that goes up', rules.floorFaults, 'src/engine/a.ts', `await import('../duckdb/a.js');`],
    [
      'files in what browsers run',
      rules.floorFaults,
      'src/training/a.ts',
      `import { a } from '../files/atomic-file.js';`,
    ],
    ['an adapter shown to browsers', rules.floorFaults, 'src/browser.ts', `export { a } from './duckdb/a.js';`],
    ['a line that is too wide', rules.widthFaults, 'src/a.ts', `const a = '${'a'.repeat(120)}';`],
    ['any', rules.typeFaults, 'src/a.ts', 'const a: any = 1;'],
    ['as any', rules.typeFaults, 'src/a.ts', 'const a = b as any;'],
    ['an exclamation mark', rules.typeFaults, 'src/a.ts', 'const a = b!;'],
    ['an export without a comment', rules.documentationFaults, 'src/a.ts', '// x\nexport const a = 1;'],
    ['code in a face', rules.faceFaults, 'src/index.ts', 'export const a = 1;'],
    ['Math.exp', rules.inexactFaults, 'src/training/a.ts', 'const a = Math.exp(1);'],
    ['a power', rules.inexactFaults, 'src/training/a.ts', 'const a = x ** 0.75;'],
    ['Math.random', rules.impurityFaults, 'src/training/a.ts', 'const a = Math.random();'],
    ['the environment', rules.impurityFaults, 'src/duckdb/a.ts', 'const a = process.env.HOME;'],
    ['the clock', rules.impurityFaults, 'src/duckdb/a.ts', 'const a = new Date();'],
    ['a long file', rules.lengthFaults, 'src/a.ts', '\n'.repeat(401)],
  ])('catch %s', (_, rule, path, text) => {
    expect(rule(sourceFromText(path, text))).toHaveLength(1);
  });

  test('catch a package below floor 7, an undeclared one above, and node: in what browsers run', () => {
    const faults = (path: string, specifier: string): string[] =>
      rules.packageFaults(sourceFromText(path, `import '${specifier}';`), new Set(['commander']));

    expect(faults('src/training/a.ts', 'commander')).toHaveLength(1);
    expect(faults('src/cli/a.ts', 'left-pad')).toHaveLength(1);
    expect(faults('src/training/a.ts', 'node:fs')).toHaveLength(1);
    expect(faults('src/cli/a.ts', 'commander')).toHaveLength(0);
  });

  test('catch a cycle and name its imports', () => {
    const a = sourceFromText('src/training/a.ts', `import type { B } from './b.js';`);
    const b = sourceFromText('src/training/b.ts', `\nimport { a } from './a.js';`);

    expect(rules.importCycle([a, b])).toEqual([
      'src/training/a.ts:1 imports src/training/b.ts',
      'src/training/b.ts:2 imports src/training/a.ts',
    ]);
  });

  test('leave 2 ** 32 and re-exports alone', () => {
    expect(rules.inexactFaults(sourceFromText('src/training/a.ts', 'const a = 2 ** 32;'))).toEqual([]);
    expect(rules.documentationFaults(sourceFromText('src/a.ts', `export { a } from './b.js';`))).toEqual([]);
  });

  test('find a data section where there is one', () => {
    // magic, version, then section 11 with one passive segment of one byte
    const planted = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 11, 4, 1, 1, 1, 0);

    expect(WebAssembly.validate(planted)).toBe(true);
    expect(wasmSections(planted)).toEqual([11]);
  });
});

/** The ids of a binary's sections in order (WebAssembly core specification §5.5.2: id byte, LEB128 size, contents). */
function wasmSections(binary: Uint8Array): number[] {
  const ids: number[] = [];
  let position = 8;
  while (position < binary.length) {
    ids.push(binary[position++] ?? -1);
    let size = 0;
    for (let shift = 0, byte = 128; byte >= 128; shift += 7) {
      byte = binary[position++] ?? 0;
      size += (byte & 127) * 2 ** shift;
    }
    position += size;
  }
  return ids;
}
