'use client'

import { Badge, CopyButton, Facts, Panel } from '@flotilla/ui'
import Link from 'next/link'
import type { ReactNode } from 'react'
import { useFormatter, useTranslations } from 'use-intl'
import { Ago, Bytes, Cores, ShortId } from '../../format/values.tsx'
import { hiddenMark, useHiddenText, WithHidden } from '../../format/with-hidden.tsx'
import { NativeLink } from '../../noun-pages/native-link.tsx'
import { ContainerStateWord } from '../../nouns/containers/container-state-word.tsx'
import { useReachWords } from './host-reach.ts'
import type { ContainerWithDetail } from './page/container-with-detail.ts'
import { NetworkPanel } from './publish/network-panel.tsx'
import { useStats } from './usage/use-stats.ts'

/** What a container is and was asked to be. */
export function SummaryTab({ container }: { container: ContainerWithDetail }) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto" tabIndex={-1}>
      <div className="gap-4 p-4 lg:columns-2 2xl:columns-3 [&>section]:mb-4 [&>section]:break-inside-avoid">
        <StatePanel container={container} />
        <ImagePanel container={container} />
        <NetworkPanel container={container} className={columns} />
        <LimitsPanel container={container} />
        <MountsPanel container={container} />
        <SecurityPanel container={container} />
        {container.detail === null ? null : <PairsPanel name="env" pairs={container.detail.env.map(pairOf)} />}
        <PairsPanel name="labels" pairs={Object.entries(container.labels)} />
      </div>
    </div>
  )
}

const columns = 'grid-cols-[7.5rem_minmax(0,1fr)] sm:grid-cols-[9rem_minmax(0,1fr)]'

interface Props {
  container: ContainerWithDetail
}

