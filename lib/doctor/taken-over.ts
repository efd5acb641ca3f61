/** Owns which restrictions of main.cf Postern does too: DNS lists and greylisting. */

const DNS_LISTS =
  /^(?:reject_rbl_client|reject_rhsbl_(?:client|reverse_client|helo|sender|recipient)|permit_dnswl_client|permit_rhswl_client|reject_maps_rbl)$/;

/** postgrey's port and sockets, as Debian and its own manual have them. */
const POSTGREY = /postgrey|:(?:10023|60000)\b/;

export function isTakenOver(word: string, argument: string): boolean {
  return DNS_LISTS.test(word) || (word === 'check_policy_service' && POSTGREY.test(argument));
}
