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

/** The rooms of the cores, and the files there that are not of them: they own streams, threads, files or timers. */
const CORES = ['mail', 'headers', 'policy', 'milter', 'greylist'];
const SHELL =
  /^(?:milter\/(?:connection|dialogue|filter|index|mta-session|stream|sweep)|greylist\/(?:sqlite-.*|.*-store|expiry-rounds|known-memory))\.ts$/;

/** What a core may import of Node: functions that know nothing but what they are given. */
const PURE = new Set([
  ...['domainToASCII', 'domainToUnicode', 'BlockList', 'isIPv4', 'isIPv6', 'SocketAddress'],
  ...['hash', 'isUtf8'],
]);

/** They drive the checks: how long these may take, and took. */
const DRIVER = ['policy/asking.ts', 'policy/driver.ts'];

/** An import that `importsIn` does not see. */
const HIDDEN = /\bimport\((?!\s*'[^']*'\s*\))|\b(?:createRequire|getBuiltinModule)\b/;

interface Import {
  readonly file: string;
  readonly from: string;
  /** `{ a, b }`, `type { A }`; empty: none. */
  readonly names: string;
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

function importsIn(text: string): Omit<Import, 'file'>[] {
  const found = text.matchAll(
    /^import '([^']+)'|^(?:import|export)\b([^;]*?)\bfrom '([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
  );
  return [...found].map(([, bare, names = '', fixed, lazy]) => ({
    from: (bare ?? fixed ?? lazy)!,
    names: names.trim(),
  }));
}

function importsOf(file: string): Import[] {
  return importsIn(readFileSync(file, 'utf8')).map((each) => ({ file: relative(LIB, file), ...each }));
}

/** `milter/frame.ts`, `./flags.ts` → `milter/flags.ts`. */
function target({ file, from }: Import): string {
  return relative(LIB, resolve(LIB, file, '..', from));
}

function isCore(path: string): boolean {
  return CORES.includes(roomOf(path)) && !SHELL.test(path);
}

function coresWith(text: RegExp): string[] {
  return files.filter((file) => isCore(file) && text.test(readFileSync(join(LIB, file), 'utf8')));
}

/** `lib/milter/frame.ts` → `milter`; a file right in lib/ stands for itself. */
function roomOf(path: string): string {
  return path.split('/')[0]!;
}

const files = filesBelow(LIB).map((file) => relative(LIB, file));
const imports = files.flatMap((file) => importsOf(join(LIB, file)));
const rank = new Map(ORDER.flatMap((row, i) => row.map((room) => [room, i] as const)));

describe('the dependency order of lib/', () => {
  it('knows every folder of lib/', () => {
    const rooms = new Set(readdirSync(LIB).filter((name) => !name.endsWith('.md')));
    expect([...rooms].filter((room) => !rank.has(room))).to.deep.equal([]);
  });

  it('lets a folder import only folders below it, and its own files', () => {
    const wrong = imports
      .filter(({ from }) => from.startsWith('.'))
      .map((each) => ({ file: each.file, to: target(each) }))
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

  it('lets a core import only cores, and of Node what is pure', () => {
    const wrong = imports
      .filter(({ file, names }) => isCore(file) && !names.startsWith('type '))
      .filter((each) =>
        each.from.startsWith('node:')
          ? !(each.names.match(/\w+/g) ?? ['']).every((name) => PURE.has(name))
          : each.from.startsWith('.') && !isCore(target(each)),
      )
      .map(({ file, from, names }) => `${file} imports ${names} of ${from}`);
    expect(wrong).to.deep.equal([]);
  });

  it('lets no core ask what time it is, or anything else of the process', () => {
    expect(coresWith(/\bDate\.now\b|\bnew Date\(\)|\bprocess\.|\bfetch\(|\bMath\.random\b/)).to.deep.equal(
      [],
    );
  });

  it('lets no core measure time or wait, but the driver of the checks', () => {
    const timed = coresWith(/\bperformance\b|\bset(?:Timeout|Interval|Immediate)\b|\bAbortSignal\.timeout\b/);
    expect(timed).to.have.members(DRIVER);
  });

  it('opens no socket in the protocol code', () => {
    const wrong = imports
      .filter(({ file, from }) => roomOf(file) === 'milter' && /^node:(net|dgram|tls|fs|http)/.test(from))
      .map(({ file, from }) => `${file} imports ${from}`);
    expect(wrong).to.deep.equal([]);
  });

  it('hides no import, but for the one that is tried again where it failed', () => {
    const hidden = files.filter((file) => HIDDEN.test(readFileSync(join(LIB, file), 'utf8')));
    expect(hidden).to.deep.equal(['spf/mailauth-evaluator.ts']);
  });

  for (const line of [
    "import '../server/gate.ts';",
    "import { createGate } from '../server/gate.ts';",
    "import type { Gate } from '../server/gate.ts';",
    "import {\n  createGate,\n} from '../server/gate.ts';",
    "export { createGate } from '../server/gate.ts';",
    "export * from '../server/gate.ts';",
    "const { createGate } = await import('../server/gate.ts');",
  ])
    it(`finds the import in ${JSON.stringify(line)}`, () => {
      const text = `/** Owns nothing. */\n\nimport { a } from './a.ts';\n${line}\nconst b = a;\n`;
      expect(importsIn(text).map(({ from }) => from)).to.deep.equal(['./a.ts', '../server/gate.ts']);
      expect(text).to.not.match(HIDDEN);
    });

  for (const line of [
    'await import(`../server/gate.ts`);',
    'await import(gate);',
    "await import('../server/' + gate);",
    "createRequire(import.meta.url)('../server/gate.ts');",
    "process.getBuiltinModule('node:fs');",
  ])
    it(`knows that ${line} hides one`, () => expect(line).to.match(HIDDEN));

  it('finds imports at all', () => {
    expect(imports.length).to.be.greaterThan(50);
  });
});
