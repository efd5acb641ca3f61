/** `npm run bench`: Postern and its peers on this machine, side by side in one run. README.md says how to read it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError } from './bench-error.ts';
import { GeneratorProcess } from './generator-process.ts';
import { HELP, readOptions } from './options.ts';
import { runParts } from './parts.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const options = readOptions(process.argv.slice(2));
if (options === null) say(HELP);
else {
  const folder = mkdtempSync(join(tmpdir(), 'postern-bench-'));
  const generator = new GeneratorProcess();
  say(`Node ${process.version}, ${availableParallelism()} cores; ${new Date().toISOString().slice(0, 10)}`);
  try {
    const figures = await runParts(options, folder, generator, say);
    if (options.json !== null) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  } catch (error) {
    const why =
      error instanceof BenchError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`bench: ${why}\n`);
    process.exitCode = 1;
  } finally {
    generator.stop();
    rmSync(folder, { recursive: true, force: true });
    process.exit();
  }
}
