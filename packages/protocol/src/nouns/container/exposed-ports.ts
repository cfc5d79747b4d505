/** Most ports that one container publishes. */
export const mostPublishedPorts = 500

export interface ExposedPort {
  containerPort: number
  protocol: 'tcp' | 'udp'
}

/**
 * The ports that an image exposes (image-spec config.md, "ExposedPorts") and that can be published, each once: `80`, `53/udp`, and
 * ranges such as `8000-8010/tcp`, which some builders write. What is none of that, or of another protocol, is left out. Once there
 * are more than `mostPublishedPorts` the rest is not read.
 */
export function exposedPorts(exposed: readonly string[]): ExposedPort[] {
  const ports = new Map<string, ExposedPort>()
  for (const text of exposed) {
    const { first, last, protocol } = parseExposed(text) ?? { first: 1, last: 0, protocol: 'tcp' }
    for (let containerPort = first; containerPort <= last; containerPort += 1) {
      ports.set(`${containerPort}/${protocol}`, { containerPort, protocol })
      if (ports.size > mostPublishedPorts) return [...ports.values()]
    }
  }
  return [...ports.values()]
}

export function isSamePort(one: ExposedPort, other: ExposedPort): boolean {
  return one.containerPort === other.containerPort && one.protocol === other.protocol
}

function parseExposed(text: string): { first: number; last: number; protocol: ExposedPort['protocol'] } | undefined {
  const [, from, to = from, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp))?$/i.exec(text.trim()) ?? []
  const [first, last] = [Number(from), Number(to)]
  const isRange = first >= 1 && first <= last && last <= 65_535
  return isRange ? { first, last, protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp' } : undefined
}
