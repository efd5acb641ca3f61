/** Owns the examination of the greylist's database: can it be read, is it whole, how large, is there room. */

import { spawn } from 'node:child_process';
import { readdirSync, statfsSync } from 'node:fs';
import { extname, posix } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { troubleText } from '../control/service-status.ts';
import { readSqlite } from '../greylist/sqlite-reader.ts';
import { StoreError } from '../greylist/store.ts';
import { isText } from '../greylist/sqlite-text.ts';
import { quotedPath } from '../shell-path.ts';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import { ownService, type Patient } from './patient.ts';
import { statOf } from './rights.ts';

/** Of the parts that read the whole file; a gigabyte takes some ten seconds from a disk. */
const THOROUGH_MS = 10_000;
/** The log of a healthy database is brought down to 16 MiB (journal_size_limit) whenever it is written back. */
const LARGEST_LOG = 256 << 20;
const LEAST_FREE = 100e6;
const LITTLE_FREE = 1e9;

/** A process of its own: nothing else ends SQLite in the middle of a check. `.ts` in a checkout, `.js` in the package. */
const CHECKER = fileURLToPath(new URL(`./database-checker${extname(import.meta.url)}`, import.meta.url));

export const database: Examination = {
  name: 'database',
  async look(patient, signal) {
    const { store } = patient.config;
    if (store.kind === 'memory')
      return [note('store: memory forgets everything at a restart: whoever was known is delayed once more')];
    return [...ofService(patient), ...(await ofFile(store.path, patient, signal))];
  },
};

async function ofFile(path: string, patient: Patient, signal: AbortSignal): Promise<Diagnosis[]> {
  const beside = [...ofDisk(path), ...leftovers(path)];
  if (statOf(path) === null) return [...missing(path, patient), ...beside];
  try {
    readSqlite(path).close();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [problem(error.message, ...cureOf(error, path)), ...beside];
  }
  return [...(await ofContent(path, patient.nowMs, signal)), ...ofLog(path), ...beside];
}

/** A file that is whole may be one that can't be written at the moment. */
function ofService(patient: Patient): Diagnosis[] {
  const trouble = ownService(patient)?.storeTrouble ?? null;
  return trouble === null ? [] : [problem(troubleText(trouble, trouble.since))];
}

function cureOf({ cause }: StoreError, path: string): string[] {
  if (cause !== 'corrupt') return [];
  return isText(path)
    ? ['in the config set store: to another path, such as sqlite:postern.db    (this is a text file)']
    : ['systemctl restart postern    (it sets a damaged file aside and begins a new one)'];
}

function missing(path: string, { service }: Patient): Diagnosis[] {
  // A reload can't change the store of a service that runs.
  if (service.kind === 'answered' && service.answer.store === `sqlite:${path}`)
    return [problem(`${path} is gone while the service runs`, 'systemctl restart postern')];
  const inUse = service.kind === 'answered' ? `, which uses ${service.answer.store} till then` : '';
  return [note(`there is no ${path} yet: it is made when the service starts${inUse}`)];
}

async function ofContent(path: string, nowMs: number, signal: AbortSignal): Promise<Diagnosis[]> {
  const { rows, newestMs, whole, failed } = await check(path, signal);
  const bytes = statOf(path)?.size ?? 0;
  const size = `${path}: ${rows === null ? '' : `${rows} ${rows === 1 ? 'triplet' : 'triplets'}, `}${byteText(bytes)}`;
  const found: Diagnosis[] = [];
  if (whole === 'ok') found.push(ok(`${size}, whole`));
  else if (whole === null)
    found.push(
      note(
        `${size}; whether it is whole was not found out within ${THOROUGH_MS / 1000} s${failed === '' ? '' : `: ${failed}`}`,
        `sqlite3 -readonly ${quotedPath(path)} 'PRAGMA quick_check'`,
      ),
    );
  else
    found.push(
      problem(
        `${size}, is damaged: ${whole}`,
        'systemctl restart postern    (it sets the file aside if it can not go on with it)',
      ),
    );
  if (newestMs !== null && newestMs > nowMs + 60_000)
    found.push(
      problem(
        `the newest triplet in it is from ${new Date(newestMs).toISOString()}, which is yet to come: the clock is wrong, or was then`,
        'timedatectl',
      ),
    );
  return found;
}

interface Checked {
  readonly rows: number | null;
  readonly newestMs: number | null;
  /** `ok`, or what is wrong; null: it took too long. */
  readonly whole: string | null;
  readonly failed: string;
}

/** What is not found out in time is null. */
function check(path: string, signal: AbortSignal): Promise<Checked> {
  return new Promise((resolve) => {
    let checked: Checked = { rows: null, newestMs: null, whole: null, failed: '' };
    const child = spawn(process.execPath, [CHECKER, path], { stdio: ['ignore', 'pipe', 'ignore'] });
    const end = (): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      resolve(checked);
    };
    const timer = setTimeout(end, THOROUGH_MS);
    signal.addEventListener('abort', end);
    createInterface(child.stdout).on('line', (line) => (checked = { ...checked, ...JSON.parse(line) }));
    child.on('error', end);
    child.on('close', end);
  });
}

function ofLog(path: string): Diagnosis[] {
  const bytes = statOf(`${path}-wal`)?.size ?? 0;
  if (bytes < LARGEST_LOG) return [];
  return [
    warning(
      `${path}-wal has grown to ${byteText(bytes)}: some program reads the database without an end`,
      `fuser -v ${quotedPath(path)}`,
      'systemctl restart postern',
    ),
  ];
}

function ofDisk(path: string): Diagnosis[] {
  const folder = posix.dirname(path);
  if (statOf(folder) === null) return [];
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const seen = `${byteText(free)} are free on the disk of ${folder}`;
  if (free >= LITTLE_FREE) return [ok(seen)];
  const cure = `df -h ${quotedPath(folder)}`;
  return [free < LEAST_FREE ? problem(`only ${seen}`, cure) : warning(`only ${seen}`, cure)];
}

/** Files that the service set aside (sqlite-file.ts): somebody should know, and they take room. */
function leftovers(path: string): Diagnosis[] {
  const folder = posix.dirname(path);
  const name = `${posix.basename(path)}.corrupt-`;
  if (statOf(folder) === null) return [];
  const found = readdirSync(folder).filter((file) => file.startsWith(name) && !/-(?:wal|shm)$/.test(file));
  if (found.length === 0) return [];
  const newest = found.toSorted().at(-1)!;
  return [
    warning(
      `${found.length === 1 ? 'a damaged database was' : `${found.length} damaged databases were`} set aside: ${folder}/${newest}; is the disk sound?`,
      'dmesg --level=err,warn | tail',
      `postern greylist stats --store ${quotedPath(`${folder}/${newest}`)}    (what can still be read of it)`,
      `rm ${quotedPath(`${folder}/${name}`)}*    (when nobody wants to look at it any more)`,
    ),
  ];
}

function byteText(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1000)} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
