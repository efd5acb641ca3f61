/** Owns the examination of the MTA: Postfix where it is set up, else Sendmail. */

import { existsSync } from 'node:fs';
import { listening } from './listener.ts';
import { note, type Diagnosis } from './diagnosis.ts';
import type { Examination } from './examination.ts';
import { ofMilters } from './postfix-milters.ts';
import { ofNetworks } from './postfix-networks.ts';
import { ofName } from './postfix-name.ts';
import { ofRestrictions } from './postfix-restrictions.ts';
import { readPostfix } from './postfix-settings.ts';
import { ofSendmail } from './sendmail.ts';

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
      ];
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
