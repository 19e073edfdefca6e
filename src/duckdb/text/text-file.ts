/** A text file: where it is, how it is called and how it is compressed. */
import type { Compression } from '../../files/whole-file.js';

/** A text file in UTF-8, perhaps compressed. */
export interface TextFile {
  readonly path: string;
  /** as the caller typed it; `path` may be a copy elsewhere */
  readonly name: string;
  readonly compression: Compression;
}
