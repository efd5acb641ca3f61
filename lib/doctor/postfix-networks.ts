/** Owns what is to be said of mynetworks: who is at home in Postfix, and a stranger to Postern. */

import { networkOf, parseNetwork, subnetworks, type Network } from '../mail/network.ts';
import { note, ok, warning, type Diagnosis } from './diagnosis.ts';
import type { PostfixSettings } from './postfix-settings.ts';

/** What stands for `localhost`: a Postfix without IPv6 does not name all of it. */
const LOOPBACK = ['127.0.0.0/8', '::1'].map((text) => parseNetwork(text)!);

export function ofNetworks(
  { get }: PostfixSettings,
  ours: readonly Network[],
  configFile: string,
): Diagnosis[] {
  const words = (get('mynetworks') ?? '').split(/[\s,]+/).filter((word) => word !== '');
  if (words.length === 0)
    return [
      note(
        "what Postfix's mynetworks are is not known here: compare with mynetworks of postern.yaml",
        'postconf mynetworks',
      ),
    ];
  const theirs: Network[] = [];
  const excluded: Network[] = [];
  const unread: string[] = [];
  for (const word of words) {
    const network = parseNetwork(word.replace(/^!/, ''));
    if (network === null) unread.push(word);
    else (word.startsWith('!') ? excluded : theirs).push(network);
  }
  const whole = theirs.filter((network) => !excluded.some((each) => contains(network, each)));
  const lacking = whole.filter((network) => !isCovered(network, [...ours, ...LOOPBACK]));
  // With parts that can't be compared, nobody knows what they have besides.
  const known = excluded.length === 0 && unread.length === 0;
  const more = known ? ours.filter((network) => !isCovered(network, [...theirs, ...LOOPBACK])) : [];
  const found = [
    ...(lacking.length === 0
      ? []
      : [
          warning(
            `mynetworks of Postfix has ${texts(lacking)}, and ours has not: these machines are greylisted and judged as strangers`,
            `in ${configFile} write: mynetworks: [${[...ours, ...lacking].map(yaml).join(', ')}]`,
            'postern reload',
          ),
        ]),
    ...(more.length === 0
      ? []
      : [
          note(
            `mynetworks of postern.yaml has ${texts(more)}, and Postfix's has not: nothing that comes from there is judged`,
          ),
        ]),
    ...(unread.length === 0
      ? []
      : [note(`mynetworks of Postfix names ${unread.join(', ')}, which was not compared with ours`)]),
  ];
  return found.length === 0 ? [ok("mynetworks are Postfix's")] : found;
}

function contains(outer: Network, inner: Network): boolean {
  return (
    outer.address.family === inner.address.family &&
    outer.prefix <= inner.prefix &&
    networkOf(outer.address, outer.prefix) === networkOf(inner.address, outer.prefix)
  );
}

/** By one of them, or by several together: `192.0.2.0/24` by its two /25. */
function isCovered(network: Network, by: readonly Network[]): boolean {
  if (by.some((each) => contains(each, network))) return true;
  const within = by.filter((each) => contains(network, each));
  if (within.length === 0) return false;
  return [...subnetworks(network, network.prefix + 1)].every((half) =>
    isCovered(parseNetwork(half)!, within),
  );
}

function texts(networks: readonly Network[]): string {
  return networks.map(text).join(', ');
}

function text({ address, prefix }: Network): string {
  return networkOf(address, prefix);
}

function yaml(network: Network): string {
  const written = text(network);
  return written.includes(':') ? `"[${written.replace('/', ']/')}"` : written;
}
