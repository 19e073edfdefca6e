/** `click export`: click model → an ONNX graph. */
import { InputError } from '../../checks.js';
import { writeOutputParts } from '../../files/atomic-file.js';
import { readClickModel } from '../../duckdb/tables/click-model-folder.js';
import { clickModelToOnnx, onnxInputs } from '../../onnx/click-model-onnx.js';
import { clickExportExample } from './click-examples.js';
import { defineCommand } from '../define-command.js';
import { checkOutputFile } from '../flags/output-path.js';
import { readVersion } from '../run.js';
import { formatBytes, formatTable, indent, printable } from '../print/text.js';

const shapes = {
  ids: 'int64 [rows]',
  listIds: 'int64 [rows, length]',
  listWeights: 'float [rows, length]',
  number: 'double [rows]',
} as const;

/** Reads a model and writes its graph. */
export const command = defineCommand({
  arguments: [{ name: 'model', help: 'folder of a click model' }],
  options: {
    Output: {
      out: { kind: 'file', help: 'ONNX file to write' },
      onnx: { kind: 'file', isHidden: true, help: 'the old name of --out' },
    },
  },
  examples: [clickExportExample],
  lacks: ({ flags: { out, onnx } }) => [out === undefined && onnx === undefined ? '--out <file>' : undefined],
  act: async ({ args: [folder = ''], flags: { out: file, onnx = file }, streams: { signal } }) => {
    if (file !== undefined && onnx !== file) {
      throw new InputError(`--onnx is the old name of --out, got ${JSON.stringify(onnx)} and ${JSON.stringify(file)}`);
    }
    const out = await checkOutputFile(onnx, []);
    const model = await readClickModel(folder);
    const bytes = clickModelToOnnx(model, { version: readVersion() });
    await writeOutputParts(out, [bytes], { signal });
    const inputs = onnxInputs(model);
    const rows = inputs.map(({ name, kind, domain }) => [
      printable(name),
      shapes[kind],
      domain === undefined ? '' : `categories of ${printable(domain)}`,
    ]);
    return {
      json: {
        out,
        bytes: bytes.length,
        inputs: inputs.map(({ name, kind, domain }) => ({
          name,
          type: shapes[kind],
          ...(domain === undefined ? {} : { domain }),
        })),
        output: 'probability',
      },
      text: [
        `${printable(out)}: ${formatBytes(bytes.length)}; probability, float [rows], from`,
        indent(formatTable([{ title: '' }, { title: '' }, { title: '' }], rows)),
      ].join('\n'),
    };
  },
});
