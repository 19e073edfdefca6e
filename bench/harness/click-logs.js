// Seeded synthetic histories with a known structure: languages, topics within them, popular and rare categories.

/**
 * Histories before they have a vocabulary: category numbers 0…V−1, flat, with the truth about every category.
 *
 * @typedef {object} ClickLog
 * @property {Int32Array} items category numbers, distinct within a history, shape [N]
 * @property {Uint32Array} offsets where each history starts, shape [H + 1]
 * @property {number} categories V; a few rare ones may stand in no history
 * @property {Int32Array} languages language of each category, shape [V]
 * @property {Int32Array} topics topic of each category, shape [V]; a topic belongs to one language
 */

/**
 * @typedef {object} LogOptions
 * @property {number} [histories] H
 * @property {number} [categories] V
 * @property {number} [exponent] popularity falls as 1 / (rank + 20)^exponent
 * @property {number} [languages] their shares fall as 1 / rank^0.8
 * @property {number} [topicsPerLanguage] of equal size
 * @property {number} [seed]
 */

const longest = 200;

/**
 * Draws a click log. Lengths are log-normal: median 8, mean 12, 99th percentile 65, at least 2, at most 200. A user
 * reads one language and one to three topics (more in long histories); 8 % of the clicks go to other topics of the
 * language, 2 % anywhere.
 *
 * @param {LogOptions} options
 * @returns {ClickLog}
 */
export function drawClickLog(options = {}) {
  const { histories = 200_000, categories = 50_000, exponent = 0.8, languages = 12, topicsPerLanguage = 20 } = options;
  const random = generator(options.seed ?? 1);
  const shares = cumulative(Float64Array.from({ length: languages }, (_, rank) => 1 / (rank + 1) ** 0.8));
  const languageOf = new Int32Array(categories).map(() => draw(shares, random));
  const topicOf = languageOf.map((language) => language * topicsPerLanguage + Math.floor(random() * topicsPerLanguage));
  const weights = Float64Array.from({ length: categories }, (_, rank) => 1 / (rank + 20) ** exponent);
  const byTopic = groups(topicOf, languages * topicsPerLanguage, weights);
  const byLanguage = groups(languageOf, languages, weights);
  const everywhere = groups(new Int32Array(categories), 1, weights);

  const offsets = new Uint32Array(histories + 1);
  let items = new Int32Array(histories * 13);
  const lastHistory = new Int32Array(categories).fill(-1);
  let end = 0;
  for (let history = 0; history < histories; history++) {
    if (end + longest > items.length) items = grown(items);
    const wanted = Math.min(drawLength(random), longest);
    const language = draw(shares, random);
    const topics = Array.from({ length: 1 + Math.floor(random() * 3) + Math.floor(wanted / 25) }, () =>
      Math.floor(language * topicsPerLanguage + random() * topicsPerLanguage),
    );
    const start = end;
    for (let tries = 0; end - start < wanted && tries < wanted * 20; tries++) {
      const dice = random();
      // a topic that is used up must not stop a long history: later tries look wider
      const isUsedUp = tries > wanted * 4;
      const topic = byTopic[topics[Math.floor(random() * topics.length)] ?? 0];
      const group = dice < 0.02 ? everywhere[0] : dice < 0.1 || isUsedUp ? byLanguage[language] : topic;
      const category = group === undefined || group.members.length === 0 ? 0 : drawMember(group, random);
      if (lastHistory[category] === history) continue;
      lastHistory[category] = history;
      items[end++] = category;
    }
    offsets[history + 1] = end;
  }
  return { items: items.slice(0, end), offsets, categories, languages: languageOf, topics: topicOf };
}

/**
 * A stream of numbers in [0, 1): mulberry32 (Tommy Ettinger, public domain). Its own, so that the benchmark's data
 * outlive changes of the library.
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function generator(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** @param {() => number} random */
function drawLength(random) {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.max(2, Math.round(8 * Math.exp(0.9 * normal)));
}

/**
 * @param {Int32Array} groupOf
 * @param {number} count
 * @param {Float64Array} weights
 */
function groups(groupOf, count, weights) {
  const sizes = new Int32Array(count);
  for (const group of groupOf) sizes[group] = (sizes[group] ?? 0) + 1;
  const found = Array.from(sizes, (size) => ({ members: new Int32Array(size), sums: new Float64Array(size) }));
  sizes.fill(0);
  groupOf.forEach((group, category) => {
    const at = sizes[group] ?? 0;
    const { members, sums } = found[group] ?? { members: new Int32Array(), sums: new Float64Array() };
    members[at] = category;
    sums[at] = (at > 0 ? (sums[at - 1] ?? 0) : 0) + (weights[category] ?? 0);
    sizes[group] = at + 1;
  });
  return found;
}

/** @param {{ members: Int32Array, sums: Float64Array }} group @param {() => number} random */
function drawMember({ members, sums }, random) {
  return members[draw(sums, random)] ?? 0;
}

/** An index drawn in proportion to the steps of a cumulative sum. @param {Float64Array} sums @param {() => number} random */
function draw(sums, random) {
  const goal = random() * (sums.at(-1) ?? 0);
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > goal) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** @param {Float64Array} weights */
function cumulative(weights) {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}

/** @param {Int32Array} items */
function grown(items) {
  const larger = new Int32Array(Math.ceil(items.length * 1.5) + longest);
  larger.set(items);
  return larger;
}
