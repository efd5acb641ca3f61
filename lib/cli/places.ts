/** Owns where things lie: the config file and the directory for state, by the order of product.md §1. */

import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { controlPath } from '../control/control-socket.ts';

type Env = Readonly<Record<string, string | undefined>>;

const PACKAGE_ROOT = fileURLToPath(new URL('../../', import.meta.url));

const INSTALLED_CONFIG = '/etc/postern/postern.yaml';
const SHIPPED_CONFIG = `${PACKAGE_ROOT}etc/postern.yaml`;
const INSTALLED_STATE = '/var/lib/postern';
const OWN_STATE = `${PACKAGE_ROOT}var`;

/** A file as whoever typed the command means it: npm runs its scripts in the checkout, wherever it was called. */
export function callersFile(file: string, env: Env): string {
  const from = env['npm_package_name'] === 'postern' ? (env['INIT_CWD'] ?? '') : '';
  return resolve(from, file);
}

/**
 * `--config`, `$POSTERN_CONFIG`, /etc/postern/postern.yaml, and the one beside the code: not where we may not see whether
 * there is one, or where its link leads nowhere. Another policy would be in force, and nobody told.
 */
export function configFile(option: string | undefined, env: Env, installed = INSTALLED_CONFIG): string {
  if (option !== undefined) return callersFile(option, env);
  const fromEnv = env['POSTERN_CONFIG'];
  if (fromEnv !== undefined && fromEnv !== '') return fromEnv;
  return isLaid(installed) ? installed : SHIPPED_CONFIG;
}

/** The one beside the code, which nobody has chosen. */
export function isShipped(config: string): boolean {
  return config === SHIPPED_CONFIG;
}

/** `$STATE_DIRECTORY` (systemd; the first, if it names several), /var/lib/postern if we may write there, else ./var. */
export function stateDirectory(env: Env): string {
  const given = env['STATE_DIRECTORY']?.split(':')[0];
  if (given !== undefined && given !== '') return given;
  return mayWrite(INSTALLED_STATE) ? INSTALLED_STATE : OWN_STATE;
}

/**
 * For those who only look: the installed service's directory where it has a database, whoever asks. One that we
 * can't look into counts too, so that its being closed to us is said, and nothing else shown in its place.
 */
export function stateToRead(env: Env, installed = INSTALLED_STATE): string {
  const state = stateDirectory(env);
  return state === OWN_STATE && !isAbsent(`${installed}/postern.db`) ? installed : state;
}

/** Where the service that runs can be asked: the installed one where it has a socket there, else the one of the checkout. */
export function controlSocket(env: Env, installed = INSTALLED_STATE): string {
  const state = stateDirectory(env);
  const there = controlPath(installed);
  return state === OWN_STATE && !isAbsent(there) ? there : controlPath(state);
}

/** The directory that we own by default is made when it is missing; any other is the admin's business. */
export function makeStateDirectory(directory: string): void {
  if (directory !== OWN_STATE) return;
  try {
    mkdirSync(directory, { recursive: true });
  } catch {
    // The store says what it can't write, and the cure.
  }
}

function isLaid(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch (error) {
    return isRefusal(error);
  }
}

function isAbsent(file: string): boolean {
  try {
    accessSync(file, constants.F_OK);
    return false;
  } catch (error) {
    return !isRefusal(error);
  }
}

/** Whether we lack the right to read a file that is there, or to see whether it is. */
export function isClosedToUs(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return false;
  } catch (error) {
    return isRefusal(error);
  }
}

/** The file may be there, but we lack the right. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function mayWrite(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
