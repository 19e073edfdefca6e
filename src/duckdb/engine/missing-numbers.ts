/** NaN is a missing value, in every format: what it looks like in SQL. */

/** Whether values of a type may be NaN. */
export function isFloating(type: string | undefined): boolean {
  return type === 'FLOAT' || type === 'DOUBLE';
}

/** SQL: a text spells NaN, as numpy and C print it. */
export function spellsNaN(text: string): string {
  return `(lower(trim(${text})) IN ('nan', '-nan', '+nan'))`;
}

/** SQL for a value, NULL where it is NaN. */
export function nullWhereNaN(value: string, type: string | undefined): string {
  return isFloating(type) ? `(CASE WHEN NOT isnan(${value}) THEN ${value} END)` : value;
}
