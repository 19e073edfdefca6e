/** What a public entry shows, and which types its signatures name: read from the sources, without a type checker. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** A declaration: where it stands, and what it is called there. */
interface Place {
  readonly path: string;
  readonly name: string;
}

interface Module {
  readonly tree: ts.SourceFile;
  /** name in this file → where it comes from */
  readonly imports: ReadonlyMap<string, Place>;
  /** exported name → where it comes from, this file included */
  readonly exports: ReadonlyMap<string, Place>;
  /** name → declarations of this file */
  readonly declared: ReadonlyMap<string, readonly ts.Statement[]>;
}

const modules = new Map<string, Module>();

/** Exported name → declarations. */
export function shownBy(entry: string): ReadonlyMap<string, readonly ts.Statement[]> {
  return new Map(
    [...moduleOf(entry).exports.keys()].map((name) => [name, declarationsOf(follow({ path: entry, name }))]),
  );
}

/**
 * Types that signatures of an entry name and that neither it nor the main one exports: `a names B of src/b.ts`. The
 * types of values, `typeof a`, are written out where they are seen.
 */
export function hiddenTypes(entry: string, main = entry): string[] {
  const known = new Set([...moduleOf(main).exports.keys()].map((name) => key(follow({ path: main, name }))));
  const shown = new Map([...moduleOf(entry).exports.keys()].map((name) => [key(follow({ path: entry, name })), name]));
  const hidden = new Set<string>();
  for (const [id, name] of shown) {
    const [path = '', own = ''] = id.split('#');
    for (const named of typesNamedBy(declarationsOf({ path, name: own }))) {
      const place = resolve(path, named);
      if (place !== undefined && !shown.has(key(place)) && !known.has(key(place)))
        hidden.add(`${name} names ${named} of ${place.path}`);
    }
  }
  return [...hidden].sort();
}

function key({ path, name }: Place): string {
  return `${path}#${name}`;
}

/** The declaration that a name in a file stands for; undefined for what the language or a package has. */
function resolve(path: string, name: string): Place | undefined {
  const { imports, declared } = moduleOf(path);
  const from = imports.get(name);
  if (from !== undefined) return follow(from);
  return declared.has(name) ? { path, name } : undefined;
}

/** Through re-exports to the file that declares. */
function follow({ path, name }: Place): Place {
  const next = moduleOf(path).exports.get(name);
  return next === undefined || next.path === path ? { path, name: next?.name ?? name } : follow(next);
}

function declarationsOf({ path, name }: Place): readonly ts.Statement[] {
  return moduleOf(path).declared.get(name) ?? [];
}

/**
 * Names of types in what a caller sees of a declaration: not bodies, members that are private or internal, or type
 * parameters.
 */
function typesNamedBy(statements: readonly ts.Statement[]): ReadonlySet<string> {
  const names = new Set<string>();
  const own = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isBlock(node)) return;
    if (ts.isTypeParameterDeclaration(node)) own.add(node.name.text);
    if (ts.isClassElement(node) && node.name !== undefined && ts.isPrivateIdentifier(node.name)) return;
    if (ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')) return;
    if (ts.isPropertyDeclaration(node) || ts.isParameter(node)) {
      if (node.type !== undefined) visit(node.type);
      return;
    }
    if (ts.isVariableDeclaration(node)) {
      if (node.type !== undefined) visit(node.type);
      return;
    }
    if (ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName)) names.add(node.typeName.text);
    if (ts.isExpressionWithTypeArguments(node) && ts.isIdentifier(node.expression)) names.add(node.expression.text);
    ts.forEachChild(node, visit);
  };
  statements.forEach(visit);
  return new Set([...names].filter((name) => !own.has(name)));
}

function moduleOf(path: string): Module {
  const known = modules.get(path);
  if (known !== undefined) return known;
  const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const imports = new Map<string, Place>();
  const exports = new Map<string, Place>();
  const declared = new Map<string, ts.Statement[]>();
  for (const statement of tree.statements) {
    const from = targetOf(path, statement);
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      if (from === undefined || bindings === undefined || !ts.isNamedImports(bindings)) continue;
      for (const { name, propertyName } of bindings.elements) {
        imports.set(name.text, { path: from, name: (propertyName ?? name).text });
      }
    } else if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause === undefined && from !== undefined) {
        for (const [name, place] of moduleOf(from).exports) exports.set(name, place);
      }
      if (clause === undefined || !ts.isNamedExports(clause)) continue;
      for (const { name, propertyName } of clause.elements) {
        exports.set(name.text, { path: from ?? path, name: (propertyName ?? name).text });
      }
    } else {
      for (const name of namesOf(statement)) {
        declared.set(name, [...(declared.get(name) ?? []), statement]);
        if (isExported(statement)) exports.set(name, { path, name });
      }
    }
  }
  const module = { tree, imports, exports, declared };
  modules.set(path, module);
  return module;
}

function targetOf(path: string, statement: ts.Statement): string | undefined {
  if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return undefined;
  const { moduleSpecifier } = statement;
  if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return undefined;
  if (!moduleSpecifier.text.startsWith('.')) return undefined;
  const target = join(dirname(path), moduleSpecifier.text.replace(/\.js$/, '.ts'));
  return existsSync(target) ? target : undefined;
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}
