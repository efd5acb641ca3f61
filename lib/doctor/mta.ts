/** Owns the examination of the MTA: Postfix where it is set up, else Sendmail. */

import { existsSync } from 'node:fs';
import { quotedPath } from '../shell-path.ts';
import { listening } from './listener.ts';
import { note, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import { ofMilters } from './postfix-milters.ts';
import { ofNetworks } from './postfix-networks.ts';
import { ofName } from './postfix-name.ts';
import { ofRestrictions } from './postfix-restrictions.ts';
import { readPostfix } from './postfix-settings.ts';
import { ofSendmail } from './sendmail.ts';

/** Where its commands look by themselves (postconf -d config_directory). */
const DEFAULT_DIRECTORY = '/etc/postfix';

export const mta: Examination = {
  name: 'mta',
  async look(patient, signal): Promise<readonly Diagnosis[]> {
    const { places, programs, config } = patient;
    const ours = listening(patient);
    const postfix = await readPostfix(places.postfix, programs, signal);
    if (postfix !== null) {
      const unasked =
        postfix.unasked === null
          ? []
          : [
              note(
                `main.cf and master.cf of ${places.postfix} were read without postconf: ${postfix.unasked}`,
              ),
            ];
      return [
        ...unasked,
        ...ofMilters(postfix, ours),
        ...ofNetworks(postfix, config.mynetworks, patient.configFile),
        ...ofName(postfix, config.authservId, patient.configFile),
        ...ofRestrictions(postfix),
      ].map((each) => forInstance(postfix.directory, each));
    }
    if (existsSync(places.sendmailCf)) return ofSendmail(places.sendmailCf, ours);
    return [
      note(
        `there is neither ${places.postfix}/main.cf nor ${places.sendmailCf}: whether an MTA asks Postern can't be told`,
        'postern doctor --postfix DIRECTORY',
      ),
    ];
  },
};

/** Of several Postfixes on a machine another would be changed. */
function forInstance(directory: string, diagnosis: Diagnosis): Diagnosis {
  if (directory === DEFAULT_DIRECTORY) return diagnosis;
  const named = `$1 -c ${quotedPath(directory)} `;
  return { ...diagnosis, cure: diagnosis.cure.map((line) => line.replace(/^(postconf|postfix) /, named)) };
}
