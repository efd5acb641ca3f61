/** What clients of a real Sendmail see of refusals before RCPT: `decide_at` and `at:`. */

import { expect } from 'chai';
import { CLIENT, SERVER } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { Scene } from '../support/mta/scene.ts';
import { SmtpDialogue } from '../support/mta/smtp.ts';
import { Sendmail, SENDMAIL_PROGRAMS } from '../support/mta/sendmail.ts';

const POLICY = `policy:
  - { rule: "check_client_access inline:{192.0.2.99=REJECT}", at: connect }
  - { rule: reject_invalid_helo_hostname, at: helo }
  - { rule: reject_non_fqdn_sender, at: mail }
`;

describe('Before RCPT, Sendmail', function () {
  this.timeout(60_000);
  let scene: Scene;

  before(async function () {
    requires(this, 'Sendmail', SENDMAIL_PROGRAMS, 'run spec/support/mta/unpack-sendmail.sh');
    scene = await Scene.set((network, service) => Sendmail.start(network, service), POLICY);
  });
  // Not struck: `check` warns of such a policy, and so does the log.
  after(async () => {
    await scene?.server.stop();
    await scene?.service.stop();
    await scene?.network.close();
  });

  async function hears(client: string, ...lines: string[]): Promise<string[]> {
    const smtp = SmtpDialogue.over(scene.network.dial({ from: client, to: SERVER.ipv4, port: 25 }));
    const heard = [(await smtp.hears('')).slice(0, 3)];
    for (const line of lines) heard.push((await smtp.says(line, '')).split('\n').at(-1)!);
    smtp.hangsUp();
    return heard;
  }

  const HELLO = '250 mx.example.org Hello mx.example.net [192.0.2.10], pleased to meet you';

  it('says at MAIL what is said', async () => {
    expect(await hears(CLIENT.named, 'HELO mx.example.net', 'MAIL FROM:<alice@localhost>')).to.deep.equal([
      '220',
      HELLO,
      '504 5.5.2 <alice@localhost>: Sender address rejected: need fully-qualified address',
    ]);
  });

  it('keeps a refusal of HELO for MAIL', async () => {
    expect(await hears(CLIENT.named, 'HELO -x-', 'MAIL FROM:<alice@example.net>')).to.deep.equal([
      '220',
      HELLO,
      '501 5.5.2 <-x->: Helo command rejected: Invalid name',
    ]);
  });

  it('says at CONNECT no more than that it accepts no messages', async () => {
    expect(await hears(CLIENT.neighbour)).to.deep.equal(['554']);
  });
});
