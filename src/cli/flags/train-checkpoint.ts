/** `--checkpoint DIR`, `--checkpoint-every`, `--resume`: a long run that can be stopped, killed and resumed. */
import { readdir } from 'node:fs/promises';
import { checkDuration, InputError } from '../../checks.js';
import { openCheckpoint } from '../../engine/checkpoint-node.js';
import type { CheckpointStore } from '../../engine/checkpoint.js';
import type { FlagTable, GivenFlags } from './flag-table.js';
import type { Progress } from '../print/progress.js';

const isOurs = (name: string) => name.startsWith('category2vec.checkpoint');

/** The flags. */
export const checkpointFlags = {
  checkpoint: { kind: 'text', value: 'folder', help: 'save the run here after every epoch and on Ctrl-C' },
  checkpointEvery: {
    kind: 'parsed',
    value: 'time',
    help: 'also save at this interval: 90s, 30m, 12h',
    parse: parseInterval,
  },
  resume: { kind: 'flag', default: false, help: 'resume from the checkpoint, with the same bits' },
  overwrite: { kind: 'flag', default: false, help: 'allow a folder that holds other files' },
} as const satisfies FlagTable;

/** What these flags parse to. */
export type CheckpointFlags = GivenFlags<typeof checkpointFlags>;

/**
 * Opens the folder of checkpoints, if one is named.
 *
 * @throws InputError for a folder that is not ours, a checkpoint without `--resume`, or flags that make no sense together
 */
export async function openCheckpointFlags(
  flags: CheckpointFlags,
  progress: Progress,
): Promise<CheckpointStore | undefined> {
  const { checkpoint, checkpointEvery, resume = false, overwrite = false } = flags;
  if (checkpoint === undefined) {
    const [flag] = [...(resume ? ['--resume'] : []), ...(checkpointEvery === undefined ? [] : ['--checkpoint-every'])];
    if (flag === undefined) return undefined;
    throw new InputError(`${flag} needs --checkpoint FOLDER, got none`);
  }
  const names = await readdir(checkpoint).catch((): string[] => []);
  const other = names.find((name) => !isOurs(name));
  if (other !== undefined && !overwrite) {
    throw new InputError(
      `--checkpoint must name a folder of its own, got ${JSON.stringify(checkpoint)}, which holds ` +
        `${JSON.stringify(other)}; choose another or allow it with --overwrite`,
    );
  }
  if (resume && !names.some(isOurs)) progress.note(`${checkpoint} holds no checkpoint yet: training begins anew`);
  return openCheckpoint(checkpoint, { resume, everySeconds: checkpointEvery, now: () => performance.now() / 1000 });
}

/** After Ctrl-C: how to resume, if a checkpoint was saved. */
export async function noteCheckpoint({ checkpoint }: CheckpointFlags, progress: Progress): Promise<void> {
  if (checkpoint === undefined) return;
  const names = await readdir(checkpoint).catch((): string[] => []);
  if (names.some(isOurs))
    progress.note(`the checkpoint in ${checkpoint} is complete: repeat the command with --resume to continue`);
}

function parseInterval(text: string): number {
  const duration = text === 'none' ? undefined : checkDuration('--checkpoint-every', text);
  if (duration === undefined)
    throw new InputError('--checkpoint-every must be a length of time such as 90s, 30m or 12h, got "none"');
  return duration.amount * (duration.unitSeconds ?? 1);
}
