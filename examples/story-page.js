// The demo's result as one page: what each model learned, what the vectors are worth, and where to look further.
import { drawLearningCurves } from 'category2vec/report';

/**
 * @typedef {{ name: string, own: number, learned: number, chance: number, best: number }} PurityRow
 * @typedef {{ category: string, similarity: number, language: string, topic: string }} Neighbor
 * @typedef {{ name: string, auc: number, low: number, high: number, over?: number }} Score
 * @typedef {{ share: number, scores: Score[], best: number, chosen: string, low: number, high: number, closed:
 *   number }} Fraction
 */

/**
 * Renders the page.
 *
 * @param {{ seconds: number, k: number, users: number, advertisers: number, languages: number, topics: number,
 *   purities: PurityRow[], asked: string, own: Neighbor[], learned: Neighbor[], fractions: Fraction[] }} story
 */
export function storyPage(story) {
  const { purities, fractions } = story;
  const [language] = purities;
  const [few] = fractions;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The story of category2vec</title>
<style>${style}</style>
</head>
<body>
<main>
<header>
<p class="soft">category2vec · the demo</p>
<h1>Clicks know what a click model does not learn</h1>
<p class="lead">Users click on advertisers of their own language. The click model alone does not learn which language
that is: ${percent(language?.own)} of an advertiser’s neighbors share it, against ${percent(language?.chance)} by
chance. category2vec reads earlier clicks, user by user, and finds it: ${percent(language?.learned)}. Its vectors raise
the click model’s AUC by up to ${most(few).toFixed(3)} where labels are few.</p>
</header>

<section>
<h2>Two maps of the same ${story.advertisers} advertisers</h2>
<figure><div class="whole">${picture(
    'Left, the click model’s own embedding layer: languages are mixed. Right, category2vec: every language is a group ' +
      'of its own.',
    'width="1600" height="900" ',
  )}</div>
<div class="halves"><div class="half first">${picture(
    'The click model’s own embedding layer: languages are mixed.',
  )}</div>
<div class="half second">${picture('category2vec: every language is a group of its own.')}</div></div>
<figcaption>One point per advertiser, colored by language. Neither model was trained on it.</figcaption></figure>
<div class="scroll"><table class="purities">
<caption>Of the ${story.k} nearest neighbors, the share with the same language or topic</caption>
<thead><tr><td></td><th scope="col">click model</th><th scope="col">category2vec</th>
<th scope="col">chance</th><th scope="col">at best</th></tr></thead>
<tbody>${purities.map(purityRow).join('')}</tbody>
</table></div>
<h3>Nearest to ${text(story.asked)}</h3>
<div class="pair">${neighbors('In the click model’s own layer', story.own)}${neighbors('In category2vec', story.learned)}</div>
</section>

<section id="worth">
<h2>What the vectors are worth</h2>
<p>The click model now also reads what the user clicked before, and uses the vectors in four ways, which are colored.
Scratch is the same model without vectors. Gray are simpler models, and a placebo with shuffled vectors. The dashed line
is the best score that anyone could reach in this world.</p>
<figure><div class="whole">${curves(story, { width: 1072, height: 480 })}</div>
<div class="halves">${curves(story, { width: 358, height: 440 })}</div>
<figcaption>AUC on later impressions; 0.5 is chance. Thin bars are 95 % intervals.</figcaption></figure>
<div class="scroll"><table class="scores">
<caption>AUC by the share of the labels that the models are trained on</caption>
<thead><tr><td></td>${fractions.map(({ share }) => `<th scope="col">${percent(share)}</th>`).join('')}</tr></thead>
<tbody>${scoreRows(fractions)}</tbody>
</table></div>
${fractions.map(choice).join('')}
</section>

<section>
<h2>Look further</h2>
<ul class="cards">
<li><a href="story/report.html">The report</a> judges the embedding: purity, neighbors, suspicious categories, how it
was made.</li>
<li><a href="story/map.html">The map</a> can be searched, zoomed and colored, without a server.</li>
<li><a href="story/comparison/comparison.json">The comparison</a> holds every figure above as JSON, and
<a class="inline" href="story/comparison/curves.svg">its curves</a> as a picture.</li>
</ul>
<p>The explorer shows both embeddings side by side, with linked selections and neighbors. Run this in the repository:</p>
<pre>npx category2vec explore demo-output/story/category2vec.parquet demo-output/story/click-model-layer.parquet \\
  --attributes demo-output/story/world/advertisers.csv --key advertiser</pre>
<p class="soft">One simulated world of ${count(story.users)} users, ${story.advertisers} advertisers, ${story.languages}
languages and ${story.topics} topics; one seed; ${story.seconds.toFixed(0)} seconds on the machine that made this page.
Small, and no benchmark.</p>
</section>
</main>
</body>
</html>
`;
}

/** The two maps, in the page's theme. @param {string} alt @param {string} size */
function picture(alt, size = '') {
  return (
    '<picture><source media="(prefers-color-scheme: dark)" srcset="story/maps-dark.png">' +
    `<img src="story/maps.png" ${size}alt="${text(alt)}"></picture>`
  );
}

/** @param {PurityRow} row */
function purityRow({ name, own, learned, chance, best }) {
  return (
    `<tr><th scope="row">${text(name)}</th><td>${bar(own, 'own')}</td><td>${bar(learned, 'learned')}</td>` +
    `<td>${percent(chance)}</td><td>${percent(best)}</td></tr>`
  );
}

/** @param {Fraction | undefined} fraction */
function most(fraction) {
  return Math.max(0, ...(fraction?.scores ?? []).filter(({ name }) => isTransfer(name)).map(({ over }) => over ?? 0));
}

/** @param {string} name */
function inWords(name) {
  const words = /** @type {Readonly<Record<string, string>>} */ ({
    popularity: 'popularity: the advertiser’s click rate',
    coClicks: 'co-clicks: logistic regression',
    logistic: 'logistic: regression on what the network reads',
    logisticVectors: 'products: the same with products of the vectors',
    scratch: 'scratch: no vectors',
    features: 'features: vectors, frozen',
    init: 'init: vectors as a start',
    hard: 'hard: table shared with category2vec',
    soft: 'soft: held near the vectors',
    'permuted within language': 'placebo: vectors permuted within language',
  });
  return words[name] ?? name;
}

/** @param {string} name */
function isTransfer(name) {
  return ['features', 'init', 'hard', 'soft'].includes(name);
}

/** @param {string} title @param {Neighbor[]} list */
function neighbors(title, list) {
  const rows = list.map(
    ({ category, similarity, language, topic }) =>
      `<tr><td>${similarity.toFixed(2)}</td><th scope="row">${text(category)}</th><td ` +
      `class="left">${text(language)}</td><td class="left">${text(topic)}</td></tr>`,
  );
  return (
    `<div class="scroll"><table><caption>${title}</caption><thead><tr><th scope="col">cosine</th><th ` +
    'scope="col" class="left">advertiser</th><th scope="col" class="left">language</th><th scope="col" ' +
    `class="left">topic</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`
  );
}

/**
 * AUC by the share of the labels, a line for each model: colored where it reads the vectors, gray where it does not.
 *
 * @param {{ fractions: Fraction[] }} story
 * @param {{ width: number, height: number }} size
 */
function curves({ fractions }, size) {
  const names = fractions[0]?.scores.map(({ name }) => name) ?? [];
  return drawLearningCurves({
    ...size,
    isTitled: false,
    title: 'AUC of every model by the share of the labels',
    measure: 'AUC',
    colors: { page: 'none', ink: 'var(--ink)', muted: 'var(--muted)', line: 'var(--line)' },
    best: { name: 'best possible', value: fractions[0]?.best ?? 1 },
    // the colored ones last, so that they are drawn over the others
    curves: names
      .toSorted((a, b) => Number(isTransfer(a)) - Number(isTransfer(b)))
      .map((name) => ({
        name: inWords(name).replace(/:.*/, ''),
        color: isTransfer(name) ? `var(--${name})` : name === 'scratch' ? 'var(--ink)' : 'var(--own)',
        points: fractions.flatMap(({ share, scores }) =>
          scores
            .filter((score) => score.name === name)
            .map(({ auc: value, low, high }) => ({ share, value, low, high })),
        ),
      })),
  });
}

/** @param {Fraction[]} fractions */
function scoreRows(fractions) {
  const rows = (fractions[0]?.scores ?? []).map(({ name }) => {
    const cells = fractions.map(({ scores, chosen }) => {
      const auc = scores.find((score) => score.name === name)?.auc;
      return `<td${name === chosen ? ' class="chosen"' : ''}>${auc?.toFixed(3) ?? '–'}</td>`;
    });
    return `<tr><th scope="row">${text(inWords(name))}</th>${cells.join('')}</tr>`;
  });
  return rows.join('');
}

/** @param {Fraction} fraction */
function choice({ share, best, chosen, low, high, closed }) {
  return `<p class="soft">At ${percent(share)} of the labels, validation chooses <b>${text(chosen)}</b>: ${signed(low)} to
${signed(high)} AUC over scratch (95 %), ${percent(closed)} of the way to the best possible ${best.toFixed(3)}.</p>`;
}

/** @param {number} share @param {string} kind */
function bar(share, kind) {
  return (
    `<span class="track short"><span class="fill ${kind}" ` +
    `style="width:${(share * 100).toFixed(1)}%"></span></span> <span class="share">${percent(share)}</span>`
  );
}

/** @param {number} value */
function signed(value) {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString('en-US');
}

/** @param {number | undefined} share */
function percent(share) {
  return share === undefined ? '–' : `${(share * 100).toFixed(0)} %`;
}

/** @param {string} value */
function text(value) {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const style = `
:root{color-scheme:light dark;--page:#fff;--panel:#f8f9fb;--ink:#1b1f27;--muted:#575e6b;--line:#d9dde4;
  --own:#878e95;--learned:#0072b2;--link:#0060a0;--features:#009e73;--init:#0072b2;--hard:#d55e00;--soft:#cc79a7;
  font:16px/1.55 Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif}
@media(prefers-color-scheme:dark){:root{--page:#15181d;--panel:#1b1f26;--ink:#eceff4;--muted:#a8b0bd;--line:#353b46;
  --own:#7b828f;--learned:#56b4e9;--link:#7cc0f4;--init:#56b4e9}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink)}
main{max-width:1120px;margin:0 auto;padding:40px 24px 72px}
h1{font-size:clamp(28px,4.4vw,44px);line-height:1.12;letter-spacing:-.02em;margin:0 0 14px;text-wrap:balance}
h2{font-size:24px;letter-spacing:-.01em;margin:56px 0 12px}
h3{font-size:17px;margin:28px 0 4px}
p{margin:0 0 12px;max-width:78ch}
.lead{font-size:19px}
.soft,figcaption,caption{color:var(--muted)}
figure{margin:0 0 20px}
img{display:block;width:100%;height:auto;border-radius:12px;border:1px solid var(--line)}
figcaption{margin-top:8px;font-size:15px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;margin:0 0 28px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:8px 0;font-weight:600}
th,td{font-weight:400;text-align:right;padding:7px 0 7px 16px;border-bottom:1px solid var(--line);white-space:nowrap}
thead th{color:var(--muted);vertical-align:bottom;white-space:normal}
th:first-child,td:first-child,.left{text-align:left}
th:first-child,td:first-child{padding-left:0}
tbody th{text-align:left}
.pair{display:grid;gap:12px 48px}
.track{position:relative;display:inline-block;vertical-align:middle;width:100%;height:12px;border-radius:3px;
  background:var(--line)}
.track.short{width:clamp(48px,12vw,140px);margin-right:8px}
.fill{position:absolute;inset:0 auto 0 0;border-radius:3px}
.own{background:var(--own)}.learned{background:var(--learned)}
figure svg{display:block;width:100%;height:auto}
.scores td{min-width:5.5em}
.share{display:inline-block;min-width:3.2em}
.chosen{font-weight:700}
.cards{list-style:none;padding:0;display:grid;gap:16px}
.cards li{border:1px solid var(--line);background:var(--panel);border-radius:12px;padding:16px 18px}
.cards a{display:block;font-weight:600}.cards .inline{display:inline;font-weight:400}
a{color:var(--link);text-underline-offset:2px}
pre{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:14px 18px;overflow-x:auto;
  font-size:14px}
@media(min-width:800px){.pair{grid-template-columns:1fr 1fr}.cards{grid-template-columns:repeat(3,1fr)}}
.halves{display:none}
@media(max-width:560px){main{padding:24px 16px 48px}.lead{font-size:17px}h2{margin-top:40px}
  thead th{font-size:14px}th,td{padding-left:8px}.track.short{display:none}.purities th,.scores th{white-space:normal}
  .scores td{min-width:0}
  .whole{display:none}.halves{display:grid;gap:16px}.half{overflow:hidden;aspect-ratio:578/730;border-radius:8px}
  .half img{display:block;width:276.8%;max-width:none;height:auto;margin:-24.2% 0 0 -9.7%}
  .half.second img{margin-left:-115.2%}}
`;
