/** Texts that programs write for a missing value. */

/**
 * How programs write a missing value: COPY of Postgres and exports of MySQL, SQL Server, pandas, R, Excel, analytics of
 * web sites, JavaScript.
 */
export const missingTexts: readonly string[] = [
  '#N/A',
  '(not set)',
  '(null)',
  '<NA>',
  '<null>',
  'N/A',
  'NA',
  'NULL',
  'NaN',
  'None',
  'Null',
  '\\N',
  'n/a',
  'nan',
  'null',
  'undefined',
];
