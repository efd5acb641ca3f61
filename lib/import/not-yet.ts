/** Owns which words this version reads and does not yet ask: until it does, their lines must stay in main.cf. */

const NOT_YET =
  /(?:^| )(?:reject_rbl_client|reject_rhsbl_\w+|permit_dnswl_client|permit_rhswl_client|dnsbl_score|check_spf)\b/;

/** `rule`: as postern.yaml has it. */
export function isNotYetActive(rule: string): boolean {
  return NOT_YET.test(rule);
}
