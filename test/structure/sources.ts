/** The repository's own sources as syntax trees: what each file imports, exports and mentions, with lines. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** One parsed file; `path` is relative to the repository root, with forward slashes. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** One import or re-export; `target` is a path relative to the root, or undefined for a package or a node: module. */
export interface Import {
  readonly line: number;
  readonly specifier: string;
  readonly target: string | undefined;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const { imports: internal } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  imports: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
const generated = new Set([
  ...['binary', 'exports', 'records'].map((part) => `src/numerics/kernel-${part}.ts`),
  'src/report/page-script.ts',
]);

/** Every .ts and .js source below a folder of the repository, in path order; generated files left out. */
export function readSources(folder: string): Source[] {
  if (!existsSync(`${root}${folder}`)) return [];
  return (
    readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
      .map((entry) => relative(root, `${entry.parentPath}${sep}${entry.name}`).split(sep).join('/'))
      // nor what `npm run bench:peers` installs
      .filter((path) => !generated.has(path) && !/node_modules|\/build\/|\/\.venv\//.test(path))
      .toSorted()
      .map((path) => sourceFromText(path, readFileSync(`${root}${path}`, 'utf8')))
  );
}

/** Parses a text as if it stood at `path`. */
export function sourceFromText(path: string, text: string): Source {
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Static imports, re-exports, dynamic imports and `import('…')` types of a file; `#name` once for each of its conditions. */
export function importsOf(source: Source, conditions?: readonly string[]): Import[] {
  const found: Import[] = [];
  walk(source.tree, (node) => {
    const specifier = specifierOf(node);
    if (specifier === undefined) return;
    const line = lineOf(source, node);
    const inside = internal[specifier];
    if (inside === undefined) {
      found.push({ line, specifier, target: resolve(source.path, specifier) });
      return;
    }
    const chosen = conditions?.find((condition) => condition in inside);
    const targets = conditions === undefined ? Object.values(inside) : [inside[chosen ?? '']];
    found.push(...targets.map((target) => ({ line, specifier, target: target && sourceOf(target) })));
  });
  return found;
}

/**
 * Every file that a bundler would take in, from one entry on.
 *
 * @param conditions - those of package.json's "imports" that hold, the first that fits wins
 * @returns imports by file; what leads out of the sources has no target
 */
export function importGraph(
  entry: string,
  sources: readonly Source[],
  conditions: readonly string[],
): Map<string, Import[]> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const graph = new Map<string, Import[]>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = byPath.get(path);
    if (source === undefined || graph.has(path)) continue;
    const imports = importsOf(source, conditions);
    graph.set(path, imports);
    waiting.push(
      ...imports.flatMap(({ target }) => (target === undefined ? [] : [target, target.replace(/\.js$/, '.ts')])),
    );
  }
  return graph;
}

/** dist/a/b.js → src/a/b.js. */
function sourceOf(target: string): string {
  return target.replace(/^\.\/dist\//, 'src/');
}

/** Exported declarations without a doc comment, as `file:line name`. A later overload shares the first one's comment. */
export function undocumentedExports(source: Source): string[] {
  const documented = new Set<string>();
  const faults: string[] = [];
  for (const statement of source.tree.statements) {
    if (!isExported(statement)) continue;
    const names = namesOf(statement);
    if (ts.getJSDocCommentsAndTags(statement).length > 0) names.forEach((name) => documented.add(name));
    else faults.push(...names.filter((name) => !documented.has(name)).map((name) => at(source, statement, name)));
  }
  return faults;
}

/** Every node for which `describe` returns a text, as `file:line text`. */
export function mentions(source: Source, describe: (node: ts.Node) => string | undefined): string[] {
  const found: string[] = [];
  walk(source.tree, (node) => {
    const text = describe(node);
    if (text !== undefined) found.push(at(source, node, text));
  });
  return found;
}

/** `file:line text` of a node. */
export function at(source: Source, node: ts.Node, text: string): string {
  return `${source.path}:${lineOf(source, node)} ${text}`;
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function lineOf({ tree }: Source, node: ts.Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

function specifierOf(node: ts.Node): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    return ts.isStringLiteral(node.moduleSpecifier) ? node.moduleSpecifier.text : undefined;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal)) {
    return node.argument.literal.text;
  }
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    const [argument] = node.arguments;
    return argument !== undefined && ts.isStringLiteralLike(argument) ? argument.text : undefined;
  }
  return undefined;
}

function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  return posix.normalize(`${posix.dirname(from)}/${specifier}`);
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  ) {
    return [statement.name?.text ?? 'default'];
  }
  return [];
}
