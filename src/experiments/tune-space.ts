/** What `tune` searches: the range of every training option, by model, and how settings are drawn from it and changed. */
import { InputError } from '../checks.js';
import type { Random } from '../numerics/random.js';
import type { OptionTable } from '../option-table.js';
import { checkModelOptions, modelsOfGoal, optionsOfModel, type Model } from '../training/model-options.js';
import { trainingOptions, type TrainingOptions, type ResolvedTrainingOptions } from '../training/options.js';

/** How many trainings there are, as an option of commands. */
export const trialsOption = {
  trials: {
    kind: 'integer',
    min: 1,
    max: 100_000,
    default: 40,
    value: 'count',
    isCommon: true,
    help: 'maximum number of trainings',
  },
} as const satisfies OptionTable;

/** A training option that is searched; `context` and `window` are drawn together. */
type Searched = Exclude<
  keyof ResolvedTrainingOptions,
  'goal' | 'model' | 'context' | 'seed' | 'threads' | 'hogwild' | 'shuffle'
>;

/** Options of one trial; those that are not there have the model's defaults. */
export type Setting = TrainingOptions;

/** Values in rising order; a step goes to a neighbor. Rates and epochs rise by about √2, so that draws are log-uniform. */
const ranges: Readonly<Partial<Record<Searched, readonly (number | string)[]>>> = {
  dimension: [32, 64, 128, 256],
  epochs: [3, 5, 7, 10, 14, 20, 28, 40, 56],
  learningRate: [0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.56, 0.8, 1.1, 1.6],
  negatives: [3, 5, 10, 20],
  sharedNegatives: [0, 128, 512, 1024],
  noiseExponent: [0, 0.25, 0.5, 0.75, 1],
  weighting: ['history', 'pair'],
  window: [0, 1, 2, 5, 10],
  historyExponent: [0, 0.2, 0.35, 0.5, 0.7],
  categoryExponent: [0, 0.2, 0.35, 0.5, 0.7],
  singularExponent: [0, 0.25, 0.5, 1],
  poolingExponent: [0.5, 0.75, 1],
  tables: ['one', 'two'],
};

/** Where a step from the epochs that the log chooses begins. */
const USUAL_EPOCHS = 20;

/** What may be drawn on a log. */
export interface Space {
  /** options that were given: they are the same in every trial */
  readonly fixed: Setting;
  /** models that read every fixed option, in the order of the goal */
  readonly models: readonly Model[];
  /** whether the clicks have an order, so that a window can be drawn */
  readonly isOrdered: boolean;
}

/**
 * The space of a log.
 *
 * @throws InputError where no model reads all of the fixed options
 */
export function tuneSpace(fixed: Setting, isOrdered: boolean): Space {
  const all = fixed.model === undefined ? modelsOfGoal[fixed.goal ?? 'similar'] : [fixed.model];
  const models = all.filter((model) => {
    try {
      checkModelOptions(fixed, model);
      return true;
    } catch (error) {
      if (error instanceof InputError && all.length > 1) return false;
      throw error;
    }
  });
  if (models.length > 0) return { fixed, models, isOrdered };
  throw new InputError(`the fixed options must belong to one model, got ${Object.keys(fixed).join(', ')}; fix fewer`);
}

/** A setting at random: the model first, then each of its options. */
export function drawSetting(space: Space, random: Random, model = pick(space.models, random)): Setting {
  const drawn = searchedOptions(space, model).map((name) => [name, pick(ranges[name] ?? [], random)] as const);
  return asSetting(space, model, new Map(drawn));
}

/** A model's defaults. */
export function defaultSetting({ fixed }: Space, model: Model): Setting {
  return { ...fixed, model };
}

/**
 * A setting near another: each option steps up or down with probability 0.4, at least one does.
 *
 * @param parent - options that it lacks have the default, and step to the neighbors of the default
 */
export function changeSetting(space: Space, parent: Setting, random: Random): Setting {
  const model = parent.model ?? space.models[0] ?? 'skip-gram';
  const names = searchedOptions(space, model);
  if (names.length === 0) return parent;
  const forced = random.below(names.length);
  const values = new Map<Searched, number | string>();
  for (const [index, name] of names.entries()) {
    const range = ranges[name] ?? [];
    const known = name === 'window' && parent.context !== 'window' ? 0 : parent[name];
    const isChanged = index === forced || random.below(10) < 4;
    if (!isChanged) {
      if (known !== undefined) values.set(name, asValue(known));
      continue;
    }
    const at = placeIn(
      range,
      asValue(name === 'epochs' && !known ? USUAL_EPOCHS : (known ?? trainingOptions[name].default)),
    );
    const step = at === 0 ? 1 : at === range.length - 1 ? -1 : random.below(2) === 0 ? 1 : -1;
    values.set(name, range[at + step] ?? range[at] ?? 0);
  }
  return asSetting(space, model, values);
}

/** Options in the order of the table, so that equal settings are equal text. */
export function settingKey(setting: Setting): string {
  return JSON.stringify(Object.entries(setting).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function searchedOptions({ fixed, isOrdered }: Space, model: Model): Searched[] {
  const names = (Object.keys(ranges) as Searched[]).filter((name) => optionsOfModel[model].includes(name));
  return names.filter((name) => fixed[name] === undefined && (name !== 'window' || (isOrdered && !fixed.context)));
}

function asSetting({ fixed }: Space, model: Model, values: ReadonlyMap<Searched, number | string>): Setting {
  const { window, ...rest } = Object.fromEntries(values);
  const context = window === undefined || window === 0 ? {} : { context: 'window', window };
  return { model, ...rest, ...context, ...fixed } as Setting;
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[random.below(items.length)];
  if (item === undefined) throw new Error('there is nothing to draw from');
  return item;
}

/** Where a value stands in its range, or where it would; words by equality. */
function placeIn(range: readonly (number | string)[], value: number | string): number {
  const at = range.findIndex((other) => (typeof other === 'number' ? other >= Number(value) : other === value));
  return at === -1 ? range.length - 1 : at;
}

function asValue(value: unknown): number | string {
  return typeof value === 'number' ? value : String(value);
}
