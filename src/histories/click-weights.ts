/** The weights that a click can have. */

/** Least weight that is read: what training counts in single precision stays far from 0. */
export const leastWeight = 1e-30;

/** Greatest weight that is read: a hundred million of them can be summed in single precision. */
export const greatestWeight = 1e30;
