/** Owns what an administrator is told of a greylist file that can't be used: which one, why, and what to type. */

import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { quotedPath } from '../shell-path.ts';
import { sqliteFailure, type SqliteFailure } from './sqlite-failure.ts';
import { StoreError, type Failure } from './store.ts';

/** What kept it from being opened, in one line with the cure; bugs are left as they are. */
export function unusable(file: string, error: unknown): unknown {
  if (error instanceof StoreError) return error;
  const failure = sqliteFailure(error);
  if (!(error instanceof Error) || !('code' in error)) return error;
  const cause = failure?.cause ?? CAUSES[String(error.code)] ?? 'io';
  return new StoreError(cause, sentence(file, cause, error.message));
}

/** Of one that is open: SQLite names neither file nor cure; our own judgement has both already. */
export function explained(file: string, failure: SqliteFailure): SqliteFailure {
  if (failure.code === undefined) return failure;
  return { ...failure, why: sentence(file, failure.cause, failure.why) };
}

const CAUSES: Readonly<Record<string, 'full' | 'read-only'>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
};

function sentence(file: string, cause: Failure, why: string): string {
  return `can't use ${file}: ${why}; ${cure(file, cause)}`;
}

/** What to type, as this user finds the file at the moment. */
export function cure(file: string, cause: Failure): string {
  const directory = dirname(file);
  if (isDirectory(file)) return 'it is a directory: set store: to a file in it';
  if (refusal(directory, constants.F_OK) === 'ENOENT')
    return `type: ${making(directory)} (or set store: to another path)`;
  if (!isDirectory(directory)) return `${directory} is no directory: set store: to another path`;
  if (cause === 'full') return `make room on that disk: df -h ${quotedPath(directory)}`;
  if (cause === 'busy') return `end the program that has it locked: fuser -v ${quotedPath(file)}`;
  if (cause === 'foreign')
    return (
      "a trigger or an index that is not Postern's keeps it from writing: " +
      `sqlite3 ${quotedPath(file)} .schema shows it, DROP TRIGGER or DROP INDEX takes it out`
    );
  if (isReadOnlyDisk(directory))
    return (
      `the file system of ${directory} is read-only: findmnt -T ${quotedPath(directory)} shows it, dmesg often why; ` +
      'mount it read-write (mount -o remount,rw), or take it into ReadWritePaths= of the unit'
    );
  return cureOfRights(file, directory, cause);
}

/** By root, and for who runs the service: it is he who has been refused here. */
function making(directory: string): string {
  const user = process.getuid?.() ?? 0;
  return `${user === 0 ? 'mkdir -p' : `install -d -o ${user} -m 0750`} ${quotedPath(directory)}`;
}

/** A directory may be one of others too, so that its owner is not ours to name. */
function cureOfRights(file: string, directory: string, cause: Failure): string {
  const user = process.getuid?.();
  const files = ['', '-wal', '-shm', '-lock'].map((suffix) => file + suffix).filter(isRefused);
  if (files.length === 0 && cause === 'read-only' && !isRefused(directory))
    return (
      `no rights forbid it: its disk may take no writes any more after an error, as dmesg tells; ` +
      `to see whether it does: touch ${quotedPath(`${directory}/x`)}`
    );
  if (isRefused(directory))
    return `let user id ${user} write to it and to the directory ${directory}, or set store: to another path`;
  if (files.length === 0) return 'dmesg may have what the disk says of it';
  const [own, others] = [files.filter(isOwn), files.filter((path) => !isOwn(path))];
  const lines = [
    ...(own.length === 0 ? [] : [`chmod u+rw ${own.map(quotedPath).join(' ')}`]),
    ...(others.length === 0 ? [] : [`chown ${user} ${others.map(quotedPath).join(' ')}`]),
  ];
  return `as root: ${lines.join(' && ')}`;
}

/** Whatever its modes say. */
export function isReadOnlyDisk(directory: string): boolean {
  return refusal(directory, constants.W_OK) === 'EROFS';
}

/** There, and may not be written. */
function isRefused(path: string): boolean {
  return existsSync(path) && refusal(path, constants.R_OK | constants.W_OK) !== null;
}

/** By its error's code (access(2)); null: he may. */
function refusal(path: string, mode: number): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : '';
  }
}

function isOwn(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.();
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
