import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { purityBaselines, Embedding } from 'category2vec';
import { trainGensim, trainOurs } from '../harness/contenders.js';
import { listDataSets, openDataSet, simulate } from '../harness/data-sets.js';
import { leaveOneOut } from '../harness/histories.js';
import { openCourt, writeVectors } from '../harness/judge.js';
import { mean, pairedDifference, round } from '../harness/measure.js';
import { hasPeer, runPeer } from '../harness/peers.js';

export const question =
  'Which method has the most alike neighbors and finds the most next clicks, on every set, untuned and tuned?';

/** @typedef {Record<string, string | number>} Setting */
/** @typedef {{ name: string, side: 'ours' | 'gensim' | 'linear', settings: readonly [Setting, ...Setting[]] }} Method */

/**
 * One setting of a method on one set.
 *
 * @typedef {object} Trial
 * @property {Setting} setting
 * @property {number} seconds of training alone
 * @property {number[] | undefined} purity of each labeled category
 * @property {number[] | undefined} hits of each question, by the best rule
 * @property {string | undefined} rule
 * @property {number[] | undefined} coOccurrence hits of each question by co-occurrence
 */

/** @typedef {{ value: number, low: number, high: number }} Interval */
/** @typedef {Interval & { setting: Setting, seconds: number, rule: string | undefined }} Told */
/** @typedef {{ untuned: Told, tuned: Told }} Pair */
/** @typedef {{ name: string, tried: number, of: number, purity: Pair | undefined, hitRate: Pair | undefined }} Row */
/** @typedef {{ name: string, purity: Halves | undefined, hits: Halves | undefined }} Units of a row, for pairs */
/** @typedef {{ untuned: number[], tuned: number[] }} Halves one score of every second unit */
/** @typedef {Interval & { other: string }} Lead of ours as it comes, over the best of others as tuned, paired */
/**
 * @typedef {{ set: string, isControl: boolean, rows: Row[], coOccurrence: { purity: Interval | undefined, hitRate:
 *   Interval | undefined }, leads: { purity: Lead | undefined, hitRate: Lead | undefined } }} SetFigures
 */

/** Seconds that the settings of a method may take on a set: what takes longer is left out, and the table says so. */
const mostSeconds = 600;

/** The first setting of a method is the untuned one: a default, or what its authors advise. @type {readonly Method[]} */
const methods = [
  { name: 'ours, --goal similar', side: 'ours', settings: [{}] },
  { name: 'ours, --goal next', side: 'ours', settings: [{ goal: 'next' }] },
  {
    name: 'ours, skip-gram',
    side: 'ours',
    settings: [{ model: 'skip-gram' }, { model: 'skip-gram', noiseExponent: 0.75 }, { model: 'skip-gram', epochs: 10 }],
  },
  { name: 'ours, cbow', side: 'ours', settings: [{ model: 'cbow' }, { model: 'cbow', epochs: 30 }] },
  { name: 'ours, pooled', side: 'ours', settings: [{ model: 'pooled' }, { model: 'pooled', tables: 'one' }] },
  {
    name: 'ours, spectral until convergence',
    side: 'ours',
    settings: [{ model: 'spectral', iterations: 0 }, ...[0.35, 0.5].map((exponent) => spectralAt(exponent))],
  },
  {
    name: 'gensim 4.4',
    side: 'gensim',
    settings: [
      { epochs: 5 },
      ...[0.025, 0.05].flatMap((learningRate) => [10, 30].map((epochs) => ({ epochs, learningRate }))),
      { epochs: 30, learningRate: 0.05, noiseExponent: 0.5 },
    ],
  },
  {
    name: 'PPMI-SVD',
    side: 'linear',
    settings: [
      { method: 'ppmi', exponent: 1, singularExponent: 0.5 },
      { method: 'ppmi', exponent: 0.75, singularExponent: 0.5 },
      { method: 'ppmi', exponent: 0.75, singularExponent: 0 },
    ],
  },
  {
    name: 'normalized SVD',
    side: 'linear',
    settings: [
      { method: 'svd', singularExponent: 0 },
      { method: 'svd' },
      { method: 'svd', singularExponent: 2 },
      { method: 'svd', exponent: 0.35 },
    ],
  },
  {
    name: 'implicit ALS',
    side: 'linear',
    settings: [
      { method: 'als' },
      { method: 'als', alpha: 10, regularization: 0.1 },
      { method: 'als', alpha: 1, regularization: 1 },
    ],
  },
];

/** @param {number} exponent */
function spectralAt(exponent) {
  return { model: 'spectral', historyExponent: exponent, categoryExponent: exponent };
}

/**
 * One click of every history of three or more is held out; all methods are trained on the rest, with 64 numbers, and
 * judged by one program that shares no code with them. The scores of every second labeled category and question choose
 * the setting (and the rule of next clicks), those of the others are told; intervals are over these, of one seed.
 * `--only SET,…` and `--data DIR` choose the sets.
 *
 * @param {import('../run.js').Bench} bench
 * @returns {Promise<import('../run.js').Answer>}
 */
