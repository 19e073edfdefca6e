/** How dense a map is: points counted on a grid and smoothed, for shading, for a color, and for names of dense places. */

/** Density on a square grid over [−1, 1]². */
export interface Density {
  readonly side: number;
  /** smoothed points per cell, row-major from the bottom, shape [side²] */
  readonly cells: Float32Array;
  readonly most: number;
  /** at a place of the plane */
  at(x: number, y: number): number;
}

const side = 128;
/** Passes of a box of three cells; four of them come near to a Gaussian of 1.6 cells. */
const passes = 4;

/** Counts and smooths. @param coordinates - shape [V, 2], in [−1, 1] */
export function densityOf(coordinates: Float32Array): Density {
  let cells = new Float32Array(side * side);
  for (let i = 0; i < coordinates.length; i += 2) {
    const cell = cellOf(coordinates[i + 1] ?? 0) * side + cellOf(coordinates[i] ?? 0);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  for (let pass = 0; pass < passes; pass++) cells = smoothed(smoothed(cells, 1), side);
  let most = 0;
  for (const value of cells) most = Math.max(most, value);
  return { side, cells, most, at: (x, y) => cells[cellOf(y) * side + cellOf(x)] ?? 0 };
}

function cellOf(value: number): number {
  return Math.max(0, Math.min(side - 1, Math.floor(((value + 1) / 2) * side)));
}

/** The mean of each cell and its two neighbors along one axis. @param step - 1 along a row, `side` along a column */
function smoothed(cells: Float32Array, step: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(cells, (value, i) => {
    const place = step === 1 ? i % side : Math.floor(i / side);
    const before = place === 0 ? 0 : (cells[i - step] ?? 0);
    const after = place === side - 1 ? 0 : (cells[i + step] ?? 0);
    return (before + value + after) / 3;
  });
}

const bands = 5;

/**
 * The density in five bands, as an image of one pixel per cell, top row first; empty where nothing is.
 *
 * Bands are even in the square root of the density, so that thin regions have an outline too.
 *
 * @param ink - red, green, blue
 */
export function shadeOf({ cells, most }: Density, ink: readonly [number, number, number]): ImageData {
  const image = new ImageData(side, side);
  for (let line = 0; line < side; line++) {
    for (let column = 0; column < side; column++) {
      const share = Math.sqrt((cells[line * side + column] ?? 0) / Math.max(most, 1e-9));
      const band = Math.floor(share * (bands + 0.999));
      image.data.set([...ink, band * 13], ((side - 1 - line) * side + column) * 4);
    }
  }
  return image;
}
