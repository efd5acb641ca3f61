/** Owns the end of services that a test has started: none outlives it, however it went. */

import type { RunningPostern } from './program.ts';

/** Call inside a `describe`; the function returned gives back the service that it is told of. */
export function killedAfterwards(): (service: RunningPostern) => RunningPostern {
  const services: RunningPostern[] = [];
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop('SIGKILL');
  });
  return (service) => {
    services.push(service);
    return service;
  };
}
