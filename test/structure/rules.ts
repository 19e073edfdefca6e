/** The rules of the house as functions: sources in, faults out, each fault a text that begins with file:line. */
import ts from 'typescript';
import { importsOf, mentions, undocumentedExports, type Source } from './sources.js';

/** Floors of CONTRIBUTING.md; checks and option-table lie under numerics, so that numbers may refuse bad arguments. */
const floors: readonly (readonly [floor: number, ...rooms: string[]])[] = [
  [0, 'kernels/numerics'],
  [0.1, 'kernels/training', 'kernels/click-network', 'kernels/projection', 'kernels/spectral'],
  [0.2, 'kernels/index'],
  [0.5, 'src/checks', 'src/closest-spellings', 'src/option-table', 'src/step'],
  [1, 'src/numerics', 'src/files'],
  [2, 'src/spelling-twins', 'src/vocabulary'],
  [3, 'src/histories', 'src/embedding'],
  [3.5, 'src/impressions'],
  [4, 'src/engine'],
  [5, 'src/training', 'src/evaluation', 'src/projection', 'src/formats', 'src/simulation', 'src/maps'],
  [5.5, 'src/click-network'],
  [6, 'src/click-model', 'src/features', 'src/lifecycle'],
  [6.5, 'src/experiments'],
  [7, 'src/duckdb', 'src/spark', 'src/onnx', 'src/report'],
  [8, 'src/serve'],
  [8.5, 'src/cli', 'explorer'],
];
const floorByRoom = new Map(floors.flatMap(([floor, ...rooms]) => rooms.map((room) => [room, floor] as const)));

/** Public faces: re-exports only, and the highest floor that each may show. */
const faces = new Map([
  ['src/index.ts', 7],
  ['src/browser.ts', 6.5],
  ['src/page.ts', 6.5],
]);

/** Files that may be longer than 400 lines. */
const longFiles = new Set<string>([]);

/** Floors 1–6 run in Node and in browsers; what only Node has stands in these files. */
const nodeOnly = /^src\/(files\/|engine\/[a-z-]*(node|worker)[a-z-]*\.(ts|js)$)/;

/** Uses of Math's approximate functions below floor 7 whose bits reach no output, `file: reason`. */
const inexactAllowed = new Map<string, string>([]);

const inexact = new Set(
  'exp expm1 log log1p log2 log10 pow sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh cbrt hypot'.split(
    ' ',
  ),
);
const impure = new Set(['Math.random', 'Date.now', 'performance.now', 'process.env', 'process.hrtime']);
const printing = new Set(['process.stdout', 'process.stderr']);

/** The room of a file: its folder directly below src or kernels, or the file itself where it stands in one of these. */
export function roomOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' || top === 'kernels' ? `${top}/${second.replace(/\.(ts|js)$/, '')}` : top;
}

/** The floor of a file; undefined for a face and for a room that is on none. */
export function floorOf(path: string): number | undefined {
  return floorByRoom.get(roomOf(path));
}

/** Files that stand in no room of CONTRIBUTING.md. */
export function homelessFiles(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => floorOf(path) === undefined && !faces.has(path))
    .map(({ path }) => `${path}:1 stands on no floor`);
}

/** Imports that go up, or sideways into another room. */
export function floorFaults(source: Source): string[] {
  const room = roomOf(source.path);
  const floor = floorOf(source.path) ?? (faces.get(source.path) ?? 0) + 0.5;
  return importsOf(source).flatMap(({ line, target, specifier }) => {
    if (target === undefined || roomOf(target) === room) return [];
    const below = floorOf(target) ?? (faces.has(source.path) ? faces.get(target.replace(/\.js$/, '.ts')) : undefined);
    if (below === 0.5 && floor === 0.5) return [];
    if (roomOf(target) === 'src/files' && floor < 7 && !nodeOnly.test(source.path)) {
      return [`${source.path}:${line} imports ${specifier}, which only Node has`];
    }
    if (below !== undefined && below < floor) return [];
    const goal = below === undefined ? 'no floor' : `floor ${below}`;
    return [`${source.path}:${line} on floor ${floor} imports ${specifier} on ${goal}`];
  });
}

/**
 * Third-party imports below floor 7, undeclared ones anywhere, and node: imports below floor 7 outside the engine's own
 * files.
 */
export function packageFaults(source: Source, dependencies: ReadonlySet<string>): string[] {
  const floor = floorOf(source.path) ?? 7;
  return importsOf(source).flatMap(({ line, specifier, target }) => {
    if (target !== undefined) return [];
    const where = `${source.path}:${line}`;
    if (specifier.startsWith('node:')) {
      return floor >= 7 || nodeOnly.test(source.path) ? [] : [`${where} imports ${specifier} on floor ${floor}`];
    }
    if (floor < 7) return [`${where} imports ${specifier} on floor ${floor}; packages belong on floors 7 and 8`];
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    return dependencies.has(name) ? [] : [`${where} imports ${name}, which package.json does not declare`];
  });
}

/** The page imports its own files, packages of its own, and of ours `category2vec/browser` alone. */
export function explorerFaults(source: Source, dependencies: ReadonlySet<string>): string[] {
  return importsOf(source).flatMap(({ line, specifier, target }) => {
    const where = `${source.path}:${line} imports ${specifier}`;
    if (target !== undefined) return target.startsWith('explorer/src/') ? [] : [`${where}, which is not of the page`];
    const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
    return ['category2vec/browser', 'category2vec/page'].includes(specifier) || dependencies.has(name) ? [] : [where];
  });
}

