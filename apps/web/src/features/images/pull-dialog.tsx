'use client'

import type { FleetImage } from '@flotilla/protocol'
import { Button, Dialog, Field, Input, Select, StateWord, toast } from '@flotilla/ui'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import Link from 'next/link'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { ErrorNote, useErrorText } from '../../data/error-note.tsx'
import { errorCode } from '../../data/error.ts'
import { newOperationId } from '../../data/operation-id.ts'
import { client, useTrpc } from '../../data/trpc.ts'
import { runAddress } from './run-address.ts'
import { LayerList, layersOf } from '../../nouns/operations/layer-list.tsx'
import { registryOf, shortReference } from '../../format/image-reference.ts'

interface Pull {
  operationId: string
  hostId: string
  reference: string
}

/** Pulls an image onto a host and shows its layers as they come. Closed, the pull goes on and stands in the activity tray. */
export function PullDialog(props: { open: boolean; onOpenChange: (open: boolean) => void; hostId: string }) {
  const t = useTranslations('images.pullDialog')
  const common = useTranslations('common')
  return (
    <Dialog open={props.open} onOpenChange={props.onOpenChange} title={t('title')} closeLabel={common('close')} wide>
      <PullForm hostId={props.hostId} onClose={() => props.onOpenChange(false)} />
    </Dialog>
  )
}

