/** Holds the dependency order of lib/: a folder imports only what stands above it, and siblings never each other. */

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { expect } from 'chai';

const LIB = resolve(import.meta.dirname, '../lib');

/** Lowest first; one row may import the rows above it, and nothing of its own row but its own folder. */
const ORDER = [
  ['mail'],
  ['yaml', 'headers', 'regular-file.ts', 'shell-path.ts', 'give-back.ts'],
  ['milter', 'policy', 'greylist', 'dns', 'tables'],
  ['lists', 'spf'],
  ['checks'],
  ['rules'],
  ['config'],
  ['observe'],
  ['server'],
  ['explain', 'control'],
  ['version.ts'],
  ['daemon'],
  ['import'],
  ['doctor'],
  ['cli'],
];

/** What a folder may import from outside, beyond Node itself. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  milter: ['buffer-layout'],
  yaml: ['yaml'],
  rules: ['yaml'],
  config: ['yaml'],
  observe: ['pino'],
  tables: ['re2js'],
  lists: ['tldts'],
  spf: ['mailauth'],
};

/** The cores: no sockets, no files, no clock of their own. */
const CORES = ['mail', 'headers', 'policy'];

interface Import {
  readonly file: string;
  readonly from: string;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...found].map(([, fixed, lazy]) => ({ file: relative(LIB, file), from: (fixed ?? lazy)! }));
}

/** `lib/milter/frame.ts` → `milter`; a file right in lib/ stands for itself. */
function roomOf(path: string): string {
  return path.split('/')[0]!;
}

const imports = filesBelow(LIB).flatMap(importsOf);
const rank = new Map(ORDER.flatMap((row, i) => row.map((room) => [room, i] as const)));

describe('the dependency order of lib/', () => {
  it('knows every folder of lib/', () => {
    const rooms = new Set(readdirSync(LIB).filter((name) => !name.endsWith('.md')));
    expect([...rooms].filter((room) => !rank.has(room))).to.deep.equal([]);
  });

  it('lets a folder import only folders below it, and its own files', () => {
    const wrong = imports
      .filter(({ from }) => from.startsWith('.'))
      .map(({ file, from }) => ({ file, to: relative(LIB, resolve(LIB, file, '..', from)) }))
      .filter(
        ({ file, to }) => roomOf(file) !== roomOf(to) && rank.get(roomOf(to))! >= rank.get(roomOf(file))!,
      )
      .map(({ file, to }) => `${file} imports ${to}`);
    expect(wrong).to.deep.equal([]);
  });

  it('lets only the named folders import each package', () => {
    const wrong = imports
      .filter(({ from }) => !from.startsWith('.') && !from.startsWith('node:'))
      .filter(({ file, from }) => !(PACKAGES[roomOf(file)] ?? []).includes(from.split('/')[0]!))
      .map(({ file, from }) => `${file} imports ${from}`);
    expect(wrong).to.deep.equal([]);
  });

  it('keeps the cores free of files, processes and clocks', () => {
    const wrong = filesBelow(LIB)
      .filter((file) => CORES.includes(roomOf(relative(LIB, file))))
      .filter((file) =>
        /node:(fs|child_process|worker_threads|dns|http)|Date\.now\(|new Date\(\)/.test(
          readFileSync(file, 'utf8'),
        ),
      )
      .map((file) => relative(LIB, file));
    expect(wrong).to.deep.equal([]);
  });

  it('opens no socket in the protocol code', () => {
    const wrong = imports
      .filter(({ file, from }) => roomOf(file) === 'milter' && /^node:(net|dgram|tls|fs|http)/.test(from))
      .map(({ file, from }) => `${file} imports ${from}`);
    expect(wrong).to.deep.equal([]);
  });

  it('finds imports at all', () => {
    expect(imports.length).to.be.greaterThan(50);
  });
});
