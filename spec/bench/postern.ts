/** Owns how the bench starts Postern: from the checkout or built, with a config file and a database of its own. */

import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from './filter-process.ts';
import type { Target } from './job.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** How the code is run: TypeScript as in a checkout, or the JavaScript of the npm package. */
export interface Flavour {
  readonly main: string;
  readonly nodeFlags: readonly string[];
}

/** As packaging/postern and the first line of the installed command have it. */
const START_FLAGS = [
  '--max-semi-space-size=4',
  '--heap-growing-percent=40',
  '--v8-pool-size=1',
  '--no-maglev',
  '--no-sparkplug',
  '--expose-gc',
];
process.env['MALLOC_ARENA_MAX'] ??= '1';
process.env['NODE_COMPILE_CACHE'] ??= join(ROOT, 'node_modules/.cache/node');

export function checkout(nodeFlags: readonly string[] = []): Flavour {
  return { main: join(ROOT, 'lib/cli/main.ts'), nodeFlags };
}

/** Compiles into `folder`. */
export function built(folder: string, nodeFlags: readonly string[] = []): Flavour {
  mkdirSync(folder);
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const dist = join(folder, 'dist');
  execFileSync(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json'), '--outDir', dist], {
    cwd: ROOT,
  });
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return { main: join(dist, 'cli/main.js'), nodeFlags };
}

export interface Place {
  readonly folder: string;
  /** Of the config file, the socket and the database. */
  readonly name: string;
  readonly port: number | null;
  /** As it stands in the config: `1s`. */
  readonly delay: string;
  /** Further lines of the config. */
  readonly lines?: string;
}

export interface PosternCommand extends Command {
  readonly database: string;
  readonly tcp: Target | null;
}

/** The service as an administrator runs it, its log at the level and in the format of etc/postern.yaml. */
export function postern(
  { main, nodeFlags }: Flavour,
  { folder, name, port, delay, lines = '' }: Place,
): PosternCommand {
  const path = join(folder, `${name}.sock`);
  const database = join(folder, `${name}.db`);
  const config = join(folder, `${name}.yaml`);
  const listen = [`unix:${path}`, ...(port === null ? [] : [`inet:${port}@127.0.0.1`])];
  writeFileSync(
    config,
    `listen: ${JSON.stringify(listen)}
mynetworks: ["127.0.0.0/8", "[::1]/128"]
store: sqlite:${database}
greylist: { delay: ${delay}, origin: network }
log: { level: info, format: text }
${lines}`,
  );
  return {
    program: process.execPath,
    args: [...START_FLAGS, ...nodeFlags, main, 'run', '--config', config],
    target: { path },
    tcp: port === null ? null : { port },
    database,
  };
}
