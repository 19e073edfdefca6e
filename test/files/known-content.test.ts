/** Files of other programs are told by their first bytes, and text is not taken for one. */
import { describe, expect, test } from 'vitest';
import { describeContent } from '../../src/files/known-content.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const zip = (name: string, content = '') => bytes(`PK\x03\x04${'\0'.repeat(26)}${name}${content}`);

describe('a file of another program is told', () => {
  test.each([
    ['saveRDS', bytes('X\n\0\0\0\x03\0\x04\x02\0\0\x03\x05\0'), 'an R data file'],
    ['saveRDS as text', bytes('A\n3\n262656\n197888\n5\nUTF-8\n'), 'an R data file'],
    ['save', bytes('RDX3\nX\n\0\0\0\x03'), 'an R data file'],
    ['save as text', bytes('RDA3\nA\n3\n'), 'an R data file'],
    ['SPSS', bytes('$FL2@(#) SPSS DATA FILE'), 'an SPSS file'],
    ['SPSS, compressed', bytes('$FL3@(#) IBM SPSS STATISTICS'), 'an SPSS file'],
    ['Stata 13 and later', bytes('<stata_dta><header><release>118</release>'), 'a Stata file'],
    ['Stata 12', bytes('s\x02\x01\0\x05\0'), 'a Stata file'],
    ['SAS', Buffer.from(`${'00'.repeat(12)}c2ea8160b31411cfbd92080009c7318c181f1011`, 'hex'), 'a SAS file'],
    ['SAS transport', bytes('HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!'), 'a SAS file'],
    ['MATLAB', bytes('MATLAB 5.0 MAT-file, Platform: GLNXA64'), 'a MATLAB file'],
    ['ods', zip('mimetype', 'application/vnd.oasis.opendocument.spreadsheet'), 'an OpenDocument file'],
    ['npz', zip('arr_0.npy', '\x93NUMPY'), 'NumPy arrays (npz)'],
    ['zip', zip('clicks.csv', 'user,item'), 'a zip archive'],
    ['Feather', bytes('ARROW1\0\0'), 'an Arrow or Feather file'],
    ['Feather 1', bytes('FEA1\0\0\0\0'), 'an Arrow or Feather file'],
    ['Arrow stream', bytes('\xff\xff\xff\xff\x78\0\0\0\x10\0\0\0'), 'an Arrow stream'],
    ['ORC', bytes('ORC\x0a\x1b'), 'an ORC file'],
    ['Avro', bytes('Obj\x01\x04\x14avro.codec'), 'an Avro file'],
    ['pickle 4', bytes('\x80\x04\x95\x2a\0\0\0\0\0\0\0'), 'a Python pickle'],
    ['pickle 2', bytes('\x80\x02}q\0'), 'a Python pickle'],
    ['pickle 0, a dictionary', bytes('(dp0\nVuser\np1\n'), 'a Python pickle'],
    ['pickle 0, a frame', bytes('cpandas.core.frame\nDataFrame\np0\n'), 'a Python pickle'],
    ['PNG', bytes('\x89PNG\r\n\x1a\n'), 'a picture'],
    ['JPEG', bytes('\xff\xd8\xff\xe0'), 'a picture'],
  ])('%s', (_, start, name) => {
    expect(describeContent(start)).toMatch(new RegExp(`^${name.replace(/[()]/g, '\\$&')}; \\w`));
  });
});

describe('text is text', () => {
  test.each([
    'user,item\n1,a\n',
    'X\n1\n2\n',
    'A\n3\nb\n',
    '(dp0,b\n',
    'cpandas,c\n',
    'ORDER,c\n',
    's\tc\n',
    '{"user":1}\n',
    '[{"user":1}]',
    'MATLAB,c\n',
    'RIFF,c\n',
    'MZ,c\n',
    '\xef\xbb\xbfu,c\n',
    '\xff\xfeu\0,\0c\0',
  ])('%j', (text) => {
    expect(describeContent(bytes(text))).toBeUndefined();
  });
});
