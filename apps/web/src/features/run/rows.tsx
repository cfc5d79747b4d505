'use client'

import { Button, Checkbox, Input, Select } from '@flotilla/ui'
import { ArrowRight, Plus, X } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import {
  type DeviceDraft,
  type MountDraft,
  newDevice,
  newMount,
  newPair,
  newPort,
  type Pair,
  type PortDraft,
} from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormGroup } from './form-field.tsx'

/** Names and values: environment, labels. */
export function PairRows({ field }: { field: 'env' | 'labels' }) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const rows = draft[field]
  const change = (key: string, patch: Partial<Pair>) =>
    set({ [field]: rows.map((row) => (row.key === key ? { ...row, ...patch } : row)) })
  return (
    <FormGroup
      name={field}
      label={t(`fields.${field}`)}
      hint={rows.length === 0 ? t(`hints.${field}`) : undefined}
      action={<Add label={t(`add.${field}`)} onClick={() => set({ [field]: [...rows, newPair()] })} />}
    >
      <Rows>
        {rows.map((row, index) => (
          <Row
            key={row.key}
            label={t('removeRow', { what: t(`fields.${field}`), number: index + 1 })}
            onRemove={() => set({ [field]: rows.filter((each) => each.key !== row.key) })}
          >
            <Input
              aria-label={t('pairName', { what: t(`fields.${field}`), number: index + 1 })}
              placeholder={t('name')}
              value={row.name}
              spellCheck={false}
              className="flex-2 font-mono text-xs"
              onChange={(event) => change(row.key, { name: event.target.value })}
              onPaste={(event) => {
                const pasted = readLines(event.clipboardData.getData('text'))
                if (pasted === null) return
                event.preventDefault()
                const others = rows.filter((each) => each.key !== row.key || each.name !== '' || each.value !== '')
                set({ [field]: [...others, ...pasted] })
              }}
            />
            <span aria-hidden className="text-faint">
              =
            </span>
            <Input
              aria-label={t('pairValue', { what: t(`fields.${field}`), number: index + 1 })}
              placeholder={t('value')}
              value={row.value}
              spellCheck={false}
              autoComplete="off"
              className="flex-3 font-mono text-xs"
              onChange={(event) => change(row.key, { value: event.target.value })}
            />
          </Row>
        ))}
      </Rows>
    </FormGroup>
  )
}

/** `NAME=value` lines, such as those of an .env file, as rows; null where a text is none. */
function readLines(text: string): Pair[] | null {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
  if (lines.length === 0 || !lines.every((line) => /^[^=\s]+=/.test(line))) return null
  return lines.map((line) => newPair(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)))
}

/** Published ports, from the host's side to the container's. */
export function PortRows({ exposed }: { exposed: readonly string[] }) {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const off = reason('containers.create.ports') !== null || draft.network !== 'bridge'
  const offered = exposed.filter(
    (port) => !draft.ports.some((row) => `${row.containerPort}/${row.protocol}` === port) && !draft.publishAllPorts,
  )
  return (
    <FormGroup
      name="ports"
      label={t('fields.ports')}
      option="containers.create.ports"
      hint={
        draft.network !== 'bridge'
          ? t('hints.portsNetwork')
          : draft.ports.length === 0 && offered.length === 0
            ? t('hints.ports')
            : undefined
      }
      action={
        <span className="flex flex-wrap justify-end gap-1">
          {off
            ? null
            : offered.map((port) => (
                <Button
                  key={port}
                  size="sm"
                  onClick={() => {
                    const [number = '', protocol] = port.split('/')
                    set({
                      ports: [...draft.ports, { ...newPort(number), protocol: protocol === 'udp' ? 'udp' : 'tcp' }],
                    })
                  }}
                >
                  {t('publish', { port })}
                </Button>
              ))}
          <Add label={t('add.ports')} disabled={off} onClick={() => set({ ports: [...draft.ports, newPort()] })} />
        </span>
      }
    >
      {draft.network === 'bridge' ? (
        <Rows>
          {draft.ports.map((row, index) => (
            <PortRow key={row.key} row={row} number={index + 1} />
          ))}
        </Rows>
      ) : null}
    </FormGroup>
  )
}

