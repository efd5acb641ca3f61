/** Owns the list of examinations, in the order in which their findings are shown. */

import { clock } from './clock.ts';
import { database } from './database.ts';
import type { Examination } from './examination.ts';
import { lists } from './lists.ts';
import { listener } from './listener.ts';
import { mta } from './mta.ts';
import { writtenConfig } from './written-config.ts';
import { relays } from './relays.ts';
import { permissions } from './permissions.ts';
import { resolver } from './resolver.ts';
import { service } from './service.ts';

export const EXAMINATIONS: readonly Examination[] = [
  writtenConfig,
  service,
  listener,
  mta,
  relays,
  resolver,
  lists,
  permissions,
  database,
  clock,
];
