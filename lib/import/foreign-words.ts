/** Owns the words of Postern's policy that Postfix does not know: in main.cf they are slips, or the names of classes. */

const OURS = new Set(
  'discard quarantine greylist soft_first reject_own_helo_hostname reject_generic_reverse_client_hostname skip_greylist_dnswl_client dnsbl_score check_spf'.split(
    ' ',
  ),
);

export function isForeignWord(word: string): boolean {
  return OURS.has(word);
}
