import { fail, type FlotillaError, shareAddress } from '@flotilla/protocol'
import { z } from 'zod'
import type { Daemon } from '../daemon.ts'
import type { ContainerAnswer } from '../docker-answers.ts'

const Running = z.array(
  z.object({
    Id: z.string(),
    Ports: z
      .array(z.object({ IP: z.string().default(''), PublicPort: z.number().optional(), Type: z.string() }))
      .nullish()
      .transform((ports) => ports ?? []),
  }),
)

/**
 * A refusal of the daemon for a port that is taken, with the container that holds it beside the sentence, which names none. What
 * no container of the daemon's holds stays as it was.
 */
export async function withPortHolder(
  daemon: Daemon,
  refusal: FlotillaError,
  wanting: Pick<ContainerAnswer, 'Id' | 'HostConfig'>,
  signal: AbortSignal,
): Promise<FlotillaError> {
  if (refusal.kind !== 'docker.portTaken') return refusal
  const { address, port } = refusedPlace(refusal.detail ?? '')
  const running = await daemon.request(Running, { path: '/containers/json', signal })
  for (const protocol of protocolsOf(wanting, port)) {
    const holder = running.find(
      ({ Id, Ports }) =>
        Id !== wanting.Id &&
        Ports.some((each) => each.PublicPort === port && each.Type === protocol && shareAddress(each.IP, address)),
    )
    if (holder === undefined) continue
    const objects = [{ kind: 'container', id: holder.Id }]
    const { detail, field } = refusal
    const place = `${protocol.toUpperCase()} port ${port}`
    return fail('port.takenByContainer', { place }, { objects, detail, cause: refusal, ...(field && { field }) })
  }
  return refusal
}

/** `Bind for 127.0.0.1:8080 failed: port is already allocated`, `listen tcp6 [::1]:8080: bind: address already in use`. Pure. */
export function refusedPlace(words: string): { address: string; port: number } {
  const [, six, four, port] =
    /(?:\[([0-9a-f:.]{0,45})\]|(::|[0-9.]{0,15})):(\d{1,5})(?: failed)?: (?:port is already|bind: address already)/i.exec(
      words,
    ) ?? []
  return { address: six ?? four ?? '', port: Number(port) }
}

/** The daemon does not say of which protocol the port is: those of which it was asked for. */
function protocolsOf({ HostConfig }: Pick<ContainerAnswer, 'HostConfig'>, port: number): string[] {
  return Object.entries(HostConfig.PortBindings).flatMap(([inside, bindings]) =>
    (bindings ?? []).some(({ HostPort }) => Number(HostPort) === port) ? [inside.split('/')[1] ?? 'tcp'] : [],
  )
}
