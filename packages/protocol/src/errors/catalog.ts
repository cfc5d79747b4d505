import { accessErrors } from './access-errors.ts'
import { callErrors } from './call-errors.ts'
import { containerErrors } from './container-errors.ts'
import { dockerErrors } from './docker-errors.ts'
import { fileErrors } from './file-errors.ts'
import { fleetErrors } from './fleet-errors.ts'
import { hostErrors } from './host-errors.ts'
import { imageErrors } from './image-errors.ts'
import { linkErrors } from './link-errors.ts'
import { networkErrors } from './network-errors.ts'
import { registryErrors } from './registry-errors.ts'
import { runtimeErrors } from './runtime-errors.ts'
import { serverErrors } from './server-errors.ts'
import { volumeErrors } from './volume-errors.ts'
import type { ErrorDefinition, ParamsOf } from './define-errors.ts'

const areas = [
  accessErrors,
  callErrors,
  containerErrors,
  dockerErrors,
  fileErrors,
  fleetErrors,
  hostErrors,
  imageErrors,
  linkErrors,
  networkErrors,
  registryErrors,
  runtimeErrors,
  serverErrors,
  volumeErrors,
]

/** Every kind of error that this version of the product knows. */
export const errorKinds = {
  ...accessErrors,
  ...callErrors,
  ...containerErrors,
  ...dockerErrors,
  ...fileErrors,
  ...fleetErrors,
  ...hostErrors,
  ...imageErrors,
  ...linkErrors,
  ...networkErrors,
  ...registryErrors,
  ...runtimeErrors,
  ...serverErrors,
  ...volumeErrors,
}
export type ErrorKind = keyof typeof errorKinds
/** The parameters that a kind's sentence takes. */
export type ErrorParamsOf<Kind extends ErrorKind> = ParamsOf<(typeof errorKinds)[Kind]['sentence']>

/** How many kinds the areas define: as many as the catalog has, unless two areas use one name. */
export const definedKinds = areas.reduce((count, area) => count + Object.keys(area).length, 0)

/** A kind's code and sentence; undefined for one that only a newer side knows. */
export function findErrorKind(kind: string): ErrorDefinition | undefined {
  return Object.hasOwn(errorKinds, kind) ? errorKinds[kind as ErrorKind] : undefined
}
