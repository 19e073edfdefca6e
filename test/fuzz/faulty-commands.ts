/** The command lines whose system calls are made to fail. */

/** A command line, and how it is tried. */
export interface Job {
  readonly name: string;
  /** `OUT` stands for the folder of outputs */
  readonly argv: readonly string[];
  /** a folder within OUT that holds a file of somebody else's */
  readonly foreign?: string;
  /** whether what stands there before must be what the command itself writes */
  readonly isRead?: boolean;
  /** it writes nothing */
  readonly isReader?: boolean;
  /** a run takes some tenths of a second: of its calls, eight are tried for each way of failing, spread over all */
  readonly isSlow?: boolean;
  /** a run takes a second or more: of its calls, so many are tried for each way of failing */
  readonly mostCalls?: number;
  /** it runs until it is stopped: once it has answered, it is */
  readonly isServer?: boolean;
}

/** Flags of a click model over the inputs. */
export const columns = ['--label', 'clicked', '--categorical', 'advertiser', '--user', 'user_id', '--time', 'time'];
/** A network that trains in no time. */
export const network = ['--dimension', '2', '--hidden', '2', '--epochs', '1', '--threads', '1'];
/** A training that takes no time. */
export const training = [
  '--history',
  'user_id',
  '--category',
  'advertiser',
  '--dimension',
  '4',
  '--epochs',
  '1',
  '--threads',
  '1',
];
const model = ['--out', 'OUT/model', '--write-splits', 'OUT/parts'];

/** The command lines over some inputs. @param given - path of an input by name */
export function commandsOver(given: (name: string) => string): readonly Job[] {
  const exported = ['word2vec', 'word2vec-binary', 'npy', 'safetensors', 'projector'].map((format) => ({
    name: `export --format ${format}`,
    argv: ['export', given('e.parquet'), '--format', format, '--out', format === 'npy' ? 'OUT/v.npy' : 'OUT/v.tsv'],
  }));
  const mapped = ['png', 'svg', 'html', 'parquet', 'csv'].map((ending) => ({
    name: `map to ${ending}`,
    argv: ['map', given('e.parquet'), '--method', 'pca', '--threads', '1', '--out', `OUT/map.${ending}`],
  }));
  return [
    { name: 'train', isSlow: true, argv: ['train', given('clicks.csv'), ...training, '--out', 'OUT/e.parquet'] },
    {
      name: 'train --checkpoint',
      isSlow: true,
      argv: [
        'train',
        given('clicks.csv'),
        ...training,
        '--checkpoint',
        'OUT/.checkpoint',
        '--resume',
        '--out',
        'OUT/e.parquet',
      ],
    },
    { name: 'import', argv: ['import', given('v.txt'), '--format', 'word2vec', '--out', 'OUT/e.parquet'] },
    ...exported,
    ...mapped,
    {
      name: 'report',
      isSlow: true,
      argv: ['report', given('e.parquet'), '--method', 'pca', '--threads', '1', '--out', 'OUT/r.html'],
    },
    ...['parquet', 'npy'].map((ending) => ({
      name: `features to ${ending}`,
      argv: [
        'features',
        given('clicks.csv'),
        '--embedding',
        given('e.parquet'),
        '--history',
        'user_id',
        '--category',
        'advertiser',
        '--out',
        `OUT/f.${ending}`,
      ],
    })),
    {
      name: 'simulate',
      isSlow: true,
      argv: ['simulate', '--users', '20', '--advertisers', '20', '--impressions', '50', '--out', 'OUT/world'],
    },
    {
      name: 'simulate --overwrite in a foreign folder',
      isSlow: true,
      argv: [
        'simulate',
        '--users',
        '20',
        '--advertisers',
        '20',
        '--impressions',
        '50',
        '--overwrite',
        '--out',
        'OUT/world',
      ],
      foreign: 'world',
    },
    {
      name: 'click train --write-splits',
      isSlow: true,
      argv: ['click', 'train', given('i.csv'), ...columns, ...network, ...model],
    },
    {
      name: 'click train --overwrite in a foreign folder',
      isSlow: true,
      argv: ['click', 'train', given('i.csv'), ...columns, ...network, '--overwrite', '--out', 'OUT/model'],
      foreign: 'model',
    },
    {
      name: 'click compare',
      isSlow: true,
      argv: [
        ['click', 'compare', given('i.csv'), ...columns, ...network, '--transfers', 'scratch'],
        ['--fractions', '1', '--seeds', '1', '--settings', '1', '--out', 'OUT/comparison'],
      ].flat(),
    },
    ...['csv', 'parquet'].map((ending) => ({
      name: `click predict to ${ending}`,
      argv: ['click', 'predict', given('model'), given('i.csv'), '--out', `OUT/p.${ending}`],
    })),
    { name: 'click export', argv: ['click', 'export', given('model'), '--onnx', 'OUT/m.onnx'] },
    { name: 'click evaluate', argv: ['click', 'evaluate', given('model'), given('i.csv')], isReader: true },
    { name: 'neighbors', argv: ['neighbors', given('e.parquet'), 'KEY'], isReader: true },
    {
      name: 'evaluate',
      argv: [
        'evaluate',
        given('e.parquet'),
        '--attributes',
        given('advertisers.csv'),
        '--key',
        'advertiser',
        '--attribute',
        'language',
      ],
      isReader: true,
    },
    { name: 'info', argv: ['info', given('e.parquet')], isReader: true },
    {
      name: 'serve',
      argv: ['serve', given('models'), '--port', '0', '--poll', 'none'],
      isReader: true,
      isServer: true,
      isSlow: true,
    },
    { name: 'compare', isSlow: true, argv: ['compare', given('e.parquet'), given('e.parquet'), '--out', 'OUT/c.html'] },
    {
      name: 'compare --log',
      mostCalls: 4,
      argv: [
        ['compare', given('e.parquet'), given('e.parquet'), '--log', given('clicks.csv'), '--threads', '1'],
        ['--out', 'OUT/c.html'],
      ].flat(),
    },
    {
      name: 'fill',
      isSlow: true,
      argv: [
        ['fill', given('e.parquet'), '--attributes', given('advertisers.csv'), '--key', 'advertiser'],
        ['--out', 'OUT/e.parquet'],
      ].flat(),
    },
    {
      name: 'tune --checkpoint',
      mostCalls: 3,
      argv: [
        ['tune', given('clicks.csv'), ...training.slice(0, 4), '--trials', '1', '--threads', '1', '--resamples', '0'],
        ['--checkpoint', 'OUT/.checkpoint', '--resume', '--out', 'OUT/e.parquet'],
      ].flat(),
    },
    {
      name: 'prepare',
      isSlow: true,
      argv: ['prepare', given('clicks.csv'), ...training.slice(0, 4), '--overwrite', '--out', 'OUT/shards'],
    },
    {
      name: 'prepare --overwrite in a foreign folder',
      isSlow: true,
      argv: ['prepare', given('clicks.csv'), ...training.slice(0, 4), '--overwrite', '--out', 'OUT/shards'],
      foreign: 'shards',
    },
    {
      name: 'train on shards',
      isSlow: true,
      argv: ['train', given('shards'), ...training.slice(4), '--out', 'OUT/e.parquet'],
    },
    {
      name: 'backtest --store',
      isSlow: true,
      argv: ['backtest', given('clicks.csv'), ...training, '--resamples', '0', '--store', 'OUT/e.parquet'],
      isRead: true,
    },
  ];
}
