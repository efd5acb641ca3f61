/** What senders see when a real Postfix asks Postern. */

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { headerField } from '../support/mta/mail-folder.ts';
import { Postfix, POSTFIX_PROGRAMS } from '../support/mta/postfix.ts';
import { OVER_TCP } from '../support/mta/mail-server.ts';
import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';
import { requires } from '../support/mta/requirements.ts';
import { Scene } from '../support/mta/scene.ts';
import { frontDoorSpecs } from './front-door.ts';
import { headerSpecs } from './headers.ts';

const GREYLISTED = '451 4.7.1 Greylisted, please try again in';

/** The README's own line, as an administrator pastes it; Postern listens on that port in the private network. */
const README_LINE = /smtpd_milters = (\{ inet:127\.0\.0\.1:8891,[^}]*\})/.exec(
  readFileSync(new URL('../../README.md', import.meta.url), 'utf8'),
)![1]!;

describe('Postfix with Postern', function () {
  this.timeout(60_000);
  let scene: Scene<Postfix>;

  before(async function () {
    requires(this, 'Postfix', POSTFIX_PROGRAMS, 'apt-get install postfix');
    scene = await Scene.set((network, service) =>
      Postfix.start(network, {
        milters: `{ unix:${service.unixSocket}, default_action=accept }`,
        services: {
          // Each port is named by the protocol version that is spoken behind it. Postfix knows no version 5.
          2: ['milter_protocol=2'],
          3: ['milter_protocol=3'],
          4: ['milter_protocol=4'],
          6: ['milter_protocol=6'],
          [OVER_TCP]: [`smtpd_milters=${README_LINE}`],
        },
      }),
    );
  });
  afterEach(() => scene.expectNoComplaints());
  after(() => scene?.strike());

  frontDoorSpecs(() => scene);
  headerSpecs(() => scene);

  for (const [what, goesOn] of [
    ['DATA', [['DATA', '451']]],
    ['BDAT', [['BDAT 3 LAST\r\na', '451']]],
    [
      'a message that nobody may have',
      [
        ['MAIL FROM:<alice@example.net>', '250'],
        ['RCPT TO:<new.bdat@example.org>', GREYLISTED],
        ['DATA', '451'],
      ],
    ],
  ] as const)
    it(`a client whose BDAT LAST is refused goes on with ${what}, and Postfix lives`, async () => {
      const smtp = await scene.session();
      await smtp.says('MAIL FROM:<>', '250');
      await smtp.says('RCPT TO:<bdat@example.org>', '250');
      await smtp.says('BDAT 3 LAST\r\na', '451');
      for (const [line, reply] of goesOn) await smtp.says(line, reply);
      await smtp.says('RSET', '250');
      await smtp.says('MAIL FROM:<alice@example.net>', '250');
      await smtp.says('RCPT TO:<after.bdat@example.org>', GREYLISTED);
      await smtp.quits();
    });

  it('a client that pipelines gets the same answers, in order', async () => {
    await scene.makesKnown('piped@example.org');
    const smtp = await scene.session();
    await smtp.pipelines(
      ['MAIL FROM:<alice@example.net>', '250'],
      ['RCPT TO:<piped@example.org>', '250'],
      ['RCPT TO:<unpiped@example.org>', GREYLISTED],
      ['DATA', '354'],
    );
    await smtp.endsMessage('pipelined');
    await smtp.pipelines(
      ['MAIL FROM:<alice@example.net>', '250'],
      ['RCPT TO:<nobody.piped@example.org>', GREYLISTED],
      ['DATA', '554 5.5.1'],
      ['RSET', '250'],
    );
    await smtp.quits();
    const deliveries = await scene.server.mail.arrives('pipelined');
    expect(deliveries.map(({ recipient }) => recipient)).to.deep.equal(['piped@example.org']);
  });

  it('who logs in with a password never waits', async function () {
    requires(this, 'SMTP AUTH', ['saslpasswd2'], 'apt-get install sasl2-bin libsasl2-modules');
    const smtp = await scene.session(CLIENT.unnamed);
    await smtp.says(`AUTH PLAIN ${btoa('\0tester@mx.example.org\0secret')}`, '235');
    await smtp.says('MAIL FROM:<tester@example.org>', '250');
    await smtp.says('RCPT TO:<colleague@example.org>', '250');
    await smtp.sendsMessage('with a password');
    await smtp.quits();
    await scene.server.mail.arrives('with a password');
  });

  it('nor does who logged in at the proxy before us (XCLIENT LOGIN)', async () => {
    const smtp = await scene.session();
    await smtp.says(`XCLIENT ADDR=${CLIENT.unnamed} LOGIN=tester`, '220');
    await smtp.says('EHLO phone.example.net', '250');
    await smtp.says('MAIL FROM:<tester@example.org>', '250');
    await smtp.says('RCPT TO:<other.colleague@example.org>', '250');
    await smtp.quits();
  });

  it('a client that XCLIENT names is judged instead of the proxy', async () => {
    const outside = await scene.session('127.0.0.1');
    await outside.says(`XCLIENT ADDR=${CLIENT.unnamed} NAME=[UNAVAILABLE]`, '220');
    await outside.says('EHLO mx.example.net', '250');
    await outside.says('MAIL FROM:<alice@example.net>', '250');
    await outside.says('RCPT TO:<proxied@example.org>', GREYLISTED);
    await outside.quits();
    const inside = await scene.session(CLIENT.named);
    await inside.says(`XCLIENT ADDR=${OWN_CLIENT}`, '220');
    await inside.says('EHLO desk.example.org', '250');
    await inside.says('MAIL FROM:<alice@example.net>', '250');
    await inside.says('RCPT TO:<proxied@example.org>', '250');
    await inside.quits();
  });

  it('mail from a program on this machine is never deferred', async () => {
    await scene.server.submits('cron@example.com', 'root@example.org', 'from cron');
    const [delivery] = await scene.server.mail.arrives('from cron');
    expect(headerField(delivery!.text, 'X-Greylist')).to.equal(undefined);
    // Not because nobody asked: through non_smtpd_milters.
    const line = await scene.service.logs('the recipient', ({ to }) => to === 'root@example.org');
    expect(line).to.include({
      client: 'local',
      from: 'cron@example.com',
      verdict: 'accept',
      reason: 'not received over SMTP',
    });
  });

  it('a bounce of our own is never deferred', async () => {
    await scene.server.submits('author@example.org', 'nobody@bounce.example.org', 'to nobody');
    const [bounce] = await scene.server.mail.arrives('Undelivered Mail Returned to Sender');
    expect(bounce!.recipient).to.equal('author@example.org');
    const line = await scene.service.logs('the recipient', ({ to }) => to === 'author@example.org');
    expect(line).to.include({
      client: 'local',
      from: '',
      verdict: 'accept',
      reason: 'not received over SMTP',
    });
  });

  it('mail of a stranger that was let in is not asked about again when it is queued anew', async () => {
    await scene.makesKnown('held@example.org');
    const smtp = await scene.session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<held@example.org>', '250');
    await smtp.sendsMessage('held, then queued anew');
    await smtp.quits();
    expect(scene.server.mail.holds('held, then queued anew')).to.deep.equal([]);
    await scene.server.requeuesAll();
    await scene.server.mail.arrives('held, then queued anew');
  });

  for (const version of [2, 3, 4, 6]) {
    it(`a sender is delayed and then let in through milter protocol ${version}`, async () => {
      const recipient = `version${version}@example.org`;
      const smtp = await scene.session(CLIENT.named, version);
      await smtp.says('MAIL FROM:<alice@example.net>', '250');
      await smtp.says(`RCPT TO:<${recipient}>`, GREYLISTED);
      await smtp.says('RSET', '250');
      await smtp.retries(['MAIL FROM:<alice@example.net>', `RCPT TO:<${recipient}>`], '250');
      await smtp.sendsMessage(`version ${version}`);
      await smtp.quits();
      const [delivery] = await scene.server.mail.arrives(`version ${version}`);
      expect(headerField(delivery!.text, 'X-Greylist')).to.match(/^delayed /);
    });

    it(`the null sender is delayed, but not at RCPT, through milter protocol ${version}`, async () => {
      const smtp = await scene.session(CLIENT.named, version);
      await smtp.says('MAIL FROM:<>', '250');
      await smtp.says(`RCPT TO:<null${version}@example.org>`, '250');
      // Before version 4 a filter hears nothing of DATA, and can refuse only when the message has come.
      if (version < 4) await smtp.sendsMessage(`null ${version}`, GREYLISTED);
      else await smtp.says('DATA', GREYLISTED);
      await smtp.quits();
    });
  }
});
