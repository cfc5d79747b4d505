'use client'

import type { KernelView } from '@flotilla/protocol'
import { Panel } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { Term } from './term.tsx'

/** The mount table as the container sees it. */
export function MountsPanel({ mounts }: { mounts: KernelView['mounts'] }) {
  const t = useTranslations('container.kernel')
  return (
    <Panel
      title={<Term text={t('mountsHint')}>{t('mounts')}</Term>}
      actions={<span className="text-xs text-muted">{t('mountCount', { count: mounts.length })}</span>}
      flush
    >
      <div className="max-h-96 overflow-auto" tabIndex={0} role="region" aria-label={t('mounts')}>
        <table className="w-full text-xs">
          <thead className="sticky top-0 bg-surface text-left text-muted">
            <tr className="border-b border-line">
              <th className="px-3 py-1.5 font-normal">{t('target')}</th>
              <th className="px-3 py-1.5 font-normal">{t('type')}</th>
              <th className="px-3 py-1.5 font-normal">{t('access')}</th>
              <th className="px-3 py-1.5 font-normal">{t('source')}</th>
              <th className="px-3 py-1.5 font-normal hidden 2xl:table-cell">{t('options')}</th>
            </tr>
          </thead>
          <tbody className="font-mono">
            {mounts.map((mount, index) => {
              const options = mount.options.split(',')
              const readOnly = options.includes('ro')
              return (
                <tr key={index} className="h-7 hover:bg-raised/50">
                  <td className="max-w-72 truncate px-3" title={mount.target}>
                    {mount.target}
                  </td>
                  <td className="px-3 text-muted">{mount.type}</td>
                  <td className="px-3 font-sans text-muted">{t(readOnly ? 'readOnly' : 'writable')}</td>
                  <td className="max-w-64 truncate px-3 text-muted" title={mount.source}>
                    {mount.source}
                  </td>
                  <td className="max-w-64 truncate px-3 text-faint hidden 2xl:table-cell" title={mount.options}>
                    {options.filter((option) => option !== 'ro' && option !== 'rw').join(',')}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}
