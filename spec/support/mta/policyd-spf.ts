/** Owns PolicydSpf: Debian's policyd-spf in a private network, asked over the policy protocol as Postfix's spawn(8) lets it. */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import type { PrivateNetwork } from './private-network.ts';
import { spfEngineConfig, type SpfEngineSettings } from './pyspf-milter.ts';
import { RECIPIENT, type SpfHeard, type SpfSession } from './spf-session.ts';

export class PolicydSpf {
  readonly #start: () => ChildProcessWithoutNullStreams;
  #program: ChildProcessWithoutNullStreams | null = null;
  #waiting: ((answer: string) => void) | null = null;
  #unread = '';
  #asked = 0;

  private constructor(start: () => ChildProcessWithoutNullStreams) {
    this.#start = start;
  }

  /** It runs from the first question on, and again whenever it has ended. */
  static of(network: PrivateNetwork, name: string, settings: SpfEngineSettings): PolicydSpf {
    const file = join(network.folder, `${name}.conf`);
    spfEngineConfig(file, settings);
    return new PolicydSpf(() => network.start('policyd-spf', [file]));
  }

  static startedBy(start: () => ChildProcessWithoutNullStreams): PolicydSpf {
    return new PolicydSpf(start);
  }

  /** Null: it does not run. */
  get pid(): number | null {
    return this.#program?.pid ?? null;
  }

  /** SMTPD_POLICY_README: the attributes that it goes by, at RCPT. */
  async hears({ client, helo, sender }: SpfSession): Promise<SpfHeard> {
    const lines = [
      'request=smtpd_access_policy',
      'protocol_state=RCPT',
      'protocol_name=ESMTP',
      `client_address=${client}`,
      'client_name=unknown',
      `helo_name=${helo}`,
      `sender=${sender}`,
      `recipient=${RECIPIENT}`,
      // It answers the recipients of a message from memory.
      `instance=${process.pid}.${this.#asked++}`,
    ];
    const answer = await this.asks(`${lines.join('\n')}\n\n`);
    const [action = '', ...rest] = answer.split(' ');
    if (action === 'prepend') return { reply: null, fields: [rest.join(' ').trim()] };
    return { reply: action === 'dunno' ? null : answer, fields: [] };
  }

  /** The action that it answers with, one question at a time; `ended: …` where it ends instead, with its last words. */
  asks(request: string): Promise<string> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.#program ??= this.#started();
      this.#program.stdin.write(request);
    });
  }

  #started(): ChildProcessWithoutNullStreams {
    const program = this.#start();
    let complaint = '';
    this.#unread = '';
    program.stdout.on('data', (chunk: Buffer) => this.#read(chunk.toString()));
    program.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    program.on('close', () => {
      this.#program = null;
      this.#answered(`ended: ${complaint.trim().split('\n').at(-1)}`);
    });
    return program;
  }

  #read(text: string): void {
    const [answer, ...rest] = (this.#unread + text).split('\n\n');
    this.#unread = rest.length === 0 ? answer! : '';
    if (rest.length > 0) this.#answered(answer!.replace(/^action=/, ''));
  }

  #answered(answer: string): void {
    this.#waiting?.(answer);
    this.#waiting = null;
  }
}