function StatePanel({ container }: Props) {
  const t = useTranslations('container.summary')
  const format = useFormatter()
  const exact = (at: string) =>
    format.dateTime(new Date(at), { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' })
  const time = (name: string, at: string | null) =>
    at === null
      ? null
      : ([
          name,
          <span key="v">
            <Ago at={at} /> <span className="text-faint max-sm:hidden">{exact(at)}</span>
          </span>,
        ] as const)
  const { restart } = container.detail ?? { restart: null }
  return (
    <Panel title={t('state')}>
      <Facts
        className={columns}
        items={[
          [t('state'), <ContainerStateWord key="v" container={container} />],
          container.node === undefined ? null : [t('node'), container.node],
          container.namespace === undefined ? null : [t('namespace'), container.namespace],
          container.owner === undefined ? null : [t('owner'), `${container.owner.kind} ${container.owner.id}`],
          container.exitCode === null ? null : [t('exitCode'), <code key="v">{container.exitCode}</code>],
          time(t('created'), container.createdAt),
          time(t('started'), container.startedAt),
          time(t('finished'), container.state === 'running' ? null : container.finishedAt),
          restart === null
            ? null
            : [
                t('restart'),
                <span key="v">
                  {t(`policies.${restart.policy}`, { count: restart.maximumRetries })}
                  {container.restartCount > 0 ? (
                    <span className="text-warn"> {t('restarts', { count: container.restartCount })}</span>
                  ) : null}
                </span>,
              ],
          container.detail === null
            ? null
            : [
                t('stopping'),
                <span key="v">
                  <Mono>{container.detail.stopSignal}</Mono>{' '}
                  <span className="text-muted">{t('stopAfter', { seconds: container.detail.stopTimeoutSeconds })}</span>
                </span>,
              ],
        ]}
      />
    </Panel>
  )
}

function ImagePanel({ container }: Props) {
  const t = useTranslations('container.summary')
  const { detail } = container
  return (
    <Panel title={t('image')}>
      <Facts
        className={columns}
        items={[
          [
            t('image'),
            <Link
              key="v"
              href={`/images/${encodeURIComponent(container.image)}?host=${encodeURIComponent(container.hostId)}`}
              className="font-mono text-xs break-all hover:underline"
            >
              {container.image}
            </Link>,
          ],
          [t('imageId'), <ShortId key="v" id={container.imageId} />],
          detail && detail.entrypoint.length > 0
            ? [t('entrypoint'), <Command key="v" words={detail.entrypoint} />]
            : null,
          [t('command'), <Command key="v" words={container.command} />],
          detail ? [t('workingDir'), <Mono key="v">{detail.workingDir || '/'}</Mono>] : null,
          detail ? [t('user'), <Mono key="v">{detail.user || '0'}</Mono>] : null,
          [t('id'), <ShortId key="v" id={container.nativeId} />],
          detail ? [t('runtime'), <Mono key="v">{detail.runtime}</Mono>] : null,
          detail?.pid ? [t('pid'), <Mono key="v">{detail.pid}</Mono>] : null,
          container.tty ? [t('terminal'), t('yes')] : null,
          container.createdByFlotilla ? null : [t('madeBy'), t('others')],
        ]}
      />
    </Panel>
  )
}

function LimitsPanel({ container }: Props) {
  const t = useTranslations('container.summary')
  const format = useFormatter()
  const now = useStats(container, container.state === 'running' && !container.stale).now?.stats
  const limits = container.detail?.limits
  if (!limits) return null
  const row = (name: string, used: ReactNode, limit: ReactNode) =>
    [
      name,
      <span key="v">
        {used}
        {used !== null && limit !== null ? <span className="text-faint"> {t('of')} </span> : ' '}
        {limit ?? <None>{t(used === null ? 'noLimit' : 'usedOfNone')}</None>}
      </span>,
    ] as const
  return (
    <Panel title={t('limits')}>
      <Facts
        className={columns}
        items={[
          row(
            t('cpu'),
            typeof now?.cpuCores === 'number' ? <Cores cores={now.cpuCores} /> : null,
            limits.cpus ? <Cores cores={limits.cpus} /> : null,
          ),
          row(
            t('memory'),
            now ? <Bytes bytes={now.memoryBytes} /> : null,
            limits.memoryBytes ? <Bytes bytes={limits.memoryBytes} /> : null,
          ),
          row(
            t('pids'),
            typeof now?.pids === 'number' ? format.number(now.pids) : null,
            limits.pids ? format.number(limits.pids) : null,
          ),
          row(t('storage'), null, limits.storageBytes ? <Bytes bytes={limits.storageBytes} /> : null),
        ]}
      />
    </Panel>
  )
}

function MountsPanel({ container }: Props) {
  const t = useTranslations('container.summary')
  const mounts = container.detail?.mounts
  if (!mounts) return null
  return (
    <Panel title={t('mounts')}>
      {mounts.length === 0 ? (
        <None>{t('noMounts')}</None>
      ) : (
        <ul className="space-y-2">
          {mounts.map((mount) => (
            <li key={mount.target} className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
              <Badge>{mount.type}</Badge>
              <Mono>{mount.target}</Mono>
              {mount.type === 'tmpfs' ? null : <MountSource container={container} mount={mount} />}
              {mount.readOnly ? <Badge>{t('readOnly')}</Badge> : null}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  )
}

function MountSource({ container, mount }: Props & { mount: { type: string; source: string } }) {
  return (
    <span className="text-muted">
      <span className="text-xs">← </span>
      {mount.type === 'volume' ? (
        <NativeLink noun="volumes" of={container} reference={mount.source} text={mount.source} />
      ) : (
        <Mono>{mount.source}</Mono>
      )}
    </span>
  )
}

function SecurityPanel({ container }: Props) {
  const t = useTranslations('container.summary')
  const reach = useTranslations('container.reach')
  const reasons = useReachWords()(container)
  const { detail } = container
  if (detail === null) return null
  return (
    <Panel title={t('security')}>
      <Facts
        className={columns}
        items={[
          [t('privileged'), detail.privileged ? <span className="text-warn">{t('yes')}</span> : t('no')],
          reasons.length === 0
            ? null
            : [
                reach('title'),
                <span key="v" className="text-warn first-letter:uppercase">
                  {reasons.join(', ')}
                </span>,
              ],
          [t('readOnlyRoot'), t(detail.readOnlyRoot ? 'yes' : 'no')],
          [t('seccomp'), <Mono key="v">{detail.seccomp}</Mono>],
          [t('capabilities'), t('capabilityCount', { count: detail.capabilities.length })],
        ]}
      />
    </Panel>
  )
}

function PairsPanel({ name, pairs }: { name: 'env' | 'labels'; pairs: readonly (readonly [string, string])[] }) {
  const t = useTranslations('container.summary')
  return (
    <Panel
      title={t(name)}
      actions={pairs.length === 0 ? null : <Copy text={pairs.map(([key, value]) => `${key}=${value}`).join('\n')} />}
    >
      {pairs.length === 0 ? (
        <None>{t(name === 'env' ? 'noEnv' : 'noLabels')}</None>
      ) : (
        <dl className="max-h-64 overflow-y-auto font-mono text-xs" tabIndex={0} aria-label={t(name)}>
          {[...pairs]
            .sort(([a], [b]) => a.localeCompare(b))
            .map(([key, value]) => (
              <div key={key} className="grid grid-cols-[minmax(6rem,2fr)_3fr] gap-3 py-0.5">
                <dt className="truncate text-muted" title={key}>
                  {key}
                </dt>
                <dd className="break-all">
                  <WithHidden text={value} />
                </dd>
              </div>
            ))}
        </dl>
      )}
    </Panel>
  )
}

function pairOf(entry: string): [string, string] {
  const at = entry.indexOf('=')
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
}

function Mono({ children }: { children: ReactNode }) {
  return <span className="font-mono text-xs break-all">{children}</span>
}

function None({ children }: { children: ReactNode }) {
  return <span className="text-sm text-muted">{children}</span>
}

function Command({ words }: { words: readonly string[] }) {
  const plain = useHiddenText()
  const text = words
    .map((word) =>
      /^[\w@%+=:,./-]+$/.test(word.replaceAll(hiddenMark, '')) ? word : `'${word.replaceAll("'", `'\\''`)}'`,
    )
    .join(' ')
  return (
    <span className="-my-1 flex items-center gap-1">
      <code className="line-clamp-4 min-w-0 font-mono text-xs break-all" title={plain(text)}>
        <WithHidden text={text} />
      </code>
      <Copy text={text} />
    </span>
  )
}

function Copy({ text }: { text: string }) {
  const common = useTranslations('common')
  return (
    <CopyButton text={text} label={common('copy')} copiedLabel={common('copied')} failedLabel={common('copyFailed')} />
  )
}
