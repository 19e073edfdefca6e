/** A command that a newcomer adds: this file and a row of the table are all of it. */
import { defineCommand } from '../../src/cli/define-command.js';
import { pairsEngine } from './pairs-engine.js';

/** Says how many categories a log has. */
export const command = defineCommand({
  arguments: [{ name: 'log', help: 'pairs such as u1:a u1:b' }],
  options: { Options: {} },
  examples: ['category2vec count "u1:a u1:b"'],
  act: async ({ args: [log = ''] }) => {
    const { vocabulary, offsets } = pairsEngine(log);
    const categories = vocabulary.size;
    return { json: { categories, histories: offsets.length - 1 }, text: `${categories} categories` };
  },
});
