'use client'

import type { FleetEngine, FleetHost } from '@flotilla/protocol'
import { Badge, Facts, Note, Panel, StateDot, StateWord } from '@flotilla/ui'
import { useTranslations } from 'use-intl'
import { CapabilityGrid } from './capability-grid.tsx'
import { EngineReach } from './engine-reach.tsx'

/** One engine of a host: its version, what runs its containers, what it can and cannot. */
export function EnginePanel({ host, engine }: { host: FleetHost; engine: FleetEngine }) {
  const t = useTranslations('hosts')
  const all = Object.values(engine.capabilities)
  const there = all.filter((each) => each.available).length
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          {engine.name}
          <span className="font-mono text-xs font-normal text-faint">{engine.id}</span>
        </span>
      }
      actions={
        <span className="flex items-center gap-2.5">
          <EngineReach host={host} engine={engine} />
          <StateWord tone={engine.state === 'ready' ? 'ok' : 'bad'} className="text-sm">
            {t(`engineStates.${engine.state}`)}
          </StateWord>
        </span>
      }
    >
      {engine.state === 'unavailable' && engine.reason ? (
        <Note tone="warn" className="mb-3">
          {engine.reason}
        </Note>
      ) : null}
      <Facts
        items={[
          engine.version === null
            ? null
            : [
                t('facts.version'),
                <span key="v" className="font-mono text-xs">
                  {engine.version}
                </span>,
              ],
          engine.storageDriver === null
            ? null
            : [
                t('facts.storage'),
                <span key="v">
                  <span className="font-mono text-xs">{engine.storageDriver}</span>
                  {engine.storageReason ? <span className="text-muted"> · {engine.storageReason}</span> : null}
                </span>,
              ],
        ]}
      />
      {engine.runtimes.length > 0 ? (
        <section className="mt-4" aria-label={t('runtimes')}>
          <h3 className="mb-1.5 text-xs text-faint">{t('runtimes')}</h3>
          <ul className="divide-y divide-line/60 rounded-md border border-line">
            {engine.runtimes.map((runtime) => (
              <li key={runtime.path} className="px-3 py-2 text-sm">
                <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
                  <StateDot tone={runtime.usable ? (runtime.reason ? 'warn' : 'ok') : 'bad'} />
                  <span className="font-mono text-xs font-medium">{runtime.name}</span>
                  <span className="font-mono text-xs text-muted">{runtime.version ?? ''}</span>
                  {runtime.isDefault ? <Badge>{t('default')}</Badge> : null}
                  {runtime.usable ? null : <Badge tone="bad">{t('unusable')}</Badge>}
                  <span className="ml-auto font-mono text-xs text-faint">{runtime.path}</span>
                </div>
                {runtime.reason ? <p className="mt-1 pl-5 text-muted">{runtime.reason}</p> : null}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      {all.length > 0 ? (
        <section className="mt-4" aria-label={t('capabilities')}>
          <h3 className="mb-2 flex justify-between text-xs text-faint">
            {t('capabilities')}
            <span className="tabular-nums">{t('thereOf', { there, all: all.length })}</span>
          </h3>
          <CapabilityGrid engine={engine} />
        </section>
      ) : null}
    </Panel>
  )
}
