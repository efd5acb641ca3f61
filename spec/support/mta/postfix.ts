/** Owns Postfix: a private instance of the installed one, with queues, configuration and mail in a folder of its own. */

import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MailFolder } from './mail-folder.ts';
import { connectTo, greets } from './mail-server.ts';
import type { MailServer } from './mail-server.ts';
import { mainCf, masterCf } from './postfix-config.ts';
import type { PostfixOptions } from './postfix-config.ts';
import type { PrivateNetwork } from './private-network.ts';
import { isInstalled } from './requirements.ts';
import type { SmtpDialogue } from './smtp.ts';
import { stopProgram } from './stop-program.ts';
import { makeTlsKey } from './tls-key.ts';

const MASTER = '/usr/lib/postfix/sbin/master';

export const POSTFIX_PROGRAMS = [MASTER, 'postfix', 'sendmail', 'postsuper', 'openssl'];

/** Nobody: the owner of the delivered mail. */
export const MAIL_OWNER = 65_534;

export class Postfix implements MailServer {
  readonly mail: MailFolder;
  readonly #network: PrivateNetwork;
  readonly #configFolder: string;
  #master: ReturnType<PrivateNetwork['start']> | undefined;

  private constructor(network: PrivateNetwork, folder: string) {
    this.#network = network;
    this.#configFolder = join(folder, 'etc');
    this.mail = new MailFolder(join(folder, 'mail', 'all', 'new'));
  }

  static async start(network: PrivateNetwork, options: PostfixOptions): Promise<Postfix> {
    const folder = join(network.folder, 'postfix');
    for (const name of ['', 'etc', 'etc/sasl', 'spool', 'data', 'mail']) mkdirSync(join(folder, name));
    chownSync(join(folder, 'mail'), MAIL_OWNER, MAIL_OWNER);
    chownSync(join(folder, 'data'), userId('postfix'), -1);
    const postfix = new Postfix(network, folder);
    writeFileSync(join(folder, 'etc', 'main.cf'), mainCf(folder, makeTlsKey(folder), options));
    writeFileSync(join(folder, 'etc', 'master.cf'), masterCf(options));
    if (isInstalled('saslpasswd2')) await postfix.#addUser('tester', 'secret');
    // Makes the queue directories; a relative path would fail without a word.
    await network.run('postfix', ['-c', postfix.#configFolder, 'check']);
    postfix.#master = network.start(MASTER, ['-c', postfix.#configFolder, '-d']);
    await greets(network, postfix.#master);
    return postfix;
  }

  async connect(from: string, port?: number): Promise<SmtpDialogue> {
    return connectTo(this.#network, from, port);
  }

  /** Gives a user a password for SMTP AUTH, with Cyrus's saslpasswd2. The realm is `myhostname`, as smtpd takes it. */
  async #addUser(name: string, password: string): Promise<void> {
    const database = join(this.#configFolder, 'sasl', 'users.db');
    const settings = `pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: ${database}\nmech_list: PLAIN\n`;
    writeFileSync(join(this.#configFolder, 'sasl', 'smtpd.conf'), settings);
    const args = ['-c', '-p', '-f', database, '-u', 'mx.example.org', name];
    await this.#network.run('saslpasswd2', args, password);
    chownSync(database, userId('postfix'), -1);
  }

  /** sendmail(1), as cron and PHP use it. */
  async submits(sender: string, recipient: string, subject: string): Promise<void> {
    const message = `From: <${sender}>\nTo: <${recipient}>\nSubject: ${subject}\n\nHello.\n`;
    await this.#network.run('sendmail', ['-C', this.#configFolder, '-f', sender, recipient], message);
  }

  /** Takes every message from the queue, also those on hold, and has it queued anew. */
  async requeuesAll(): Promise<void> {
    await this.#network.run('postsuper', ['-c', this.#configFolder, '-r', 'ALL']);
    await this.#network.run('postkick', ['-c', this.#configFolder, 'public', 'pickup', 'W']);
  }

  async stop(): Promise<void> {
    if (this.#master !== undefined) await stopProgram(this.#master);
  }
}

function userId(name: string): number {
  return Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
}
