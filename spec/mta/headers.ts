/** Owns what becomes of the header of a message on its way through: both MTAs' specs run all of this. */

import { expect } from 'chai';
import { headerFields } from '../support/mta/mail-folder.ts';
import { OVER_TCP } from '../support/mta/mail-server.ts';
import { CLIENT, OWN_CLIENT } from '../support/mta/private-network.ts';
import type { Scene } from '../support/mta/scene.ts';

/** As a stranger might write them: with what goes, and what others have said. */
const FORGED = [
  'Received: from a.example.com by relay.example.net; Sat, 21 Nov 2026 10:00:00 +0000',
  'Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=first.example',
  'Authentication-Results: relay.example.net; dkim=pass header.d=second.example',
  'authentication-results: MX.example.org 1; dkim=pass header.d=third.example',
  'Authentication-Results:\r\n\t(a (nested)\r\n comment) mx.example.org\r\n ; dmarc=pass header.from=fourth.example',
  'X-Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=fifth.example',
  'Authentication-Results: "mx.example.org"; spf=pass smtp.mailfrom=sixth.example',
  'Authentication-Results : mx.example.org; spf=pass smtp.mailfrom=seventh.example',
  'Authentication-Results: relay.example.net; spf=pass smtp.mailfrom=eighth.example',
  'AUTHENTICATION-RESULTS: mx.example.org spf=pass smtp.mailfrom=ninth.example',
  'X-Dnsbl-Result: mx.example.org; ip=192.0.2.10; zen.spamhaus.org=none',
  'X-Greylist: delayed 300 seconds by postern at mx.example.org; Sat, 21 Nov 2026 10:00:00 +0000',
  'Received-SPF: pass (mx.example.org: tenth.example) receiver=mx.example.org',
  'X-Greylist: again',
  'ARC-Authentication-Results: i=1; mx.example.org; spf=pass smtp.mailfrom=eleventh.example',
  'Authentication-Results: relay.example.net; auth=pass smtp.auth=twelfth',
];

const KEPT = [
  'Received: from a.example.com by relay.example.net; Sat, 21 Nov 2026 10:00:00 +0000',
  'Authentication-Results: relay.example.net; dkim=pass header.d=second.example',
  'X-Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=fifth.example',
  'Authentication-Results: relay.example.net; spf=pass smtp.mailfrom=eighth.example',
  'Authentication-Results: relay.example.net; auth=pass smtp.auth=twelfth',
];

export function headerSpecs(scene: () => Scene): void {
  const delivered = async (subject: string): Promise<string[]> => {
    const [delivery] = await scene().server.mail.arrives(subject);
    // When and by which program, each server says in its own way.
    return headerFields(delivery!.text).map((line) =>
      line
        .replace(/^Received: .* by mx\.example\.org .*/, 'Received: here')
        .replace(/; \w{3}, \d.* \+0000$/, ''),
    );
  };
  const undated = (line: string): string => line.replace(/; \w{3}, \d.* \+0000$/, '');

  for (const [through, port] of [
    ['a unix socket', undefined],
    ['TCP', OVER_TCP],
  ] as const)
    it(`what only we may say is ours, above the server's own line; what others said stays (${through})`, async () => {
      const subject = `forged over ${through}`;
      const recipient = `forged${port ?? ''}@example.org`;
      const smtp = await scene().session(CLIENT.named, port);
      await smtp.retries(['MAIL FROM:<alice@example.net>', `RCPT TO:<${recipient}>`], '250');
      await smtp.sendsMessage(subject, '250', FORGED);
      await smtp.quits();
      const fields = await delivered(subject);
      const [ours, greylisted, here, ...rest] = fields;
      expect([ours, here]).to.deep.equal([
        'Authentication-Results: mx.example.org; iprev=pass policy.iprev=192.0.2.10 (mx.example.net)',
        'Received: here',
      ]);
      expect(greylisted).to.match(/^X-Greylist: delayed [1-9]\d* seconds by postern at mx\.example\.org$/);
      expect(rest).to.deep.equal(KEPT.map(undated));
    });

  it('every message of a session loses its own', async () => {
    await scene().makesKnown('twice@example.org');
    const smtp = await scene().session();
    for (const [subject, header] of [
      ['one with', FORGED.slice(0, 3)],
      ['one without', [KEPT[0]!]],
    ] as const) {
      await smtp.says('MAIL FROM:<alice@example.net>', '250');
      await smtp.says('RCPT TO:<twice@example.org>', '250');
      await smtp.sendsMessage(subject, '250', header);
    }
    await smtp.quits();
    expect((await delivered('one with')).slice(2)).to.deep.equal(KEPT.slice(0, 2).map(undated));
    expect((await delivered('one without')).slice(2)).to.deep.equal(KEPT.slice(0, 1).map(undated));
  });

  it('mail of our own machines is left as it is', async () => {
    const smtp = await scene().session(OWN_CLIENT);
    await smtp.says('MAIL FROM:<alice@example.net>', '250');
    await smtp.says('RCPT TO:<boss@example.org>', '250');
    await smtp.sendsMessage('filtered already', '250', FORGED.slice(0, 3));
    await smtp.quits();
    expect((await delivered('filtered already')).slice(1)).to.deep.equal(FORGED.slice(0, 3).map(undated));
  });

  it('a flood of forgeries is refused, and a thousand are removed', async () => {
    await scene().makesKnown('flooded@example.org');
    const smtp = await scene().session();
    for (const [count, answer] of [
      [1001, '554 5.7.1 Too many forged header fields'],
      [1000, '250'],
    ] as const) {
      await smtp.says('MAIL FROM:<alice@example.net>', '250');
      await smtp.says('RCPT TO:<flooded@example.org>', '250');
      await smtp.sendsMessage(
        'a flood',
        answer,
        Array.from({ length: count }, () => 'X-Greylist: x'),
      );
    }
    await smtp.quits();
    expect(await delivered('a flood')).to.have.length(2);
    expect(scene().service.faults()).to.have.length(1);
  });
}
