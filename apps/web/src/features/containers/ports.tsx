'use client'

import type { PortMapping } from '@flotilla/protocol'
import { useTranslations } from 'use-intl'

const shown = 2

/** Published ports as `8080 → 80`, each a link where a browser could open it. */
export function Ports({ ports, all = false }: { ports: readonly PortMapping[]; all?: boolean }) {
  const t = useTranslations('containers')
  if (ports.length === 0) return <span className="text-faint">–</span>
  const list = all ? ports : ports.slice(0, shown)
  return (
    <span className="font-mono text-xs">
      {list.map((port, index) => (
        <span key={`${port.hostIp}:${port.hostPort}/${port.containerPort}/${port.protocol}`}>
          {index > 0 ? ', ' : ''}
          <Port port={port} />
        </span>
      ))}
      {list.length < ports.length ? (
        <span className="text-faint"> {t('morePorts', { count: ports.length - list.length })}</span>
      ) : null}
    </span>
  )
}

function Port({ port }: { port: PortMapping }) {
  const text = (
    <>
      {port.hostPort}
      <span className="text-faint"> → {port.containerPort}</span>
      {port.protocol === 'udp' ? <span className="text-faint">/udp</span> : null}
    </>
  )
  if (port.protocol !== 'tcp' || port.hostPort === 0) return text
  const address = port.hostIp === '' || port.hostIp === '0.0.0.0' ? window.location.hostname : port.hostIp
  return (
    <a
      href={`http://${address}:${port.hostPort}/`}
      target="_blank"
      rel="noreferrer"
      tabIndex={-1}
      className="hover:underline"
    >
      {text}
    </a>
  )
}
