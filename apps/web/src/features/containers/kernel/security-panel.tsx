'use client'

import type { KernelView } from '@flotilla/protocol'
import { Panel, StateWord, type Tone } from '@flotilla/ui'
import { useFormatter, useTranslations } from 'use-intl'
import { Term } from './term.tsx'

const seccompTones: Record<KernelView['seccomp'], Tone> = {
  filter: 'ok',
  strict: 'ok',
  disabled: 'warn',
  unknown: 'unknown',
}

/** What keeps the container from what it should not do. */
export function SecurityPanel({ view }: { view: KernelView }) {
  const t = useTranslations('container.kernel')
  const format = useFormatter()
  const noNew = view.noNewPrivileges
  const rootIsRoot = view.uidMap.some((range) => range.inside === 0 && range.outside === 0)
  return (
    <Panel title={t('security')}>
      <dl className="grid grid-cols-[minmax(8rem,auto)_minmax(0,1fr)] items-baseline gap-x-4 gap-y-2.5 text-sm">
        <Fact name={t('seccomp')} hint={t('seccompHint')}>
          <StateWord tone={seccompTones[view.seccomp]}>{t(`seccompStates.${view.seccomp}`)}</StateWord>
        </Fact>
        <Fact name={t('noNewPrivileges')} hint={t('noNewPrivilegesHint')}>
          <StateWord tone={noNew === null ? 'unknown' : noNew ? 'ok' : 'idle'}>
            {t(noNew === null ? 'unknown' : noNew ? 'on' : 'off')}
          </StateWord>
        </Fact>
        <Fact name={t('apparmor')} hint={t('apparmorHint')}>
          {view.apparmor === null ? (
            <span className="text-muted">{t('none')}</span>
          ) : (
            <code className="font-mono text-xs break-all">{view.apparmor}</code>
          )}
        </Fact>
        <Fact name={t('userMapping')} hint={t('userMappingHint')}>
          <StateWord tone={rootIsRoot ? 'idle' : 'ok'} className="whitespace-normal">
            {t(rootIsRoot ? 'rootIsRoot' : 'rootIsNobody')}
          </StateWord>
          <table className="mt-1 text-xs">
            <tbody>
              {view.uidMap.map((range) => (
                <tr key={range.inside} className="font-mono tabular-nums">
                  <td className="pr-2 text-right">{range.inside}</td>
                  <td className="pr-2 text-faint">→</td>
                  <td className="pr-3 text-right">{range.outside}</td>
                  <td className="font-sans text-faint">{t('ids', { count: format.number(range.count) })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Fact>
        <Fact name={t('mainProcess')} hint={t('mainProcessHint')}>
          <code className="font-mono text-xs">{view.pid}</code>
        </Fact>
      </dl>
    </Panel>
  )
}

function Fact({ name, hint, children }: { name: string; hint: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-muted">
        <Term text={hint}>{name}</Term>
      </dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}
