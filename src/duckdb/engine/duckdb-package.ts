/** The packages of DuckDB, which are native code: loaded when something is first read or written. */
import type * as Api from '@duckdb/node-api';
import type Bindings from '@duckdb/node-bindings';
import { requireOptional } from '../../files/optional-package.js';

let api: typeof Api | undefined;
let bindings: typeof Bindings | undefined;

const purpose = 'reading or writing tables';

/** DuckDB's API. @throws InputError where it is not installed */
export function duckdbApi(): typeof Api {
  return (api ??= requireOptional('@duckdb/node-api', purpose) as typeof Api);
}

/** DuckDB's own functions, which the API wraps. @throws InputError where they are not installed */
export function duckdbBindings(): typeof Bindings {
  return (bindings ??= requireOptional('@duckdb/node-bindings', purpose) as typeof Bindings);
}
