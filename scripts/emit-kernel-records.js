// A step of the AssemblyScript compiler: what kernels/*/*-job.ts export, records with the compiler's own offsets and
// whole numbers, is written as TypeScript, so that host and kernels cannot differ.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Transform } from 'assemblyscript/transform';

/**
 * What is read of the compiler's own values.
 *
 * @typedef {{ toString: () => string }} Text
 * @typedef {{ isField?: boolean, instance?: { memoryOffset: number, type: Text } }} Member
 * @typedef {{ members: Map<string, Member>, nextMemoryOffset: number }} Instance
 * @typedef {{ flags: number, instanceMembers?: object, instances?: Map<string, Instance>, initializerNode?: { range:
 *   Text } }} Element
 * @typedef {{ program: { elementsByName: Map<string, Element> } }} Compilation
 */

const target = fileURLToPath(new URL('../src/numerics/kernel-records.ts', import.meta.url));
const shared = /^kernels\/[a-z-]+\/[a-z-]+-job\/(\w+)$/;
const numberTypes = new Set(['f64', 'f32', 'u32']);
/** As in the compiler's CommonFlags. */
const EXPORT = 1 << 1;

export default class EmitKernelRecords extends Transform {
  afterCompile() {
    const { program } = /** @type {Compilation} */ (/** @type {unknown} */ (this));
    const constants = [];
    const records = [];
    for (const [path, element] of program.elementsByName) {
      const name = shared.exec(path)?.[1];
      if (name === undefined || (element.flags & EXPORT) === 0) continue;
      if (element.instanceMembers !== undefined) records.push(recordText(name, element));
      else if (element.initializerNode !== undefined) constants.push(constantText(name, element));
    }
    const lines = [
      '/** Constants and records that kernels and host share; written by scripts/build-kernels.js. */',
      `export const kernelConstants = {\n${constants.join('')}} as const;`,
      '/** Each record with its size and its fields: where they stand in bytes and what they hold. */',
      `export const kernelRecords = {\n${records.join('')}} as const;`,
    ];
    writeFileSync(target, `${lines.join('\n')}\n`);
  }
}

/** @param {string} name @param {Element} element */
function constantText(name, { initializerNode }) {
  const value = initializerNode?.range.toString() ?? '';
  if (!/^\d+$|^0x[0-9a-f]+$/.test(value)) {
    throw new Error(`${name} must be a whole number to be shared with the host, got ${value}`);
  }
  return `  ${name}: ${value},\n`;
}

/** @param {string} name @param {Element} element */
function recordText(name, { instances }) {
  const [record] = instances?.values() ?? [];
  if (record === undefined) throw new Error(`${name} is used by no kernel`);
  const fields = [...record.members].flatMap(([field, { isField, instance }]) => {
    if (isField !== true || instance === undefined) return [];
    const type = instance.type.toString();
    if (!numberTypes.has(type)) throw new Error(`${name}.${field} must be f64, f32 or u32, got ${type}`);
    return [`      ${field}: { at: ${instance.memoryOffset}, type: '${type}' },\n`];
  });
  return `  ${name}: {\n    bytes: ${record.nextMemoryOffset},\n    fields: {\n${fields.join('')}    },\n  },\n`;
}
