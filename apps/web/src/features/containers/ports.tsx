'use client'

import type { FleetContainer, PortMapping } from '@flotilla/protocol'
import { cn, Popover } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { useIsHere } from '../../nouns/hosts/use-is-here.ts'
import { useRowTabIndex } from '../../table/row-stop.ts'

interface PortsProps {
  /** So many are shown; how many more there are is a button, which opens the list of all. */
  most: number
}

/**
 * Published ports as `8080 → 80`, each a link where a browser could open it. `isHere`: they are of the control plane's own
 * machine. Of other hosts the platform knows no address that the reader could use, and a loopback address is another machine's.
 */
export function Ports(props: PortsProps & { ports: readonly PortMapping[]; isHere: boolean }) {
  const { ports, isHere, most } = props
  if (ports.length === 0) return <span className="text-faint">–</span>
  const shown = ports.slice(0, most)
  return (
    <span
      className={cn(
        'flex min-w-0 items-center gap-y-0.5 font-mono text-xs leading-5',
        most > 1 ? 'flex-wrap gap-x-3' : 'gap-x-1',
      )}
    >
      {shown.map((port) => (
        <span key={keyOf(port)} className="truncate">
          <Port port={port} isHere={isHere} />
        </span>
      ))}
      {shown.length < ports.length ? <MorePorts ports={ports} shown={shown.length} /> : null}
    </span>
  )
}

/** How many ports are not shown; behind it all of them. */
function MorePorts({ ports, shown }: { ports: readonly PortMapping[]; shown: number }) {
  const t = useTranslations('containers')
  const tabIndex = useRowTabIndex()
  return (
    <Popover
      label={t('allPorts', { count: ports.length })}
      shown={t('morePorts', { count: ports.length - shown })}
      tabIndex={tabIndex}
      className="shrink-0 px-1 leading-5 text-muted hover:text-fg"
    >
      <PortList ports={ports} />
    </Popover>
  )
}

/** Most lines of a list of ports that opens over the page; the container's page has them all. */
const mostListed = 24

function PortList({ ports }: { ports: readonly PortMapping[] }) {
  const t = useTranslations('containers')
  return (
    <ul className="grid gap-0.5 font-mono tabular-nums">
      {ports.slice(0, mostListed).map((port) => (
        <li key={keyOf(port)}>
          <PortText port={port} />
          {port.hostIp === '' ? null : <span className="text-muted"> {port.hostIp}</span>}
        </li>
      ))}
      {ports.length > mostListed ? <li>{t('morePorts', { count: ports.length - mostListed })}</li> : null}
    </ul>
  )
}

const keyOf = (port: PortMapping) => `${port.hostIp} ${port.hostPort} ${port.containerPort} ${port.protocol}`

const isLoopback = (address: string) => /^(127\.|\[?::1\]?$|localhost$)/.test(address)

/** Where a browser that reads this page reaches a port; null where nothing is known to lead there. */
function addressOf(port: PortMapping, isHere: boolean): string | null {
  const reader = window.location.hostname
  if (port.hostIp === '' || port.hostIp === '0.0.0.0' || port.hostIp === '::') return isHere ? reader : null
  if (isLoopback(port.hostIp)) return isHere && isLoopback(reader) ? port.hostIp : null
  return port.hostIp
}

/** Those of one container. A list of many asks once for all where `isHere` comes from. */
export function ContainerPorts({ of, most }: PortsProps & { of: Pick<FleetContainer, 'ports' | 'hostId'> }) {
  const isHere = useIsHere()
  return <Ports ports={of.ports} isHere={isHere(of.hostId)} most={most} />
}

function Port({ port, isHere }: { port: PortMapping; isHere: boolean }) {
  const text = <PortText port={port} />
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

function PortText({ port }: { port: PortMapping }) {
  return (
    <>
      {port.hostPort}
      <span className="text-faint"> → {port.containerPort}</span>
      {port.protocol === 'udp' ? <span className="text-faint">/udp</span> : null}
    </>
  )
}
