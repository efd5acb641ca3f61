/** Owns which reader takes which kind of table. */

import { KeyReader } from './keys.ts';
import type { MatchThread } from './match-thread.ts';
import { NetworkReader } from './networks.ts';
import { PatternReader } from './patterns.ts';
import type { Problems } from './problems.ts';
import type { Reader } from './reader.ts';
import { Results } from './results.ts';
import type { ParseResult } from './table.ts';
import type { TableKind } from './table-name.ts';

export function newReader<R>(
  kind: TableKind,
  parseResult: ParseResult<R>,
  problems: Problems,
  thread: MatchThread,
): Reader<R> {
  const results = new Results(parseResult);
  switch (kind) {
    case 'keys':
    case 'inline':
      return new KeyReader(results, problems);
    case 'cidr':
      return new NetworkReader(results, problems);
    case 'regexp':
    case 'pcre':
      return new PatternReader(kind, results, problems, thread);
  }
}
