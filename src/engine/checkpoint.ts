/** What a place for checkpoints can do: keep one consistent state of long work, and give it back whole or not at all. */

/** A state: a short text that says what it is and where it stands, and its bytes. */
export interface WorkState {
  readonly header: string;
  /** may be a view on shared memory, which must not change until `save` has resolved */
  readonly bytes: Uint8Array;
}

/** A state found, checked to be whole. Its bytes are read when it is clear that they are wanted. */
export interface SavedState {
  readonly header: string;
  readonly byteLength: number;
  /** what the user should know, such as that the newest state was damaged; undefined if nothing */
  readonly note?: string | undefined;
  /** @param bytes - filled; its length must be `byteLength` */
  readInto(bytes: Uint8Array): Promise<void>;
}

/** Where checkpoints are kept. checkpoint-node.ts has one in a folder; a browser may bring its own. */
export interface CheckpointStore {
  /** The newest whole state; undefined if there is none to resume from. */
  load(): Promise<SavedState | undefined>;
  /** Keeps a state; until it resolves, the one before stands. */
  save(state: WorkState): Promise<void>;
  /** Whether it is time to save between the states that are saved anyway. */
  isDue(): boolean;
}
