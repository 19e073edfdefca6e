import { describe, expect, test } from 'vitest';
import { chosenEpochs } from '../../src/training/chosen-epochs.js';
import { memoryNeed, trainEmbedding } from '../../src/training/train-embedding.js';
import { historiesFromRows } from './rows.js';

const histories = (length: number) =>
  historiesFromRows(
    Array.from({ length: 12 }, (_, h) => Array.from({ length }, (__, i) => (h + i) % 60)),
    60,
  );

describe('epochs that follow the log', () => {
  test.each([
    [3, 20],
    [14, 20],
    [17, 25],
    [20, 30],
    [50, 30],
  ])('of histories of %d clicks are %d', (length, epochs) => {
    expect(chosenEpochs(histories(length), { model: 'skip-gram' })).toEqual({
      epochs,
      reason: `${epochs} epochs: half of the clicks are in histories of up to ${length}`,
    });
  });

  test('go by where the clicks are, not by how many histories there are', () => {
    const rows = [
      ...Array.from({ length: 20 }, (_, h) => [h, h + 1]),
      ...Array.from({ length: 4 }, (_, h) => Array.from({ length: 40 }, (__, i) => h + i)),
    ];

    expect(chosenEpochs(historiesFromRows(rows, 60), { model: 'skip-gram' }).epochs).toBe(30);
  });

  test('are told with their reason, stored as a number, and give the bits of that number', async () => {
    const reasons: string[] = [];
    const log = histories(4);
    const options = { dimension: 8, threads: 1 };
    const auto = await trainEmbedding(
      log,
      { ...options, epochs: 0, measuresChance: false },
      { onEpochs: ({ reason }) => reasons.push(reason) },
    );
    const given = await trainEmbedding(log, { ...options, epochs: 20, measuresChance: false });

    expect(reasons).toEqual(['20 epochs: half of the clicks are in histories of up to 4']);
    expect(auto.provenance).toEqual(given.provenance);
    expect(auto.provenance.options).toMatchObject({ epochs: 20 });
    expect(auto.vectors).toEqual(given.vectors);
    expect((await memoryNeed(log, { ...options, epochs: 0 })).bytes).toBeGreaterThan(0);
  });

  test('are those of the other models that were measured', () => {
    expect(chosenEpochs(histories(30), { model: 'pooled' }).epochs).toBe(10);
  });
});