function PortRow({ row, number }: { row: PortDraft; number: number }) {
  const t = useTranslations('run')
  const { draft, set } = useRunForm()
  const change = (patch: Partial<PortDraft>) =>
    set({ ports: draft.ports.map((each) => (each.key === row.key ? { ...each, ...patch } : each)) })
  return (
    <Row
      label={t('removeRow', { what: t('fields.ports'), number })}
      onRemove={() => set({ ports: draft.ports.filter((each) => each.key !== row.key) })}
    >
      <Input
        aria-label={t('port.hostIp', { number })}
        placeholder={t('port.allAddresses')}
        value={row.hostIp}
        className="min-w-0 flex-2 font-mono text-xs max-sm:hidden"
        onChange={(event) => change({ hostIp: event.target.value })}
      />
      <Input
        aria-label={t('port.host', { number })}
        placeholder={t('port.free')}
        inputMode="numeric"
        value={row.hostPort}
        className="min-w-0 flex-2 font-mono text-xs"
        onChange={(event) => change({ hostPort: event.target.value })}
      />
      <ArrowRight aria-hidden className="size-4 shrink-0 text-faint" />
      <Input
        aria-label={t('port.container', { number })}
        placeholder="80"
        inputMode="numeric"
        value={row.containerPort}
        className="min-w-0 flex-2 font-mono text-xs"
        onChange={(event) => change({ containerPort: event.target.value })}
      />
      <Select
        aria-label={t('port.protocol', { number })}
        value={row.protocol}
        className="w-18 shrink-0"
        onChange={(event) => change({ protocol: event.target.value === 'udp' ? 'udp' : 'tcp' })}
      >
        <option value="tcp">TCP</option>
        <option value="udp">UDP</option>
      </Select>
    </Row>
  )
}

/** Folders of the host, and memory. */
export function MountRows() {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const bindReason = reason('containers.create.mounts.bind', true)
  const tmpfsReason = reason('containers.create.mounts.tmpfs')
  const add = (type: MountDraft['type']) => set({ mounts: [...draft.mounts, newMount(type)] })
  return (
    <div className="sm:col-span-2">
      <FormGroup
        name="mounts"
        label={t('fields.mounts')}
        hint={bindReason ?? tmpfsReason ?? (draft.mounts.length === 0 ? t('hints.mounts') : undefined)}
        action={
          <span className="flex gap-1">
            <Add label={t('add.bind')} disabled={bindReason !== null} onClick={() => add('bind')} />
            <Add label={t('add.tmpfs')} disabled={tmpfsReason !== null} onClick={() => add('tmpfs')} />
          </span>
        }
      >
        <Rows>
          {draft.mounts.map((row, index) => {
            const change = (patch: Partial<MountDraft>) =>
              set({ mounts: draft.mounts.map((each) => (each.key === row.key ? { ...each, ...patch } : each)) })
            return (
              <Row
                key={row.key}
                label={t('removeRow', { what: t('fields.mounts'), number: index + 1 })}
                onRemove={() => set({ mounts: draft.mounts.filter((each) => each.key !== row.key) })}
              >
                {row.type === 'bind' ? (
                  <Input
                    aria-label={t('mount.source', { number: index + 1 })}
                    placeholder={t('mount.sourcePlace')}
                    value={row.source}
                    className="min-w-0 flex-3 font-mono text-xs"
                    onChange={(event) => change({ source: event.target.value })}
                  />
                ) : (
                  <Input
                    aria-label={t('mount.size', { number: index + 1 })}
                    placeholder={t('mount.sizePlace')}
                    value={row.size}
                    className="min-w-0 flex-3 font-mono text-xs"
                    onChange={(event) => change({ size: event.target.value })}
                  />
                )}
                <ArrowRight aria-hidden className="size-4 shrink-0 text-faint" />
                <Input
                  aria-label={t('mount.target', { number: index + 1 })}
                  placeholder={t('mount.targetPlace')}
                  value={row.target}
                  className="min-w-0 flex-3 font-mono text-xs"
                  onChange={(event) => change({ target: event.target.value })}
                />
                <label className="flex shrink-0 items-center gap-1.5 text-xs text-muted">
                  <Checkbox checked={row.readOnly} onChange={(event) => change({ readOnly: event.target.checked })} />
                  {t('mount.readOnly')}
                </label>
              </Row>
            )
          })}
        </Rows>
      </FormGroup>
    </div>
  )
}

