/** Owns Sendmail: a private instance of the one that `unpack-sendmail.sh` has unpacked. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Duplex, Readable, Writable } from 'node:stream';
import { MailFolder } from './mail-folder.ts';
import { connectTo, greets } from './mail-server.ts';
import type { MailServer } from './mail-server.ts';
import type { PrivateNetwork } from './private-network.ts';
import { DELIVER_SCRIPT, SERVICE_SWITCH, sendmailMc } from './sendmail-config.ts';
import type { SendmailFilters } from './sendmail-config.ts';
import { SmtpDialogue } from './smtp.ts';
import { stopProgram } from './stop-program.ts';
import { makeTlsKey } from './tls-key.ts';

/** As in unpack-sendmail.sh. */
const ROOT = process.env['POSTERN_SENDMAIL'] ?? join(homedir(), '.cache', 'postern', 'sendmail');
const SENDMAIL = join(ROOT, 'usr/libexec/sendmail/sendmail');

export const SENDMAIL_PROGRAMS = [SENDMAIL, 'm4', 'openssl'];

export class Sendmail implements MailServer {
  readonly mail: MailFolder;
  readonly #network: PrivateNetwork;
  readonly #configFile: string;
  #daemon: ReturnType<PrivateNetwork['start']> | undefined;

  private constructor(network: PrivateNetwork, folder: string) {
    this.#network = network;
    this.#configFile = join(folder, 'sendmail.cf');
    this.mail = new MailFolder(join(folder, 'mail'));
  }

  static async start(network: PrivateNetwork, filters: SendmailFilters): Promise<Sendmail> {
    const folder = join(network.folder, 'sendmail');
    for (const name of ['', 'queue', 'mail']) mkdirSync(join(folder, name), { mode: 0o755 });
    writeFileSync(join(folder, 'deliver'), DELIVER_SCRIPT);
    writeFileSync(join(folder, 'service.switch'), SERVICE_SWITCH);
    const sendmail = new Sendmail(network, folder);
    writeFileSync(sendmail.#configFile, compileMacros(sendmailMc(folder, makeTlsKey(folder), filters)));
    sendmail.#daemon = network.start(SENDMAIL, ['-C', sendmail.#configFile, '-bD'], environment());
    await greets(network, sendmail.#daemon);
    return sendmail;
  }

  async connect(from: string, port?: number): Promise<SmtpDialogue> {
    return connectTo(this.#network, from, port);
  }

  /** A session over standard input and output, as mail programs on the same machine hold it (`sendmail -bs`). */
  async connectLocally(): Promise<SmtpDialogue> {
    const program = this.#network.start(SENDMAIL, ['-C', this.#configFile, '-bs'], environment());
    return SmtpDialogue.begin(
      Duplex.fromWeb({ readable: Readable.toWeb(program.stdout), writable: Writable.toWeb(program.stdin) }),
    );
  }

  async stop(): Promise<void> {
    if (this.#daemon !== undefined) await stopProgram(this.#daemon);
  }
}

/** The .mc language is m4 with Sendmail's own definitions before it. */
function compileMacros(mc: string): string {
  const macros = join(ROOT, 'usr/share/sendmail/cf/');
  return execFileSync('m4', [`-D_CF_DIR_=${macros}`, join(macros, 'm4/cf.m4'), '-'], {
    input: mc,
    encoding: 'utf8',
  });
}

/** Debian's folder of shared libraries carries the machine's name, e.g. `x86_64-linux-gnu`. */
function environment(): NodeJS.ProcessEnv {
  const parent = join(ROOT, 'usr/lib');
  const folders = readdirSync(parent).filter((name) => name.endsWith('-linux-gnu'));
  return { LD_LIBRARY_PATH: folders.map((name) => join(parent, name)).join(':') };
}
