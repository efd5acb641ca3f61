/** Owns how an import command says that it could not do all of its work. */

/** To standard error, each line with our name; the exit code with it. */
export function fail(message: string): 1 {
  process.stderr.write(`${message.replaceAll(/^(?!postern:)/gm, 'postern: ')}\n`);
  return 1;
}