/** Devices of the host. */
export function DeviceRows() {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const off = reason('containers.create.devices', true) !== null
  return (
    <div className="sm:col-span-2">
      <FormGroup
        name="devices"
        label={t('fields.devices')}
        option="containers.create.devices"
        privileged
        action={
          <Add
            label={t('add.devices')}
            disabled={off}
            onClick={() => set({ devices: [...draft.devices, newDevice()] })}
          />
        }
      >
        <Rows>
          {draft.devices.map((row, index) => {
            const change = (patch: Partial<DeviceDraft>) =>
              set({ devices: draft.devices.map((each) => (each.key === row.key ? { ...each, ...patch } : each)) })
            return (
              <Row
                key={row.key}
                label={t('removeRow', { what: t('fields.devices'), number: index + 1 })}
                onRemove={() => set({ devices: draft.devices.filter((each) => each.key !== row.key) })}
              >
                <Input
                  aria-label={t('device.host', { number: index + 1 })}
                  placeholder="/dev/fuse"
                  value={row.hostPath}
                  className="min-w-0 flex-3 font-mono text-xs"
                  onChange={(event) => change({ hostPath: event.target.value })}
                />
                <ArrowRight aria-hidden className="size-4 shrink-0 text-faint" />
                <Input
                  aria-label={t('device.container', { number: index + 1 })}
                  placeholder={t('device.same')}
                  value={row.containerPath}
                  className="min-w-0 flex-3 font-mono text-xs"
                  onChange={(event) => change({ containerPath: event.target.value })}
                />
                <Input
                  aria-label={t('device.permissions', { number: index + 1 })}
                  value={row.permissions}
                  className="w-16 shrink-0 font-mono text-xs"
                  onChange={(event) => change({ permissions: event.target.value })}
                />
              </Row>
            )
          })}
        </Rows>
      </FormGroup>
    </div>
  )
}

function Rows({ children }: { children: readonly ReactNode[] }) {
  const list = useRef<HTMLDivElement>(null)
  const count = useRef(children.length)
  // A row that was just added is where the cursor goes.
  useEffect(() => {
    if (children.length > count.current) {
      const added = list.current?.children[children.length - 1]
      added?.querySelector<HTMLInputElement>('input:not([value]), input[value=""]')?.focus()
    }
    count.current = children.length
  }, [children.length])
  if (children.length === 0) return null
  return (
    <div ref={list} className="space-y-1.5 pt-1">
      {children}
    </div>
  )
}

function Row({ children, label, onRemove }: { children: ReactNode; label: string; onRemove: () => void }) {
  return (
    <div className="flex items-center gap-1.5">
      {children}
      <Button kind="ghost" size="icon-sm" aria-label={label} title={label} onClick={onRemove}>
        <X />
      </Button>
    </div>
  )
}

function Add({ label, onClick, disabled = false }: { label: string; onClick: () => void; disabled?: boolean }) {
  return (
    <Button kind="ghost" size="sm" className="-mr-2" disabled={disabled} onClick={onClick}>
      <Plus />
      {label}
    </Button>
  )
}
