/** Interfaces of options say what their tables say: what a hover shows is what help prints and checks hold. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { clickOptions } from '../src/click-network/options.js';
import { filterOptions } from '../src/histories/reader-options.js';
import type { OptionRow, OptionTable } from '../src/option-table.js';
import { projectionOptions } from '../src/projection/options.js';
import { limitOptions } from '../src/serve/limits.js';
import { worldOptions } from '../src/simulation/options.js';
import { trainingOptions } from '../src/training/options.js';

describe('the interface of each table', () => {
  test.each<[string, string, OptionTable]>([
    ['TrainingOptions', 'training/options', trainingOptions],
    ['ClickOptions', 'click-network/options', clickOptions],
    ['ProjectionOptions', 'projection/options', projectionOptions],
    ['WorldOptions', 'simulation/options', worldOptions],
    ['FilterOptions', 'histories/reader-options', filterOptions],
    ['Limits', 'serve/limits', limitOptions],
  ])('%s has a comment on every property: meaning, range, default', (name, file, table) => {
    const comments = commentsOf(`src/${file}.ts`, name);

    expect([...comments.keys()]).toEqual(Object.keys(table));
    expect(Object.fromEntries(comments)).toEqual(
      Object.fromEntries(Object.entries(table).map(([option, row]) => [option, commentOn(row)])),
    );
  });
});

/** The text that a property's comment must be. */
function commentOn(row: OptionRow): string {
  // help names other options as a command line does
  const help = row.help.replaceAll(/--([a-z-]+)/g, (_, words: string) => `\`${toCamelCase(words)}\``);
  return [help, rangeOf(row), defaultOf(row)].filter((part) => part !== '').join('; ');
}

function toCamelCase(words: string): string {
  return words.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function rangeOf(row: OptionRow): string {
  if (!('min' in row || 'max' in row)) return '';
  const { min = NaN, max } = row;
  const least = 'isMinExcluded' in row && row.isMinExcluded ? `> ${inWords(min)}` : undefined;
  const range =
    max === undefined
      ? (least ?? `≥ ${inWords(min)}`)
      : least === undefined
        ? `${inWords(min)} to ${inWords(max)}`
        : `${least} and ≤ ${inWords(max)}`;
  if (row.kind === 'integers') return `1 to ${row.most} whole numbers, ${range}`;
  return row.kind === 'integer' ? `whole, ${range}` : range;
}

function defaultOf(row: OptionRow): string {
  if (!('default' in row) || row.default === undefined) return 'no default';
  if ('defaultBy' in row && row.defaultBy !== undefined) {
    return `default by ${row.defaultBy.startsWith('--') ? `\`${toCamelCase(row.defaultBy.slice(2))}\`` : row.defaultBy}`;
  }
  const { default: value } = row;
  if (typeof value === 'number') return `default ${inWords(value)}`;
  return `default ${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`;
}

function inWords(value: number): string {
  return value >= 1e9 && value % 1e9 === 0
    ? String(value)
    : value.toLocaleString('en-US', { maximumFractionDigits: 20 });
}

/** Property → the text of its comment, of one interface. */
function commentsOf(path: string, name: string): ReadonlyMap<string, string> {
  const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found = tree.statements.find((each) => ts.isInterfaceDeclaration(each) && each.name.text === name);
  if (found === undefined || !ts.isInterfaceDeclaration(found)) throw new Error(`${path} has no interface ${name}`);
  return new Map(
    found.members.map((member) => {
      const comment = ts.getJSDocCommentsAndTags(member)[0]?.comment ?? '';
      return [member.name?.getText() ?? '', String(comment).replaceAll(/\s+/g, ' ')] as const;
    }),
  );
}
