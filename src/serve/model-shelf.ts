/** The models that are served: new versions are opened beside the old ones, checked, and swapped in at once. */
import { InputError } from '../checks.js';
import { spellingHint } from '../closest-spellings.js';
import { isNewer, readModelFolder, signatureNow, type VersionPlace } from './model-folder.js';
import { openVersion, type ModelVersion } from './model-version.js';
import { Problem } from './problem.js';

/** What happened to a version of a model. */
export interface ShelfEvent {
  readonly event: 'served' | 'kept' | 'refused' | 'removed' | 'passed over' | 'folder unreadable';
  readonly model: string;
  /** name of the version's file or folder */
  readonly name: string;
  /** version id, where it has been opened */
  readonly version?: string;
  /** of an approximate search */
  readonly recall?: number;
  /** why, in one sentence, which may hold keys */
  readonly reason?: string;
}

/** A version that could not be opened. */
export interface RefusedVersion {
  readonly name: string;
  readonly reason: string;
}

/** A model of the folder. */
export interface ShelvedModel {
  readonly name: string;
  /** open versions, the served one first */
  readonly versions: readonly ModelVersion[];
  readonly refused: readonly RefusedVersion[];
}

/** How a shelf is kept. */
export interface ShelfOptions {
  /** versions of each model that stay open, the served one included, ≥ 1 */
  readonly keep: number;
  readonly onEvent: (event: ShelfEvent) => void;
  /** opens a version; default `openVersion` */
  readonly open?: (place: VersionPlace) => Promise<ModelVersion>;
}

interface Shelved {
  /** the served one first, then those that were served before it */
  versions: readonly ModelVersion[];
  /** signature → why it was refused */
  readonly refused: Map<string, RefusedVersion>;
  /** looks at the folder that did not find what is served */
  absences: number;
}

/** A folder's models. */
export class ModelShelf {
  readonly #folder: string;
  readonly #options: ShelfOptions;
  readonly #models = new Map<string, Shelved>();
  readonly #users = new Map<ModelVersion, number>();
  #passedOver = new Set<string>();
  #refreshing: Promise<void> | undefined;

  /** @param folder - see `readModelFolder` */
  constructor(folder: string, options: ShelfOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Models that are served, in the order of their names, each with its versions, the served one first. */
  get models(): readonly ShelvedModel[] {
    return Array.from(this.#models, ([name, { versions, refused }]) => ({
      name,
      versions,
      refused: [...refused.values()],
    })).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Calls a step with a version, which stays open until the step has ended.
   *
   * @param choice - a model by name, or the only one of the kind; one of its versions by id or name, or the served one
   * @throws Problem 404 for a model or version that is not there, 422 where none is named and several could be meant
   */
  async use<Kind extends ModelVersion['kind'], Result>(
    kind: Kind,
    choice: { readonly model?: string | undefined; readonly version?: string | undefined },
    step: (version: ModelVersion & { readonly kind: Kind }) => Result | Promise<Result>,
  ): Promise<Result> {
    const version = this.#find(kind, choice);
    this.#users.set(version, (this.#users.get(version) ?? 0) + 1);
    try {
      return await step(version);
    } finally {
      this.#users.set(version, (this.#users.get(version) ?? 1) - 1);
      await this.#closeUnused(version);
    }
  }

