// Makes the demo's data: what each Debian package asks for, from the archive's own index.
//
//   node examples/make-debian-packages.js                  reads `apt-cache dumpavail` (Debian, after `apt-get update`)
//   node examples/make-debian-packages.js FILE             reads a file of the same form, such as an unpacked Packages.xz
//
// The same index gives the same bytes. Rows are distinct and sorted, so that Parquet packs them well.
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';

const folder = fileURLToPath(new URL('data/', import.meta.url));
const askingFields = ['Pre-Depends', 'Depends', 'Recommends', 'Suggests'];
const wantedFields = new Set(['Package', 'Section', ...askingFields]);

/**
 * One package of the index: its fields as written, folded lines joined.
 *
 * @typedef {Map<string, string>} Paragraph
 */

/** @type {Map<string, string | null>} package → archive section */
const sections = new Map();
/** @type {Map<string, string[]>} package → what it asks for, whether that exists or not */
const asked = new Map();
for await (const paragraph of readParagraphs(openIndex(process.argv[2]))) {
  const name = paragraph.get('Package');
  // An index may hold a package in several versions: the first is the one that apt would install.
  if (name === undefined || sections.has(name)) continue;
  sections.set(name, paragraph.get('Section') ?? null);
  asked.set(name, askedFor(paragraph));
}
if (sections.size === 0) throw new Error('the index holds no package: run apt-get update, or name a Packages file');

/** @type {[string, string][]} */
const events = [];
for (const [name, dependencies] of asked) {
  for (const dependency of dependencies) if (sections.has(dependency)) events.push([name, dependency]);
}
const categories = [...new Set(events.map(([, dependency]) => dependency))];
await mkdir(folder, { recursive: true });
await writeParquet('debian-packages.parquet', ['package', 'dependency'], events);
await writeParquet(
  'debian-sections.parquet',
  ['package', 'section'],
  categories.map((name) => [name, sections.get(name)]),
);

/** @param {string | undefined} path */
function openIndex(path) {
  if (path !== undefined) return createReadStream(path);
  const apt = spawn('apt-cache', ['dumpavail'], { stdio: ['ignore', 'pipe', 'inherit'] });
  apt.on('error', () => {
    process.stderr.write('apt-cache is not on this machine: name a Packages file of a Debian mirror instead\n');
    process.exit(2);
  });
  return apt.stdout;
}

/**
 * Splits an index into paragraphs (deb822): `Field: value` lines, folded lines begin with a blank, an empty line ends one.
 *
 * @param {import('node:stream').Readable} stream
 */
async function* readParagraphs(stream) {
  /** @type {Paragraph} */
  let paragraph = new Map();
  let field = '';
  for await (const line of createInterface({ input: stream, crlfDelay: Infinity })) {
    if (line === '') {
      if (paragraph.size > 0) yield paragraph;
      paragraph = new Map();
    } else if (line.startsWith(' ') || line.startsWith('\t')) {
      if (wantedFields.has(field)) paragraph.set(field, `${paragraph.get(field) ?? ''} ${line.trim()}`);
    } else {
      field = line.slice(0, line.indexOf(':'));
      if (wantedFields.has(field)) paragraph.set(field, line.slice(field.length + 1).trim());
    }
  }
  if (paragraph.size > 0) yield paragraph;
}

/**
 * The packages that one package asks for: of `a (>= 1) | b, c:any` the first alternatives without version and architecture.
 *
 * @param {Paragraph} paragraph
 */
function askedFor(paragraph) {
  const clauses = askingFields.flatMap((field) => (paragraph.get(field) ?? '').split(','));
  const names = clauses.map((clause) => /^\s*([a-z0-9][a-z0-9.+-]*)/.exec(clause)?.[1] ?? '');
  return [...new Set(names)].filter((name) => name !== '');
}

/**
 * Writes two text columns, sorted by both, beside the target and renames.
 *
 * @param {string} file
 * @param {readonly [string, string]} columns
 * @param {readonly (readonly (string | null | undefined)[])[]} rows
 */
async function writeParquet(file, columns, rows) {
  const [first, second] = columns;
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE rows (${first} VARCHAR, ${second} VARCHAR)`);
  const appender = await connection.createAppender('rows');
  for (const row of rows) {
    for (const value of row) {
      if (value === null || value === undefined) appender.appendNull();
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  appender.closeSync();
  const path = `${folder}${file}`;
  const options = 'FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 19, ROW_GROUP_SIZE 1000000';
  await connection.run(
    `COPY (SELECT * FROM rows ORDER BY ${first}, ${second}) TO '${path.replaceAll("'", "''")}.tmp' (${options})`,
  );
  connection.closeSync();
  instance.closeSync();
  await rename(`${path}.tmp`, path);
  process.stdout.write(`${file}: ${rows.length} rows, ${(await stat(path)).size} bytes\n`);
}
