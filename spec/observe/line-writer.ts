/** Owns more log lines than are held for a reader: `line-writer.ts FORMAT COUNT` says so on standard error, and ends when its input does. */

import { once } from 'node:events';
import { createLog } from '../../lib/observe/log.ts';
import { standardOutput } from '../../lib/observe/standard-output.ts';

const [format = '', count = ''] = process.argv.slice(2);
const output = standardOutput();
const sink = createLog(
  { level: 'error', format: format === 'json' ? 'json' : 'text', timestamps: true },
  output,
);
for (let number = 0; number < Number(count); number++)
  sink({ kind: 'bug', where: `line ${number}`, error: 'x'.repeat(1500) });
process.stderr.write('written\n');
await once(process.stdin.resume(), 'end');
output.finish(() => process.exit());
