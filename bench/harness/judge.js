// Vectors of both sides before one judge, bench/peers/judge.py, which shares no code with us.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeLines } from './histories.js';
import { runPeer } from './peers.js';

/**
 * What there is to judge by. Labels stand in row order of the vocabulary; several values of one label are separated by |.
 *
 * @typedef {object} Task
 * @property {import('category2vec').Histories} train what both sides train on
 * @property {readonly string[]} [labels]
 * @property {readonly string[]} [within] neighbors only among rows of the same value
 * @property {readonly { history: number, row: number }[]} [questions] held-out categories
 */

/**
 * @typedef {object} Verdict
 * @property {number} [purity]
 * @property {number} [adjusted]
 * @property {{ rule: string, HR10: number, NDCG10: number }} [best] rule chosen on every second question, score of the others
 * @property {Record<string, { HR10: number, NDCG10: number, R20: number }>} [scores]
 * @property {{ purity?: number[], hits?: Record<string, number[]> }} details one score per row and per question
 */

/**
 * Writes a task's files into a folder once; every side's vectors are judged there.
 *
 * @param {string} folder
 * @param {Task} task
 */
export async function openCourt(folder, { train, labels, within, questions }) {
  const lines = join(folder, 'histories.txt');
  await writeLines(train, lines);
  /** @type {Record<string, string>} */
  const given = {};
  const write = async (/** @type {string} */ name, /** @type {readonly string[] | undefined} */ values) => {
    if (values === undefined) return;
    given[name] = join(folder, `${name}.txt`);
    await writeFile(given[name], values.map((value) => `${value.replaceAll('\n', ' ')}\n`).join(''));
  };
  await write('labels', labels);
  await write('within', within);
  await write(
    'heldOut',
    questions?.map(({ history, row }) => `${history} c${row}`),
  );
  if (questions !== undefined) given['train'] = lines;

  return {
    /** the histories as text, for the peers */
    lines,
    /** rows that a peer must write */
    rows: train.vocabulary.size,
    /**
     * Judges OUT.f32 and, where asked for, OUT.output.f32.
     *
     * @param {string} out
     * @param {{ dimension: number, hasOutput?: boolean }} shape
     * @returns {Promise<Verdict>}
     */
    async judge(out, { dimension, hasOutput = true }) {
      const details = `${out}.details.json`;
      const output = hasOutput ? `${out}.output.f32` : undefined;
      /** @type {Verdict} */
      const verdict = await runPeer('judge.py', [`${out}.f32`], { dimension, output, details, ...given });
      return { ...verdict, details: JSON.parse(await readFile(details, 'utf8')) };
    },
  };
}

/**
 * Writes our vectors as the judge reads them; every number little-endian.
 *
 * @param {import('category2vec').Embedding} embedding its rows are those of the task
 * @param {string} out
 */
export async function writeVectors({ vectors, outputVectors }, out) {
  await writeFile(`${out}.f32`, vectors);
  if (outputVectors !== undefined) await writeFile(`${out}.output.f32`, outputVectors);
}
