/** What senders see when a real Sendmail asks Postern. */

import { expect } from 'chai';
import { Scene } from '../support/mta/scene.ts';
import { requires } from '../support/mta/requirements.ts';
import { Sendmail, SENDMAIL_PROGRAMS } from '../support/mta/sendmail.ts';
import { frontDoorSpecs } from './front-door.ts';
import { headerSpecs } from './headers.ts';

describe('Sendmail with Postern', function () {
  this.timeout(60_000);
  let scene: Scene<Sendmail>;

  before(async function () {
    requires(this, 'Sendmail', SENDMAIL_PROGRAMS, 'run spec/support/mta/unpack-sendmail.sh');
    scene = await Scene.set((network, service) => Sendmail.start(network, service));
  });
  afterEach(() => scene.expectNoComplaints());
  after(() => scene?.strike());

  frontDoorSpecs(() => scene);
  headerSpecs(() => scene);

  it('a program on this machine that speaks SMTP to sendmail -bs never waits', async () => {
    const smtp = await scene.server.connectLocally();
    await smtp.says('EHLO localhost', '250');
    await smtp.says('MAIL FROM:<cron@example.org>', '250');
    await smtp.says('RCPT TO:<root@example.org>', '250');
    await smtp.sendsMessage('from cron');
    await smtp.quits();
    await scene.server.mail.arrives('from cron');
    const line = await scene.service.logs('the recipient', ({ to }) => to === 'root@example.org');
    expect(line).to.include({
      client: 'local',
      from: 'cron@example.org',
      verdict: 'accept',
      reason: 'not received over SMTP',
    });
  });
});
