'use client'

import { Checkbox, Input } from '@flotilla/ui'
import { ArrowRight } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { usePermissionReason } from '../../data/guarded-button.tsx'
import { useVolumeNames, VolumeChoice } from './choices.tsx'
import { type MountDraft, newMount } from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormGroup } from './form-field.tsx'
import { Add, Row, Rows, useRefusedPart } from './row-list.tsx'

/** Volumes, folders of the host, and memory. */
export function MountRows() {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const permission = usePermissionReason()
  const why = {
    volume: reason('containers.create.mounts.volume') ?? permission('volumes.files.read'),
    bind: reason('containers.create.mounts.bind', true),
    tmpfs: reason('containers.create.mounts.tmpfs'),
  }
  const hasVolume = draft.mounts.some(({ type }) => type === 'volume')
  const reasons = [...Object.values(why), hasVolume ? reason('containers.create.mounts.subPath') : null]
  const lacking = [...new Set(reasons.filter((each) => each !== null))].join(' ')
  const add = (type: MountDraft['type']) => set({ mounts: [...draft.mounts, newMount(type)] })
  return (
    <FormGroup
      name="mounts"
      label={t('fields.mounts')}
      hint={lacking === '' ? (draft.mounts.length === 0 ? t('hints.mounts') : undefined) : lacking}
      action={
        <span className="flex flex-wrap justify-end gap-x-1">
          {(['volume', 'bind', 'tmpfs'] as const).map((type) => (
            <Add key={type} label={t(`add.${type}`)} disabled={why[type] !== null} onClick={() => add(type)} />
          ))}
        </span>
      }
    >
      <Rows>
        {draft.mounts.map((row, index) => (
          <MountRow key={row.key} row={row} number={index + 1} />
        ))}
      </Rows>
    </FormGroup>
  )
}

interface RowProps {
  row: MountDraft
  number: number
}

function MountRow({ row, number }: RowProps) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const refused = useRefusedPart(row.key)
  const change = useChangeMount(row)
  const names = useVolumeNames(row.type === 'volume' ? row.source : '')
  return (
    <Row
      id={row.key}
      label={t('removeRow', { what: t('fields.mounts'), number })}
      onRemove={() => set({ mounts: draft.mounts.filter((each) => each.key !== row.key) })}
      below={row.type === 'volume' ? <VolumeOptions row={row} number={number} isNew={names.isNew} /> : null}
    >
      {row.type === 'volume' ? (
        <VolumeChoice
          {...refused('source')}
          names={names}
          aria-label={t('mount.volume', { number })}
          placeholder={t('mount.volumePlace')}
          value={row.source}
          className="font-mono text-xs"
          onChange={(source) => change({ source })}
        />
      ) : row.type === 'bind' ? (
        <Input
          {...refused('source')}
          aria-label={t('mount.source', { number })}
          placeholder={t('mount.sourcePlace')}
          value={row.source}
          className="min-w-0 flex-3 font-mono text-xs max-sm:basis-full"
          onChange={(event) => change({ source: event.target.value })}
        />
      ) : (
        <MemoryOptions row={row} number={number} />
      )}
      <ArrowRight aria-hidden className="size-4 shrink-0 text-faint" />
      <Input
        {...refused('target')}
        aria-label={t('mount.target', { number })}
        placeholder={t('mount.targetPlace')}
        value={row.target}
        className="min-w-0 flex-3 font-mono text-xs"
        onChange={(event) => change({ target: event.target.value })}
      />
      <label className="flex shrink-0 items-center gap-1.5 text-xs text-muted">
        <Checkbox
          aria-label={t('mount.readOnlyOf', { number })}
          checked={row.readOnly}
          onChange={(event) => change({ readOnly: event.target.checked })}
        />
        {t('mount.readOnly')}
      </label>
    </Row>
  )
}

/** How much of it there may be, and who may write into it. */
function MemoryOptions({ row, number }: RowProps) {
  const t = useTranslations('run')
  const refused = useRefusedPart(row.key)
  const change = useChangeMount(row)
  return (
    <span className="flex min-w-0 flex-3 gap-2 max-sm:basis-full">
      <Input
        {...refused('sizeBytes')}
        aria-label={t('mount.size', { number })}
        placeholder={t('mount.sizePlace')}
        value={row.size}
        className="min-w-0 flex-2 font-mono text-xs"
        onChange={(event) => change({ size: event.target.value })}
      />
      <Input
        {...refused('mode')}
        aria-label={t('mount.mode', { number })}
        placeholder={t('mount.modePlace')}
        title={t('mount.modeHint')}
        value={row.mode}
        spellCheck={false}
        className="min-w-0 flex-1 font-mono text-xs"
        onChange={(event) => change({ mode: event.target.value })}
      />
    </span>
  )
}

function useChangeMount(row: MountDraft): (patch: Partial<MountDraft>) => void {
  const { draft, set } = useRunForm()
  return (patch) => set({ mounts: draft.mounts.map((each) => (each.key === row.key ? { ...each, ...patch } : each)) })
}

/** What is asked of a volume now and then, and that it is not there yet. */
function VolumeOptions({ row, number, isNew }: RowProps & { isNew: boolean }) {
  const t = useTranslations('run')
  const { reason } = useRunForm()
  const change = useChangeMount(row)
  const lacking = reason('containers.create.mounts.subPath')
  return (
    <div className="mt-1.5 mb-3 flex flex-wrap items-center gap-x-4 gap-y-1.5 text-xs text-muted">
      <label className="flex min-w-56 flex-1 items-center gap-2">
        <span className="shrink-0">{t('mount.subPath')}</span>
        <Input
          {...useRefusedPart(row.key)('subPath')}
          aria-label={t('mount.subPathOf', { number })}
          placeholder={t('mount.subPathPlace')}
          value={row.subPath}
          disabled={lacking !== null}
          title={lacking ?? undefined}
          spellCheck={false}
          className="min-w-0 font-mono text-xs"
          onChange={(event) => change({ subPath: event.target.value })}
        />
      </label>
      <label className="flex items-center gap-1.5" title={t('mount.noCopyHint')}>
        <Checkbox
          aria-label={t('mount.noCopyOf', { number })}
          checked={row.noCopy}
          onChange={(event) => change({ noCopy: event.target.checked })}
        />
        {t('mount.noCopy')}
      </label>
      <span role="status" className="basis-full empty:hidden">
        {isNew ? t('mount.isNew', { name: row.source.trim() }) : row.source.trim() === '' ? t('mount.nameless') : ''}
      </span>
    </div>
  )
}
