/** Owns the import of a setup of specs: its files stand for those of /etc/postfix. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importPostfix } from '../../lib/import/postfix.ts';
import type { NamedText, Sources } from '../../lib/import/sources.ts';

export const SETUPS = join(import.meta.dirname, 'setups');

export function importSetup(name: string): string {
  const beside = (file: string): NamedText | null => {
    const path = join(SETUPS, name, file);
    return existsSync(path) ? { file, text: readFileSync(path, 'utf8') } : null;
  };
  const mainCf = beside('main.cf');
  if (mainCf === null) throw new Error(`there is no main.cf in ${name}`);
  return imported({
    mainCf,
    readFile: (path) => (path.startsWith('/etc/postfix/') ? (beside(path.slice(13))?.text ?? null) : null),
    masterCf: beside('master.cf'),
    postgrey: beside('postgrey'),
    policydSpf: beside('policyd-spf.conf'),
  });
}

/** Of a text of main.cf, or of more. */
export function imported(given: string | (Partial<Sources> & Pick<Sources, 'mainCf'>)): string {
  const sources = typeof given === 'string' ? { mainCf: { file: 'main.cf', text: given } } : given;
  const found = importPostfix({
    directory: '/etc/postfix',
    readFile: () => null,
    masterCf: null,
    postgrey: null,
    policydSpf: null,
    ...sources,
  });
  if (found === null) throw new Error('that is no main.cf');
  return found.yaml;
}
