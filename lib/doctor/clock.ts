/** Owns the examination of the clock: greylisting measures with it, and a wrong one delays mail for hours. */

import { existsSync } from 'node:fs';
import { note, ok, problem, warning, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import type { Patient } from './patient.ts';
import { statOf } from './rights.ts';

/** A write and our own look at the clock do not come at the same moment. */
const TOLERANCE_MS = 2000;

const CURE = ['timedatectl set-ntp true    (or: apt-get install chrony)', 'timedatectl'];

export const clock: Examination = {
  name: 'clock',
  async look(patient, signal) {
    const ahead = ofFiles(patient);
    const told = await ofService(patient, signal);
    return [...ahead, told ?? note(UNKNOWN)];
  },
};

const UNKNOWN =
  "whether the clock is right can't be told here: neither timedatectl nor chronyc says so; compare what date -u prints with another machine";

/** What was written in the future was written by another clock. */
function ofFiles({ config, configFile, nowMs }: Patient): Diagnosis[] {
  const database = config.store.kind === 'sqlite' ? [config.store.path, `${config.store.path}-wal`] : [];
  return [configFile, ...database].flatMap((file) => {
    const stat = statOf(file);
    if (stat === null || stat.mtimeMs <= nowMs + TOLERANCE_MS) return [];
    const hours = ((stat.mtimeMs - nowMs) / 3_600_000).toFixed(1);
    return [problem(`${file} was written ${hours} hours from now: the clock is wrong, or was then`, ...CURE)];
  });
}

/** Null: nobody here knows. */
async function ofService({ programs }: Patient, signal: AbortSignal): Promise<Diagnosis | null> {
  const [systemd, chrony] = await Promise.all([
    programs.run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], signal),
    programs.run('chronyc', ['-n', 'tracking'], signal),
  ]);
  // The kernel knows it from whichever daemon sets the clock (adjtimex(2)).
  if (systemd.kind === 'ended' && systemd.status === 0) {
    const word = systemd.stdout.trim();
    if (word === 'yes') return ok('the clock is set by the network (timedatectl)');
    if (word === 'no') return warning('nothing sets the clock by the network (timedatectl)', ...CURE);
  }
  if (chrony.kind === 'ended' && chrony.status === 0)
    return /^Leap status\s*:\s*Normal/m.test(chrony.stdout)
      ? ok('the clock is set by the network (chronyc)')
      : warning('chronyd runs, but does not set the clock', 'chronyc sources');
  return existsSync('/run/systemd/timesync/synchronized')
    ? ok('the clock is set by the network (systemd-timesyncd)')
    : null;
}
