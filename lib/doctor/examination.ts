/** Owns Examination: one part of `postern doctor`, and how it is bounded. */

import { unkeyed } from '../mail/secret-zone.ts';
import type { Diagnosis } from './diagnosis.ts';
import { note } from './diagnosis.ts';
import type { Patient } from './patient.ts';

export interface Examination {
  readonly name: string;
  /** `signal` aborts when its time is over: what it finds afterwards is not heard. */
  look(patient: Patient, signal: AbortSignal): Promise<readonly Diagnosis[]> | readonly Diagnosis[];
}

export interface Examined {
  readonly name: string;
  readonly found: readonly Diagnosis[];
}

/** All at once. In their order; an examination that throws, or takes longer than `limitMs`, is one note. */
export function examine(
  patient: Patient,
  examinations: readonly Examination[],
  limitMs: number,
): Promise<readonly Examined[]> {
  return Promise.all(
    examinations.map(async (examination) => ({
      name: examination.name,
      found: (await bounded(examination, patient, limitMs)).map(withoutSecrets),
    })),
  );
}

/** Whatever was read of the machine and its programs: no key of a DNS list is repeated. */
function withoutSecrets({ severity, seen, cure }: Diagnosis): Diagnosis {
  return { severity, seen: unkeyed(seen), cure: cure.map(unkeyed) };
}

async function bounded(
  examination: Examination,
  patient: Patient,
  limitMs: number,
): Promise<readonly Diagnosis[]> {
  const abort = new AbortController();
  const late = Promise.withResolvers<readonly Diagnosis[]>();
  const timer = setTimeout(() => {
    abort.abort();
    late.resolve([note(`this could not be looked at: it took longer than ${limitMs / 1000} s`)]);
  }, limitMs);
  try {
    return await Promise.race([Promise.try(() => examination.look(patient, abort.signal)), late.promise]);
  } catch (error) {
    return [note(`this could not be looked at: ${error instanceof Error ? error.message : String(error)}`)];
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
