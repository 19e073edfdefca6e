/** `click export`: click model → an ONNX graph. */
import { InputError } from '../../checks.js';
import { writeOutputParts } from '../../files/atomic-file.js';
import { readClickModel } from '../../duckdb/click-model-folder.js';
import { clickModelToOnnx, onnxInputs } from '../../onnx/click-model-onnx.js';
import { setAction } from '../action.js';
import { clickExportExample } from './click-examples.js';
import type { DefineCommand } from '../command.js';
import { addValueFlag } from '../flags/flags.js';
import { checkOutputFile } from '../flags/output-path.js';
import { readVersion } from '../run.js';
import { formatBytes, formatTable, indent, printable } from '../print/text.js';

interface ClickExportFlags {
  readonly onnx?: string;
}

const shapes = {
  ids: 'int64 [rows]',
  listIds: 'int64 [rows, length]',
  listWeights: 'float [rows, length]',
  number: 'double [rows]',
} as const;

/** Reads a model and writes its graph. */
export const defineClickExport: DefineCommand = (command, streams) => {
  command.argument('<model>', 'folder of a click model');
  addValueFlag(command, '--onnx <file>', 'ONNX file to write', { group: 'Output' });
  setAction<ClickExportFlags>(command, streams, {
    examples: [clickExportExample],
    act: async ({ args: [folder = ''], flags: { onnx }, streams: { signal } }) => {
      if (onnx === undefined) throw new InputError('--onnx must name the file to write, got nothing');
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
};
