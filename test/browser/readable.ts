/** Runs in a page: whether its texts can be read. */

/** A visible text: its contrast against the ground behind it (WCAG 2.2, relative luminance), and how many lines it takes. */
export interface SeenText {
  readonly text: string;
  readonly contrast: number;
  readonly lines: number;
}

/** Every visible text, placeholders too; for `page.evaluate`, so all that it needs stands inside. */
export function readTexts(): SeenText[] {
  const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const rgba = (color: string): number[] => {
    context?.clearRect(0, 0, 1, 1);
    if (context) context.fillStyle = color;
    context?.fillRect(0, 0, 1, 1);
    return [...(context?.getImageData(0, 0, 1, 1).data ?? [])];
  };
  const luminance = (color: number[]): number => {
    const [r = 0, g = 0, b = 0] = color.map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (element: Element | null): number[] => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = rgba(getComputedStyle(at).backgroundColor);
      if (ground[3] === 255) return ground;
    }
    return [255, 255, 255];
  };
  const contrastOf = (color: string, element: Element): number => {
    const [a = 0, b = 0] = [luminance(rgba(color)), luminance(groundOf(element))].toSorted((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const found: SeenText[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.textContent?.trim() ?? '';
    if (element === null || text === '' || element.closest(':disabled, .unseen, script, style, svg, [hidden]') !== null)
      continue;
    if (!element.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
    found.push({ text, contrast: contrastOf(getComputedStyle(element).color, element), lines: tops.size });
  }
  for (const input of document.querySelectorAll('input')) {
    if (input.placeholder === '' || input.value !== '' || !input.checkVisibility()) continue;
    const { color } = getComputedStyle(input, '::placeholder');
    found.push({ text: input.placeholder, contrast: contrastOf(color, input), lines: 1 });
  }
  return found;
}