  /** Looks at the folder and opens what is new. Calls that overlap are one. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#look().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** Frees everything. */
  async close(): Promise<void> {
    await this.#refreshing;
    const versions = [...this.#models.values()].flatMap((shelved) => shelved.versions);
    this.#models.clear();
    await Promise.all(versions.map((version) => version.close()));
  }

  async #look(): Promise<void> {
    const { onEvent } = this.#options;
    let content;
    try {
      content = await readModelFolder(this.#folder);
    } catch (error) {
      onEvent({ event: 'folder unreadable', model: '', name: this.#folder, reason: messageOf(error) });
      return;
    }
    for (const { name, reason } of content.passedOver) {
      if (!this.#passedOver.has(name)) onEvent({ event: 'passed over', model: '', name, reason });
    }
    this.#passedOver = new Set(content.passedOver.map(({ name }) => name));
    for (const [model, places] of content.models) {
      // oxlint-disable-next-line no-await-in-loop -- one file is read at a time, on all threads
      await this.#renew(model, places);
    }
    for (const model of this.#models.keys()) {
      if (content.models.has(model)) continue;
      // oxlint-disable-next-line no-await-in-loop
      await this.#forget(model);
    }
  }

  /**
   * Serves the newest version that can be opened. The served one may be away for one look, as a file is that is removed
   * and copied anew.
   */
  async #renew(model: string, places: readonly VersionPlace[]): Promise<void> {
    const shelved = this.#models.get(model) ?? {
      versions: [],
      refused: new Map<string, RefusedVersion>(),
      absences: 0,
    };
    this.#models.set(model, shelved);
    const [served] = shelved.versions;
    const own = served?.place.name ?? '';
    const isThere = places.some(({ name }) => name === own);
    shelved.absences = served === undefined || isThere ? 0 : shelved.absences + 1;
    forgetRefused(shelved, places);
    const isFree = served === undefined || shelved.absences > 1;
    for (const place of places) {
      if (!isFree && place.name !== own && !isNewer(place.name, own)) break;
      // oxlint-disable-next-line no-await-in-loop -- the newest that opens is served
      const version = shelved.versions.find((one) => sameAs(one, place)) ?? (await this.#open(shelved, place));
      if (version === undefined) continue;
      if (version !== served) await this.#serve(model, shelved, version);
      break;
    }
    await this.#fill(shelved, places);
  }

  /** Opens older versions where fewer are open than are to be kept, so that a restart forgets none. */
  async #fill(shelved: Shelved, places: readonly VersionPlace[]): Promise<void> {
    for (const place of places) {
      if (shelved.versions.length === 0 || shelved.versions.length >= this.#options.keep) return;
      if (shelved.versions.some((one) => sameAs(one, place))) continue;
      // oxlint-disable-next-line no-await-in-loop
      const version = await this.#open(shelved, place);
      if (version === undefined) continue;
      shelved.versions = [...shelved.versions, version];
      this.#options.onEvent({ event: 'kept', model: place.model, name: place.name, version: version.version });
    }
  }

  async #open(shelved: Shelved, place: VersionPlace): Promise<ModelVersion | undefined> {
    const { open = openVersion, onEvent } = this.#options;
    if (shelved.refused.has(place.signature)) return undefined;
    try {
      const version = await open(place);
      // what changed while it was read may be half of the old and half of the new: the next look reads it anew
      if ((await signatureNow(place)) === place.signature) return version;
      await version.close();
      return undefined;
    } catch (error) {
      const reason = messageOf(error);
      shelved.refused.set(place.signature, { name: place.name, reason });
      onEvent({ event: 'refused', model: place.model, name: place.name, reason });
      return undefined;
    }
  }

  async #serve(model: string, shelved: Shelved, version: ModelVersion): Promise<void> {
    // what was written once more is the version that it was, and no reason to close the one before
    const isAnother = (one: ModelVersion) => one.version !== version.version || one.place.name !== version.place.name;
    const others = shelved.versions.filter((one) => one !== version);
    const all = [version, ...others.filter(isAnother)];
    shelved.versions = all.slice(0, this.#options.keep);
    const recall = version.kind === 'embedding' ? version.approximate?.recall : undefined;
    const found = recall === undefined ? {} : { recall };
    this.#options.onEvent({ event: 'served', model, name: version.place.name, version: version.version, ...found });
    const isOpen = new Set(shelved.versions);
    await Promise.all(others.filter((old) => !isOpen.has(old)).map((old) => this.#closeUnused(old)));
  }

  async #forget(model: string): Promise<void> {
    const shelved = this.#models.get(model);
    if (shelved === undefined) return;
    shelved.absences++;
    if (shelved.absences < 2 && shelved.versions.length > 0) return;
    this.#models.delete(model);
    this.#options.onEvent({ event: 'removed', model, name: model });
    await Promise.all(shelved.versions.map((version) => this.#closeUnused(version)));
  }

  async #closeUnused(version: ModelVersion): Promise<void> {
    const isShelved = this.#models.get(version.place.model)?.versions.includes(version) === true;
    if (isShelved || (this.#users.get(version) ?? 0) > 0) return;
    this.#users.delete(version);
    await version.close();
  }

  #find<Kind extends ModelVersion['kind']>(
    kind: Kind,
    { model, version }: { readonly model?: string | undefined; readonly version?: string | undefined },
  ): ModelVersion & { readonly kind: Kind } {
    const found = this.#findModel(kind, model);
    const chosen =
      version === undefined
        ? found.versions[0]
        : found.versions.find((one) => one.version === version || one.place.name === version);
    if (chosen !== undefined && isOfKind(chosen, kind)) return chosen;
    const kept = found.versions.map((one) => `${one.version} (${one.place.name})`).join(', ');
    throw new Problem(404, `version must be one of ${kept}, got ${JSON.stringify(version)}`);
  }

  #findModel(kind: ModelVersion['kind'], model: string | undefined): Pick<ShelvedModel, 'versions'> {
    const named = model === undefined ? undefined : this.#models.get(model);
    if (named?.versions[0]?.kind === kind) return named;
    const served = [...this.#models].filter(([, { versions }]) => versions[0]?.kind === kind);
    const [only] = served;
    if (model === undefined && only !== undefined && served.length === 1) return only[1];
    const names = served.map(([name]) => name).sort();
    if (model === undefined) {
      if (only === undefined) throw new Problem(404, `no ${kind} is served`);
      throw new Problem(422, `model must be one of ${names.join(', ')}, got nothing`);
    }
    const hint = spellingHint(model, names);
    const there = names.length === 0 ? 'no such one is served' : `of which ${names.join(', ')} are served`;
    throw new Problem(
      404,
      `model must be the name of ${kind === 'embedding' ? 'an embedding' : 'a click model'}, ${there}, got ` +
        `${JSON.stringify(model)}${hint}`,
    );
  }
}

function isOfKind<Kind extends ModelVersion['kind']>(
  version: ModelVersion,
  kind: Kind,
): version is ModelVersion & { readonly kind: Kind } {
  return version.kind === kind;
}

function sameAs({ place }: ModelVersion, other: VersionPlace): boolean {
  return place.signature === other.signature;
}

function forgetRefused({ refused }: Shelved, places: readonly VersionPlace[]): void {
  for (const signature of refused.keys()) {
    if (!places.some((place) => place.signature === signature)) refused.delete(signature);
  }
}

function messageOf(error: unknown): string {
  if (error instanceof InputError) return error.message;
  return error instanceof Error ? `this is a bug in category2vec: ${error.message}` : String(error);
}
