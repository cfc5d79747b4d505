'use client'

import type { KernelView } from '@flotilla/protocol'
import { Panel } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { Bytes } from '../../../format/values.tsx'
import { useHiddenText, WithHidden } from '../../../format/with-hidden.tsx'
import { processTree, type TreeProcess } from './process-tree.ts'
import { Term } from './term.tsx'

const mostShown = 500
const stateNames = ['R', 'S', 'D', 'T', 't', 'Z', 'I', 'X'] as const

/** What runs in the container, as a tree. */
export function ProcessPanel({ processes }: { processes: KernelView['processes'] }) {
  const t = useTranslations('container.kernel')
  const rows = processTree(processes)
  return (
    <Panel
      title={<Term text={t('processesHint')}>{t('processes')}</Term>}
      actions={<span className="text-xs text-muted">{t('processCount', { count: processes.length })}</span>}
      flush
    >
      <div className="max-h-96 overflow-auto" tabIndex={0} role="region" aria-label={t('processes')}>
        <table className="w-full text-xs">
          <thead className="sticky top-0 bg-surface text-left text-muted">
            <tr className="border-b border-line whitespace-nowrap">
              <th className="px-3 py-1.5 font-normal">{t('command')}</th>
              <th className="px-3 py-1.5 text-right font-normal">
                <Term text={t('pidInsideHint')}>{t('pidInside')}</Term>
              </th>
              <th className="px-3 py-1.5 text-right font-normal max-sm:hidden">
                <Term text={t('pidHostHint')}>{t('pidHost')}</Term>
              </th>
              <th className="px-3 py-1.5 text-right font-normal max-sm:hidden">{t('uid')}</th>
              <th className="px-3 py-1.5 font-normal">{t('state')}</th>
              <th className="px-3 py-1.5 text-right font-normal">
                <Term text={t('residentHint')}>{t('resident')}</Term>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, mostShown).map((row) => (
              <Row key={row.process.pid} row={row} />
            ))}
          </tbody>
        </table>
        {rows.length > mostShown ? (
          <p className="px-3 py-2 text-xs text-muted">{t('moreProcesses', { count: rows.length - mostShown })}</p>
        ) : null}
      </div>
    </Panel>
  )
}

function Row({ row }: { row: TreeProcess }) {
  const t = useTranslations('container.kernel')
  const plain = useHiddenText()
  const { process } = row
  const command = process.command.join(' ')
  const state = stateNames.find((each) => each === process.state.charAt(0))
  return (
    <tr className="h-7 hover:bg-raised/50">
      <td className="max-w-0 min-w-40 px-3" width="60%">
        <span className="flex items-center">
          <span aria-hidden className="shrink-0 font-mono whitespace-pre text-faint">
            {row.rails.map((rail) => (rail ? '│ ' : '  ')).join('')}
            {row.depth === 0 ? '' : row.isLast ? '└ ' : '├ '}
          </span>
          <code className="truncate font-mono" title={plain(command)}>
            <WithHidden inControl text={command} />
          </code>
        </span>
      </td>
      <td className="px-3 text-right font-mono tabular-nums">{process.containerPid ?? '–'}</td>
      <td className="px-3 text-right font-mono text-muted tabular-nums max-sm:hidden">{process.pid}</td>
      <td className="px-3 text-right font-mono text-muted tabular-nums max-sm:hidden">{process.uid}</td>
      <td className="px-3 whitespace-nowrap text-muted">
        {state === undefined ? process.state : t(`processStates.${state}`)}
      </td>
      <td className="px-3 text-right">
        <Bytes bytes={process.memoryBytes} />
      </td>
    </tr>
  )
}
