// A step of the AssemblyScript compiler: what kernels/*/*-job.ts export, records with the compiler's own offsets and
// whole numbers, and the functions of kernels/index.ts are written as TypeScript, so that host and kernels cannot
// differ.
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
 * @typedef {{ parameters: { name: { text: string } }[], returnType: { range: Text } }} Signature
 * @typedef {{ declaration: { signature: Signature, range: { start: number, source: { text: string } } } }} Kernel
 * @typedef {{ program: { elementsByName: Map<string, Element>, filesByName: Map<string, { exports: Map<string, Kernel>
 *   }> } }} Compilation
 */

const target = fileURLToPath(new URL('../src/numerics/kernel-records.ts', import.meta.url));
const exportsTarget = fileURLToPath(new URL('../src/numerics/kernel-exports.ts', import.meta.url));
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
    const kernels = program.filesByName.get('kernels/index')?.exports ?? new Map();
    const signatures = [...kernels].map(([name, kernel]) => signatureText(name, kernel));
    writeFileSync(target, `${lines.join('\n')}\n`);
    const head = '/** What kernels/index.ts exports, as the kernels say it; written by scripts/build-kernels.js. */';
    writeFileSync(exportsTarget, `${head}\nexport interface Kernels {\n${signatures.join('')}}\n`);
  }
}

/** A kernel as a method, with the comment that stands before it. @param {string} name @param {Kernel} kernel */
function signatureText(name, { declaration: { signature, range } }) {
  const before = range.source.text.slice(0, range.start);
  const comment = /(\/\*\*(?:[^*]|\*(?!\/))*\*\/)\s*$/.exec(before)?.[1];
  if (comment === undefined) throw new Error(`the kernel ${name} needs a comment`);
  const parameters = signature.parameters.map((parameter) => `\n    ${parameter.name.text}: number,`).join('');
  const result = signature.returnType.range.toString() === 'void' ? 'void' : 'number';
  return `${comment.replace(/^/gm, '  ').replace(/^ +\*/gm, '   *')}\n  ${name}(${parameters}\n  ): ${result};\n`;
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
