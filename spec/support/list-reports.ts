/** Owns reports of DNS lists, as a service gives them, for specs of those who show them. */

import type { ListReport } from '../../lib/control/list-report.ts';

export function listReport(list: string, differs: Partial<ListReport> = {}): ListReport {
  return {
    list,
    kind: 'addresses',
    state: 'alive',
    since: '2026-11-21T10:00:00.000Z',
    why: null,
    instead: null,
    testEntry: '127.0.0.2',
    tested: '2026-11-21T10:15:00.000Z',
    queries: 200,
    hits: 150,
    hitRate: 0.75,
    failed: 0,
    medianMs: 12.3,
    p95Ms: 41,
    overlap: [],
    ...differs,
  };
}
