/** Packages that are loaded when they are first needed, and without which the rest works. */
import { createRequire } from 'node:module';
import { InputError } from '../checks.js';

const require = createRequire(import.meta.url);

/**
 * Runs what loads a part of an optional package.
 *
 * @param name - of the package
 * @param purpose - what needs it, such as `reading and writing files`
 * @throws InputError, one sentence, where the package is not installed
 */
export function fromOptional<Result>(name: string, purpose: string, load: () => Result): Result {
  try {
    return load();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const isMissing = code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND';
    if (!isMissing && !(error instanceof Error && /native binding/i.test(error.message))) throw error;
    throw new InputError(
      `${purpose} needs ${name}, an optional part of category2vec that is not installed; install it with npm ` +
        `install ${name}, or category2vec again without --omit=optional`,
      { cause: error },
    );
  }
}

/** Loads a CommonJS package. @throws InputError as `fromOptional` */
export function requireOptional(name: string, purpose: string): unknown {
  return fromOptional(name, purpose, () => require(name) as unknown);
}

/** The path of a file within a package. @throws InputError as `fromOptional` */
export function resolveOptional(name: string, file: string, purpose: string): string {
  return fromOptional(name, purpose, () => require.resolve(`${name}/${file}`));
}
