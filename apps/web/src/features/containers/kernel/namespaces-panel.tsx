'use client'

import type { KernelView } from '@flotilla/protocol'
import { cn, Panel } from '@flotilla/ui'
import { Box, Home, Link2, type LucideIcon } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Term } from './term.tsx'

type Namespace = KernelView['namespaces'][number]

/** Nearly no container has these of its own: that they are the host's is nothing to look twice at. */
const usuallyShared: ReadonlySet<Namespace['type']> = new Set(['user', 'time', 'cgroup'])

const looks: Record<Namespace['owner'], { icon: LucideIcon; className: string }> = {
  own: { icon: Box, className: 'text-ok' },
  host: { icon: Home, className: 'text-warn' },
  shared: { icon: Link2, className: 'text-busy' },
}

/** Each of the kernel's kinds of isolation: whether this container has its own. */
export function NamespacesPanel({ namespaces }: { namespaces: KernelView['namespaces'] }) {
  const t = useTranslations('container.kernel')
  const own = namespaces.filter((namespace) => namespace.owner === 'own').length
  return (
    <Panel
      title={<Term text={t('namespacesHint')}>{t('namespaces')}</Term>}
      actions={<span className="text-xs text-muted">{t('ownOf', { own, total: namespaces.length })}</span>}
      flush
    >
      <ul className="grid grid-cols-2 gap-px overflow-hidden rounded-b-md bg-line sm:grid-cols-4">
        {namespaces.map((namespace) => (
          <Tile key={namespace.type} namespace={namespace} />
        ))}
        {namespaces.length % 2 === 1 ? <li aria-hidden className="bg-surface" /> : null}
      </ul>
    </Panel>
  )
}

function Tile({ namespace }: { namespace: Namespace }) {
  const t = useTranslations('container.kernel')
  const { icon: Icon, className: usual } = looks[namespace.owner]
  const className = namespace.owner === 'host' && usuallyShared.has(namespace.type) ? 'text-muted' : usual
  return (
    <li className="flex min-w-0 flex-col gap-1 bg-surface p-3">
      <span className="flex items-center justify-between gap-2">
        <Term text={t(`namespaceHints.${namespace.type}`)} className="font-medium">
          {t(`namespaceNames.${namespace.type}`)}
        </Term>
        <Icon className={cn('size-4 shrink-0', className)} aria-hidden />
      </span>
      <span className="font-mono text-xs text-faint" title={`${namespace.type}:[${namespace.inode}]`}>
        {namespace.inode}
      </span>
      <span className={cn('text-xs', className)}>
        {namespace.owner !== 'shared'
          ? t(`owners.${namespace.owner}`)
          : t(namespace.sharedWith.length === 0 ? 'sharedWithUnseen' : 'sharedWith')}
      </span>
      {namespace.owner === 'shared' ? (
        <span className="flex flex-wrap gap-x-2 font-mono text-xs">
          {namespace.sharedWith.map((name) => (
            <Link key={name} href={`/containers/${encodeURIComponent(name)}?tab=kernel`} className="hover:underline">
              {name}
            </Link>
          ))}
        </span>
      ) : null}
    </li>
  )
}