export async function run({ folder, data, only, threads, isTiny, say }) {
  if (!hasPeer('judge')) return { skipped: 'scipy is needed to judge' };
  const sides = methods.filter(({ side }) => (side === 'gensim' ? hasPeer('gensim') : true));
  const hasAls = hasPeer('implicit');
  const contenders = sides.filter(({ name }) => hasAls || name !== 'implicit ALS');
  const isWanted = (/** @type {string} */ name) => !only || only.includes(name);
  const worlds = isWanted('world 1') ? [await simulate(folder, 1, isTiny)] : [];
  const sets = [...worlds, ...(isTiny ? [] : listDataSets(data).filter(({ name }) => isWanted(name)))];
  /** @type {SetFigures[]} */
  const figures = [];
  for (const [index, set] of sets.entries()) {
    const place = join(folder, `arena-${index}`);
    await mkdir(place);
    const task = await openArena(place, set, threads);
    /** @type {Row[]} */
    const rows = [];
    /** @type {Units[]} */
    const units = [];
    /** @type {number[] | undefined} */
    let together;
    for (const { name, side, settings } of contenders) {
      /** @type {Trial[]} */
      const trials = [];
      for (const setting of isTiny ? settings.slice(0, 1) : settings) {
        const begin = `${index + 1}/${sets.length} ${set.name}: ${name} ${JSON.stringify(setting)}`;
        const expected = secondsWith(setting, trials);
        if (expected > mostSeconds) {
          say(`${begin} left out: ${Math.round(expected)} s with what its method took`);
          continue;
        }
        const left = mostSeconds - secondsOf(trials);
        const found = await task.attempt(side, isTiny && side === 'gensim' ? { epochs: 1 } : setting, left);
        if (found === undefined) {
          say(`${begin} left out: ended after ${Math.round(left)} s`);
          continue;
        }
        const trial = { setting, ...found };
        trials.push(trial);
        together = trial.coOccurrence;
        const scores = [trial.purity, trial.hits].map((found) => (found === undefined ? '-' : mean(found).toFixed(3)));
        say(`${begin} ${round(trial.seconds, 1)} s, purity and HR@10 of all: ${scores.join(' ')}`);
      }
      const purity = chosen('purity', trials);
      const hits = chosen('hits', trials);
      const counts = { tried: trials.length, of: settings.length };
      rows.push({ name, ...counts, purity: purity?.pair, hitRate: hits?.pair });
      units.push({ name, purity: purity?.halves, hits: hits?.halves });
    }
    const coOccurrence = {
      purity: await task.coOccurrencePurity(),
      hitRate: together && intervalOf(halfOf(together, 1)),
    };
    const [similar, next] = units;
    const leads = { purity: leadOf('purity', similar, units), hitRate: leadOf('hits', next, units) };
    const told = { set: set.name, isControl: set.isControl === true, rows, coOccurrence, leads };
    figures.push(told);
    for (const line of tableOf(told)) say(line);
  }
  const shares = figures.flatMap(({ leads, isControl }) => (isControl ? [] : (leads.purity?.value ?? [])));
  return {
    ...(shares.length === 0 ? {} : { ratio: round(Math.min(...shares), 4) }),
    unit: 'purity of our default less the best of all others tuned, on the worst set',
    floor: -0.01,
    figures,
  };
}

/**
 * Seconds of a method once another setting is tried: the last one's, in proportion to the epochs, and all before.
 *
 * @param {Setting} setting
 * @param {readonly Trial[]} trials
 */
function secondsWith(setting, trials) {
  const last = trials.at(-1);
  const epochs = Number(setting['epochs'] ?? 1) / Number(last?.setting['epochs'] ?? 1);
  return secondsOf(trials) + (last?.seconds ?? 0) * epochs;
}

