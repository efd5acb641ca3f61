/** That the doctor always comes to an end, and how his findings are laid out. */

import { expect } from 'chai';
import { doctorText } from '../../lib/cli/doctor-text.ts';
import { advice, note, ok, problem, warning } from '../../lib/doctor/diagnosis.ts';
import { examine } from '../../lib/doctor/examination.ts';
import { patientIn } from '../support/patient.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('An examination', () => {
  const folder = temporaryFolder();

  it('that throws or never ends is a note, and the others are heard', async () => {
    let aborted = false;
    const examined = await examine(
      patientIn(folder()),
      [
        {
          name: 'throws',
          look: () => {
            throw new Error('a bug');
          },
        },
        {
          name: 'never ends',
          look: (_, signal) => new Promise(() => signal.addEventListener('abort', () => (aborted = true))),
        },
        { name: 'is well', look: () => [ok('all is well')] },
      ],
      20,
    );
    expect(examined).to.deep.equal([
      { name: 'throws', found: [note('this could not be looked at: a bug')] },
      { name: 'never ends', found: [note('this could not be looked at: it took longer than 0.02 s')] },
      { name: 'is well', found: [ok('all is well')] },
    ]);
    expect(aborted).to.equal(true);
  });

  it('is laid out with what to type below what was seen', () => {
    const cure = ["postconf -e 'a = b'", 'postfix reload'];
    const text = doctorText([
      {
        name: 'mta',
        found: [ok('it is there'), warning('it is last', ...cure), warning('it is old', ...cure)],
      },
      {
        name: 'resolver',
        found: [
          problem('it is shared', 'apt-get install a', 'in line 7 of /p.yaml write: b', 'postern reload'),
          warning('it is out', advice(`wait ${'long '.repeat(20)}and look again`)),
          warning('so is it', advice(`wait ${'long '.repeat(20)}and look again`)),
        ],
      },
      { name: 'clock', found: [note(`${'a long story '.repeat(12)}\u001b[31m`)] },
    ]);
    expect(text).to.equal(`mta
  ok       it is there
  warning  it is last
           type: postconf -e 'a = b'
                 postfix reload
  warning  it is old
           type: as above

resolver
  problem  it is shared
           type: apt-get install a
           do:   in line 7 of /p.yaml write: b
           type: postern reload
  warning  it is out
           do:   wait long long long long long long long long long long long long long long long
                   long long long long long and look again
  warning  so is it
           do:   as above

clock
  note     a long story a long story a long story a long story a long story a long story a long
             story a long story a long story a long story a long story a long story ?[31m

1 problem, 4 warnings, 1 note
`);
  });

  for (const [what, found, said] of [
    ['nothing', [ok('a')], 'all is well'],
    ['a note', [note('a')], 'all is well (1 note)'],
    ['a problem', [problem('a')], '1 problem, 0 warnings, 0 notes'],
  ] as const)
    it(`counts ${what}`, () => {
      expect(
        doctorText([{ name: 'x', found }])
          .trim()
          .split('\n')
          .at(-1),
      ).to.equal(said);
    });
});
