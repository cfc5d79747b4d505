import { systemScope } from '@flotilla/protocol'
import type { LocalClient } from '@flotilla/testkit'

/** What a caller asks for, each under an operation of its own: asked for again it gives what is there. Needs the volume `NAME-source`. */
export async function makeAll(
  { client }: Pick<LocalClient, 'client'>,
  { name, image }: { name: string; image: string },
): Promise<void> {
  const once = (what: string) => ({ scope: systemScope, operationId: `${name}-${what}` })
  const networks = [{ network: 'bridge' }, { network: name, aliases: ['shop'] }]
  await client.networks.create({ name }, once('network'))
  await client.networks.create({ name: `${name}-other` }, once('other'))
  await client.containers.create({ name, image, command: ['sleep', '600'], networks }, once('container'))
  await client.networks.connect({ id: `${name}-other`, container: name }, once('connect'))
  await client.volumes.clone({ id: `${name}-source`, name: `${name}-copy` }, once('clone'))
}

/** Takes back all of it but the volumes, which `makeAll` made whole. */
export async function takeBack({ client }: Pick<LocalClient, 'client'>, name: string): Promise<void> {
  const scope = { scope: systemScope }
  await client.networks.disconnect({ id: `${name}-other`, container: name }, scope)
  await client.containers.remove({ id: name }, scope)
  for (const id of [name, `${name}-other`]) await client.networks.remove({ id }, scope)
}
