/** The page's own reading of logs: what is odd is read as the reader of files reads it, or refused by line. */
import { describe, expect, test } from 'vitest';
import { readCsvStart, readColumns } from '../../explorer/src/work/csv.js';
import { readText } from '../../explorer/src/work/text.js';
import { trainFromFile } from '../../explorer/src/work/train.js';

const read = (text: string) => readColumns(text, readCsvStart(text, 'x.csv'), ['u', 'c']);

describe('a log in the page', () => {
  test.each([
    ['LF and CRLF and CR', 'u,c\n1,a\r\n2,b\r3,c'],
    ['sep=', 'sep=;\r\nu;c\r\n1;a\r\n2;b\r\n3;c\r\n'],
    ['comments and blank lines first', '# from a tool\n\nu,c\n1,a\n2,b\n3,c\n'],
    ['marks', '\ufeffu,c\n1,a\n\ufeff2,b\n3,c\n'],
    ['blank lines', 'u,c\n\n1,a\n2,b\n\n3,c\n\n'],
  ])('with %s is read', (_, text) => {
    expect(read(text)).toEqual([
      ['1', '2', '3'],
      ['a', 'b', 'c'],
    ]);
  });

  test.each([
    ['another number of fields', 'u,c\n1,"a\nb"\n2\n', 'line 4 must have 2 fields, as the header has, got 1'],
    [
      'the header again',
      'u,c\n1,a\nu,c\n',
      'line 3 holds the names of the columns again; fix it here, or train on this',
    ],
    ['the header again with blanks', 'u,c\n1,a\n u, c\n', 'line 3 holds the names of the columns again'],
    ['a quote that is never closed', '# x\nu,c\n1,"a\nb"\n2,"b\n', 'line 5 holds a quote that is never closed; fix'],
    ['text after a closing quote', 'u,c\n1,a\n2,"b"x\n', 'line 3 must have a delimiter after a closing quote, got "x'],
    ['a column name that stands twice', 'u,c,c\n1,a,b\n', 'must have columns of different names, got "c" twice'],
    ['a field over lines in a TSV', 'u\tc\n1\t"a\n2\tb"\n', 'line 2 holds a quote that is closed in line 3 only'],
    [
      'lines that a quote swallowed',
      `u,c\n1,"a\n${'2,b\n'.repeat(20)}3,d"\n`,
      'line 2 holds a quote that is closed in line 23 only',
    ],
  ])('with %s is refused by line', (_, text, message) => {
    expect(() => read(text)).toThrow(message);
  });

  test.each([
    ['Latin-1', Buffer.from('u,c\n1,a\n2,caf\xe9\n', 'latin1'), 'line 3 holds bytes that are not UTF-8'],
    ['a NUL character', Buffer.from('u,c\n1,a\0\n'), 'line 2 holds a NUL character'],
  ])('with %s is refused by line', async (_, bytes, message) => {
    await expect(readText(new Blob([bytes]))).rejects.toThrow(message);
  });

  test('with a header alone is refused by its name', async () => {
    const task = { kind: 'train', history: 'u', category: 'c', filters: {}, options: {} } as const;
    const training = trainFromFile({ ...task, file: new File(['u,c\n'], 'shop.csv') }, () => {});

    await expect(training).rejects.toThrow('shop.csv holds no clicks; a log has one row per click below its header');
  });

  test('keeps long texts over lines', () => {
    const text = `u,c,t\n1,a,"${'Dear all, hello\n'.repeat(30)}"\n`;
    expect(read(text)).toEqual([['1'], ['a']]);
  });
});
