/** SVG → PNG, with the font that we ship. */
import type { Resvg as Renderer } from '@resvg/resvg-js';
import { requireOptional } from '../files/optional-package.js';
import { fontFiles, isCovered } from './font.js';

/**
 * Draws one of our pictures as PNG, in the pixels that its width asks for.
 *
 * The shipped font has Latin, Greek and Cyrillic; where a text needs more, the system's fonts are asked too (then the
 * pixels depend on them), otherwise not.
 *
 * @param svg - as `drawMap` gives it
 */
export function rasterize(svg: string): Uint8Array {
  const { Resvg } = requireOptional('@resvg/resvg-js', 'drawing PNG') as { readonly Resvg: typeof Renderer };
  const { regular, bold } = fontFiles();
  const texts = svg.replace(/<[^>]*>/g, '');
  return new Resvg(svg, {
    font: {
      fontFiles: [regular, bold],
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
      loadSystemFonts: !isCovered(texts.replace(/\s/g, '')),
    },
  })
    .render()
    .asPng();
}
