// What a search shares with the host.

/** Rows of a strip, of which the largest product is kept: where that is not enough, none of the strip is. */
export const SEARCH_STRIP: i32 = 64;
