/** Owns the key `listen`: one address or several, none of them twice. */

import { boundTo, parseListenAddress, type ListenAddress } from './address.ts';
import type { Place } from '../yaml/place.ts';
import { list, type Reader } from '../yaml/value.ts';

const addresses = list<{ address: ListenAddress; place: Place }>(
  { type: 'string', pattern: '^(inet6?|unix|local|fd):' },
  'inet:8891@127.0.0.1',
  (text, place) => {
    const address = parseListenAddress(text);
    if (address.kind !== 'wrong') return [{ address, place }];
    place.error(address.what, address.instead);
    return null;
  },
);

export const listen: Reader<readonly ListenAddress[]> = {
  schema: addresses.schema,
  read(place) {
    const read = addresses.read(place);
    if (read?.length === 0) place.error('the list is empty', 'write an address such as inet:8891@127.0.0.1');
    const bound = new Map<string, string>();
    for (const { address, place } of read ?? []) {
      const socket = boundTo(address);
      const first = socket === null ? undefined : bound.get(socket);
      if (first !== undefined)
        place.error(`${address.written} and ${first} are the same`, 'remove one of them');
      else if (socket !== null) bound.set(socket, address.written);
      if (/^inet6?:\d+$/.test(address.written)) everyone(address.written, place);
    }
    return read?.map(({ address }) => address) ?? null;
  },
};

/** libmilter's short form has surprised people: a milter asks nobody for a password. */
function everyone(written: string, place: Place): void {
  const loopback = written.startsWith('inet6') ? '::1' : '127.0.0.1';
  const any = written.startsWith('inet6') ? '::' : '0.0.0.0';
  place.warning(
    `${written} listens on every address of this machine`,
    `write ${written}@${loopback}, or ${written}@${any} if that is what you want`,
  );
}
