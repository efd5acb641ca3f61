/** What the doctor says of the MX hosts of our domains. */

import { expect } from 'chai';
import { zoneResolver } from '../../lib/dns/zone-resolver.ts';
import { lookAt } from '../../lib/doctor/relays.ts';
import { findings, patientIn } from '../support/patient.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ZONE = [
  'example.org. MX 10 mx.example.org.',
  'example.org. MX 20 backup.example.net.',
  'example.com. MX 20 backup.example.net.',
  'mx.example.org. A 203.0.113.25',
  'backup.example.net. A 192.0.2.25',
  'backup.example.net. AAAA 2001:db8::25',
];

describe('The doctor looks at the MX hosts of local_domains', () => {
  const folder = temporaryFolder();
  const found = (config: string): Promise<string[]> =>
    findings(
      {
        name: 'relays',
        look: (patient, signal) => lookAt(patient, zoneResolver(ZONE), ['203.0.113.25'], signal),
      },
      patientIn(folder(), { config }),
    );
  const DOMAINS = 'local_domains: [example.org, example.com, .example.net]';

  it('and notes, once, who is neither this machine nor trusted', async () => {
    expect(await found(DOMAINS)).to.deep.equal([
      `note backup.example.net is an MX of example.org, and neither this machine nor in trusted_relays: what it hands on to us would be judged as its own, refused and delayed; type: in ${folder()}/postern.yaml write, if it is not this machine: trusted_relays: [192.0.2.25, "2001:db8::25"]`,
    ]);
  });

  it('and is content where each is', async () => {
    expect(await found(`${DOMAINS}\ntrusted_relays: [192.0.2.25]`)).to.deep.equal([
      'ok each MX of local_domains is this machine or a trusted relay',
    ]);
  });

  it('and says nothing where there is none', async () => {
    expect(await found('')).to.deep.equal([]);
    expect(await found('local_domains: [nowhere.example]')).to.deep.equal([]);
  });
});
