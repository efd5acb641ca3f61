/** What greylisting learns, and the attacks that each lesson invites: without its guard each of these gets in. */

import { expect } from 'chai';
import type { Resolver } from '../../lib/dns/resolver.ts';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { openMemoryStore } from '../../lib/greylist/memory-store.ts';
import type { Store } from '../../lib/greylist/store.ts';
import type { Event } from '../../lib/observe/event.ts';
import { lineOf } from '../../lib/observe/event-line.ts';
import { Dialogue } from '../support/dialogue.ts';
import { DAY, NOON, SECOND } from './attempts.ts';
import { collected } from './scratch.ts';

const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** example.com lets its own networks send; the hosts of wide.example.com are all. */
const ZONE = [
  'example.com. TXT "v=spf1 ip4:198.51.100.0/24 -all"',
  'wide.example.com. TXT "v=spf1 +all"',
  // Leaves out whom a filter may be known to try.
  'shrewd.example.com. TXT "v=spf1 -ip4:192.0.2.0/24 exists:shrewd.example.com -all"',
  'shrewd.example.com. A 127.0.0.2',
  'example.net. TXT "v=spf1 ip4:203.0.113.0/24 -all"',
  '66.100.51.198.bl.example. A 127.0.0.2',
];

interface Mail {
  readonly from: string;
  readonly to?: string;
  readonly client: string;
  readonly name?: string;
  readonly helo?: string;
}

