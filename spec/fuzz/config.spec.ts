/** Whatever stands in the file, readConfig answers: with a configuration that holds, or with problems in its lines. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { stringify } from 'yaml';
import { parseListenAddress } from '../../lib/config/address.ts';
import { formatProblem } from '../../lib/yaml/problem.ts';
import { readConfig } from '../../lib/config/read-config.ts';
import { parseTranscript } from '../../lib/explain/transcript.ts';

const shipped = readFileSync(new URL('../../etc/postern.yaml', import.meta.url), 'utf8');

const transcripts = new URL('../transcripts/', import.meta.url);
/** Configurations that are right: the shipped one, and what the transcripts are played with. */
const RIGHT: readonly string[] = [
  shipped,
  ...readdirSync(transcripts)
    .filter((name) => name.endsWith('.smtp'))
    .map((name) => parseTranscript(readFileSync(new URL(name, transcripts), 'utf8')).config),
];

function holds(text: string): void {
  const loaded = readConfig(text, 'postern.yaml', { stateDirectory: '/var/lib/postern' });
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  const lines = text.split('\n').length;
  let before = { line: 1, column: 1 };
  for (const problem of problems) {
    expect(formatProblem(problem)).to.match(/^postern\.yaml:\d+:\d+: [^\p{Cc}\u2028\u2029]+$/u);
    expect(problem.line).to.be.within(1, lines);
    const { line, column } = before;
    expect(problem.line > line || (problem.line === line && problem.column >= column)).to.equal(true);
    before = problem;
  }
  const errors = problems.filter(({ severity }) => severity === 'error');
  expect(errors.length > 0).to.equal(!loaded.ok);
  if (!loaded.ok) return;
  const { listen, socketMode, greylist } = loaded.config;
  expect(listen).not.to.be.empty;
  expect(socketMode).to.be.within(1, 0o777);
  expect(greylist.delayMs).to.be.within(0, greylist.retryWindowMs - 1);
  expect(greylist.lifetimeMs).to.be.at.least(greylist.retryWindowMs);
  expect(greylist.ipv4Prefix).to.be.within(1, 32);
  expect(greylist.ipv6Prefix).to.be.within(1, 128);
}

/** The words of a line, as they stand between its blanks. */
function oneOf(...lines: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...lines.flatMap((line) => line.split(' ')));
}

const key = oneOf(
  'listen socket_mode socket_owner authserv_id mynetworks store on_store_failure greylist observe log',
  'delay retry_window lifetime ipv4_prefix ipv6_prefix null_sender level format',
  'spf lists key_files aliases helo_fail dnsbl_score sites reject permit policy cap << __proto__ constructor toString',
);
const word = fc.oneof(
  oneOf(
    'inet:8891 inet:[::1]:1 unix:/x fd:systemd [::1]/128 127.0.0.0/8 ::/0 0660 memory sqlite:x redis://x',
    '60 0 5m 40d 99w 1h30m -1 1e9 0x10 yes true null *a &a !b !!int " \' | > [ ] { } : - ? # , @ % \t',
  ),
  fc.constantFrom('\n', '\n  ', '\n\t', '\r\n', ' ', ': ', '- ', '? ', '# ', '---\n', '...\n', '%YAML 1.1\n'),
  fc.constantFrom('\ufeff', '\ufffd', '\0', '\u2028', '\u001b[31m'),
);
const tokens = fc.array(
  fc.oneof(
    word,
    key.map((name) => `\n${name}: `),
    fc.string({ maxLength: 4 }),
  ),
  {
    maxLength: 40,
  },
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string({ unit: 'binary' })),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(key, fc.string()), tie('tree')), { maxLength: 8 })
      .map((pairs) => new Map(pairs)),
  ),
}));

describe('readConfig', () => {
  it('answers any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), holds), { numRuns: 500 });
  });

  it('answers anything made of the signs of YAML and the words of the contract', () => {
    fc.assert(
      fc.property(tokens, (parts) => holds(parts.join(''))),
      { numRuns: 2000 },
    );
  });

  it('answers any tree of the keys of the contract', () => {
    fc.assert(
      fc.property(tree, (value) => holds(stringify(value))),
      { numRuns: 1000 },
    );
  });

  it('answers any configuration that is right with a few slips in it', () => {
    const slip = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      // A letter, a line, or half of it all is gone, or stands there twice.
      cut: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 80 }), fc.nat({ max: 2000 })),
      put: fc.oneof(fc.constant(''), word, key, fc.string({ maxLength: 3 })),
      twice: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...RIGHT),
        fc.array(slip, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('\n', '\r\n'),
        (right, slips, lineEnd) => {
          const slipped = slips.reduce((text, { at, cut, put, twice }) => {
            const from = Math.floor(at * text.length);
            const rest = twice ? text.slice(Math.max(0, from - cut)) : text.slice(from + cut);
            return text.slice(0, from) + put + rest;
          }, right);
          holds(slipped.replaceAll('\n', lineEnd));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('answers the shipped file with anything in the midst of it', () => {
    const place = fc.nat({ max: shipped.length });
    fc.assert(
      fc.property(place, fc.nat({ max: 30 }), fc.oneof(word, fc.string()), (at, cut, put) =>
        holds(shipped.slice(0, at) + put + shipped.slice(at + cut)),
      ),
      { numRuns: 500 },
    );
  });
});

describe('parseListenAddress', () => {
  it('answers any text, and what it understands it understands again', () => {
    const part = oneOf('inet inet6 unix local fd : @ [ ] ::1 / 8891 a');
    const written = fc.oneof(
      fc.string(),
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(written, (text) => {
        const address = parseListenAddress(text);
        if (address.kind !== 'tcp') return;
        const again = parseListenAddress(`inet:${address.port}@${address.host}`);
        expect(again).to.include({ kind: 'tcp', host: address.host, port: address.port });
      }),
      { numRuns: 2000 },
    );
  });
});
