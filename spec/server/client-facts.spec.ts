import { expect } from 'chai';
import { clientFacts } from '../../lib/server/client-facts.ts';
import type { Connect } from '../../lib/server/client-facts.ts';

const facts = (connect: Partial<Connect>, macros: Record<string, string>) =>
  clientFacts(
    { host: 'mx.example.net', family: 'ipv4', address: '192.0.2.10', ...connect },
    { macro: (name) => macros[name] ?? null },
  );

describe('The client', () => {
  it('has the name that Postfix has confirmed', () => {
    const client = facts({}, { '{client_resolve}': 'OK', '{client_ptr}': 'MX.example.net' });
    expect(client).to.include({
      name: 'mx.example.net',
      ptr: 'mx.example.net',
      resolve: 'ok',
      submitted: false,
    });
    expect(client.address?.text).to.equal('192.0.2.10');
  });

  it('has no name but a PTR if its name points elsewhere', () => {
    const client = facts(
      { host: '[192.0.2.10]' },
      { '{client_resolve}': 'FORGED', '{client_ptr}': 'fake.example.net' },
    );
    expect(client).to.include({ name: null, ptr: 'fake.example.net', resolve: 'forged' });
  });

  for (const host of ['unknown', 'UNKNOWN', '[192.0.2.10]', '']) {
    it(`has no name if the MTA calls it ${JSON.stringify(host)}`, () => {
      expect(facts({ host }, {}).name).to.equal(null);
    });
  }

  it('is not believed to have a name that is called forged', () => {
    expect(facts({ host: 'bank.example.com' }, { '{client_resolve}': 'FORGED' }).name).to.equal(null);
  });

  it('has the same address whoever writes it: Postfix or Sendmail', () => {
    const sendmail = facts({ family: 'ipv6', address: 'IPv6:2001:db8:0:0:0:0:0:10' }, {});
    const postfix = facts({ family: 'ipv6', address: '2001:db8::10' }, {});
    expect(sendmail.address).to.deep.equal(postfix.address);
  });

  it('has no address if the MTA gives none, or one that is none', () => {
    expect(facts({ family: 'unknown', address: null }, {}).address).to.equal(null);
    expect(facts({ address: 'not an address' }, {}).address).to.equal(null);
  });

  it('is a program on this machine if the queue id is there before any name was looked up (cleanup)', () => {
    expect(facts({}, { i: '4Xyz', '{client_ptr}': 'localhost' }).submitted).to.equal(true);
    expect(facts({}, { i: '4Xyz', '{client_resolve}': 'OK' }).submitted).to.equal(false);
    expect(facts({}, {}).submitted).to.equal(false);
  });

  it('is a program on this machine if it came by a unix socket', () => {
    expect(facts({ family: 'unix', address: '/run/x' }, {})).to.include({ submitted: true, address: null });
  });
});
