// Joins the script of a report's page, src/report/page, to one module and writes it as a TypeScript module: a report
// holds its script, so the library needs the text and no file beside it.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const bundle = await rolldown({
  input: fileURLToPath(new URL('../src/report/page/controls.js', import.meta.url)),
  platform: 'browser',
});
const { output } = await bundle.generate({ format: 'esm', comments: false });
await bundle.close();
const [script, ...others] = output;
if (others.length > 0) throw new Error(`the script of a report's page must be one file, got ${output.length}`);
writeFileSync(
  new URL('../src/report/page-script.ts', import.meta.url),
  `/** The script of a report's page; written by scripts/build-report-script.js. */\n` +
    `export const pageScript = ${JSON.stringify(script.code)};\n`,
);
