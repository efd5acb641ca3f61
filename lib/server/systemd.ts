/** Owns systemd's socket activation: which file descriptors were handed to us (sd_listen_fds(3)). */

import { StartError } from './fault.ts';

const FIRST_FD = 3;

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
}

/** The descriptors, from 3 on; throws StartError if systemd handed none to this very process. */
export function systemdSockets({ env, pid }: Surroundings): readonly number[] {
  const count = Number(env['LISTEN_FDS']);
  if (!Number.isInteger(count) || count < 1 || count > 64 || Number(env['LISTEN_PID']) !== pid) {
    throw new StartError(
      'listen: fd:systemd: systemd handed over no socket; start postern.socket, or write an address such as inet:8891@127.0.0.1',
    );
  }
  return Array.from({ length: count }, (_, i) => FIRST_FD + i);
}
