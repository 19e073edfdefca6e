/**
 * Keys as text, the same text for the same number however a file holds it: whole numbers held as DOUBLE are `1012`, not
 * `1012.0`.
 */

/** Below it, DOUBLE holds every whole number. */
export const wholeBelow = 9_007_199_254_740_992;

const decimalType = /^DECIMAL\(\d+,([1-9]\d*)\)$/;

/** Whether a type's text may hold whole numbers with a fraction of zeros. */
export function isFractional(type = ''): boolean {
  return type === 'FLOAT' || type === 'DOUBLE' || decimalType.test(type);
}

/**
 * SQL for the text of a key.
 *
 * Whole numbers of FLOAT and DOUBLE below 2⁵³, and all of DECIMAL, become the text of whole numbers; text stays what it
 * is. NaN is missing: NULL. Bytes are text.
 */
export function keyText(column: string, type = ''): string {
  if (type === 'VARCHAR') return column;
  if (type === 'BLOB') return `decode(${column})`;
  if (decimalType.test(type)) return `regexp_replace(${column}::VARCHAR, '\\.0+$', '')`;
  if (!isFractional(type)) return `${column}::VARCHAR`;
  return (
    `(CASE WHEN isnan(${column}) THEN NULL WHEN ${isWhole(column)} THEN ${column}::BIGINT::VARCHAR ELSE ` +
    `${column}::VARCHAR END)`
  );
}

/** SQL: a floating number that becomes the text of a whole one. */
export function isWhole(column: string): string {
  return `${column} = trunc(${column}) AND abs(${column}) < ${wholeBelow}`;
}
