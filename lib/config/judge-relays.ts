/** Owns what is allowed of `trusted_relays` and `on_relayed_reject`, and does nothing. */

import type { Entries } from '../yaml/section.ts';
import type { whole } from './schema.ts';

export function judgeRelays({ trusted_relays, on_relayed_reject }: Entries<typeof whole.fields>): void {
  if (
    on_relayed_reject.value === 'quarantine' &&
    trusted_relays.place.sound &&
    trusted_relays.value.length === 0
  )
    on_relayed_reject.place.warning(
      'there are no trusted_relays: nothing is ever held by it',
      'write trusted_relays: [192.0.2.25] with your own relays, or remove it',
    );
}
