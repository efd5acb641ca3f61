/** Owns the cure of a resolver that DNS lists refuse: one of one's own, and where in the config it is to be named. */

import { readFileSync } from 'node:fs';
import { keyLine } from '../yaml/key-line.ts';

/** `configFile` has been read as a config: it is sound. */
export function ofOneOwn(configFile: string): string[] {
  return ['apt-get install unbound', whereToWrite(configFile), 'postern reload'];
}

const SERVERS = 'servers: [127.0.0.1]';

/** A section that is there twice would be a mistake: so its line is named. */
function whereToWrite(file: string): string {
  const text = textOf(file);
  const servers = keyLine(text, ['dns', 'servers']);
  if (servers !== null) return `in line ${servers.line} of ${file} write: ${SERVERS}`;
  const dns = keyLine(text, ['dns']);
  if (dns === null) return `in ${file} write: dns: { ${SERVERS} }`;
  switch (dns.value) {
    case 'lines':
      return `in ${file} write below line ${dns.line} (dns:), as far in as what stands there: ${SERVERS}`;
    case 'braces':
      return `in line ${dns.line} of ${file} write within the braces of dns: ${SERVERS},`;
    case 'other':
      return `in line ${dns.line} of ${file} write: dns: { ${SERVERS} }`;
  }
}

/** Empty: it is gone meanwhile. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
