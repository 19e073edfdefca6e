/**
 * Pictures of the page beside pictures that a person has looked at: alike for any renderer, different where something
 * has changed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const baselines = fileURLToPath(new URL('./baselines/', import.meta.url));

/** Pixels on each side of a block; its mean hides how a renderer smooths the edge of a letter or a point. */
const block = 16;
/** Difference of a block's mean in any of red, green and blue, of 255, above which the block counts as changed. */
const visibleDifference = 10;
/**
 * Blocks that may be changed: two lines of text that another renderer breaks elsewhere, but no panel, legend or color,
 * of which each is more than twice as many.
 */
export const toleratedShare = 0.01;

/** Mean colors of a picture's blocks. */
export interface Blocks {
  readonly width: number;
  readonly height: number;
  /** red, green, blue of each block, row-major */
  readonly means: readonly number[];
}

/** Share of the blocks that look different; 1 where the sizes differ. */
export function changedShare(a: Blocks, b: Blocks): number {
  if (a.width !== b.width || a.height !== b.height) return 1;
  return changedBlocks(a, b).length / (a.means.length / 3);
}

/** Numbers of the blocks that look different, of two pictures of one size. */
function changedBlocks(a: Blocks, b: Blocks): readonly number[] {
  const changed: number[] = [];
  for (let at = 0; at < a.means.length; at += 3) {
    const differences = [0, 1, 2].map((channel) =>
      Math.abs((a.means[at + channel] ?? 0) - (b.means[at + channel] ?? 0)),
    );
    if (Math.max(...differences) > visibleDifference) changed.push(at / 3);
  }
  return changed;
}

/** Left and top of the blocks that look different, in pixels: tells what they are where a picture cannot be seen. */
function placesOf(a: Blocks, b: Blocks): string {
  const columns = Math.ceil(a.width / block);
  return changedBlocks(a, b)
    .slice(0, 60)
    .map((at) => `${(at % columns) * block},${Math.floor(at / columns) * block}`)
    .join(' ');
}

/** Decodes a JPEG in the browser. @returns mean colors of its blocks */
export function blocksOf(page: Page, picture: Buffer): Promise<Blocks> {
  return page.evaluate(
    async ({ base64, side }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const { width, height, pixels } = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' })).then(
        (bitmap) => {
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context?.drawImage(bitmap, 0, 0);
          const data = context?.getImageData(0, 0, bitmap.width, bitmap.height).data ?? new Uint8ClampedArray();
          return { width: bitmap.width, height: bitmap.height, pixels: data };
        },
      );
      const means: number[] = [];
      for (let top = 0; top < height; top += side) {
        for (let left = 0; left < width; left += side) {
          const [bottom, right] = [Math.min(height, top + side), Math.min(width, left + side)];
          const sums = [0, 0, 0];
          for (let y = top; y < bottom; y++) {
            for (let x = left; x < right; x++) {
              for (let channel = 0; channel < 3; channel++) {
                sums[channel] = (sums[channel] ?? 0) + (pixels[(y * width + x) * 4 + channel] ?? 0);
              }
            }
          }
          means.push(...sums.map((sum) => sum / ((bottom - top) * (right - left))));
        }
      }
      return { width, height, means };
    },
    { base64: picture.toString('base64'), side: block },
  );
}

/** Sets the page in a font of ours, so that its lines break alike on every machine. The page must bypass its policy. */
export async function setFont(page: Page): Promise<void> {
  const folder = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/inter/package.json'));
  const face = (weight: number, file: string): string =>
    `@font-face { font-family: Inter; font-weight: ${weight}; src: ` +
    `url(data:font/ttf;base64,${readFileSync(join(folder, file)).toString('base64')}) }`;
  const faces = face(400, '400Regular/Inter_400Regular.ttf') + face(600, '600SemiBold/Inter_600SemiBold.ttf');
  await page.addStyleTag({
    content: `${faces} * { font-family: Inter !important; caret-color: transparent !important }`,
  });
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}

/** What the page shows, as a JPEG: a third of a PNG's bytes, and blocks do not tell them apart. */
export function takePicture(page: Page): Promise<Buffer> {
  return page.screenshot({ animations: 'disabled', type: 'jpeg', quality: 60 });
}

/** Where a picture is kept. */
export function baselinePath(name: string): string {
  return join(baselines, `${name}.jpg`);
}

/**
 * Compares what the page shows with its baseline, or writes the baseline where UPDATE_PICTURES is set.
 *
 * @returns the share of the blocks that look different, where the picture was put to be looked at and where they are
 */
export async function compareWithBaseline(page: Page, name: string): Promise<{ share: number; seen: string }> {
  const picture = await takePicture(page);
  const path = baselinePath(name);
  if (process.env['UPDATE_PICTURES'] === '1') writeFileSync(path, picture);
  if (!existsSync(path)) throw new Error(`there is no picture ${path}; UPDATE_PICTURES=1 makes it`);
  const folder = join(tmpdir(), 'category2vec-pictures');
  mkdirSync(folder, { recursive: true });
  const seen = join(folder, `${name}.jpg`);
  writeFileSync(seen, picture);
  const [now, kept] = [await blocksOf(page, picture), await blocksOf(page, readFileSync(path))];
  return { share: changedShare(now, kept), seen: `${seen}, at ${placesOf(now, kept)}` };
}
