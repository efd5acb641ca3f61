/** Owns what this machine is called and where it is: what a client from elsewhere has no right to call itself. */

import { hostname, networkInterfaces } from 'node:os';
import type { Own } from '../checks/own-helo-hostname.ts';
import { parseAddress } from '../mail/network.ts';

export function ownNames(authservId: string | null): Own {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return {
    names: [hostname(), ...(authservId === null ? [] : [authservId])],
    addresses: addresses.flatMap(({ address }) => parseAddress(address) ?? []),
  };
}
