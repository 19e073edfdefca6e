/** `serve`: a folder of models over HTTP. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { InputError } from '../../checks.js';
import { isLoopback } from '../../serve/access.js';
import { limitOptions, milliseconds } from '../../serve/limits.js';
import { listen } from '../../serve/listen.js';
import { recallOf } from '../../serve/embedding-query.js';
import { openService, type LogLine, type Service } from '../../serve/serve.js';
import type { Result } from '../command.js';
import { defineCommand } from '../define-command.js';
import { isRemote, remoteError } from '../../files/remote-path.js';
import { parseNumber, tableValues } from '../flags/flags.js';
import { untilAborted } from '../until-aborted.js';
import { countOf, formatShare, printable } from '../print/text.js';

/** Serves until Ctrl-C or SIGTERM, then finishes open requests. */
export const command = defineCommand({
  arguments: [{ name: 'models', help: 'folder of models: Parquet files, or sub-folders of versions' }],
  options: {
    Options: {
      port: { kind: 'integer', min: 0, max: 65_535, default: 8080, help: 'port; 0 for any that is free' },
      host: { kind: 'text', value: 'address', help: 'address; others need CATEGORY2VEC_TOKEN [127.0.0.1]' },
      allowAnonymous: {
        kind: 'flag',
        default: false,
        help: 'answer without a token on another address than this machine’s own',
      },
      keep: { kind: 'integer', min: 1, default: 2, value: 'count', help: 'versions of each model that stay open' },
      poll: { kind: 'duration', default: '2s', help: 'interval to look for new versions; none to look once' },
      approximateFrom: {
        kind: 'parsed',
        value: 'count',
        parse: (text, flag) => parseNumber(flag, text, { kind: 'integer', min: 1 }),
        help: 'search so many categories and more by clusters, as in 200000 [exactly]',
      },
    },
    Limits: limitOptions,
  },
  examples: [
    'category2vec serve models/ --port 8080',
    'category2vec serve models/ --host 0.0.0.0 --port 8081 --allow-anonymous --keep 3',
  ],
  act: async ({ args: [folder = ''], flags, isQuiet, progress, print, streams: { stderr, signal } }) => {
    const { port = 8080, host = '127.0.0.1', allowAnonymous, keep, poll } = flags;
    if ((await stat(folder).catch(() => undefined))?.isDirectory() !== true) {
      if (isRemote(folder)) throw remoteError(folder);
      {
        throw new InputError(
          `models must be the folder that holds embeddings and click models, got ${JSON.stringify(folder)}, ` +
            (existsSync(folder) ? 'which is a file' : 'which does not exist'),
        );
      }
    }
    const token = process.env['CATEGORY2VEC_TOKEN'] ?? '';
    if (token === '' && !isLoopback(host) && !allowAnonymous) {
      throw new InputError(
        `--host ${host} can be reached by other machines and needs a token in CATEGORY2VEC_TOKEN, got none; ` +
          'set one, or give --allow-anonymous',
      );
    }
    const log = lineBuffer((text) => void stderr.write(text));
    const opened = await openService(folder, {
      ...tableValues(limitOptions, { ...flags }),
      keep,
      poll,
      approximateFrom: flags.approximateFrom,
      token: token === '' ? undefined : token,
      isLoopback: isLoopback(host),
      onLog: isQuiet ? undefined : log.add,
    });
    try {
      signal.throwIfAborted();
      const drainMs = milliseconds('deadline', flags.deadline ?? limitOptions.deadline.default) ?? 60_000;
      const listening = await listen(opened, { host, port, drainMs });
      await print(describe(listening.url, opened));
      progress.note('Ctrl-C ends it');
      await untilAborted(signal);
      await listening.close();
    } finally {
      await opened.close();
      log.flush();
    }
    return undefined;
  },
});

/** Lines of one turn of the event loop are written at once: to write costs as much as to answer. */
function lineBuffer(write: (text: string) => void): {
  readonly add: (line: LogLine) => void;
  readonly flush: () => void;
} {
  let text = '';
  const flush = (): void => {
    if (text !== '') write(text);
    text = '';
  };
  return {
    add: (line) => {
      if (text === '') setImmediate(flush);
      text += `${JSON.stringify(line)}\n`;
    },
    flush,
  };
}

function describe(url: string, service: Service): Result {
  const models = service
    .models()
    .map(({ name, versions: [served], refused }) => ({
      name,
      kind: served?.kind ?? null,
      version: served?.version ?? null,
      ...recallOf(served),
      refused: refused.map(({ name: version, reason }) => ({ version, reason })),
    }));
  const lines = models.map(({ name, kind, version, recall, refused }) =>
    kind === null
      ? `${printable(name)}: not served: ${printable(refused[0]?.reason ?? 'it holds no version')}`
      : `${printable(name)}: ${kind}, version ${version}${approximately(recall)}`,
  );
  return { json: { url, models }, text: [countOf(models.length, 'model'), ...lines, url].join('\n') };
}

function approximately(recall: number | undefined): string {
  return recall === undefined ? '' : `, approximate search: ${formatShare(recall)} of the ten nearest are found`;
}
