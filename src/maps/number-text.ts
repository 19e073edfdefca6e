/** Numbers as people read them on maps and pages: with a true minus, and no digits that mean nothing. */

/** Whether a text is one number, as CSV and Parquet write it. */
export function isNumberText(text: string): boolean {
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
}

/** A number with five digits at most where it is not whole, and a true minus; `–` for none. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return withMinus(Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(5))));
}

/** A value of an attribute; a text that is a number keeps its digits. */
export function valueText(value: string | number | boolean): string {
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' && isNumberText(value) ? withMinus(value) : String(value);
}

/** The number with a minus for each hyphen. */
function withMinus(number: string): string {
  return number.replaceAll('-', '−');
}