/** The first import cycle, types included, as one line per import; empty where there is none. */
export function importCycle(sources: readonly Source[]): string[] {
  const edges = new Map(sources.map((source) => [source.path, importsOf(source)]));
  const isDone = new Set<string>();
  const visit = (path: string, trail: readonly string[], seen: readonly string[]): string[] => {
    if (isDone.has(path)) return [];
    if (seen.includes(path)) return trail.slice(seen.indexOf(path));
    for (const { line, target } of edges.get(path) ?? []) {
      const next = [target, target?.replace(/\.js$/, '.ts'), `${target}.ts`].find((name) => edges.has(name ?? ''));
      if (next === undefined) continue;
      const cycle = visit(next, [...trail, `${path}:${line} imports ${next}`], [...seen, path]);
      if (cycle.length > 0) return cycle;
    }
    isDone.add(path);
    return [];
  };
  for (const { path } of sources) {
    const cycle = visit(path, [], []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

/** Files over the ceiling of 400 lines. */
export function lengthFaults({ path, text }: Source): string[] {
  const lines = text.split('\n').length - 1;
  return lines <= 400 || longFiles.has(path) ? [] : [`${path}:401 has ${lines} lines, at most 400`];
}

/** Lines over 130 columns; a regular expression is one word, and generated code has none. */
export function widthFaults({ path, text }: Source): string[] {
  if (path === 'src/numerics/kernel-binary.ts') return [];
  const isWide = (line: string) => line.length > 130 && !/^\s*(return )?\/[^/*]/.test(line);
  return text.split('\n').flatMap((line, i) => (isWide(line) ? [`${path}:${i + 1} has more than 130 columns`] : []));
}

/** `any`, `x!`, and comments that silence the compiler. */
export function typeFaults(source: Source): string[] {
  const comments = source.text
    .split('\n')
    .flatMap((line, i) => (/@ts-(ignore|nocheck)/.test(line) ? [`${source.path}:${i + 1} silences the compiler`] : []));
  const nodes = mentions(source, (node) => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) return 'any';
    return ts.isNonNullExpression(node) ? 'non-null assertion' : undefined;
  });
  return [...nodes, ...comments];
}

/** Exports without a doc comment; a face re-exports what is documented where it stands. */
export function documentationFaults(source: Source): string[] {
  return faces.has(source.path) ? [] : undocumentedExports(source);
}

/** A face holds re-exports and nothing else. */
export function faceFaults(source: Source): string[] {
  if (!faces.has(source.path)) return [];
  return source.tree.statements
    .filter((statement) => !(ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined))
    .map((statement) => `${source.path}: holds code: ${statement.getText().slice(0, 60)}`);
}

/** Math's approximate functions and `**` of anything but two literals, below floor 7: engines differ in their last bits. */
export function inexactFaults(source: Source): string[] {
  const floor = floorOf(source.path);
  if (floor === undefined || floor < 0.5 || floor >= 7 || inexactAllowed.has(source.path)) return [];
  return mentions(source, (node) => {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'Math' && inexact.has(node.name.text)) {
      return `Math.${node.name.text}; numerics/elementary has one with the same bits everywhere`;
    }
    if (!ts.isBinaryExpression(node)) return undefined;
    const isPower = node.operatorToken.kind === ts.SyntaxKind.AsteriskAsteriskToken;
    return isPower && !(ts.isNumericLiteral(node.left) && ts.isNumericLiteral(node.right)) ? '**' : undefined;
  });
}

/** Where provenance is looked into by hand: only embedding/provenance.ts knows its JSON, and what it names has a type. */
export function provenanceFaults(source: Source, fields: ReadonlySet<string>): string[] {
  if (source.path === 'src/embedding/provenance.ts') return [];
  const isProvenance = (node: ts.Node): boolean => /\bprovenance\??$/.test(node.getText());
  return mentions(source, (node) => {
    if (ts.isElementAccessExpression(node) && isProvenance(node.expression)) return node.getText();
    if (
      ts.isPropertyAccessExpression(node) &&
      isProvenance(node.expression) &&
      node.expression.getText() !== 'provenance'
    )
      return fields.has(node.name.text) ? undefined : node.getText();
    if (ts.isTypeOfExpression(node) && /\bprovenance\b/.test(node.getText())) return node.getText();
    if (
      ts.isCallExpression(node) &&
      /^(Object\.(entries|keys|values)|JSON\.parse|Array\.isArray)$/.test(node.expression.getText())
    )
      return node.arguments.some((each) => /\bprovenance\b/.test(each.getText())) ? node.getText() : undefined;
    if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return undefined;
    if (node.initializer === undefined || !isProvenance(node.initializer)) return undefined;
    const names = node.name.elements.filter((each) => each.dotDotDotToken === undefined);
    const foreign = names.find((each) => !fields.has((each.propertyName ?? each.name).getText()));
    return foreign && `${foreign.getText()} of ${node.initializer.getText()}`;
  });
}

/** The clock, the environment, chance from outside, and printing: only programs touch them. */
export function impurityFaults(source: Source): string[] {
  if ((floorOf(source.path) ?? 0) >= 8) return [];
  return mentions(source, (node) => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && !node.arguments?.length)
      return 'new Date()';
    if (!ts.isPropertyAccessExpression(node)) return undefined;
    const text = node.getText();
    if (node.expression.getText() === 'console') return text;
    return impure.has(text) || printing.has(text) ? text : undefined;
  });
}