/** @param {readonly Trial[]} trials */
function secondsOf(trials) {
  return trials.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** @param {string} folder @param {import('../harness/data-sets.js').DataSet} set @param {number} threads */
async function openArena(folder, set, threads) {
  const { histories, labelsOf } = await openDataSet(set);
  const { train, questions: all } = leaveOneOut(histories, 1);
  const questions = all.filter((_, i) => i % Math.ceil(all.length / 5000) === 0);
  const given = labelsOf(train.vocabulary);
  const court = await openCourt(folder, { train, questions, ...given });
  const out = join(folder, 'vectors');
  const fixed = { dimension: 64, threads, seed: 1 };
  return {
    /**
     * @param {Method['side']} side
     * @param {Setting} setting
     * @param {number} limit seconds after which a peer is ended
     * @returns {Promise<Omit<Trial, 'setting'> | undefined>} undefined where it was
     */
    async attempt(side, setting, limit) {
      const seconds = await train64(side, setting, limit).catch(noneWhereEnded);
      if (seconds === undefined) return undefined;
      const hasOutput = side !== 'linear' || setting['method'] === 'svd';
      const { details, best } = await court.judge(out, { dimension: fixed.dimension, hasOutput });
      const rule = best?.rule;
      const { purity, hits = {} } = details;
      return { seconds, purity, rule, hits: hits[rule ?? ''], coOccurrence: hits['coOccurrence'] };
    },
    /** Purity of all labeled categories by co-occurrence, which has no vectors. */
    async coOccurrencePurity() {
      const { labels, within } = given;
      if (labels === undefined) return undefined;
      const orNull = (/** @type {string[]} */ values) => values.map((value) => (value === '' ? null : value));
      const embedding = new Embedding({
        vocabulary: train.vocabulary,
        dimension: 1,
        vectors: new Float32Array(train.vocabulary.size).fill(1),
        attributes: new Map([
          ['label', orNull(labels)],
          ...(within === undefined ? [] : [/** @type {const} */ (['within', orNull(within)])]),
        ]),
      });
      const options = {
        attribute: 'label',
        separator: '|',
        threads,
        ...(within === undefined ? {} : { within: 'within' }),
      };
      return (await purityBaselines({ embedding, histories: train }, options)).scores.coOccurrence;
    },
  };

  /** @param {Method['side']} side @param {Setting} setting @param {number} limit */
  async function train64(side, setting, limit) {
    const options = { ...fixed, ...setting };
    const written = { ...options, out, rows: court.rows };
    if (side === 'gensim') return (await trainGensim(court.lines, written, { seconds: limit })).seconds;
    if (side === 'linear') {
      /** @type {{ seconds: number }} */
      const { seconds } = await runPeer('linear_train.py', [court.lines], written, { seconds: limit });
      return seconds;
    }
    const { embedding, seconds } = await trainOurs(train, options);
    await writeVectors(embedding, out);
    return seconds;
  }
}

/** @param {unknown} error */
function noneWhereEnded(error) {
  if (error instanceof Error && 'killed' in error && error.killed === true) return undefined;
  throw error;
}

/**
 * The untuned and the tuned figure of a method: chosen on the even units, told on the odd.
 *
 * @param {'purity' | 'hits'} measure
 * @param {readonly Trial[]} trials
 */
function chosen(measure, trials) {
  const scored = trials.flatMap((trial) => {
    const scores = trial[measure];
    return scores === undefined ? [] : [{ ...trial, even: halfOf(scores, 0), odd: halfOf(scores, 1) }];
  });
  const [first] = scored;
  if (first === undefined) return undefined;
  const best = scored.reduce((a, b) => (mean(b.even) > mean(a.even) ? b : a));
  const figure = (/** @type {typeof first} */ { odd, setting, seconds, rule }) => ({
    ...intervalOf(odd),
    setting,
    seconds: round(seconds, 1),
    rule: measure === 'hits' ? rule : undefined,
  });
  return { pair: { untuned: figure(first), tuned: figure(best) }, halves: { untuned: first.odd, tuned: best.odd } };
}

/** Mean with a 95 % interval. @param {readonly number[]} scores */
function intervalOf(scores) {
  const zeros = scores.map(() => 0);
  return pairedDifference(scores, zeros);
}

/** @param {readonly number[]} scores @param {0 | 1} rest */
function halfOf(scores, rest) {
  return scores.filter((_, i) => i % 2 === rest);
}

/**
 * Ours as it comes less the best of the methods of others, tuned, over the same categories or questions.
 *
 * @param {'purity' | 'hits'} measure
 * @param {Units | undefined} own
 * @param {readonly Units[]} all
 * @returns {Lead | undefined}
 */
function leadOf(measure, own, all) {
  const mine = own?.[measure]?.untuned;
  const others = all.flatMap(({ name, [measure]: halves }) =>
    isOurs(name) || halves === undefined ? [] : [{ name, scores: halves.tuned }],
  );
  const [first, ...rest] = others;
  if (mine === undefined || first === undefined) return undefined;
  const best = rest.reduce((a, b) => (mean(b.scores) > mean(a.scores) ? b : a), first);
  return { ...pairedDifference(mine, best.scores), other: best.name };
}

/** @param {string} name */
function isOurs(name) {
  return name.startsWith('ours');
}

/** Markdown of one set. @param {SetFigures} figures */
function tableOf({ set, rows, coOccurrence, leads }) {
  const cell = (/** @type {Interval | undefined} */ one) =>
    one === undefined ? '' : `${one.value.toFixed(3)} (${one.low.toFixed(3)} to ${one.high.toFixed(3)})`;
  return [
    `| ${set} | purity@10, untuned | tuned | HR@10, untuned | tuned |`,
    '|---|--:|--:|--:|--:|',
    ...rows.map(
      ({ name, tried, of, purity, hitRate }) =>
        `| ${name}${tried < of ? ` (${tried} of ${of} settings)` : ''} | ${cell(purity?.untuned)} | ${cell(purity?.tuned)} | ${cell(hitRate?.untuned)} | ${cell(hitRate?.tuned)} |`,
    ),
    `| co-occurrence | ${cell(coOccurrence.purity)} | | ${cell(coOccurrence.hitRate)} | |`,
    ...[leads.purity, leads.hitRate].flatMap((lead, i) =>
      lead === undefined
        ? []
        : [`${i === 0 ? 'purity of --goal similar' : 'HR@10 of --goal next'} less ${lead.other}: ${cell(lead)}`],
    ),
  ];
}
