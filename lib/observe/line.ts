/** Owns Line: what stands in a log, whatever its format. */

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface Line {
  readonly level: Level;
  /** For people; empty where the fields say it all. */
  readonly text: string;
  /** Keys are the names of the JSON log. Values from the network are escaped by the formats, not here. */
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

export function line(level: Level, text: string, fields: Line['fields']): Line {
  return { level, text, fields };
}
