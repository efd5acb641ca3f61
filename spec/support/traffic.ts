/** Owns Traffic: sessions of many clients at Postern's gate, one after the other or at once, by a clock of the spec's. */

import type { Materials } from '../../lib/config/policy-checks.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import type { Resolver } from '../../lib/dns/resolver.ts';
import { SmtpSession } from '../../lib/explain/smtp-session.ts';
import { parseSmtpCommand } from '../../lib/explain/smtp-command.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Filter } from '../../lib/milter/index.ts';
import { createGate } from '../../lib/server/gate.ts';
import { headerSettings } from '../../lib/server/header-settings.ts';
import { HOST_NAME, MTA_NAME, policyOn } from './dialogue.ts';

export interface TrafficOptions {
  /** YAML of postern.yaml, without tables. */
  readonly config: string;
  readonly resolver: Resolver;
  readonly lists: Materials['lists'];
  readonly now: () => number;
}

export class Traffic {
  readonly #filter: Filter;

  constructor({ config, resolver, lists, now }: TrafficOptions) {
    const loaded = readConfig(config, 'given', { stateDirectory: '/nonexistent' });
    if (!loaded.ok) throw new Error(loaded.problems.map(({ what }) => what).join('; '));
    let sessions = 0;
    this.#filter = createGate({
      policy: policyOn({ store: openMemoryStore(), now, resolver, lists }, loaded.config, new Map()),
      authservId: loaded.config.authservId,
      hostName: HOST_NAME,
      observe: false,
      headers: headerSettings(loaded.config),
      sink: () => {},
      now,
      sessionId: () => `s${sessions++}`,
    });
  }

  /** What alice@example.net hears at RCPT from this address; null: she is let in. */
  async visit(client: string): Promise<string | null> {
    const session = new SmtpSession(this.#filter, { mtaName: MTA_NAME });
    let reply: string | null = null;
    for (const line of [
      `CONNECT ${client} mx.example.net`,
      'HELO mx.example.net',
      'MAIL FROM:<alice@example.net>',
      'RCPT TO:<bob@example.org>',
    ])
      ({ reply } = await session.play(parseSmtpCommand(line)));
    session.close();
    return reply;
  }
}
