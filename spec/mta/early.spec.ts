/** What clients of a real Postfix see of refusals before RCPT: `decide_at` and `at:`. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { CLIENT, NETWORK_PROGRAMS, PrivateNetwork, SERVER } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { SmtpDialogue } from '../support/mta/smtp.ts';

const POLICIES = {
  connect: 'decide_at: connect\npolicy: ["check_client_access inline:{192.0.2.10=REJECT, 192.0.2.99=DEFER}"]',
  drop: 'policy: [{ rule: "check_client_access inline:{192.0.2.10=REJECT}", at: connect, reply: "421 4.7.0 Busy" }]',
  helo: 'decide_at: helo\npolicy: [reject_invalid_helo_hostname]',
  mail: 'decide_at: mail\npolicy: [reject_non_fqdn_sender]',
} as const;
type Name = keyof typeof POLICIES;
const NAMES = Object.keys(POLICIES) as Name[];

describe('Before RCPT, Postfix', function () {
  this.timeout(60_000);
  let network: PrivateNetwork;
  let server: Postfix | undefined;

  const socketOf = (name: Name): string => join(network.folder, `${name}.sock`);
  const portOf = (name: Name): number => 100 + NAMES.indexOf(name);

  before(async function () {
    requires(this, 'Postfix', [...NETWORK_PROGRAMS, ...POSTFIX_PROGRAMS], 'apt-get install postfix');
    network = await PrivateNetwork.open();
    const files = NAMES.map((name) => {
      const file = join(network.folder, `${name}.yaml`);
      writeFileSync(
        file,
        `listen: "unix:${socketOf(name)}"\nsocket_mode: "0666"\nstore: memory\nlog: { level: error }\n${POLICIES[name]}\n`,
      );
      return file;
    });
    writeFileSync(join(network.folder, 'cases'), files.join('\n'));
    const program = fileURLToPath(new URL('../support/mta/policies.ts', import.meta.url));
    const { stdout } = network.start(process.execPath, [program, join(network.folder, 'cases')]);
    await new Promise<void>((resolve, reject) => {
      stdout.on('data', (chunk: Buffer) => (chunk.includes('ready') ? resolve() : undefined));
      stdout.once('close', () => reject(new Error('the services ended')));
    });
    server = await Postfix.start(network, {
      milters: '',
      services: Object.fromEntries(
        NAMES.map((name) => [portOf(name), [`smtpd_milters=unix:${socketOf(name)}`]]),
      ),
    });
  });
  after(async () => {
    await server?.stop();
    await network?.close();
  });

  /** All replies, the banner first. */
  async function hears(name: Name, client: string, ...lines: string[]): Promise<string[]> {
    const smtp = SmtpDialogue.over(network.dial({ from: client, to: SERVER.ipv4, port: portOf(name) }));
    const heard = [await smtp.hears('')];
    for (const line of lines) heard.push(await smtp.says(line, ''));
    smtp.hangsUp();
    return heard.map((reply) => reply.split('\n').at(-1)!);
  }

  const BANNER = '220 mx.example.org ESMTP Postfix';
  const NO_MAIL = '503 5.5.1 Error: need MAIL command';
  const ENVELOPE = ['HELO mx.example.net', 'MAIL FROM:<alice@example.net>', 'RCPT TO:<bob@example.org>'];

  it('says at CONNECT no more than that it accepts no connections', async () => {
    expect(await hears('connect', CLIENT.named, ...ENVELOPE)).to.deep.equal([
      '554 mx.example.org ESMTP not accepting connections',
      '250 mx.example.org',
      '554 5.7.1 <mx.example.net[192.0.2.10]>: Client host rejected: Access denied',
      NO_MAIL,
    ]);
  });

  it('keeps a 4xx of CONNECT for later', async () => {
    expect(await hears('connect', CLIENT.neighbour, ...ENVELOPE)).to.deep.equal([
      BANNER,
      '250 mx.example.org',
      '450 4.7.1 <unknown[192.0.2.99]>: Client host rejected: Access denied',
      NO_MAIL,
    ]);
  });

  it('drops whom 421 is said to', async () => {
    expect(await hears('drop', CLIENT.named, ENVELOPE[0]!)).to.deep.equal([
      '421 mx.example.org Service unavailable - try again later',
      '(connection closed)',
    ]);
  });

  it('keeps a refusal of HELO for MAIL, whatever HELO comes after it', async () => {
    expect(await hears('helo', CLIENT.named, 'HELO -x-', ...ENVELOPE.slice(1))).to.deep.equal([
      BANNER,
      '250 mx.example.org',
      '501 5.5.2 <-x->: Helo command rejected: Invalid name',
      NO_MAIL,
    ]);
    expect(await hears('helo', CLIENT.named, 'HELO -x-', ...ENVELOPE)).to.deep.equal([
      BANNER,
      '250 mx.example.org',
      '250 mx.example.org',
      '501 5.5.2 <-x->: Helo command rejected: Invalid name',
      NO_MAIL,
    ]);
  });

  it('says at MAIL what is said, and the next message is judged by itself', async () => {
    expect(
      await hears('mail', CLIENT.named, ENVELOPE[0]!, 'MAIL FROM:<alice>', ...ENVELOPE.slice(1)),
    ).to.deep.equal([
      BANNER,
      '250 mx.example.org',
      '504 5.5.2 <alice>: Sender address rejected: need fully-qualified address',
      '250 2.1.0 Ok',
      '250 2.1.5 Ok',
    ]);
  });
});