function PullForm({ hostId, onClose }: { hostId: string; onClose: () => void }) {
  const t = useTranslations('images.pullDialog')
  const common = useTranslations('common')
  const trpc = useTrpc()
  const queryClient = useQueryClient()
  const hosts = useQuery(trpc.hosts.list.queryOptions({})).data ?? []
  const [reference, setReference] = useState('')
  const [chosenHost, setChosenHost] = useState(hostId)
  const [chosenEngine, setChosenEngine] = useState('')
  const [login, setLogin] = useState(false)
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const [pull, setPull] = useState<Pull | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const [image, setImage] = useState<FleetImage | null>(null)
  const host =
    hosts.find((each) => each.id === chosenHost) ??
    hosts.find((each) => each.transport === 'socket' && each.state === 'connected') ??
    hosts.find((each) => each.state === 'connected')
  const can = (engine: NonNullable<typeof host>['engines'][number]) => {
    const capability = engine.capabilities['images.pull']
    if (engine.state !== 'ready') return engine.reason ?? ''
    return capability?.available === false ? capability.reason : null
  }
  const engine =
    host?.engines.find((each) => each.id === chosenEngine) ?? host?.engines.find((each) => can(each) === null)
  const loginFailed = errorCode(failure) === 'UNAUTHENTICATED'

  const start = async () => {
    if (!host || reference.trim() === '') return
    const next: Pull = { operationId: newOperationId(), hostId: host.id, reference: reference.trim() }
    setPull(next)
    setFailure(null)
    try {
      const done = await client.images.pull.mutate({
        ...next,
        ...(engine ? { engine: engine.id } : {}),
        ...(login && username !== '' ? { credentials: { username, password } } : {}),
      })
      setImage(done)
      setPassword('')
      void queryClient.invalidateQueries({ queryKey: [['images']] })
    } catch (error) {
      setFailure(error)
      setPull(null)
      if (errorCode(error) === 'UNAUTHENTICATED') setLogin(true)
    }
  }
  if (image)
    return (
      <Pulled
        image={image}
        reference={pull?.reference ?? ''}
        onAnother={() => {
          setImage(null)
          setPull(null)
          setReference('')
        }}
      />
    )
  if (pull) return <Pulling pull={pull} onClose={onClose} />
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault()
        void start()
      }}
    >
      {failure === null ? null : <ErrorNote error={failure} title={t('failed')} />}
      <Field
        label={t('reference')}
        {...(reference.trim() === '' ? {} : { hint: t('from', { registry: registryOf(reference) }) })}
      >
        {(control) => (
          <Input
            {...control}
            autoFocus
            value={reference}
            placeholder={t('placeholder')}
            spellCheck={false}
            autoCapitalize="off"
            autoComplete="off"
            className="h-9 font-mono"
            onChange={(event) => setReference(event.target.value)}
          />
        )}
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t('host')}>
          {(control) => (
            <Select {...control} value={host?.id ?? ''} onChange={(event) => setChosenHost(event.target.value)}>
              {hosts.map((each) => (
                <option key={each.id} value={each.id} disabled={each.state !== 'connected'}>
                  {each.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label={t('engine')}>
          {(control) => (
            <Select {...control} value={engine?.id ?? ''} onChange={(event) => setChosenEngine(event.target.value)}>
              {(host?.engines ?? []).map((each) => (
                <option key={each.id} value={each.id} disabled={can(each) !== null} title={can(each) ?? undefined}>
                  {each.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <details open={login || loginFailed} onToggle={(event) => setLogin(event.currentTarget.open)}>
        <summary className="w-fit cursor-pointer rounded-sm text-sm text-muted hover:text-fg focus-visible:outline-2 focus-visible:outline-accent">
          {t('login')}
        </summary>
        <div className="mt-3 grid gap-4 sm:grid-cols-2">
          <Field label={t('username')}>
            {(control) => (
              <Input
                {...control}
                value={username}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setUsername(event.target.value)}
              />
            )}
          </Field>
          <Field label={t('password')} hint={t('loginHint')}>
            {(control) => (
              <Input
                {...control}
                type="password"
                value={password}
                autoComplete="new-password"
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
        </div>
      </details>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{common('cancel')}</Button>
        <Button kind="primary" type="submit" disabled={reference.trim() === '' || !host}>
          {t('pull')}
        </Button>
      </div>
    </form>
  )
}

function Pulling({ pull, onClose }: { pull: Pull; onClose: () => void }) {
  const t = useTranslations('images.pullDialog')
  const errorText = useErrorText()
  const trpc = useTrpc()
  const [cancelling, setCancelling] = useState(false)
  const operation = useQuery(trpc.operations.list.queryOptions({})).data?.find((each) => each.id === pull.operationId)
  const layers = operation ? layersOf(operation.progress) : []
  const done = layers.filter((layer) => layer.state === 'done' || layer.state === 'there').length
  const cancel = async () => {
    setCancelling(true)
    try {
      await client.operations.cancel.mutate({ hostId: pull.hostId, id: pull.operationId })
    } catch (error) {
      toast('bad', t('cancelFailed'), errorText(error))
      setCancelling(false)
    }
  }
  return (
    <div className="space-y-4">
      <p className="flex items-baseline justify-between gap-4 text-sm">
        <span className="truncate font-mono text-xs">{pull.reference}</span>
        <span className="shrink-0 text-muted tabular-nums" role="status">
          {layers.length === 0 ? t('resolving') : t('progress', { done, total: layers.length })}
        </span>
      </p>
      {operation ? <LayerList operation={operation} /> : null}
      <div className="flex justify-end gap-2">
        <Button disabled={cancelling} onClick={() => void cancel()}>
          {t('cancel')}
        </Button>
        <Button kind="primary" onClick={onClose}>
          {t('hide')}
        </Button>
      </div>
    </div>
  )
}

function Pulled({ image, reference, onAnother }: { image: FleetImage; reference: string; onAnother: () => void }) {
  const t = useTranslations('images.pullDialog')
  return (
    <div className="space-y-4">
      <p role="status">
        <StateWord tone="ok">{t('done', { reference: shortReference(reference), host: image.hostName })}</StateWord>
      </p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onAnother}>{t('another')}</Button>
        <Button asChild>
          <Link href={`/images/${encodeURIComponent(image.id)}`}>{t('open')}</Link>
        </Button>
        <Button asChild kind="primary">
          <Link href={runAddress(image)}>{t('runIt')}</Link>
        </Button>
      </div>
    </div>
  )
}
