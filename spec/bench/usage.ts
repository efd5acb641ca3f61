/** Owns what a process has used: CPU time and memory, from Linux's /proc. */

import { readFileSync } from 'node:fs';

export interface Usage {
  /** User and system time of all threads; the kernel counts it in steps of 10 ms. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

/** `getconf CLK_TCK`: 100 on every Linux of the last twenty years. */
const MS_PER_TICK = 10;

/** proc_pid_stat(5), proc_pid_status(5). */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The second field is the program's name in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const rssKiB = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]);
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK, rssBytes: rssKiB * 1024 };
}
