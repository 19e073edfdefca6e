/** Grouped digits without the machinery of locales, which takes some 15 ms to wake up. */

/** A whole number with a comma before every three digits: 1,234,567. */
export function withThousands(value: number): string {
  return `${value}`.replace(/\B(?=(?:\d{3})+$)/g, ',');
}
