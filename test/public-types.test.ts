/** A newcomer's editor: every type that a signature names can be imported, and options show a comment on each property. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { hiddenTypes, shownBy } from './structure/public-types.js';

const { exports: subpaths } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, string | { readonly types?: string }>;
};
const entries = Object.values(subpaths)
  .flatMap((entry) => (typeof entry === 'string' ? [] : (entry.types ?? [])))
  .map((types) => types.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts'));

describe.each(entries)('%s', (entry) => {
  test('exports every type that its signatures name', () => {
    // what runs in browsers must not be imported from the entry that needs files
    const main = entry === 'src/browser.ts' ? entry : 'src/index.ts';

    expect(hiddenTypes(entry, main)).toEqual([]);
  });

  test('shows options and hooks as interfaces, each property with a comment', () => {
    const faults = [...shownBy(entry)].flatMap(([name, [declaration]]) =>
      /(Options|Hooks|Input)$/.test(name) && declaration !== undefined ? faultsOf(name, declaration) : [],
    );

    expect(faults).toEqual([]);
  });
});

test.each(entries)('%s calls every step with its inputs, options, hooks, in four arguments at most', (entry) => {
  const faults = [...shownBy(entry)].flatMap(([name, declarations]) =>
    declarations.filter(ts.isFunctionDeclaration).flatMap(({ parameters }) => {
      const kinds = parameters.map(({ type }) => kindOf(type));
      const isInOrder = kinds.every((kind, i) => i === 0 || order.indexOf(kind) >= order.indexOf(kinds[i - 1] ?? ''));
      return isInOrder && kinds.length <= 4 ? [] : [`${name}(${kinds.join(', ')})`];
    }),
  );

  expect(faults).toEqual([]);
});

test.each(entries)('%s describes by @param only what the function takes, by its name', (entry) => {
  const faults = [...shownBy(entry)].flatMap(([name, declarations]) =>
    declarations.filter(ts.isFunctionDeclaration).flatMap((declaration) => {
      // of overloads the first one has the comment; the parts of a pattern are described one by one
      const taken = declarations
        .filter(ts.isFunctionDeclaration)
        .flatMap(({ parameters }) => parameters.map((each) => each.name));
      if (taken.some(ts.isObjectBindingPattern)) return [];
      const names = new Set(taken.map((each) => each.getText()));
      const described = ts.getJSDocTags(declaration).filter(ts.isJSDocParameterTag);
      return described
        .map((tag) => tag.name.getText())
        .filter((text) => !names.has(text.split('.')[0] ?? ''))
        .map((text) => `${name} takes no ${text}`);
    }),
  );

  expect(faults).toEqual([]);
});

const order = ['input', 'options', 'hooks'];

function kindOf(type: ts.TypeNode | undefined): string {
  const [, kind = 'input'] = /(Options|Hooks)\b[^.]*$/.exec(type?.getText() ?? '') ?? [];
  return kind.toLowerCase();
}

test('there are entries to look at', () => {
  expect(entries).toContain('src/index.ts');
  expect(shownBy('src/index.ts').size).toBeGreaterThan(200);
});

/** An options type is an interface, or one of several; what is shown of it has a comment on every property. */
function faultsOf(name: string, declaration: ts.Statement): string[] {
  if (ts.isVariableStatement(declaration)) return [];
  if (ts.isTypeAliasDeclaration(declaration)) {
    const { type } = declaration;
    const isPlain =
      ts.isTypeReferenceNode(type) || (ts.isUnionTypeNode(type) && type.types.every(ts.isTypeReferenceNode));
    return isPlain ? [] : [`${name} is no interface`];
  }
  if (!ts.isInterfaceDeclaration(declaration)) return [];
  return declaration.members.flatMap((member) =>
    ts.getJSDocCommentsAndTags(member).length > 0 ? [] : [`${name}.${member.name?.getText() ?? ''} has no comment`],
  );
}
