/** Owns what every sender sees at the front door, whichever mail server opens it: both MTAs' specs run all of this. */

import { expect } from 'chai';
import { eventually } from '../support/mta/eventually.ts';
import { headerField } from '../support/mta/mail-folder.ts';
import { OVER_TCP } from '../support/mta/mail-server.ts';
import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';
import type { Scene } from '../support/mta/scene.ts';

const GREYLISTED = '451 4.7.1 Greylisted, please try again in';

export function frontDoorSpecs(scene: () => Scene): void {
  it('a stranger is asked to come back', async () => {
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<stranger@example.org>', GREYLISTED);
    await smtp.quits();
    const line = await scene().service.logs('the recipient', ({ to }) => to === 'stranger@example.org');
    expect(line).to.include({ event: 'recipient', verdict: 'tempfail', from: 'alice@example.net' });
    expect(line['client']).to.equal('mx.example.net[192.0.2.10]');
  });

  it('who comes back after the delay is let in, and his message says how long that took', async () => {
    const smtp = await scene().session(CLIENT.unnamed);
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<patient@example.org>', GREYLISTED);
    await smtp.quits();
    const again = await scene().session(CLIENT.unnamed);
    await again.retries(['MAIL FROM:<alice@example.net>', 'RCPT TO:<patient@example.org>'], '250');
    await again.sendsMessage('came back');
    await again.quits();
    const [delivery] = await scene().server.mail.arrives('came back');
    expect(headerField(delivery!.text, 'X-Greylist')).to.match(
      /^delayed [1-9]\d* seconds by postern at mx\.example\.org; \w{3}, /,
    );
    expect(delivery!.text.indexOf('X-Greylist:')).to.be.lessThan(delivery!.text.indexOf('\nReceived:'));
  });

  it('who is known by then is let in at once, without the header', async () => {
    await scene().makesKnown('friend@example.org');
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<friend@example.org>', '250');
    await smtp.sendsMessage('known already');
    await smtp.quits();
    const [delivery] = await scene().server.mail.arrives('known already');
    expect(headerField(delivery!.text, 'X-Greylist')).to.equal(undefined);
  });

  it('a provider may come back from another address of its network', async () => {
    await scene().makesKnown('pool@example.org', CLIENT.named);
    const smtp = await scene().session(CLIENT.neighbour);
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<pool@example.org>', '250');
    await smtp.quits();
    const stranger = await scene().session(CLIENT.unnamed);
    await stranger.says('MAIL FROM:<alice@example.net>', '250');
    await stranger.says('RCPT TO:<pool@example.org>', GREYLISTED);
    await stranger.quits();
  });

  it('every recipient of a message gets his own answer', async () => {
    await scene().makesKnown('one@example.org');
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<one@example.org>', '250');
    await smtp.says('RCPT TO:<two@example.org>', GREYLISTED);
    await smtp.says('RCPT TO:<postmaster@example.org>', '250');
    await smtp.sendsMessage('to some');
    await smtp.quits();
    const deliveries = await scene().server.mail.arrives('to some', 2);
    expect(deliveries.map(({ recipient }) => recipient)).to.deep.equal([
      'one@example.org',
      'postmaster@example.org',
    ]);
    const { session, queue } = await scene().service.logs('the message', (line) => line['recipients'] === 2);
    expect(deliveries[0]!.text).to.contain(String(queue));
    const told = scene()
      .service.log()
      .filter((line) => line['session'] === session && 'to' in line);
    const accepted = { verdict: 'accept', queue };
    expect(told.map(({ to }) => to)).to.have.members([
      'one@example.org',
      'postmaster@example.org',
      'two@example.org',
    ]);
    for (const line of told)
      expect(line).to.include(line['to'] === 'two@example.org' ? { verdict: 'tempfail' } : accepted);
  });

  it('RSET forgets the message, and the next one is judged by its own sender', async () => {
    await scene().makesKnown('reset@example.org');
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<reset@example.org>', '250');
    await smtp.says('RSET', '250');
    await smtp.says('MAIL FROM:<carol@example.net>', '250');
    await smtp.says('RCPT TO:<reset@example.org>', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<reset@example.org>', '250');
    await smtp.sendsMessage('after RSET');
    await smtp.quits();
    await scene().server.mail.arrives('after RSET');
  });

  it('two messages in one session are judged each for itself', async () => {
    await scene().makesKnown('first@example.org');
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<first@example.org>', '250');
    await smtp.sendsMessage('first of two');
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<second@example.org>', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.retries(['MAIL FROM:<alice@example.net>', 'RCPT TO:<second@example.org>'], '250');
    await smtp.sendsMessage('second of two');
    await smtp.quits();
    const [first] = await scene().server.mail.arrives('first of two');
    expect(headerField(first!.text, 'X-Greylist')).to.equal(undefined);
    const [second] = await scene().server.mail.arrives('second of two');
    expect(headerField(second!.text, 'X-Greylist')).to.match(/^delayed /);
  });

  it('STARTTLS begins the session anew, and the wait goes on', async () => {
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<secret@example.org>', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.startsTls();
    await smtp.says('EHLO tls.example.net', '250');
    await smtp.retries(['MAIL FROM:<alice@example.net>', 'RCPT TO:<secret@example.org>'], '250');
    await smtp.sendsMessage('through TLS');
    await smtp.quits();
    await scene().server.mail.arrives('through TLS');
    await scene().service.logs(
      'the second EHLO',
      ({ to, helo, verdict }) =>
        [to, helo, verdict].join(' ') === 'secret@example.org tls.example.net accept',
    );
  });

  it('a client with IPv6 waits like any other', async () => {
    const smtp = await scene().session(CLIENT.ipv6);
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<six@example.org>', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.retries(['MAIL FROM:<alice@example.net>', 'RCPT TO:<six@example.org>'], '250');
    await smtp.sendsMessage('over IPv6');
    await smtp.quits();
    const [delivery] = await scene().server.mail.arrives('over IPv6');
    expect(headerField(delivery!.text, 'X-Greylist')).to.match(/^delayed /);
    const line = await scene().service.logs('the client', ({ to }) => to === 'six@example.org');
    expect(line['client']).to.equal('mx6.example.net[2001:db8::10]');
  });

  it('over TCP the filter answers like over its unix socket', async () => {
    const smtp = await scene().session(CLIENT.named, OVER_TCP);
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<tcp@example.org>', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.retries(['MAIL FROM:<alice@example.net>', 'RCPT TO:<tcp@example.org>'], '250');
    await smtp.sendsMessage('asked over TCP');
    await smtp.quits();
    const [delivery] = await scene().server.mail.arrives('asked over TCP');
    expect(headerField(delivery!.text, 'X-Greylist')).to.match(/^delayed /);
  });

  it('the null sender is not refused at RCPT, where a callout would give up, but at DATA', async () => {
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<>', '250');
    await smtp.says('RCPT TO:<bounced@example.org>', '250');
    await smtp.says('DATA', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.retries(['MAIL FROM:<>', 'RCPT TO:<bounced@example.org>', 'DATA'], '354');
    await smtp.endsMessage('a bounce');
    await smtp.quits();
    await scene().server.mail.arrives('a bounce');
    const told = scene()
      .service.log()
      .filter(({ to }) => to === 'bounced@example.org');
    expect(told.map(({ stage }) => stage)).to.deep.equal(told.map(() => 'data'));
    expect([told[0], told.at(-1)].map((line) => line?.['verdict'])).to.deep.equal(['tempfail', 'accept']);
  });

  it('who was refused at DATA may go on with the same message, and is asked about all the same', async () => {
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<>', '250');
    await smtp.says('RCPT TO:<stubborn@example.org>', '250');
    await smtp.says('DATA', GREYLISTED);
    await smtp.says('DATA', GREYLISTED);
    await smtp.says('RCPT TO:<more.stubborn@example.org>', '250');
    await smtp.says('DATA', GREYLISTED);
    await smtp.says('RSET', '250');
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<stubborn@example.org>', GREYLISTED);
    await smtp.quits();
    const told = await eventually('five lines', () => {
      const lines = scene()
        .service.log()
        .filter(({ to }) => String(to).endsWith('stubborn@example.org'));
      return lines.length >= 5 && lines;
    });
    expect(told.map(({ to, verdict, stage }) => [to, verdict, stage].join(' '))).to.deep.equal([
      'stubborn@example.org tempfail data',
      'stubborn@example.org tempfail data',
      'stubborn@example.org tempfail data',
      'more.stubborn@example.org tempfail data',
      'stubborn@example.org tempfail ',
    ]);
  });

  it('a machine of mynetworks never waits', async () => {
    const smtp = await scene().session(OWN_CLIENT);
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<boss@example.org>', '250');
    await smtp.sendsMessage('from inside');
    await smtp.quits();
    await scene().server.mail.arrives('from inside');
  });

  it('mail goes on when the filter is killed in mid-session, and what it promised still holds', async () => {
    const smtp = await scene().session();
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<survivor@example.org>', GREYLISTED);
    await scene().service.kill9();
    await smtp.says('RCPT TO:<bystander@example.org>', '250');
    await smtp.sendsMessage('nobody at the door');
    await smtp.quits();
    await scene().server.mail.arrives('nobody at the door');
    // Here the mail server has reason to complain.
    await eventually('its complaint', () => scene().network.log.complaints().length > 0);
    await scene().service.start();
    const again = await scene().session();
    await again.retries(['MAIL FROM:<alice@example.net>', 'RCPT TO:<survivor@example.org>'], '250');
    await again.sendsMessage('kept its promise');
    await again.quits();
    const [delivery] = await scene().server.mail.arrives('kept its promise');
    expect(headerField(delivery!.text, 'X-Greylist')).to.match(/^delayed /);
  });
}
