/** Owns main.cf and master.cf of the private Postfix. */

import { join } from 'node:path';
import { CLIENT, OWN_NETWORK } from './private-network.ts';
import type { TlsKey } from './tls-key.ts';

export interface PostfixOptions {
  /** The value of smtpd_milters and non_smtpd_milters. */
  readonly milters: string;
  /** Further smtpd services: port → options that differ, e.g. `{ 2: ['milter_protocol=2'] }`. */
  readonly services?: Readonly<Record<number, readonly string[]>>;
  /** Further lines of main.cf. */
  readonly parameters?: readonly string[];
}

/** Mail for example.org goes to one Maildir, to bounce.example.org back, to anybody else nowhere. */
export function mainCf(folder: string, tls: TlsKey, { milters, parameters = [] }: PostfixOptions): string {
  return `compatibility_level = 3.6
config_directory = ${join(folder, 'etc')}
queue_directory = ${join(folder, 'spool')}
data_directory = ${join(folder, 'data')}
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
myhostname = mx.example.org
mydestination =
alias_maps =
mynetworks = 127.0.0.0/8, ${OWN_NETWORK}
virtual_mailbox_domains = example.org
virtual_mailbox_base = ${join(folder, 'mail')}
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
transport_maps = inline:{ bounce.example.org=error:5.1.1 }
default_transport = discard:
smtpd_recipient_restrictions = check_recipient_access inline:{ held@example.org=HOLD }
smtpd_milters = ${milters}
non_smtpd_milters = ${milters}
# Postfix leaves its own bounces alone unless told otherwise; here they show a null sender that is not a client's.
internal_mail_filter_classes = bounce
smtpd_authorized_xclient_hosts = 127.0.0.1, ${CLIENT.named}
# A spec repeats itself faster than a sender.
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
# Nor does a sender give up so many messages: each is one more that has come in and has not gone out.
in_flow_delay = 0
smtpd_tls_security_level = may
smtpd_tls_chain_files = ${tls.keyFile}, ${tls.certificateFile}
smtpd_sasl_auth_enable = yes
cyrus_sasl_config_path = ${join(folder, 'etc', 'sasl')}
${parameters.join('\n')}
`;
}

/** Port 25 and the further services, then what every Postfix has; nothing is chrooted. */
export function masterCf({ services = {} }: PostfixOptions): string {
  const smtpd = Object.entries({ 25: [], ...services }).map(([port, options]) =>
    [`${port} inet n - n - - smtpd`, ...options.map((option: string) => `  -o {${option}}`)].join('\n'),
  );
  return `${smtpd.join('\n')}
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
`;
}
