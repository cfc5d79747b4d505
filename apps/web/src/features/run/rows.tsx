'use client'

import { type ExposedPort, exposedPorts } from '@flotilla/protocol/exposed-ports'
import { Button, Input, Select } from '@flotilla/ui'
import { ArrowRight } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { type DeviceDraft, newDevice, newPair, newPort, type Pair, type PortDraft } from './draft.ts'
import { useRunForm } from './form-context.ts'
import { FormGroup } from './form-field.tsx'
import { Add, Row, Rows, useRefusedPart } from './row-list.tsx'

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

/** Of a longer range nobody wants a row for each port. */
const mostAtOnce = 50

const rowOf = ({ containerPort, protocol }: ExposedPort): PortDraft => ({
  ...newPort(String(containerPort)),
  protocol,
})

/** Published ports, from the host's side to the container's. */
export function PortRows({ exposed }: { exposed: readonly string[] }) {
  const t = useTranslations('run')
  const { draft, set, reason } = useRunForm()
  const off = reason('containers.create.ports') !== null || draft.network !== 'bridge'
  const added = (exposedPort: string) =>
    exposedPorts([exposedPort]).filter(
      (port) =>
        !draft.ports.some((row) => row.containerPort === String(port.containerPort) && row.protocol === port.protocol),
    )
  const offered = draft.publishAllPorts
    ? []
    : exposed
        .map((port) => ({ port, rows: added(port) }))
        .filter(({ rows }) => rows.length > 0 && rows.length <= mostAtOnce)
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
            : offered.map(({ port, rows }) => (
                <Button key={port} size="sm" onClick={() => set({ ports: [...draft.ports, ...rows.map(rowOf)] })}>
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
  const refused = useRefusedPart(row.key)
  return (
    <Row
      id={row.key}
      label={t('removeRow', { what: t('fields.ports'), number })}
      onRemove={() => set({ ports: draft.ports.filter((each) => each.key !== row.key) })}
    >
      <Input
        {...refused('hostIp')}
        aria-label={t('port.hostIp', { number })}
        placeholder={t('port.allAddresses')}
        value={row.hostIp}
        className="min-w-0 flex-2 font-mono text-xs max-sm:basis-full"
        onChange={(event) => change({ hostIp: event.target.value })}
      />
      <Input
        {...refused('hostPort')}
        aria-label={t('port.host', { number })}
        placeholder={t('port.free')}
        inputMode="numeric"
        value={row.hostPort}
        className="min-w-0 flex-2 font-mono text-xs"
        onChange={(event) => change({ hostPort: event.target.value })}
      />
      <ArrowRight aria-hidden className="size-4 shrink-0 text-faint" />
      <Input
        {...refused('containerPort')}
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
                id={row.key}
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
