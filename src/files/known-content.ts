/** Files of other programs by their first bytes: what they are, and how their rows get into a file that can be read. */

interface KnownContent {
  readonly name: string;
  /** what to do */
  readonly advice: string;
  readonly isIt: (start: Buffer, text: string) => boolean;
}

const begins =
  (...signatures: readonly string[]) =>
  (_: Buffer, text: string): boolean =>
    signatures.some((signature) => text.startsWith(signature));

const saveAsCsv = 'save its sheet as CSV (UTF-8)';
const decompress = (program: string): string =>
  `decompress it with ${program} first; gzip and zstd are read as they are`;
const toParquet = 'write it as Parquet or CSV first';
const fromDatabase = 'write the table or a query as CSV or Parquet first';

/** Two characters of ASCII in four bytes each, or the mark at the start of such text; it begins as UTF-16 does. */
const utf32 = /^(\xff\xfe\0\0|\0\0\xfe\xff|([\t-~]\0\0\0){2}|(\0\0\0[\t-~]){2})/;

/** Of protocols 0 and 1, as a list, a dictionary or an object begins. */
const oldPickle = /^(\((d|l)p0\n|c(copy_reg|pandas|numpy|__builtin__)[\w.]*\n)/;
/** `save`, and `saveRDS` as text. */
const dataOfR = /^(RD[XAB][23]\n|A\n[23]\n\d+\n)/;
const dataOfSas = 'c2ea8160b31411cfbd92080009c7318c181f1011';
/** Until Stata 12: a version, an order of bytes, and two bytes that are always the same. */
const isOldStata = ([version = 0, order = 0, type, unused]: Buffer): boolean =>
  version >= 0x69 && version <= 0x73 && (order === 1 || order === 2) && type === 1 && unused === 0;

/** Checked in this order; texts are Latin-1, so that every byte is a character. */
const known: readonly KnownContent[] = [
  {
    name: 'text in UTF-32',
    advice: 'write it in UTF-8, as iconv -f UTF-32 -t UTF-8 does',
    isIt: (_, text) => utf32.test(text),
  },
  {
    name: 'an Excel workbook (xlsx)',
    advice: saveAsCsv,
    isIt: (_, text) => text.startsWith('PK\x03\x04') && /xl\/|\[Content_Types\]\.xml|_rels\/\.rels/.test(text),
  },
  {
    name: 'an OpenDocument file',
    advice: saveAsCsv,
    isIt: (_, text) => text.startsWith('PK\x03\x04') && text.includes('application/vnd.oasis.opendocument'),
  },
  {
    name: 'NumPy arrays (npz)',
    advice: 'save one array as npy, which import reads with --format npy, or a table as Parquet or CSV',
    isIt: (_, text) => text.startsWith('PK\x03\x04') && /^\S*\.npy/.test(text.slice(30)),
  },
  { name: 'a zip archive', advice: 'unzip it first', isIt: begins('PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08') },
  { name: 'an old Excel or Office file', advice: saveAsCsv, isIt: begins('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1') },
  { name: 'a bzip2 file', advice: decompress('bunzip2'), isIt: (_, text) => /^BZh[1-9]1AY&SY/.test(text) },
  { name: 'an xz file', advice: decompress('unxz'), isIt: begins('\xfd7zXZ\0') },
  { name: 'an LZ4 file', advice: decompress('unlz4'), isIt: begins('\x04"M\x18') },
  { name: 'a 7z archive', advice: 'unpack it first', isIt: begins('7z\xbc\xaf\x27\x1c') },
  { name: 'a rar archive', advice: 'unpack it first', isIt: begins('Rar!\x1a\x07') },
  {
    name: 'a tar archive',
    advice: 'unpack it with tar -xf first',
    isIt: (start) => start.subarray(257, 262).toString('latin1') === 'ustar',
  },
  { name: 'an ORC file', advice: toParquet, isIt: begins('ORC') },
  { name: 'an Avro file', advice: toParquet, isIt: begins('Obj\x01') },
  { name: 'an Arrow or Feather file', advice: toParquet, isIt: begins('ARROW1\0\0', 'FEA1') },
  { name: 'an Arrow stream', advice: toParquet, isIt: begins('\xff\xff\xff\xff') },
  { name: 'an encrypted Parquet file', advice: 'write it without encryption first', isIt: begins('PARE') },
  { name: 'an SQLite database', advice: fromDatabase, isIt: begins('SQLite format 3\0') },
  {
    name: 'a DuckDB database',
    advice: fromDatabase,
    isIt: (start) => start.subarray(8, 12).toString('latin1') === 'DUCK',
  },
  { name: 'an HDF5 file', advice: toParquet, isIt: begins('\x89HDF\r\n\x1a\n') },
  {
    name: 'a Python pickle',
    advice: toParquet,
    isIt: (start, text) =>
      begins('\x80\x02', '\x80\x03', '\x80\x04\x95', '\x80\x05\x95')(start, text) || oldPickle.test(text),
  },
  { name: 'a NumPy array (npy)', advice: 'import reads it with --format npy', isIt: begins('\x93NUMPY') },
  {
    name: 'an R data file',
    advice: 'write it as CSV or Parquet in R first',
    isIt: (start, text) => begins('X\n\0\0\0\x02\0', 'X\n\0\0\0\x03\0')(start, text) || dataOfR.test(text),
  },
  { name: 'an SPSS file', advice: toParquet, isIt: begins('$FL2', '$FL3', '<?xml version="1.0"?><spss') },
  {
    name: 'a Stata file',
    advice: toParquet,
    isIt: (start, text) => text.startsWith('<stata_dta>') || isOldStata(start),
  },
  {
    name: 'a SAS file',
    advice: toParquet,
    isIt: (start, text) => start.subarray(12, 32).toString('hex') === dataOfSas || text.startsWith('HEADER RECORD****'),
  },
  { name: 'a MATLAB file', advice: toParquet, isIt: begins('MATLAB 5.0 MAT-file', 'MATLAB 7') },
  {
    name: 'a picture',
    advice: 'give the table that it was made of',
    isIt: begins('\x89PNG\r\n', '\xff\xd8\xff', 'GIF87a', 'GIF89a'),
  },
  {
    name: 'a program',
    advice: 'check the path',
    isIt: begins('\x7fELF', 'MZ\x90\0', '\xcf\xfa\xed\xfe', '\xca\xfe\xba\xbe', '\0asm'),
  },
  { name: 'a PDF document', advice: 'take the table that it was made of', isIt: begins('%PDF-') },
  {
    name: 'an HTML page',
    advice: 'download the file itself, not a page about it',
    isIt: (_, text) => /^(\xef\xbb\xbf)?\s*<(!doctype html|html|head|table)\b/i.test(text),
  },
  { name: 'XML', advice: toParquet, isIt: (_, text) => /^(\xef\xbb\xbf)?\s*<\?xml\b/i.test(text) },
  {
    name: 'a Git LFS pointer',
    advice: 'fetch its content with git lfs pull',
    isIt: begins('version https://git-lfs.github.com/spec/'),
  },
  {
    name: 'an SQL dump',
    advice: 'load it into its database and write the table as CSV',
    isIt: (_, text) =>
      /^(\xef\xbb\xbf)?\s*(-- (MySQL|MariaDB|PostgreSQL|SQLite) |--\r?\n-- PostgreSQL|\/\*!\d{5} |PRAGMA \w+=|BEGIN TRANSACTION;|(INSERT INTO|CREATE TABLE|DROP TABLE) [`"\w.]+)/i.test(
        text,
      ),
  },
];

/**
 * Tells a file of another program.
 *
 * @param start - its first bytes, some hundreds at least
 * @returns such as `a zip archive; unzip it first`, or undefined for what is not known
 */
export function describeContent(start: Buffer): string | undefined {
  const text = start.subarray(0, 4096).toString('latin1');
  const found = known.find(({ isIt }) => isIt(start, text));
  return found && `${found.name}; ${found.advice}`;
}
