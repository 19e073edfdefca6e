/** The keys spelled most like an unknown one, for error messages. */

/**
 * The keys nearest to a word by edit distance (Levenshtein 1966) without regard to case, nearest first, ties in the
 * order of the keys.
 *
 * @param most - how many at most
 * @returns keys at most a third of the word's length away, and at least two edits are allowed; not those of which every
 *   letter would be another
 */
export function closestSpellings(word: string, keys: readonly string[], most = 3): string[] {
  const wanted = word.toLowerCase().slice(0, 200);
  const found: { readonly key: string; readonly distance: number }[] = [];
  let bound = Math.max(2, Math.floor(wanted.length / 3));
  for (const key of keys) {
    if (Math.abs(key.length - wanted.length) > bound) continue;
    const distance = editDistance(wanted, key.toLowerCase(), bound);
    if (distance > bound || distance >= Math.min(key.length, wanted.length)) continue;
    const at = found.findLastIndex((other) => other.distance <= distance) + 1;
    found.splice(at, 0, { key, distance });
    if (found.length > most) found.pop();
    // A later key must be strictly nearer than the last one kept.
    if (found.length === most) bound = Math.min(bound, (found[most - 1]?.distance ?? bound) - 1);
    if (bound < 0) break;
  }
  return found.map(({ key }) => key);
}

/**
 * What to say to a name that is not there: `; did you mean "topic"?`, or nothing where no name is like it.
 *
 * @param most - how many names at most; default 1
 */
export function spellingHint(name: string, known: readonly string[], most = 1): string {
  const typed = name.trim().toLowerCase();
  if (typed === '') return '';
  const plain = plainSpelling(name);
  const respelled = known.filter((key) => plainSpelling(key) === plain).slice(0, most);
  const close = respelled.length > 0 ? respelled : closestSpellings(typed, known, most);
  const begun = known.filter((key) => typed.length > 2 && key.toLowerCase().startsWith(typed)).slice(0, most);
  const names = (close.length > 0 ? close : begun).map((key) => JSON.stringify(key));
  return names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`;
}

/** Signs that HTML escapes, by their names. */
const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['#39', "'"],
  ['nbsp', ' '],
]);

/** What may differ between two spellings of one key, and how it is taken away. */
export const spellings: readonly (readonly [what: string, plain: (key: string) => string])[] = [
  ['UTF-8 that was read as Latin-1', decoded],
  ['Unicode normalization', (key) => key.normalize('NFKC')],
  ['invisible characters', (key) => key.replace(/\p{Cf}+/gu, '')],
  ['escapes of HTML', (key) => key.replace(/&(#?\w+);/g, (text, name: string) => entities.get(name) ?? text)],
  ['escapes of URLs', (key) => (/%[\da-f]{2}/i.test(key) ? unescaped(key) : key)],
  ['the kind of dash', (key) => key.replace(/[\u2010-\u2015\u2212]/g, '-')],
  ['the kind of quotes', (key) => key.replace(/[‘’]/g, "'").replace(/[“”]/g, '"')],
  ['spaces', (key) => key.trim().replace(/\s+/g, ' ')],
  ['quotes around it', (key) => key.replace(/^(['"`])(.+)\1$/s, '$2').replace(/^'(?=[\d+-])/, '')],
  ['case', (key) => key.toUpperCase().toLowerCase()],
  ['a plus sign', (key) => key.replace(/^\+(?=\d)/, '')],
  ['commas between thousands', (key) => (/^-?\d{1,3}(,\d{3})+$/.test(key) ? key.replaceAll(',', '') : key)],
  ['a trailing .0', (key) => key.replace(/^([+-]?\d+)(\.0+|,0{1,2})$/, '$1')],
  ['leading zeros', (key) => key.replace(/^([+-]?)0+(?=\d+$)/, '$1')],
];

/** The text of bytes that were taken for one character each: `Ã©` is é. */
function decoded(key: string): string {
  if (!/[\xC2-\xF4][\x80-\xBF]/.test(key) || !/^[\0-\xFF]*$/.test(key)) return key;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(key, (each) => each.charCodeAt(0)));
  } catch {
    return key;
  }
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Keys from which nothing is taken: small letters, then those, digits and signs but & and %; and whole numbers. */
const isPlain = /^(?:[a-z][!-$'-@[-~]*|[1-9]\d*)$/;

/** All of it taken away, normalization first: it makes plain spaces and digits of others. */
export function plainSpelling(key: string, steps = spellings): string {
  if (isPlain.test(key)) return key;
  return steps.reduce((text, [, plain]) => plain(text), key);
}

/** What tells two keys apart that have one plain spelling: `case`, `spaces and case`. */
export function spellingDifference(key: string, other: string): string {
  const single = spellings.find(([, plain]) => plain(key) === plain(other));
  if (single !== undefined) return single[0];
  const needed = spellings.filter((step) => {
    const others = spellings.filter((each) => each !== step);
    return plainSpelling(key, others) !== plainSpelling(other, others);
  });
  return needed.map(([what]) => what).join(' and ');
}

/** Least number of letters to insert, delete or replace; anything above the bound comes back as bound + 1. */
export function editDistance(a: string, b: string, bound = Infinity): number {
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = (before[j - 1] ?? 0) + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1);
      const value = Math.min(replaced, (before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      row.push(value);
      least = Math.min(least, value);
    }
    if (least > bound) return bound + 1;
    before = row;
  }
  return before[b.length] ?? 0;
}
