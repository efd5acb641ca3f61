/** Owns SpamAssassin for specs: the installed one with its own rules, the file that we ship, and no network. */

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { headerField } from './mail-folder.ts';
import type { PrivateNetwork } from './private-network.ts';

const SHIPPED = fileURLToPath(new URL('../../../etc/spamassassin/postern.cf', import.meta.url));
/** Debian's: which plugins are loaded. */
const PLUGINS = '/etc/spamassassin';

export const SPAMASSASSIN_PROGRAMS = ['spamassassin', 'spamd', 'spamass-milter'];

export class SpamAssassin {
  readonly #network: PrivateNetwork;
  readonly #folder: string;

  /**
   * `lines`: of local.cf, beside the file that we ship; `allNetworks`: with what that tells those to write who have
   * spamass-milter.
   */
  constructor(network: PrivateNetwork, name: string, lines: readonly string[], allNetworks = false) {
    this.#network = network;
    this.#folder = join(network.folder, name);
    mkdirSync(this.#folder);
    for (const file of readdirSync(PLUGINS).filter((each) => each.endsWith('.pre')))
      copyFileSync(join(PLUGINS, file), join(this.#folder, file));
    writeFileSync(join(this.#folder, 'postern.cf'), edited(readFileSync(SHIPPED, 'utf8'), allNetworks));
    // Nothing is to be written anywhere.
    writeFileSync(join(this.#folder, 'local.cf'), ['use_bayes 0', ...lines, ''].join('\n'));
  }

  get #options(): string[] {
    return ['--local', '-x', `--siteconfigpath=${this.#folder}`];
  }

  /** What is wrong with the rules; empty: nothing. */
  async lint(): Promise<string> {
    return this.#network.run('spamassassin', [...this.#options, '--lint']);
  }

  /** The rules that hold for a message as it was delivered. */
  async judges(message: string): Promise<readonly string[]> {
    return testsOf(await this.#network.run('spamassassin', this.#options, message));
  }

  /** Starts spamd and, in front of it, spamass-milter; gives what to write into smtpd_milters. */
  async startMilter(port: number): Promise<string> {
    const options = ['--listen=127.0.0.1', `--port=${port}`, '--max-children=1', '--syslog=stderr'];
    const spamd = this.#network.start('spamd', [...this.#options, ...options]);
    let said = '';
    spamd.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
    await eventually('spamd', () => {
      if (spamd.exitCode !== null) throw new Error(`spamd ended: ${said}`);
      return said.includes('child states: I');
    });
    const socket = join(this.#folder, 'milter.sock');
    this.#network.start('spamass-milter', ['-p', socket, '--', '--dest=127.0.0.1', `--port=${port}`]);
    await eventually('spamass-milter', () => existsSync(socket));
    chmodSync(socket, 0o666);
    return `unix:${socket}`;
  }
}

/** As the administrator of mx.example.org would. */
function edited(shipped: string, allNetworks: boolean): string {
  const named = shipped.replaceAll('mx.example.com', 'mx.example.org');
  return allNetworks ? named.replace(/^# {3}(authres_)/gm, '$1') : named;
}

/** Of a message that SpamAssassin has seen. */
export function testsOf(message: string): readonly string[] {
  const status = headerField(message, 'X-Spam-Status') ?? '';
  const tests = /\btests=(.*?)\s*(?:autolearn|version)/.exec(status)?.[1];
  if (tests === undefined) throw new Error(`SpamAssassin has not seen it: ${message}`);
  return tests.split(/[,\s]+/).filter((test) => test !== '');
}
