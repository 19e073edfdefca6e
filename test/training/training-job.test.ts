import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { jobBytes, jobFields, openTrainingJob } from '../../src/training/training-job.js';
import { LONG_BLOCK, LONG_HISTORY, SHORT_HISTORY, STRIP } from '../../src/training/training-plan.js';
import { bareKernels } from './run-kernel.js';

const source = readFileSync(new URL('../../kernels/training/training-job.ts', import.meta.url), 'utf8');

describe('the record that tells the kernels what to do', () => {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const job = openTrainingJob(memory, 64);

  it.each(jobFields.map((field, index) => ({ field, index })))(
    'has $field at the offset that the kernels read it from',
    ({ field, index }) => {
      const bytes = new Uint8Array(memory.buffer, 64, jobBytes);
      bytes.fill(0);
      // the last byte of a number ≠ 0 is where the number ends
      job.set({ [field]: 0x80000001 });
      const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
      const isWide = index < jobFields.indexOf('tables');

      expect(end - (isWide ? 8 : 4)).toBe(bareKernels.trainingJobOffset(index));
      expect(job.get(field)).toBe(0x80000001);
    },
  );

  it('ends where the record of the kernels ends', () => {
    expect(bareKernels.trainingJobOffset(jobFields.length)).toBe(jobBytes);
    expect(bareKernels.trainingJobOffset(1e6)).toBe(jobBytes);
  });

  it('names the same fields of the same widths in the same order in both languages', () => {
    const record = source.slice(source.indexOf('class TrainingJob'));
    const fields = [...record.matchAll(/^ {2}(\w+): (f64|u32);/gm)].map(([, name, type]) => `${name} ${type}`);
    const wide = jobFields.indexOf('tables');

    expect(fields).toEqual(jobFields.map((field, index) => `${field} ${index < wide ? 'f64' : 'u32'}`));
  });

  it.each(Object.entries({ STRIP, SHORT_HISTORY, LONG_HISTORY, LONG_BLOCK }))(
    '%s is the same in both languages',
    (name, value) => {
      expect(source).toContain(`export const ${name}: u32 = ${value};`);
    },
  );
});
