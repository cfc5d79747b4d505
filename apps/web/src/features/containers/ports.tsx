'use client'

import type { FleetContainer, PortMapping } from '@flotilla/protocol'
import { useTranslations } from 'use-intl'
import { useIsHere } from '../../nouns/hosts/use-is-here.ts'

const shown = 2

/**
 * Published ports as `8080 → 80`, each a link where a browser could open it. `isHere`: they are of the
 * control plane's own machine. Of other hosts the platform knows no address that the
 * reader could use, and a loopback address is another machine's.
 */
export function Ports(props: { ports: readonly PortMapping[]; isHere: boolean; all?: boolean }) {
  const t = useTranslations('containers')
  const { ports, isHere, all = false } = props
  if (ports.length === 0) return <span className="text-faint">–</span>
  const list = all ? ports : ports.slice(0, shown)
  return (
    <span className="font-mono text-xs">
      {list.map((port, index) => (
        <span key={`${port.hostIp}:${port.hostPort}/${port.containerPort}/${port.protocol}`}>
          {index > 0 ? ', ' : ''}
          <Port port={port} isHere={isHere} />
        </span>
      ))}
      {list.length < ports.length ? (
        <span className="text-faint"> {t('morePorts', { count: ports.length - list.length })}</span>
      ) : null}
    </span>
  )
}

const isLoopback = (address: string) => /^(127\.|\[?::1\]?$|localhost$)/.test(address)

/** Where a browser that reads this page reaches a port; null where nothing is known to lead there. */
function addressOf(port: PortMapping, isHere: boolean): string | null {
  const reader = window.location.hostname
  if (port.hostIp === '' || port.hostIp === '0.0.0.0' || port.hostIp === '::') return isHere ? reader : null
  if (isLoopback(port.hostIp)) return isHere && isLoopback(reader) ? port.hostIp : null
  return port.hostIp
}

/** Those of one container. A list of many asks once for all where `isHere` comes from. */
export function ContainerPorts({ of, all = false }: { of: Pick<FleetContainer, 'ports' | 'hostId'>; all?: boolean }) {
  const isHere = useIsHere()
  return <Ports ports={of.ports} isHere={isHere(of.hostId)} all={all} />
}

function Port({ port, isHere }: { port: PortMapping; isHere: boolean }) {
  const text = (
    <>
      {port.hostPort}
      <span className="text-faint"> → {port.containerPort}</span>
      {port.protocol === 'udp' ? <span className="text-faint">/udp</span> : null}
    </>
  )
  const address = port.protocol === 'tcp' && port.hostPort !== 0 ? addressOf(port, isHere) : null
  if (address === null) return text
  return (
    <a
      href={`http://${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${port.hostPort}/`}
      target="_blank"
      rel="noreferrer"
      tabIndex={-1}
      className="hover:underline"
    >
      {text}
    </a>
  )
}