describe('Greylisting that learns', () => {
  let nowMs = NOON;
  let store: Store;
  let smtp: Dialogue;
  const events: Event[] = [];
  beforeEach(async () => {
    nowMs = NOON;
    store = openMemoryStore();
    smtp = await opened('policy: [permit_mynetworks, permit_sasl_authenticated, greylist]');
  });
  afterEach(async () => {
    smtp.close();
    await store.close();
  });

  function opened(config: string, zone: readonly string[] | Resolver = ZONE): Promise<Dialogue> {
    const resolver = 'txt' in zone ? zone : zoneResolver(zone);
    return Dialogue.open({
      config,
      store,
      learns: true,
      now: () => nowMs,
      sink: (event) => void events.push(event),
      resolver,
    });
  }

  /** Null: it is let in. */
  async function tries({
    from,
    to = 'bob@example.org',
    client,
    name = 'none',
    helo = 'mx',
  }: Mail): Promise<string | null> {
    await smtp.says(`CONNECT ${client} ${name}`);
    await smtp.says(`HELO ${helo}`);
    await smtp.says(`MAIL FROM:<${from}>`);
    return (await smtp.says(`RCPT TO:<${to}>`)).reply;
  }

  /** Tries, and again ten minutes later; `n` of them, an hour apart. */
  async function passes(n: number, mail: (i: number) => Mail): Promise<void> {
    for (let i = 0; i < n; i++) {
      await tries(mail(i));
      nowMs += 10 * MINUTE;
      expect(await tries(mail(i)), `mail ${i}`).to.equal(null);
      nowMs += HOUR;
    }
  }

  const delayed = '451 4.7.1 Greylisted, please try again in 60 seconds';

  describe('from hosts and domains that come back', () => {
    it('delays nobody of a domain any more that SPF vouches for, wherever he comes from', async () => {
      await passes(5, (i) => ({ from: `user${i}@example.com`, client: `198.51.100.${i}` }));
      expect(await tries({ from: 'new@example.com', client: '198.51.100.99' })).to.equal(null);
      // Who only says so is not it.
      expect(await tries({ from: 'new@example.com', client: '192.0.2.1' })).to.equal(delayed);
    });

    it('delays a host no more, but its neighbours: a bot beside good hosts waits as ever', async () => {
      await passes(5, (i) => ({
        from: `user${i}@example.edu`,
        client: '192.0.2.10',
        name: 'mx.example.edu',
      }));
      expect(await tries({ from: 'new@example.edu', client: '192.0.2.10' })).to.equal(null);
      expect(await tries({ from: 'bot@example.edu', client: '192.0.2.11' })).to.equal(delayed);
      expect(
        await tries({ from: 'bot@example.edu', client: '192.0.2.11', name: 'mx2.example.edu' }),
      ).to.equal(delayed);
    });

    it('delays a host no more, but whoever else comes through the same NAT64', async () => {
      await passes(5, (i) => ({ from: `user${i}@example.edu`, client: '64:ff9b::192.0.2.10' }));
      expect(await tries({ from: 'new@example.edu', client: '64:ff9b::192.0.2.10' })).to.equal(null);
      const bot = { from: 'bot@example.edu', client: '64:ff9b::198.51.100.66' };
      expect(await tries(bot)).to.equal(delayed);
      nowMs += HOUR;
      expect(await tries({ ...bot, client: '64:ff9b::203.0.113.66' })).to.equal(delayed);
      expect(await tries({ ...bot, client: '64:ff9b::198.51.100.67' })).to.equal(null);
    });

    it('gives nothing to a domain that lets everybody pass', async () => {
      await passes(5, (i) => ({ from: `user${i}@wide.example.com`, client: `192.0.${i}.10` }));
      expect(await tries({ from: 'new@wide.example.com', client: '198.18.0.1' })).to.equal(delayed);
    });

    it('nor to one that leaves out but those by whom that is seen', async () => {
      await passes(5, (i) => ({ from: `user${i}@shrewd.example.com`, client: `198.18.${i}.10` }));
      expect(await tries({ from: 'new@shrewd.example.com', client: '198.19.0.1' })).to.equal(delayed);
      nowMs += HOUR;
      expect(await tries({ from: 'new@shrewd.example.com', client: '198.19.1.1' })).to.equal(delayed);
    });

    it('gives nothing for what comes in one hour', async () => {
      for (let i = 0; i < 9; i++) await tries({ from: `user${i}@example.com`, client: '198.51.100.1' });
      nowMs += 10 * MINUTE;
      for (let i = 0; i < 9; i++) await tries({ from: `user${i}@example.com`, client: '198.51.100.1' });
      expect(await tries({ from: 'new@example.com', client: '198.51.100.1' })).to.equal(delayed);
    });

    it('takes it away when a blacklist has the host', async () => {
      await passes(5, (i) => ({ from: `user${i}@example.com`, client: '198.51.100.66' }));
      expect(await tries({ from: 'new@example.com', client: '198.51.100.66' })).to.equal(null);
      smtp.close();
      smtp = await opened('policy: [check_spf, reject_rbl_client bl.example=127.0.0.2, greylist]');
      expect(await tries({ from: 'new@example.com', client: '198.51.100.66' })).to.match(/^554 /);
      await new Promise((resolve) => setImmediate(resolve));
      smtp.close();
      smtp = await opened('policy: [greylist]', ZONE.slice(0, 3));
      expect(await tries({ from: 'newer@example.com', client: '198.51.100.66' })).to.equal(delayed);
      expect(await tries({ from: 'newer@example.com', client: '198.51.100.67' })).to.equal(delayed);
    });

    for (const decideAt of ['connect', 'mail'])
      it(`takes it away, too, where the list refuses at ${decideAt}`, async () => {
        const mail = { from: 'new@example.com', client: '198.51.100.66' };
        await passes(5, (i) => ({ from: `user${i}@example.edu`, client: mail.client }));
        expect(await tries(mail)).to.equal(null);
        smtp.close();
        smtp = await opened(
          `decide_at: ${decideAt}\npolicy: [reject_rbl_client bl.example=127.0.0.2, greylist]`,
        );
        const replies = [];
        for (const line of [`CONNECT ${mail.client} none`, 'HELO mx', `MAIL FROM:<${mail.from}>`])
          replies.push((await smtp.says(line)).reply);
        expect(replies.find((reply) => reply !== null)).to.match(/^5/);
        await new Promise((resolve) => setImmediate(resolve));
        smtp.close();
        smtp = await opened('policy: [greylist]');
        expect(await tries({ ...mail, from: 'newer@example.edu' })).to.equal(delayed);
      });

    it('takes it away from the domain, too, though the list has refused before SPF was known', async () => {
      await passes(5, (i) => ({ from: `user${i}@example.com`, client: '198.51.100.66' }));
      smtp.close();
      const resolver = zoneResolver(ZONE);
      let answer = (): void => {};
      const slow: Resolver = {
        ...resolver,
        txt: async (name, signal) => {
          if (name === 'example.com') await new Promise<void>((resolve) => (answer = resolve));
          return resolver.txt(name, signal);
        },
      };
      smtp = await opened('policy: [reject_rbl_client bl.example=127.0.0.2, check_spf, greylist]', slow);
      expect(await tries({ from: 'new@example.com', client: '198.51.100.66' })).to.match(/^554 /);
      smtp.close();
      answer();
      const allowed = async (): Promise<boolean> => {
        await new Promise((resolve) => setImmediate(resolve));
        return (await collected(store.standings(nowMs))).length > 0;
      };
      for (let turns = 0; turns < 100 && (await allowed()); turns++);
      smtp = await opened('policy: [greylist]');
      expect(await tries({ from: 'newer@example.com', client: '198.51.100.67' })).to.equal(delayed);
    });

    it('leaves it, where a whitelist that does not answer might have spared the host', async () => {
      const mail = { from: 'new@example.edu', client: '198.51.100.66' };
      await passes(5, (i) => ({ ...mail, from: `user${i}@example.edu` }));
      smtp.close();
      smtp = await opened(
        'policy: [{ dnsbl_score: { sites: [bl.example=127.0.0.2*5, wl.example=127.0.0.2*-4], reject: 4 } }, greylist]',
        [...ZONE, '66.100.51.198.wl.example. SERVFAIL'],
      );
      expect(await tries(mail)).to.match(/^450 /);
      await new Promise((resolve) => setImmediate(resolve));
      smtp.close();
      smtp = await opened('policy: [greylist]');
      expect(await tries(mail)).to.equal(null);
    });

    /** example.com and .66 have earned it; then somebody on the list comes, twice. What the log says of that. */
    async function listed(policy: string, client: string): Promise<string[]> {
      await passes(5, (i) => ({ from: `user${i}@example.com`, client: '198.51.100.66' }));
      smtp.close();
      events.length = 0;
      smtp = await opened(policy, [...ZONE, '66.2.0.192.bl.example. A 127.0.0.2']);
      for (let i = 0; i < 2; i++) {
        expect(await tries({ from: 'new@example.com', client })).to.match(/^554 /);
        for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
      smtp.close();
      smtp = await opened('policy: [greylist]', ZONE.slice(0, 3));
      return events.filter(({ kind }) => kind === 'standing-lost').map((event) => lineOf(event).text);
    }
    const LIST = 'reject_rbl_client bl.example=127.0.0.2';

    for (const policy of [
      `policy: [${LIST}, greylist]`,
      `policy: [${LIST}, check_spf, greylist]`,
      `policy: [check_spf, ${LIST}, greylist]`,
    ])
      it(`takes it away from the domain too that sends by such a host, and says so, once: ${policy}`, async () => {
        expect(await listed(policy, '198.51.100.66')).to.deep.equal([
          'greylist: address 198.51.100.66, spf example.com lost what had been earned, and are delayed again: a DNS list refused this client',
        ]);
        expect(await tries({ from: 'newer@example.com', client: '198.51.100.66' })).to.equal(delayed);
        expect(await tries({ from: 'newer@example.com', client: '198.51.100.67' })).to.equal(delayed);
      });

    it('takes away what a host has at CONNECT, where nobody has named a domain', async () => {
      expect((await listed(`decide_at: connect\npolicy: [${LIST}, greylist]`, '198.51.100.66'))[0]).to.equal(
        'greylist: address 198.51.100.66 lost what had been earned, and is delayed again: a DNS list refused this client',
      );
    });

    it('takes nothing from a domain in whose name a listed stranger comes', async () => {
      expect(await listed(`policy: [${LIST}, greylist]`, '192.0.2.66')).to.deep.equal([]);
      expect(await tries({ from: 'newer@example.com', client: '198.51.100.67' })).to.equal(null);
    });

    describe('takes it away for what a list says of whom it is about: a refusal by', () => {
      const ADDRESS = '198.51.100.66';
      const DOMAIN = 'example.com';
      const NAMES = [
        'example.com.names.example. A 127.0.0.2',
        'mx.example.com.names.example. A 127.0.0.2',
        'example.org.names.example. A 127.0.0.2',
      ];
      const names = (word: string): string => `[check_spf, ${word} names.example=127.0.0.2, greylist]`;
      const scored = (facts: string): string =>
        `[{ dnsbl_score: { sites: [bl.example=127.0.0.2*5, wl.example=127.0.0.2*-4], permit: -4 } }, ${whenever(facts)}]`;
      const whenever = (facts: string): string => `check_spf, { when: { ${facts} }, then: reject }, greylist`;
      const rows: readonly (readonly [policy: string, lost: readonly string[]])[] = [
        ['[check_spf, reject_rbl_client bl.example=127.0.0.2, greylist]', [ADDRESS, DOMAIN]],
        [names('reject_rhsbl_client'), [ADDRESS, DOMAIN]],
        [names('reject_rhsbl_reverse_client'), [ADDRESS, DOMAIN]],
        [names('reject_rhsbl_helo'), [ADDRESS, DOMAIN]],
        // Whoever hands on what a listed domain writes is not that domain.
        [names('reject_rhsbl_sender'), [DOMAIN]],
        // Nor is who writes to one that is listed.
        [names('reject_rhsbl_recipient'), []],
        ['[check_spf, { dnsbl_score: { sites: [bl.example=127.0.0.2*5], reject: 4 } }]', [ADDRESS, DOMAIN]],
        [`[${whenever('dnsbl: [wl.example=127.0.0.2, bl.example=127.0.0.2]')}]`, [ADDRESS, DOMAIN]],
        [`[${whenever('spf: pass, dnsbl: bl.example=127.0.0.2')}]`, [ADDRESS, DOMAIN]],
        [
          `[${whenever('dnsbl: bl.example=127.0.0.2, not: { dnsbl: wl.example=127.0.0.2 }')}]`,
          [ADDRESS, DOMAIN],
        ],
        // Nobody has said anything against the client.
        [`[${whenever('spf: pass, not: { dnsbl: wl.example=127.0.0.2 }')}]`, []],
        [`[${whenever('spf: pass, not: [{ dnsbl: wl.example=127.0.0.2 }, { tls: true }]')}]`, []],
        [`[${whenever('spf: pass, not: { dnsbl: bl.example=127.0.0.2, client: 192.0.2.0/24 }')}]`, []],
        [`[${whenever('dnswl: bl.example=127.0.0.2')}]`, []],
        [scored('score: ">=5"'), [ADDRESS, DOMAIN]],
        [scored('score: "<9"'), []],
        [scored('not: { score: "<5" }'), []],
      ];
      for (const [policy, lost] of rows)
        it(`${policy}: ${lost.length === 0 ? 'nothing' : lost.join(' and ')}`, async () => {
          await passes(5, (i) => ({ from: `user${i}@${DOMAIN}`, client: ADDRESS }));
          smtp.close();
          smtp = await opened(`policy: ${policy}`, [...ZONE, ...NAMES]);
          const mail = { from: `new@${DOMAIN}`, client: ADDRESS, name: `mx.${DOMAIN}`, helo: `mx.${DOMAIN}` };
          expect(await tries(mail)).to.match(/^5/);
          await new Promise((resolve) => setImmediate(resolve));
          const kept = (await collected(store.standings(nowMs))).map(({ value }) => value);
          expect([ADDRESS, DOMAIN].filter((value) => !kept.includes(value))).to.deep.equal(lost);
        });

      it('soft_first, as soon as it is meant', async () => {
        await passes(5, (i) => ({ from: `user${i}@${DOMAIN}`, client: ADDRESS }));
        smtp.close();
        smtp = await opened('policy: [soft_first reject_rbl_client bl.example=127.0.0.2, greylist]');
        for (const [reply, kept] of [
          [/^450 /, 2],
          [/^554 /, 0],
        ] as const) {
          expect(await tries({ from: `new@${DOMAIN}`, client: ADDRESS })).to.match(reply);
          await new Promise((resolve) => setImmediate(resolve));
          expect(await collected(store.standings(nowMs))).to.have.length(kept);
          nowMs += HOUR;
        }
      });

      it('the list of senders, of one who is forged: nothing', async () => {
        await passes(5, (i) => ({ from: `user${i}@${DOMAIN}`, client: ADDRESS }));
        smtp.close();
        smtp = await opened('policy: [check_spf, reject_rhsbl_sender names.example=127.0.0.2, greylist]', [
          ...ZONE,
          ...NAMES,
        ]);
        expect(await tries({ from: 'forged@example.org', client: ADDRESS })).to.match(/^5/);
        expect(await tries({ from: `forged@${DOMAIN}`, client: '192.0.2.66' })).to.match(/^5/);
        await new Promise((resolve) => setImmediate(resolve));
        expect(await collected(store.standings(nowMs))).to.have.length(2);
      });
    });

    it('spares no provider a host of whom is on a blacklist', async () => {
      const name = 'mail-pl1-f41.google.com';
      smtp.close();
      smtp = await opened('policy: [warn_if_reject reject_rbl_client bl.example=127.0.0.2, greylist]');
      expect(await tries({ from: 'a@example.edu', client: '198.51.100.65', name })).to.equal(null);
      expect(await tries({ from: 'a@example.edu', client: '198.51.100.66', name })).to.equal(delayed);
    });

    it('gives nothing to a host on a blacklist that only warns', async () => {
      smtp.close();
      smtp = await opened('policy: [warn_if_reject reject_rbl_client bl.example=127.0.0.2, greylist]');
      await passes(5, (i) => ({ from: `user${i}@example.com`, client: '198.51.100.66' }));
      expect(await tries({ from: 'new@example.com', client: '198.51.100.66' })).to.equal(delayed);
      expect(await collected(store.standings(nowMs))).to.deep.equal([]);
    });
  });

  describe('whom our users write to', () => {
    /** bob@example.org writes to somebody. */
    async function writes(
      to: string,
      how: { auth?: boolean; header?: string; from?: string; others?: number; end?: '.' | 'RSET' } = {},
    ): Promise<void> {
      const { auth = true, header, from = 'bob@example.org', others = 0, end = '.' } = how;
      await smtp.says('CONNECT 192.0.2.200 none');
      await smtp.says('HELO laptop');
      if (auth) await smtp.says('AUTH bob');
      await smtp.says(`MAIL FROM:<${from}>`);
      await smtp.says(`RCPT TO:<${to}>`);
      for (let n = 0; n < others; n++) await smtp.says(`RCPT TO:<other${n}@example.com>`);
      if (end === '.') await smtp.says('DATA');
      if (header !== undefined) await smtp.says(`HEADER ${header}`);
      await smtp.says(end);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const ALICE = { from: 'Alice+x@example.com', client: '198.51.100.7' } as const;

    it('answers without delay, if SPF proves him', async () => {
      await writes('alice@example.com');
      expect(await tries(ALICE)).to.equal(null);
      nowMs += 37 * DAY;
      expect(await tries({ ...ALICE, client: '198.51.100.9' })).to.equal(delayed);
    });

    it('or the confirmed name of his own domain', async () => {
      await writes('dora@example.edu');
      expect(await tries({ from: 'dora@example.edu', client: '192.0.2.7', name: 'mx.example.edu' })).to.equal(
        null,
      );
    });

    it('answers him, and nobody else', async () => {
      await writes('alice@example.com');
      expect(await tries({ ...ALICE, to: 'carol@example.org' })).to.equal(delayed);
      expect(await tries({ ...ALICE, from: 'mallory@example.com' })).to.equal(delayed);
    });

    it('is not whoever takes his name', async () => {
      await writes('alice@example.com');
      await writes('dora@example.edu');
      expect(await tries({ ...ALICE, client: '192.0.2.66' })).to.equal(delayed);
      const forged = { from: 'dora@example.edu', client: '192.0.2.66', helo: 'mx.example.edu' };
      expect(await tries(forged)).to.equal(delayed);
      expect(await tries({ ...forged, name: 'dsl-192-0-2-66.pool.example.edu' })).to.equal(delayed);
    });

    for (const header of [
      'Auto-Submitted: auto-replied (vacation)',
      'Auto-Submitted: auto-generated',
      'Precedence: bulk',
      'precedence: junk',
      'Precedence: auto_reply',
      'X-Autoreply: yes',
      'X-AutoRespond: Re: Hello',
      'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"',
      'List-Id: News <news.example.org>',
      'List-Unsubscribe: <https://example.org/unsubscribe>',
    ])
      it(`is nobody whom a machine writes to: ${header}`, async () => {
        await writes('alice@example.com', { header });
        expect(await tries(ALICE)).to.equal(delayed);
      });

    for (const header of ['Auto-Submitted: no', 'Content-Type: multipart/mixed; boundary="report"'])
      it(`is whoever a person writes to: ${header}`, async () => {
        await writes('alice@example.com', { header });
        expect(await tries(ALICE)).to.equal(null);
      });

    it('is nobody before the message has been taken', async () => {
      await writes('alice@example.com', { end: 'RSET' });
      expect(await tries(ALICE)).to.equal(delayed);
    });

    it('is nobody of more than a hundred who are written to at once', async () => {
      await writes('alice@example.com', { others: 100 });
      expect(await tries(ALICE)).to.equal(delayed);
      await writes('alice@example.com', { others: 99 });
      expect(await tries(ALICE)).to.equal(null);
    });

    it('is nobody whom a bounce goes to, or a stranger writes to', async () => {
      await writes('alice@example.com', { from: '' });
      smtp.close();
      smtp = await opened('policy: [{ when: { client: 192.0.2.200 }, then: accept }, greylist]');
      await writes('alice@example.com', { auth: false });
      expect(await tries(ALICE)).to.equal(delayed);
    });

    it('is also whom a program on this machine writes to for one of us', async () => {
      await smtp.says('SUBMIT localhost 127.0.0.1');
      await smtp.says('MAIL FROM:<bob@example.org>');
      await smtp.says('RCPT TO:<alice@example.com>');
      await smtp.says('DATA');
      await smtp.says('.');
      await new Promise((resolve) => setImmediate(resolve));
      expect(await tries(ALICE)).to.equal(null);
    });

    it('is learnt from own networks only where it is known what our domains are', async () => {
      for (const [config, reply] of [
        ['', delayed],
        ['local_domains: [example.org]', null],
        ['local_domains: [example.info]', delayed],
      ] as const) {
        smtp.close();
        await store.close();
        store = openMemoryStore();
        smtp = await opened(`mynetworks: [192.0.2.200]\npolicy: [permit_mynetworks, greylist]\n${config}\n`);
        await writes('alice@example.com', { auth: false });
        expect(await tries(ALICE), config).to.equal(reply);
      }
    });

    it('is nobody where the administrator does not want it', async () => {
      smtp.close();
      smtp = await opened(
        'greylist: { learn_outbound: false }\npolicy: [permit_sasl_authenticated, greylist]',
      );
      await writes('alice@example.com');
      expect(await tries(ALICE)).to.equal(delayed);
    });
  });

  describe('of a sender who tries from everywhere', () => {
    const from = (client: string, more: Partial<Mail> = {}): Mail => ({
      from: 'pool@example.info',
      client,
      ...more,
    });

    const CAP = 'greylist: { cap: 45m }\n';
    beforeEach(async () => {
      smtp.close();
      smtp = await opened(`${CAP}policy: [greylist]`);
    });

    it('lets him in after the cap', async () => {
      expect(await tries(from('192.0.2.1'))).to.equal(delayed);
      nowMs += 20 * MINUTE;
      expect(await tries(from('198.51.100.1'))).to.equal(delayed);
      nowMs += 24 * MINUTE;
      expect(await tries(from('203.0.113.1'))).to.equal(delayed);
      nowMs += MINUTE;
      expect(await tries(from('198.18.0.1'))).to.equal(null);
    });

    it('but no botnet that repeats one pair from lines at home, from listed hosts, or against SPF', async () => {
      smtp.close();
      smtp = await opened(
        `${CAP}policy: [warn_if_reject reject_rbl_client bl.example=127.0.0.2, check_spf mail_from_fail=continue, greylist]`,
      );
      for (const [i, client] of ['192.0.2.1', '198.18.0.1', '198.18.1.1', '198.18.2.1'].entries()) {
        nowMs = NOON + i * 20 * MINUTE;
        const name = `dsl-${client.replaceAll('.', '-')}.pool.example.edu`;
        expect(await tries(from(client, { name }))).to.equal(delayed);
        expect(await tries({ ...from(client), from: 'forged@example.net' })).to.equal(delayed);
      }
    });

    it('but a forwarder of skip_domains, against whom SPF says nothing', async () => {
      smtp.close();
      smtp = await opened(
        `${CAP}spf: { skip_domains: [forwarder.example.edu] }\npolicy: [check_spf, greylist]`,
        [...ZONE, 'forwarder.example.edu. TXT "v=spf1 ip4:192.0.2.0/24 ip4:198.18.0.0/15 -all"'],
      );
      const forwarded = (client: string): Mail => ({ ...from(client), from: 'bob@example.net' });
      for (const client of ['192.0.2.1', '198.18.0.1', '198.18.1.1']) {
        expect(await tries(forwarded(client))).to.equal(delayed);
        nowMs += 20 * MINUTE;
      }
      expect(await tries(forwarded('198.18.2.1'))).to.equal(null);
      expect(await tries(forwarded('198.51.100.65'))).to.match(/^550 /);
    });

    it('nor one that is on a blacklist, though the pair waits since long', async () => {
      smtp.close();
      smtp = await opened(`${CAP}policy: [warn_if_reject reject_rbl_client bl.example=127.0.0.2, greylist]`);
      for (const client of ['192.0.2.1', '203.0.113.1', '198.18.0.1']) {
        expect(await tries(from(client))).to.equal(delayed);
        nowMs += 20 * MINUTE;
      }
      expect(await tries(from('198.51.100.66'))).to.equal(delayed);
      expect(await tries(from('198.51.100.67'))).to.equal(null);
    });
  });
});
